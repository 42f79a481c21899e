"""From one commit to one training pair, or to the reason why it makes none.

The response is the diff of the source files (and of the small configuration changes that go with
them); the diff of the tests stands apart in `tests`, since a model is asked for the change and the
tests judge it. The context is what stood there before, as Markdown: one heading and one fenced
block per excerpt.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import re2

from udfs.ast import SUPPORTED, Source, enclosing_definitions, import_lines, same_code
from udfs.category import UI_COMPONENT, Classification, classify
from udfs.change_features import Change
from udfs.diffs import (
    FilePatch,
    PatchError,
    apply_patch,
    changed_lines,
    make_patch,
    parse_patch,
    split_lines,
)
from udfs.instruction import Instruction, clean_message, is_housekeeping_type
from udfs.language import detect_language, is_source
from udfs.odd_characters import odd_characters
from udfs.paths import (
    is_ci_path,
    is_docs_path,
    is_generated_path,
    is_lock_file,
    is_test_path,
    is_vendored_path,
    looks_generated,
    looks_minified,
)
from udfs.secrets import placeholders, redact_all, without_numbers


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS_BY_PATH = (
    ("lock_file", is_lock_file),
    ("vendored", is_vendored_path),
    ("generated", is_generated_path),
    ("test", is_test_path),
    ("ci", is_ci_path),
    ("docs", is_docs_path),
)
# Left out of both diffs, but a change of them says something about the change.
_BESIDE = _words("docs ci lock_file")
_CONFIG = _words("json yaml toml ini xml hcl nix cmake makefile dockerfile go-module")
_MAX_AST_CHARS = 400_000
# Of a large file in a language without a grammar, what stands for its imports.
_HEAD_LINES = 20
_VERSION_LINE = re2.compile(r"(?i)version|\bbuild|^\W*\"?v?\d+(?:\.\d+)+")
_DIGITS = re2.compile(r"\d+[\w.-]*")
_COMMENT_START = ("#", "//", "/*", "*", "<!--", "--", '"""', "'''", ";")
_ANSWER_CHARS = 40
# A usual width: configuration with longer lines holds embedded documents.
_LINE_CHARS = 100
# Share of the lines of the longer file that a copy with small differences has too.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class PairLimits:
    """The numbers of the rules, sizes in lines or characters; `redact`: secrets are replaced."""

    max_files: int = 60
    max_response_files: int = 12
    max_changed_lines: int = 500
    max_response_chars: int = 30_000
    max_tests_chars: int = 30_000
    max_config_lines: int = 40
    max_context_chars: int = 60_000
    whole_file_lines: int = 250
    whole_file_chars: int = 10_000
    definition_lines: int = 120
    window_lines: int = 10
    mass_rename_files: int = 8
    min_confidence: float = 0.5
    redact: bool = True


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit; `status` is git's A, M, D, R or T, `patch` git's own diff of it."""

    path_before: str | None
    path_after: str | None
    status: str
    before: str | None
    after: str | None
    patch: str
    is_binary: bool = False

    @property
    def path(self) -> str:
        """The path after the change, or before it where the file is gone."""
        return self.path_after or self.path_before or ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One commit against its first parent.

    `is_bot` and `is_assistant` say who its author is, `barred` the files, by (path, licence), that
    may not be learned from.
    """

    message: str
    parents: int
    is_bot: bool
    files: tuple[FileChange, ...]
    labels: tuple[str, ...] = ()
    is_assistant: bool = False
    barred: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a commit makes no pair: a reason code, and what it was about."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One training pair; `left_out` holds (path, reason) of each file that is in neither diff."""

    instruction: str
    context: str
    response: str
    tests: str
    category: str
    confidence: float
    evidence: tuple[str, ...]
    language: str
    paths: tuple[str, ...]
    test_paths: tuple[str, ...]
    tests_touched: bool
    references: tuple[str, ...]
    additions: int
    deletions: int
    flags: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Part:
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
        return sum(mark != " " for hunk in self.patch.hunks for mark, _ in hunk.lines)


@dataclass(frozen=True, slots=True)
class _Material:
    """What a pair is made of; `beside` are files that only say what else the change touched."""

    parts: tuple[_Part, ...]
    tests: tuple[_Part, ...]
    tests_touched: bool
    beside: tuple[FileChange, ...]
    left_out: tuple[tuple[str, str], ...]


def build_pair(change: ChangeSet, limits: PairLimits) -> Pair | Rejection:
    """Make the pair of a commit.

    Args:
        change: The commit, with the texts before and after of each file.
        limits: The numbers of the rules.

    Returns:
        The pair, whose response was applied to the before texts and gave the after texts; or the
        first reason against it, in the order: the commit, its message, its files, their sizes,
        what the change does, the context, and that only secrets change. Both hold for the texts
        in which secrets and personal data are placeholders.

    """
    found = _build(change, limits)
    if isinstance(found, Rejection) or not limits.redact:
        return found

    # The message is told by what it says, and so read as it was written.
    def build(said: Sequence[str], files: Sequence[FileChange]) -> Pair | Rejection:
        again = _build(replace(change, files=tuple(files)), limits)
        return again if isinstance(again, Rejection) else replace(again, instruction=said[0])

    return redact_pair(found, [found.instruction], change.files, build)


def redact_pair(
    pair: Pair,
    said: Sequence[str],
    files: Sequence[FileChange],
    build: Callable[[Sequence[str], Sequence[FileChange]], Pair | Rejection],
) -> Pair | Rejection:
    """Replace secrets and personal data in all texts of a pair, and build it again from those.

    Texts and files are redacted as a whole and together, under one numbering: a value has one
    placeholder wherever the pair shows it, and what shows it to be a secret may lie outside the
    excerpts.

    Args:
        pair: The pair as the texts gave it.
        said: Texts that it is made of besides the files.
        files: The files that it is made of.
        build: Makes the pair of such texts, in the order of `said`, and files, of which those
            whose only change was that of a secret are missing.

    Returns:
        The pair, with a flag such as `redacted:email:2` for each kind of placeholder; the reason
        that `build` gives, or `only_secrets_changed`.

    """
    told = {*pair.paths, *pair.test_paths}
    shown = [text for item in files if item.path in told for text in _texts(item)]
    if not any(found.counts for found in redact_all([*said, *shown])):
        return pair
    # Of files that are alike one stands for all: they must stay alike.
    texts = [text for item in files for text in _texts(item)]
    clean = [found.text for found in redact_all([*said, *texts])]
    kept: list[FileChange] = []
    unchanged: list[tuple[str, str]] = []
    rest = iter(clean[len(said) :])
    for item in files:
        before = None if item.before is None else next(rest)
        after = None if item.after is None else next(rest)
        redacted = _with_texts(item, before, after)
        if _changes_nothing(redacted) and not _changes_nothing(item):
            unchanged.append((item.path, "only_secrets_changed"))
        else:
            kept.append(redacted)
    again = build(clean[: len(said)], kept)
    if isinstance(again, Rejection):
        left = told - {path for path, _ in unchanged}
        hidden = not left or again.reason in _NOTHING_CHANGED
        return Rejection("only_secrets_changed") if hidden else again
    again = replace(again, left_out=(*again.left_out, *unchanged))
    return replace(again, flags=(*again.flags, *_redacted_flags(pair, again)))


# What a change is called whose only lines were those of secrets.
_NOTHING_CHANGED = ("no_text_change", "rename_only", "formatting_only", "comments_only")


def _texts(item: FileChange) -> list[str]:
    return [text for text in (item.before, item.after) if text is not None]


def _changes_nothing(item: FileChange) -> bool:
    """Whether both texts are equal, or a secret only took the place of another."""
    if item.path_before != item.path_after or item.before is None or item.after is None:
        return False
    return without_numbers(item.before) == without_numbers(item.after)


def _with_texts(item: FileChange, before: str | None, after: str | None) -> FileChange:
    """A file with other texts, and git's patch of it with the hunks that these make."""
    if (before, after) == (item.before, item.after):
        return item
    redacted = replace(item, before=before, after=after)
    if _text_missing(item):
        return redacted
    made = make_patch(item.path_before, before, item.path_after, after)
    head, mark, _ = item.patch.partition("\n@@ ")
    _, _, hunks = made.partition("\n@@ ")
    return replace(redacted, patch=head + mark + hunks if mark and hunks else made)


def _redacted_flags(pair: Pair, redacted: Pair) -> tuple[str, ...]:
    """How many values of each kind the placeholders of a pair stand for: `redacted:email:2`."""
    shown, original = (
        placeholders("\n".join((one.instruction, one.context, one.response, one.tests)))
        for one in (redacted, pair)
    )
    kinds = [kind for kind, _ in shown - original]
    return tuple(f"redacted:{kind}:{kinds.count(kind)}" for kind in sorted(set(kinds)))


def _build(change: ChangeSet, limits: PairLimits) -> Pair | Rejection:
    read = _read_commit(change, limits)
    if isinstance(read, Rejection):
        return read
    instruction, material = read
    classified = classify(_seen_change(change, instruction, material))
    # How far a change is about a component is no calibrated share: there a half is enough.
    sure = classified.category == UI_COMPONENT or classified.confidence >= limits.min_confidence
    if not sure:
        return Rejection("category_unclear", f"{classified.category} {classified.confidence:.2f}")
    return _finish(instruction, classified, material, limits)


def change_to_classify(change: ChangeSet, limits: PairLimits) -> Change | Rejection:
    """What `build_pair` would classify of a commit, or the reason why it does not come to that."""
    read = _read_commit(change, limits)
    return read if isinstance(read, Rejection) else _seen_change(change, *read)


def _read_commit(
    change: ChangeSet, limits: PairLimits
) -> tuple[Instruction, _Material] | Rejection:
    if change.parents > 1:
        return Rejection("merge")
    if change.parents == 0:
        return Rejection("initial_import")
    if change.is_bot:
        return Rejection("bot")
    if change.is_assistant:
        return Rejection("ai_author")
    instruction = clean_message(change.message)
    if instruction.reason is not None:
        return Rejection(instruction.reason)
    if is_housekeeping_type(instruction.type):
        return Rejection("housekeeping_message", instruction.type or "")
    material = _read_files(change.files, limits, dict(change.barred))
    if isinstance(material, Rejection):
        return material
    if not _names_something(instruction, material.parts):
        return Rejection("message_uninformative", instruction.title)
    return instruction, material


def pair_of_files(
    files: Sequence[FileChange],
    instruction: Instruction,
    classified: Classification,
    limits: PairLimits,
    barred: Mapping[str, str] = MappingProxyType({}),
) -> Pair | Rejection:
    """Make the pair of changed files whose instruction and category are known from elsewhere.

    Args:
        files: The files, with their texts before and after.
        instruction: What was asked for.
        classified: The category, how sure it is, and what speaks for it.
        limits: The numbers of the rules.
        barred: The licence of each path that may not be learned from.

    Returns:
        As `build_pair`, from the files on.

    """
    read = _read_files(files, limits, barred)
    return read if isinstance(read, Rejection) else _finish(instruction, classified, read, limits)


def _read_files(
    files: Sequence[FileChange], limits: PairLimits, barred: Mapping[str, str]
) -> _Material | Rejection:
    """Tell the response's files from the tests and what is left out; check that they apply."""
    kinds = _without_copies([(item, _kind(item, barred)) for item in files])
    refused = _refuse_barred(kinds, barred) or _refuse_files(kinds, limits)
    if refused is not None:
        return refused
    parts: list[_Part] = []
    tests: list[_Part] = []
    left_out: list[tuple[str, str]] = []
    for item, kind in kinds:
        if kind not in ("source", "config", "test"):
            left_out.append((item.path, kind))
            continue
        if _text_missing(item):
            if kind == "source":
                return Rejection("context_missing", item.path)
            left_out.append((item.path, "text_missing"))
            continue
        part = _part(item, kind)
        if isinstance(part, Rejection):
            return part
        if kind == "test":
            tests.append(part)
        elif kind == "config" and _is_large_config(part, limits):
            left_out.append((item.path, "config_too_large"))
        else:
            parts.append(part)
    refused = _refuse_parts(parts, limits)
    if refused is not None:
        return refused
    kept, dropped = _cap_tests(tests, limits.max_tests_chars)
    left_out += [(part.change.path, "tests_too_large") for part in dropped]
    beside = tuple(item for item, kind in kinds if kind in _BESIDE)
    return _Material(tuple(parts), tuple(kept), bool(tests), beside, tuple(left_out))


def _finish(
    instruction: Instruction, classified: Classification, material: _Material, limits: PairLimits
) -> Pair | Rejection:
    context = build_context(material.parts, limits)
    if len(context) > limits.max_context_chars:
        return Rejection("context_too_large", f"{len(context)} characters")
    if _answer_in_context(material.parts, context):
        return Rejection("answer_in_context")
    return _pair(instruction, classified, material, context, limits)


def file_kind(item: FileChange) -> str:
    """Say what a changed file is to a pair.

    Returns:
        "source", "test", "config" (small text that belongs to the change), or what is left out:
        "binary", "typechange", "lock_file", "vendored", "generated", "ci", "docs", "other".

    """
    path = item.path
    if item.is_binary:
        return "binary"
    if item.status == "T":
        return "typechange"
    named = next((kind for kind, holds in _KINDS_BY_PATH if holds(path)), None)
    if named is not None:
        return named
    text = item.after if item.after is not None else item.before
    if text is not None and (looks_generated(text) or looks_minified(text)):
        return "generated"
    language = detect_language(path, text)
    return "source" if is_source(language) else "config" if language in _CONFIG else "other"


def _kind(item: FileChange, barred: Mapping[str, str]) -> str:
    """`file_kind`, or "licence_of_file" for what would be shown and may not be."""
    kind = file_kind(item)
    is_shown = kind in ("source", "config", "test")
    return "licence_of_file" if is_shown and item.path in barred else kind


def _without_copies(kinds: Sequence[tuple[FileChange, str]]) -> list[tuple[FileChange, str]]:
    """Name "copied_file" what makes the same change as another file, which stands for all.

    Registries, templates and examples hold one file under many paths. Two changes are the same
    when both texts are, or when files of one name, alike in most of their lines, have the same
    lines removed and added. The file with the shortest path stands for the others.
    """
    kept: dict[object, list[FileChange]] = {}
    copied: set[str] = set()
    candidates = [
        (len(item.path.split("/")), len(item.path), item.path, item)
        for item, kind in kinds
        if kind in ("source", "config") and item.status in ("A", "M", "D")
        if not _text_missing(item)
    ]
    for *_, path, item in sorted(candidates, key=lambda entry: entry[:3]):
        keys: list[object] = [(item.status, item.before, item.after)]
        if item.status == "M":
            keys.append((path.rsplit("/", 1)[-1], _lines_of_hunks(item.patch)))
        if any(_are_alike(item, other) for key in keys for other in kept.get(key, ())):
            copied.add(path)
        else:
            for key in keys:
                kept.setdefault(key, []).append(item)
    return [(item, "copied_file" if item.path in copied else kind) for item, kind in kinds]


def _lines_of_hunks(patch: str) -> str:
    hunks = patch[patch.find("\n@@ ") + 1 :].split("\n")
    return "\n".join(line for line in hunks if line.startswith(("-", "+")))


def _are_alike(first: FileChange, second: FileChange) -> bool:
    texts = [item.before or item.after or "" for item in (first, second)]
    if texts[0] == texts[1]:
        return True
    left, right = (set(text.split("\n")) for text in texts)
    return len(left & right) >= _ALIKE * max(len(left), len(right))


def _refuse_barred(
    kinds: Sequence[tuple[FileChange, str]], barred: Mapping[str, str]
) -> Rejection | None:
    if any(kind == "source" for _, kind in kinds):
        return None
    paths = [item.path for item, kind in kinds if kind == "licence_of_file"]
    return Rejection("licence_of_file", f"{paths[0]}: {barred[paths[0]]}") if paths else None


def _refuse_files(kinds: Sequence[tuple[FileChange, str]], limits: PairLimits) -> Rejection | None:
    if not kinds:
        return Rejection("no_files")
    renames = [item for item, _ in kinds if item.status == "R"]
    if len(renames) >= limits.mass_rename_files and 2 * len(renames) >= len(kinds):
        return Rejection("mass_rename", f"{len(renames)} of {len(kinds)} files")
    if all(item.status == "R" and item.before == item.after for item, _ in kinds):
        return Rejection("rename_only")
    present = {kind for _, kind in kinds}
    if "source" not in present:
        names = {
            "binary": "binary_only", "lock_file": "lock_file_only", "vendored": "vendored_only",
            "generated": "generated_only", "test": "tests_only", "ci": "ci_only",
            "docs": "docs_only", "config": "config_only",
        }  # fmt: skip
        for kind in (
            "test",
            "docs",
            "ci",
            "config",
            "vendored",
            "generated",
            "lock_file",
            "binary",
        ):
            if kind in present and present <= {kind, "docs", "lock_file", "copied_file"}:
                return Rejection(names[kind])
        return Rejection("not_source", ", ".join(sorted(present)))
    if len(kinds) > limits.max_files:
        return Rejection("too_many_files", f"{len(kinds)} files")
    responses = sum(kind in ("source", "config") for _, kind in kinds)
    if responses > limits.max_response_files:
        return Rejection("too_many_files", f"{responses} source files")
    return None


def _text_missing(item: FileChange) -> bool:
    return (item.path_before is not None and item.before is None) or (
        item.path_after is not None and item.after is None
    )


def _part(item: FileChange, kind: str) -> _Part | Rejection:
    """Parse git's patch of a file, or make one where it is absent; it must give the after text."""
    text = item.patch
    if not text:
        text = make_patch(item.path_before, item.before, item.path_after, item.after)
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
    return _Part(item, files[0], text, language, kind, before, after)


def _is_large_config(part: _Part, limits: PairLimits) -> bool:
    characters = sum(len(line) for _, line in _changed_texts(part))
    return part.size > limits.max_config_lines or characters > limits.max_config_lines * _LINE_CHARS


def _refuse_parts(parts: Sequence[_Part], limits: PairLimits) -> Rejection | None:
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
        layout = all(_same_letters(_changed_texts(part)) for part in sources)
        return Rejection("formatting_only" if layout else "comments_only")
    if all(_only_version_lines(part) for part in parts):
        return Rejection("version_bump")
    return None


def _names_something(instruction: Instruction, parts: Sequence[_Part]) -> bool:
    """Whether a very short message names a thing that the change touches.

    "Fix Unicode" says nothing to act on unless the code that changes speaks of Unicode.
    """
    if not instruction.is_short:
        return True
    touched = "\n".join(part.text for part in parts).lower()
    return any(word.removesuffix("s") in touched for word in instruction.things)


def _same_code(part: _Part) -> bool:
    """Whether only layout, comments and docstrings differ, as far as that can be told."""
    before, after = part.before, part.after
    if before is None or after is None:
        return not any(side.text for side in (before, after) if side is not None)
    if part.language is not None and part.language in SUPPORTED:
        if part.language != "python" and not _may_be_same_code(part):
            return False
        same = None
        if max(len(before.text), len(after.text)) <= _MAX_AST_CHARS:
            same = same_code(before, after)
        if same is not None:
            return same
    return _only_comment_lines(part)


def _may_be_same_code(part: _Part) -> bool:
    """Tell cheaply most changes of code from changes of layout, by letters and digits alone.

    The trees decide the rest, and all of Python's, whose docstrings are code to the eye. A comment
    whose lines carry no comment mark is taken for code.
    """
    return _same_letters(
        (mark, line.split(" //", 1)[0].split(" /*", 1)[0].split(" #", 1)[0])
        for mark, line in _changed_texts(part)
        if not line.startswith(_COMMENT_START[:4])
    )


def _same_letters(lines: Iterable[tuple[str, str]]) -> bool:
    """Whether the removed lines hold the same letters and digits as the added ones, in order."""
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for mark, line in lines:
        sides[mark].extend(filter(str.isalnum, line))
    return sides["-"] == sides["+"]


def _changed_texts(part: _Part) -> list[tuple[str, str]]:
    return [
        (mark, line.strip())
        for hunk in part.patch.hunks
        for mark, line in hunk.lines
        if mark != " " and line.strip()
    ]


def _only_comment_lines(part: _Part) -> bool:
    # In style sheets "#" starts a selector, and markup has no line comments.
    if part.language in ("css", "scss", "sass", "less", "html", "vue", "svelte"):
        return False
    return all(line.startswith(_COMMENT_START) for _, line in _changed_texts(part))


def _only_version_lines(part: _Part) -> bool:
    texts = _changed_texts(part)
    removed = [_DIGITS.sub("0", line) for mark, line in texts if mark == "-"]
    added = [_DIGITS.sub("0", line) for mark, line in texts if mark == "+"]
    return (
        len(texts) <= 6
        and removed == added
        and all(_VERSION_LINE.search(line) is not None for _, line in texts)
    )


def _cap_tests(tests: Sequence[_Part], limit: int) -> tuple[list[_Part], list[_Part]]:
    kept: list[_Part] = []
    dropped: list[_Part] = []
    used = 0
    for part in tests:
        if used + len(part.text) <= limit:
            kept.append(part)
            used += len(part.text)
        else:
            dropped.append(part)
    return kept, dropped


def build_context(parts: Sequence[_Part], limits: PairLimits) -> str:
    """Write the text before the change that the change needs.

    A file of up to `whole_file_lines` lines and `whole_file_chars` characters stands whole. Of a
    larger one stand its imports, the definition around each changed line (or, where that is longer
    than `definition_lines`, a window), the heads of the types around it, and every line the hunks
    show, each excerpt headed by its line range. A file that the change adds is named only.
    """
    blocks: list[str] = []
    for part in parts:
        source, path = part.before, part.change.path_before
        if source is None or path is None:
            blocks.append(f"### {part.change.path_after} (new file)\n")
            continue
        if _stands_whole(source.text, limits):
            blocks.append(block(f"{path} (whole file)", part.language, source.text))
            continue
        lines = split_lines(source.text)
        for start, end in _excerpts(part, source, lines, limits):
            heading = f"{path} (lines {start}-{end} of {len(lines)})"
            blocks.append(block(heading, part.language, "".join(lines[start - 1 : end])))
    return "\n".join(blocks)


def _stands_whole(before: str, limits: PairLimits) -> bool:
    return len(before) <= limits.whole_file_chars and before.count("\n") <= limits.whole_file_lines


def block(heading: str, language: str | None, text: str) -> str:
    """Write one excerpt of a context: its heading, and its text in a fence that it cannot end."""
    fence = "```"
    while fence in text:
        fence += "`"
    ending = "" if text.endswith("\n") or not text else "\n"
    return f"### {heading}\n{fence}{language or ''}\n{text}{ending}{fence}\n"


def _excerpts(
    part: _Part, source: Source, lines: Sequence[str], limits: PairLimits
) -> list[tuple[int, int]]:
    """Line ranges from 1, both ends included, sorted, merged where at most 3 lines lie between."""
    total = len(lines)
    touched = changed_lines(part.patch)
    wanted = sorted({*touched.removed, *(min(max(line, 1), total) for line in touched.anchors)})
    ranges = [(hunk.offset + 1, hunk.offset + hunk.before_count) for hunk in part.patch.hunks]
    if source.language in SUPPORTED and len(source.text) <= _MAX_AST_CHARS:
        ranges += import_lines(source)
        ranges += [
            (span.start_line, span.end_line)
            for span in enclosing_definitions(
                source,
                wanted,
                max_lines=limits.definition_lines,
                window=limits.window_lines,
            )
        ]
    else:
        ranges.append((1, _HEAD_LINES))
        ranges += [(line - limits.window_lines, line + limits.window_lines) for line in wanted]
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(start, 1), min(end, total)) for start, end in ranges):
        if end < start:
            continue
        if merged and start <= merged[-1][1] + 4:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _answer_in_context(parts: Sequence[_Part], context: str) -> bool:
    """Whether every run of new lines already stands in the context, line for line.

    Lines that the change only moves (they are removed elsewhere) are no answer; neither are runs
    with fewer than `_ANSWER_CHARS` characters.
    """
    removed = {line for part in parts for mark, line in _changed_texts(part) if mark == "-"}
    shown = "\n".join(["", *(line.strip() for line in context.split("\n") if line.strip()), ""])
    found = False
    for part in parts:
        for hunk in part.patch.hunks:
            run: list[str] = []
            for mark, line in (*hunk.lines, (" ", "")):
                stripped = line.strip()
                if mark == "+":
                    if stripped and stripped not in removed:
                        run.append(stripped)
                elif run:
                    if sum(map(len, run)) >= _ANSWER_CHARS:
                        if "\n" + "\n".join(run) + "\n" not in shown:
                            return False
                        found = True
                    elif "\n" + "\n".join(run) + "\n" not in shown:
                        return False
                    run = []
    return found


def _pair(
    instruction: Instruction,
    classified: Classification,
    material: _Material,
    context: str,
    limits: PairLimits,
) -> Pair:
    parts, tests = material.parts, material.tests
    sizes: dict[str, int] = {}
    for part in parts:
        if part.kind == "source":
            sizes[part.language or ""] = sizes.get(part.language or "", 0) + part.size
    excerpted = any(
        part.change.before is not None and not _stands_whole(part.change.before, limits)
        for part in parts
    )
    marks = [mark for part in parts for hunk in part.patch.hunks for mark, _ in hunk.lines]
    flags = (
        ("breaking", instruction.breaking),
        ("config_changed", any(part.kind == "config" for part in parts)),
        ("deletes_files", any(part.change.status == "D" for part in parts)),
        ("excerpted", excerpted),
        ("new_files_only", all(part.change.status == "A" for part in parts)),
        ("renames", any(part.change.status == "R" for part in parts)),
    )
    lines = [line for part in parts for hunk in part.patch.hunks for _, line in hunk.lines]
    # The byte order mark of a file is its first character, wherever the file stands in here.
    odd = odd_characters("".join((context, *lines)).replace("\n\ufeff", "\n"))
    return Pair(
        instruction=instruction.text,
        context=context,
        response="".join(part.text for part in parts),
        tests="".join(part.text for part in tests),
        category=classified.category,
        confidence=classified.confidence,
        evidence=classified.evidence,
        language=max(sorted(sizes), key=lambda name: sizes[name]),
        paths=tuple(part.change.path for part in parts),
        test_paths=tuple(part.change.path for part in tests),
        tests_touched=material.tests_touched,
        references=instruction.references,
        additions=marks.count("+"),
        deletions=marks.count("-"),
        flags=(*(name for name, holds in flags if holds), *odd),
        left_out=material.left_out,
    )


def _seen_change(change: ChangeSet, instruction: Instruction, material: _Material) -> Change:
    """What tells the category: the diffs, and that files beside them changed."""
    parts = (*material.parts, *material.tests)
    before = {
        part.change.path_before or "": part.before for part in parts if part.before is not None
    }
    after = {part.change.path_after or "": part.after for part in parts if part.after is not None}
    files = [
        *(part.patch for part in parts),
        *(
            FilePatch(item.path_before, item.path_after, item.status, item.is_binary, ())
            for item in material.beside
        ),
    ]
    return Change(instruction, change.message, files, before, after, change.labels)
