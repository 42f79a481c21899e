"""The files that a response holds: they apply, are of a fair size, and do something."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import re2

from udfs.ast import SUPPORTED, Source, import_lines, same_code
from udfs.diffs import (
    FilePatch,
    PatchError,
    apply_patch,
    changed_lines,
    parse_patch,
    split_lines,
)
from udfs.instruction import Instruction
from udfs.language import detect_language
from udfs.pairs.model import FileChange, PairLimits, Rejection
from udfs.vulnerable import dangers

MAX_AST_CHARS = 400_000
_VERSION_LINE = re2.compile(r"(?i)version|\bbuild|^\W*\"?v?\d+(?:\.\d+)+")
_DIGITS = re2.compile(r"\d+[\w.-]*")
_NAME = re2.compile(r"\w+")
_OWN_VERSION = re2.compile(r"^[\"']?version[\"']?\s*[:=]")
_COMMENT_START = ("#", "//", "/*", "*", "<!--", "--", '"""', "'''", ";")
# A usual width: configuration with longer lines holds embedded documents.
_LINE_CHARS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the response with its parsed patch, and its texts for whoever needs their trees."""

    change: FileChange
    patch: FilePatch
    text: str
    language: str | None
    kind: str
    before: Source | None
    after: Source | None

    @property
    def size(self) -> int:
        """Lines that it removes and adds."""
        return sum(mark != " " for hunk in self.patch.hunks for mark, _ in hunk.lines)


def read_part(item: FileChange, kind: str) -> Part | Rejection:
    """Parse git's patch of a file, or make one where it is absent; it must give the after text."""
    text = item.diff()
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        files = parse_patch(text)
        if len(files) != 1:
            return Rejection(
                "response_does_not_apply", f"{item.path}: {len(files)} files in its patch"
            )
        if apply_patch(item.before, files[0]) != item.after:
            return Rejection("response_does_not_apply", f"{item.path}: another text")
    except PatchError as error:
        return Rejection("response_does_not_apply", str(error))
    if (files[0].path_before, files[0].path_after) != (item.path_before, item.path_after):
        return Rejection("response_does_not_apply", f"{item.path}: the patch names other paths")
    language = detect_language(item.path, item.after if item.after is not None else item.before)
    before, after = (
        None if side is None else Source(side, language or "") for side in (item.before, item.after)
    )
    return Part(item, files[0], text, language, kind, before, after)


def is_large_config(part: Part, limits: PairLimits) -> bool:
    """Whether a change of configuration is more than what goes with a change of code."""
    characters = sum(len(line) for _, line in changed_texts(part))
    return part.size > limits.max_config_lines or characters > limits.max_config_lines * _LINE_CHARS


def refuse_parts(parts: Sequence[Part], limits: PairLimits) -> Rejection | None:
    """Why a response of such parts makes no pair: its size, or that it does nothing."""
    sources = [part for part in parts if part.kind == "source"]
    changed = sum(part.size for part in parts)
    if changed == 0:
        return Rejection(
            "rename_only" if any(p.change.status == "R" for p in parts) else "no_text_change"
        )
    if changed > limits.max_changed_lines:
        return Rejection("diff_too_large", f"{changed} lines")
    characters = sum(len(part.text) for part in parts)
    if characters > limits.max_response_chars:
        return Rejection("diff_too_large", f"{characters} characters")
    if not any(part.size for part in sources):
        return Rejection("not_source")
    if all(_same_code(part) for part in sources):
        layout = all(_same_letters(changed_texts(part)) for part in sources)
        return Rejection("formatting_only" if layout else "comments_only")
    if all(_only_version_lines(part) for part in parts):
        return Rejection("version_bump")
    if all(_only_drops_imports(part) for part in sources):
        return Rejection("imports_only")
    return None


def refuse_dangers(parts: Sequence[Part]) -> Rejection | None:
    """Whether a response would teach code that is dangerous by what it says."""
    for part in parts:
        found = dangers(part.language or "", *code_lines(part)) if part.kind == "source" else ()
        if found:
            return Rejection("vulnerable_response", f"{part.change.path}: {', '.join(found)}")
    return None


def names_something(instruction: Instruction, parts: Sequence[Part]) -> bool:
    """Whether a very short message names a thing that the change touches.

    "Fix Unicode" says nothing to act on unless the code that changes speaks of Unicode.
    """
    if not instruction.is_short:
        return True
    touched = "\n".join(part.text for part in parts).lower()
    return any(word.removesuffix("s") in touched for word in instruction.things)


def _same_code(part: Part) -> bool:
    """Whether only layout, comments and docstrings differ, as far as that can be told."""
    before, after = part.before, part.after
    if before is None or after is None:
        return not any(side.text for side in (before, after) if side is not None)
    if part.language is not None and part.language in SUPPORTED:
        if part.language != "python" and not _may_be_same_code(part):
            return False
        same = None
        if max(len(before.text), len(after.text)) <= MAX_AST_CHARS:
            same = same_code(before, after)
        if same is not None:
            return same
    return _only_comment_lines(part)


def _may_be_same_code(part: Part) -> bool:
    """Tell cheaply most changes of code from changes of layout, by letters and digits alone.

    The trees decide the rest, and all of Python's, whose docstrings are code to the eye. A comment
    whose lines carry no comment mark is taken for code.
    """
    return _same_letters(
        (mark, line.split(" //", 1)[0].split(" /*", 1)[0].split(" #", 1)[0])
        for mark, line in changed_texts(part)
        if not line.startswith(_COMMENT_START[:4])
    )


def _same_letters(lines: Iterable[tuple[str, str]]) -> bool:
    """Whether the removed lines hold the same letters and digits as the added ones, in order."""
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for mark, line in lines:
        sides[mark].extend(filter(str.isalnum, line))
    return sides["-"] == sides["+"]


def changed_texts(part: Part) -> list[tuple[str, str]]:
    """Mark and text of each line that changes, blank ones left out, without its indentation."""
    return [
        (mark, line.strip())
        for hunk in part.patch.hunks
        for mark, line in hunk.lines
        if mark != " " and line.strip()
    ]


def code_lines(part: Part) -> tuple[list[str], list[str]]:
    """The lines that come and those that go, comments left out."""
    texts = [(m, line) for m, line in changed_texts(part) if not line.startswith(_COMMENT_START)]
    return [line for m, line in texts if m == "+"], [line for m, line in texts if m == "-"]


def _only_comment_lines(part: Part) -> bool:
    # In style sheets "#" starts a selector, and markup has no line comments.
    if part.language in ("css", "scss", "sass", "less", "html", "vue", "svelte"):
        return False
    return all(line.startswith(_COMMENT_START) for _, line in changed_texts(part))


def _only_drops_imports(part: Part) -> bool:
    """Whether imports are removed and nothing else: what a linter does by itself."""
    before = part.before
    after = part.after
    if before is None or after is None or part.language not in SUPPORTED:
        return False
    texts = changed_texts(part)
    gone, come = (
        {w for mark, line in texts if mark == m for w in _NAME.findall(line)} for m in "-+"
    )
    if not come < gone or max(len(before.text), len(after.text)) > MAX_AST_CHARS:
        return False
    changed = changed_lines(part.patch)
    return _are_imports(before, changed.removed) and _are_imports(after, changed.added)


def _are_imports(source: Source, numbers: Iterable[int]) -> bool:
    lines, spans = split_lines(source.text), import_lines(source)
    return all(
        any(first <= number <= last for first, last in spans)
        for number in numbers
        if lines[number - 1].strip()
    )


def _only_version_lines(part: Part) -> bool:
    texts = changed_texts(part)
    removed = [_DIGITS.sub("0", line) for mark, line in texts if mark == "-"]
    added = [_DIGITS.sub("0", line) for mark, line in texts if mark == "+"]
    return (
        len(texts) <= 6
        and removed == added
        and all(_VERSION_LINE.search(line) is not None for _, line in texts)
    )


def raises_version(part: Part) -> bool:
    """Whether configuration changes by nothing but the version of the project itself."""
    return all(_OWN_VERSION.match(line) is not None for _, line in changed_texts(part))


def cap_tests(tests: Sequence[Part], limit: int) -> tuple[list[Part], list[Part]]:
    """The tests that fit into a number of characters, in order, and those that do not."""
    kept: list[Part] = []
    dropped: list[Part] = []
    used = 0
    for part in tests:
        if used + len(part.text) <= limit:
            kept.append(part)
            used += len(part.text)
        else:
            dropped.append(part)
    return kept, dropped
