"""A pair that somebody of the team wrote: one line of JSON, checked, and made like any other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from udfs.category import Classification
from udfs.diffs import FilePatch, PatchError, apply_patch, parse_patch
from udfs.instruction import Instruction
from udfs.odd_characters import odd_characters
from udfs.pairs import FileChange, Pair, PairLimits, Rejection, block, pair_of_files, redact_pair

RUBRIC = ("correctness", "completeness", "clarity", "relevance")
_Mark = Annotated[int, Field(ge=1, le=5)] | None
_Text = Annotated[str, Field(min_length=1)]


class ExpertLine(BaseModel):
    """One line of a file of pairs.

    Attributes:
        instruction: what is asked for.
        response: a diff that applies to the context, or an answer in words or code.
        category: one of the six.
        language: of the code, as `sluice` names it: python, typescript, go.
        licence: SPDX expression that the pair is given under.
        author: who wrote it: an e-mail address, or `@login`; only its digest is kept in the tables.
        authorship: who the author says wrote it.
        context: the text of the one file that the response is about, or texts by their paths.
        correctness, completeness, clarity, relevance: the rubric, 1 (poor) to 5 (excellent).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    instruction: _Text
    response: _Text
    category: Literal[
        "bug_fix", "new_feature", "refactor", "ui_component", "code_review", "debugging_session"
    ]
    language: str = Field(pattern=r"^[a-z][a-z0-9+#-]{0,29}$")
    licence: _Text
    author: _Text
    authorship: Literal["human", "ai_assisted", "unknown"] = "unknown"
    context: str | dict[str, str] = ""
    correctness: _Mark = None
    completeness: _Mark = None
    clarity: _Mark = None
    relevance: _Mark = None

    def rubric(self) -> tuple[str, ...]:
        """The marks that were given, as flags such as `rubric:clarity:4`."""
        marks = ((name, getattr(self, name)) for name in RUBRIC)
        return tuple(f"rubric:{name}:{mark}" for name, mark in marks if mark is not None)


def read_line(line: bytes) -> ExpertLine | Rejection:
    """Read a line, or say which fields are wrong and what they may be (`line_invalid`)."""
    try:
        return ExpertLine.model_validate_json(line)
    except ValidationError as error:
        told = {_field(item): _problem(item) for item in reversed(error.errors())}
        return Rejection("line_invalid", "; ".join(reversed(told.values())))


def _field(item: Mapping[str, Any]) -> str:
    return str(item["loc"][0]) if item["loc"] else "the line"


def _problem(item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        return f"{_field(item)}: unknown field; allowed: {', '.join(ExpertLine.model_fields)}"
    return f"{_field(item)}: {item['msg']}"


def expert_pair(
    line: ExpertLine, limits: PairLimits, may_learn: Callable[[str], bool]
) -> Pair | Rejection:
    """Make the pair of a line.

    Args:
        line: What the expert wrote.
        limits: The numbers of the rules.
        may_learn: Whether what stands under a licence may be learned from.

    Returns:
        The pair, in whose texts secrets and personal data are placeholders; a diff is made anew,
        as git writes it, with the context that a change in a history gets. Or the reason against
        it: `licence_not_permissive`, `response_does_not_apply`, `context_too_large`,
        `response_too_large`, or one of `pair_of_files`.

    """
    if not may_learn(line.licence):
        return Rejection("licence_not_permissive", line.licence)
    files = _changed_files(line)
    if isinstance(files, Rejection):
        return files
    names, texts = ((), ()) if files else _shown(line)

    def build(said: Sequence[str], files: Sequence[FileChange]) -> Pair | Rejection:
        instruction, response, *shown = said
        if files:
            return _change(line, instruction, files, limits)
        return _answer(line, instruction, response, tuple(zip(names, shown, strict=True)), limits)

    said = [line.instruction, line.response, *texts]
    pair = build(said, files)
    if limits.redact and not isinstance(pair, Rejection):
        # The diff is not said: it is made of the files, which are redacted themselves.
        told = said if not files else [line.instruction, ""]
        pair = redact_pair(pair, told, files, build)
    if isinstance(pair, Rejection):
        return pair
    return replace(pair, flags=(*pair.flags, *line.rubric()))


def _changed_files(line: ExpertLine) -> list[FileChange] | Rejection:
    """The files that a diff changes, with both texts; none where the response is no diff."""
    if not line.response.lstrip().startswith(("diff --git ", "--- ")):
        return []
    try:
        patches = parse_patch(line.response.lstrip())
        if not any(patch.hunks for patch in patches):
            return []
        return [_changed_file(line, patch, alone=len(patches) == 1) for patch in patches]
    except PatchError as error:
        return Rejection("response_does_not_apply", str(error))


def _changed_file(line: ExpertLine, patch: FilePatch, *, alone: bool) -> FileChange:
    before = None
    if patch.path_before is not None:
        if isinstance(line.context, str):
            if not alone:
                raise PatchError("it changes several files: give `context` as {path: text}")
            before = line.context
        elif (before := line.context.get(patch.path_before)) is None:
            raise PatchError(f"`context` has no text of {patch.path_before}")
    after = apply_patch(before, patch)
    status = "R" if patch.status == "C" else patch.status
    return FileChange(patch.path_before, patch.path_after, status, before, after, "")


def _change(
    line: ExpertLine, instruction: str, files: Sequence[FileChange], limits: PairLimits
) -> Pair | Rejection:
    text = instruction.strip()
    asked = Instruction(text.partition("\n")[0], "", text, None, None, False, (), None)
    known = Classification(line.category, 1.0, ("told",), line.category, (0, 0, 0))
    return pair_of_files(files, asked, known, limits)


def _shown(line: ExpertLine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headings and texts of the context; a text without a path has no heading."""
    if isinstance(line.context, str):
        return ("",), (line.context,)
    paths = tuple(sorted(line.context))
    return paths, tuple(line.context[path] for path in paths)


def _answer(
    line: ExpertLine,
    instruction: str,
    response: str,
    shown: tuple[tuple[str, str], ...],
    limits: PairLimits,
) -> Pair | Rejection:
    context = "\n".join(
        block(f"{path} (whole file)", line.language, text) if path else text for path, text in shown
    )
    for name, text, most in (
        ("context_too_large", context, limits.max_context_chars),
        ("response_too_large", response, limits.max_response_chars),
    ):
        if len(text) > most:
            return Rejection(name, f"{len(text)} characters")
    return Pair(
        instruction=instruction.strip(),
        context=context,
        response=response,
        tests="",
        category=line.category,
        confidence=1.0,
        evidence=("told",),
        language=line.language,
        paths=tuple(path for path, _ in shown if path),
        test_paths=(),
        tests_touched=False,
        references=(),
        additions=0,
        deletions=0,
        flags=tuple(odd_characters(context + response)),
        left_out=(),
    )
