"""From one commit to one training pair, or to the reason why it makes none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from udfs.ast import Health, health
from udfs.bug_patterns import MOST_EDITS, Pattern, bug_patterns
from udfs.category import BUG_FIX, UI_COMPONENT, Classification, classify
from udfs.change_features import Change
from udfs.diffs import FilePatch
from udfs.facets import Facet, facets
from udfs.instruction import Instruction, clean_message, is_housekeeping_type
from udfs.odd_characters import odd_characters
from udfs.pairs.context import answer_in_context, block, build_context, stands_whole
from udfs.pairs.files import (
    file_kind,
    refuse_barred,
    refuse_files,
    shown_kind,
    text_missing,
    without_copies,
)
from udfs.pairs.model import ChangeSet, FileChange, Pair, PairLimits, Rejection
from udfs.pairs.parts import (
    Part,
    cap_tests,
    code_lines,
    is_large_config,
    names_something,
    raises_version,
    read_part,
    refuse_dangers,
    refuse_parts,
)
from udfs.pairs.redaction import redact_pair
from udfs.paths import is_changelog, is_showcase_path

# Left out of both diffs, but a change of them says something about the change.
_BESIDE = frozenset({"docs", "ci", "lock_file"})


# Categories whose response mends something; a debugging session is made from an issue.
_FIXES = frozenset({BUG_FIX, "debugging_session"})


@dataclass(frozen=True, slots=True)
class _Material:
    """What a pair is made of.

    `beside` are files that only say what else the change touched, and `shown` the path and the
    diff of what tells in the context how a component is used.
    """

    parts: tuple[Part, ...]
    tests: tuple[Part, ...]
    tests_touched: bool
    beside: tuple[FileChange, ...]
    left_out: tuple[tuple[str, str], ...]
    shown: tuple[tuple[str, str], ...] = ()


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


def _build(change: ChangeSet, limits: PairLimits) -> Pair | Rejection:
    read = _read_commit(change, limits)
    if isinstance(read, Rejection):
        return read
    instruction, material = read
    classified = classify(_seen_change(change, instruction, material))
    if not limits.is_sure(classified):
        return Rejection("category_unclear", f"{classified.category} {classified.confidence:.2f}")
    if classified.category == UI_COMPONENT:
        material = _with_showcase(material, limits, dict(change.barred))
    if instruction.is_terse and not material.shown:
        size = sum(part.size for part in material.parts)
        if size > limits.max_terse_lines:
            return Rejection("message_uninformative", f"{size} lines: {instruction.title}")
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
    if not names_something(instruction, material.parts):
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
    kinds = without_copies([(item, shown_kind(item, barred)) for item in files])
    refused = refuse_barred(kinds, barred) or refuse_files(kinds, limits)
    if refused is not None:
        return refused
    parts: list[Part] = []
    tests: list[Part] = []
    left_out: list[tuple[str, str]] = []
    for item, kind in kinds:
        if kind not in ("source", "config", "test"):
            left_out.append((item.path, kind))
            continue
        if text_missing(item):
            if kind == "source":
                return Rejection("context_missing", item.path)
            left_out.append((item.path, "text_missing"))
            continue
        part = read_part(item, kind)
        if isinstance(part, Rejection):
            return part
        if kind == "test":
            tests.append(part)
        elif kind == "config" and is_large_config(part, limits):
            left_out.append((item.path, "config_too_large"))
        elif kind == "config" and part.size and raises_version(part):
            left_out.append((item.path, "version_bump"))
        else:
            parts.append(part)
    refused = refuse_parts(parts, limits)
    if refused is not None:
        return refused
    kept, dropped = cap_tests(tests, limits.max_tests_chars)
    left_out += [(part.change.path, "tests_too_large") for part in dropped]
    beside = tuple(item for item, kind in kinds if kind in _BESIDE)
    return _Material(tuple(parts), tuple(kept), bool(tests), beside, tuple(left_out))


def _with_showcase(material: _Material, limits: PairLimits, barred: Mapping[str, str]) -> _Material:
    """Move the stories, examples and docs of a component from the response to the context.

    They say how it is to be used, which a message hardly does.
    """
    apart = [part for part in material.parts if is_showcase_path(part.change.path)]
    left = tuple(part for part in material.parts if part not in apart)
    if not any(part.kind == "source" and part.size for part in left):
        return material
    prose = [
        item
        for item in material.beside
        if file_kind(item) == "docs" and item.path not in barred
        if not text_missing(item) and not is_changelog(item.path)
    ]
    diffs = [(part.change.path, part.text) for part in apart]
    diffs += [(item.path, item.diff()) for item in prose]
    shown = tuple((path, text) for path, text in diffs if 0 < len(text) <= limits.whole_file_chars)
    seen, told = ({path for path, _ in some} for some in (shown, diffs))
    left_out = [entry for entry in material.left_out if entry[0] not in told]
    left_out += [
        (path, "in_context" if path in seen else "showcase_too_large") for path, _ in diffs
    ]
    return replace(material, parts=left, left_out=tuple(left_out), shown=shown)


def _finish(
    instruction: Instruction, classified: Classification, material: _Material, limits: PairLimits
) -> Pair | Rejection:
    about = _facets(instruction, material.parts)
    if not any(facet.name == "security" for facet in about):
        refused = refuse_dangers(material.parts)
        if refused is not None:
            return refused
    context = "\n".join(
        (
            build_context(material.parts, limits),
            *(block(f"{path} (changed with it)", "diff", text) for path, text in material.shown),
        )
    )
    if len(context) > limits.max_context_chars:
        return Rejection("context_too_large", f"{len(context)} characters")
    if answer_in_context(material.parts, context):
        return Rejection("answer_in_context")
    return replace(_pair(instruction, classified, material, context, limits), facets=about)


def _facets(instruction: Instruction, parts: Sequence[Part]) -> tuple[Facet, ...]:
    lines = [code_lines(part) for part in parts if part.kind == "source"]
    return facets(
        instruction.title,
        instruction.body,
        [part.change.path for part in parts],
        [line for added, _ in lines for line in added],
        [line for _, removed in lines for line in removed],
    )


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
        part.change.before is not None and not stands_whole(part.change.before, limits)
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
        patterns=_patterns(parts) if classified.category in _FIXES else None,
        shown_paths=tuple(path for path, _ in material.shown),
        health=_health(parts),
    )


def _patterns(parts: Sequence[Part]) -> tuple[Pattern, ...]:
    """What a fix changed in all its sources, each once; nothing of one that changes very much."""
    found = [
        pattern
        for part in parts
        if part.kind == "source" and part.before is not None and part.after is not None
        for pattern in bug_patterns(part.before, part.after)
    ]
    return tuple(dict.fromkeys(found)) if len(found) <= MOST_EDITS else ()


def _health(parts: Sequence[Part]) -> Health | None:
    sources = [part for part in parts if part.kind == "source" and part.size]
    return health((part.before, part.after) for part in sources)


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
