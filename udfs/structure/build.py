"""From what is missing in a file to a pair: the file without it, and it as the response."""

from collections.abc import Sequence
from dataclasses import replace

from udfs.odd_characters import odd_characters
from udfs.pairs import FileChange, Pair, PairLimits, Rejection, block, redact_pair
from udfs.structure.model import CodeFile, Hole, Material, Type

CATEGORY = "structure"
MARKER = "<MISSING>"
# A shorter line may stand anywhere by chance.
_TELLING_CHARS = 20
_GIVEN_AWAY = 0.5


def build_pair(kind: str, material: Material, limits: PairLimits) -> Pair | Rejection:
    """Make the pair.

    Args:
        kind: what is asked for.
        material: what it is made of.
        limits: those of any pair.

    Returns:
        The pair, in whose texts secrets and personal data are placeholders. Its response, put where
        the context says `<MISSING>`, gives the lines of the file again. Or the reason against it:
        `answer_in_context`, `context_too_large`, `response_does_not_fit`.

    """
    ranges = _shown_ranges(material.hole, limits)
    pair = _build(kind, material, ranges, limits)
    if isinstance(pair, Rejection) or not limits.redact:
        return pair

    def build(said: Sequence[str], _: Sequence[FileChange]) -> Pair | Rejection:
        asked, text, *others = said
        hole = replace(material.hole, file=_with_text(material.hole.file, text))
        shown = tuple(
            replace(item, file=_with_text(item.file, other))
            for item, other in zip(material.shown, others, strict=True)
        )
        return _build(kind, replace(material, asked=asked, hole=hole, shown=shown), ranges, limits)

    said = [material.asked, material.hole.file.text, *(item.file.text for item in material.shown)]
    return redact_pair(pair, said, (), build)


def _with_text(file: CodeFile, text: str) -> CodeFile:
    return CodeFile(file.path, file.blob_oid, text, file.language, file.functions)


def _build(
    kind: str, material: Material, ranges: Sequence[tuple[int, int]], limits: PairLimits
) -> Pair | Rejection:
    hole, answer = material.hole, material.hole.answer
    blocks = []
    for first, last in ranges:
        text = show_without(hole, first, last)
        if fill(text, answer) != "".join(hole.file.lines[first - 1 : last]):
            return Rejection("response_does_not_fit", hole.file.path)
        blocks.append(block(_heading(hole.file, first, last), hole.file.language, text))
    for item in material.shown:
        text = "".join(item.file.lines[item.first - 1 : item.last])
        heading = f"{item.file.path} ({item.what}, lines {item.first}-{item.last})"
        blocks.append(block(heading, item.file.language, text))
    context = "\n".join(blocks)
    if len(context) > limits.max_context_chars:
        return Rejection("context_too_large", f"{len(context)} characters")
    if gives_away(f"{material.asked}\n{context}", answer):
        return Rejection("answer_in_context")
    languages = [
        x.removeprefix("language:") for x in material.evidence if x.startswith("language:")
    ]
    cut = "" if len(ranges) == 1 and ranges[0] == (1, len(hole.file.lines)) else "excerpted"
    return Pair(
        instruction=f"{material.asked}\n\nAnswer with what stands at `{MARKER}`.",
        context=context,
        response=answer,
        tests="",
        category=CATEGORY,
        confidence=1.0,
        evidence=(kind, *(f"shows:{item.file.path}" for item in material.shown)),
        language=languages[0] if languages else hole.file.language,
        paths=(hole.file.path,),
        test_paths=(),
        tests_touched=False,
        references=(),
        additions=hole.last - hole.first + 1,
        deletions=0,
        flags=(f"structure:{kind}", *filter(None, [cut]), *odd_characters(context + answer)),
        left_out=(),
    )


def _heading(file: CodeFile, first: int, last: int) -> str:
    total = len(file.lines)
    where = "whole file" if (first, last) == (1, total) else f"lines {first}-{last} of {total}"
    return f"{file.path} ({where})"


def show_without(hole: Hole, first: int, last: int) -> str:
    """Lines of the file, with the marker, indented alike, in place of those that are missing."""
    lines = hole.file.lines
    if last < hole.first or first > hole.last:
        return "".join(lines[first - 1 : last])
    start = lines[hole.first - 1]
    marker = f"{start[: len(start) - len(start.lstrip())]}{MARKER}\n"
    return "".join([*lines[first - 1 : hole.first - 1], marker, *lines[hole.last : last]])


def fill(shown: str, answer: str) -> str:
    """Put an answer in place of the line with the marker; a text without one stays as it is."""
    lines = shown.split("\n")
    places = [number for number, line in enumerate(lines) if line.strip() == MARKER]
    if len(places) != 1:
        return shown
    before, after = lines[: places[0]], lines[places[0] + 1 :]
    return "".join(f"{line}\n" for line in before) + answer + "\n".join(after)


def gives_away(context: str, answer: str) -> bool:
    """Whether most telling lines of an answer stand in a context that should lack it."""
    wanted = [line.strip() for line in answer.split("\n") if line.strip()]
    telling = [line for line in wanted if len(line) >= _TELLING_CHARS] or wanted
    shown = {line.strip() for line in context.split("\n")}
    return sum(line in shown for line in telling) >= _GIVEN_AWAY * len(telling)


def _shown_ranges(hole: Hole, limits: PairLimits) -> list[tuple[int, int]]:
    """Which lines of the file stand in the context: all of a small one, else what is around."""
    file, total = hole.file, len(hole.file.lines)
    if total <= limits.whole_file_lines and len(file.text) <= limits.whole_file_chars:
        return [(1, total)]
    around = hole.around
    if around[1] - around[0] - (hole.last - hole.first) > limits.definition_lines:
        around = (hole.first, hole.last)
    window = limits.window_lines
    ranges = [
        *file.facts.imports,
        *((x.start_line, x.start_line) for x in file.facts.types if _is_around(x, hole)),
        around,
        (hole.first - window, hole.last + window),
    ]
    merged: list[tuple[int, int]] = []
    for first, last in sorted((max(a, 1), min(b, total)) for a, b in ranges):
        if merged and first <= merged[-1][1] + 4:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _is_around(item: Type, hole: Hole) -> bool:
    return item.start_line < hole.first and hole.last <= item.end_line
