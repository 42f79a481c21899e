"""From one issue and the change that closed it to a pair: a request, or a debugging session.

An issue with a stack trace or log, its own or in what was answered, becomes a session: the trace
and the conversation up to the fix on one side, the place of the cause and the change on the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from udfs.ast import Source, enclosing_definitions
from udfs.category import Classification, classify_change
from udfs.diffs import PatchError, changed_lines, parse_patch
from udfs.instruction import Instruction
from udfs.issues.texts import clean_body, clean_title, words
from udfs.issues.traces import frames, has_log, has_trace
from udfs.language import detect_language
from udfs.pairs import FileChange, Pair, PairLimits, Rejection, pair_of_files, redact_pair
from udfs.paths import is_test_path
from udfs.reviews.comments import clean_comment

DEBUGGING: Final = "debugging_session"
_ASKED: Final = "Find the cause and fix it."
_NAMES = {"reporter": "Reporter", "maintainer": "Maintainer", "other": "Participant"}
# A shorter line may stand anywhere by chance.
_TELLING_CHARS = 25
_GIVEN_AWAY = 0.5
_MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that a person wrote before the fix; role: reporter, maintainer or other."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it was written, with its labels and the comments before the fix, in order."""

    number: int
    title: str
    body: str
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueLimits:
    """The numbers of the rules; sizes in words, comments or characters."""

    min_words: int
    max_comments: int
    max_comment_chars: int
    max_instruction_chars: int


def issue_pair(
    issue: Issue,
    files: Sequence[FileChange],
    limits: IssueLimits,
    sizes: PairLimits,
    barred: Mapping[str, str] = MappingProxyType({}),
) -> Pair | Rejection:
    """Make the pair of an issue.

    Args:
        issue: what was asked, and what was said about it.
        files: the change that closed it, with the texts before and after.
        limits: the numbers of the rules about issues.
        sizes: those about changes.
        barred: the licence of each path that may not be learned from.

    Returns:
        The pair; or the first reason against it: `issue_uninformative`, `issue_too_long`,
        `answer_in_issue`, `category_unclear`, or one of udfs.pairs. As there, both hold for the
        texts in which secrets and personal data are placeholders.
    """
    pair = _build(issue, files, limits, sizes, barred)
    if isinstance(pair, Rejection) or not sizes.redact:
        return pair

    def build(said: Sequence[str], files: Sequence[FileChange]) -> Pair | Rejection:
        title, body, *texts = said
        talk = zip(issue.comments, texts, strict=True)
        comments = tuple(replace(comment, text=text) for comment, text in talk)
        clean = replace(issue, title=title, body=body, comments=comments)
        return _build(clean, files, limits, sizes, barred)

    said = [issue.title, issue.body, *(comment.text for comment in issue.comments)]
    return redact_pair(pair, said, files, build)


def _build(
    issue: Issue,
    files: Sequence[FileChange],
    limits: IssueLimits,
    sizes: PairLimits,
    barred: Mapping[str, str],
) -> Pair | Rejection:
    title, body = clean_title(issue.title), clean_body(issue.body)
    text = f"{title}\n\n{body}".strip()
    if words(text) < limits.min_words:
        return Rejection("issue_uninformative", f"{words(text)} words")
    if len(text) > limits.max_instruction_chars:
        return Rejection("issue_too_long", f"{len(text)} characters")
    answer = _added_lines(files)
    if _gives_away(text, answer):
        return Rejection("answer_in_issue")
    said = _conversation(issue, answer, limits, limits.max_instruction_chars - len(text))
    is_session = any(has_trace(part) or has_log(part) for part in (text, *(x.text for x in said)))
    if is_session:
        parts = [text, *(f"**{_NAMES[x.role]}:** {x.text}" for x in said), _ASKED]
        text = "\n\n".join(parts)
    reference = (f"#{issue.number}",)
    instruction = Instruction(title, body, text, None, None, False, reference, None)
    known = _classified(issue, title, body, files, is_session=is_session)
    if not sizes.is_sure(known):
        return Rejection("category_unclear", f"{known.category} {known.confidence:.2f}")
    pair = pair_of_files(files, instruction, known, sizes, barred)
    if isinstance(pair, Rejection) or not is_session:
        return pair
    return replace(pair, response=f"{located_cause(pair, files, text)}\n\n{pair.response}")


def _classified(
    issue: Issue, title: str, body: str, files: Sequence[FileChange], *, is_session: bool
) -> Classification:
    """The category: a session where something failed visibly, else by words, labels and change."""
    patch = "".join(
        item.diff()
        for item in files
        if not item.is_binary and (item.before is not None or item.after is not None)
    )
    found = classify_change(
        f"{title}\n\n{body}",
        patch,
        before={x.path_before: x.before for x in files if x.path_before and x.before},
        after={x.path_after: x.after for x in files if x.path_after and x.after},
        labels=issue.labels,
    )
    if not is_session:
        return found
    evidence = ("trace_or_log", *found.evidence)
    return replace(found, category=DEBUGGING, confidence=1.0, evidence=evidence)


def _conversation(
    issue: Issue, answer: frozenset[str], limits: IssueLimits, room: int
) -> list[Comment]:
    """The comments that say something, up to the one that gives the change away."""
    kept: list[Comment] = []
    for comment in issue.comments:
        if _gives_away(comment.text, answer) or len(kept) == limits.max_comments:
            break
        cleaned = clean_comment(comment.text)
        text = clean_body(cleaned.text)
        if cleaned.reason is not None or not text or len(text) > limits.max_comment_chars:
            continue
        room -= len(text)
        if room < 0:
            break
        kept.append(Comment(comment.role, text))
    return kept


def _added_lines(files: Sequence[FileChange]) -> frozenset[str]:
    """Telling lines that the change adds outside of tests."""
    found: set[str] = set()
    for item in files:
        if item.after is None or is_test_path(item.path):
            continue
        old = {line.strip() for line in (item.before or "").split("\n")}
        new = {line.strip() for line in item.after.split("\n")}
        found |= {line for line in new - old if len(line) >= _TELLING_CHARS}
    return frozenset(found)


def _gives_away(text: str, answer: frozenset[str]) -> bool:
    """Whether a text already holds most of what the change adds."""
    if not answer:
        return False
    shown = {line.strip(" \t+>`") for line in text.split("\n")}
    return len(shown & answer) >= _GIVEN_AWAY * len(answer)


def located_cause(pair: Pair, files: Sequence[FileChange], text: str) -> str:
    """Where the cause lies, in prose made from the change and the trace alone.

    Args:
        pair: its response is the change.
        files: the change with its texts.
        text: what holds the trace.
    """
    before = {item.path: item.before for item in files}
    told = frames(text)
    places, traced = [], []
    for path, lines in _touched(pair.response):
        source = before.get(path)
        if source is None:
            places.append(f"`{path}`, which is missing")
            continue
        names = _names(path, source, lines)
        where = f"`{path}`, {_lines(lines)}"
        places.append(
            f"{where} (in {', '.join(f'`{name}`' for name in names)})" if names else where
        )
        passed = [line for file, line in told if _is_same_file(file, path)]
        if passed:
            traced.append(f"`{path}` ({_lines(passed)} of the version that failed)")
    shown = "; ".join(places[:_MOST_PLACES])
    more = len(places) - _MOST_PLACES
    rest = f"; and {more} more places" if more > 0 else ""
    prose = f"The cause is in {shown}{rest}."
    return f"{prose} The trace passes through {'; '.join(traced)}." if traced else prose


def _touched(response: str) -> list[tuple[str, list[int]]]:
    """Lines of the text before that each file's change removes or follows."""
    try:
        patches = parse_patch(response)
    except PatchError:
        return []
    found = []
    for patch in patches:
        lines = changed_lines(patch)
        found.append((patch.path, sorted({*lines.removed, *lines.anchors} - {0})))
    return found


def _names(path: str, source: str, lines: Sequence[int]) -> list[str]:
    spans = enclosing_definitions(Source(source, detect_language(path, source) or ""), lines)
    return list(dict.fromkeys(span.qualified_name for span in spans if span.qualified_name))


def _lines(lines: Sequence[int]) -> str:
    """Lines as ranges: `line 4`, `lines 4-6 and 9`."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line <= runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    if not texts:
        return "at its start"
    listed = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
    return f"line{'s' if len(texts) > 1 or '-' in texts[0] else ''} {listed}"


def _is_same_file(traced: str, path: str) -> bool:
    """Whether the path of a frame, on somebody's machine, ends in a path of the repository."""
    return traced == path or traced.endswith(f"/{path}") or path.endswith(f"/{traced}")
