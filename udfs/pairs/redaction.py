"""Secrets and personal data become placeholders in all texts of a pair at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from udfs.diffs import make_patch
from udfs.pairs.files import text_missing
from udfs.pairs.model import FileChange, Pair, Rejection
from udfs.secrets import placeholders, redact_all, without_numbers

# What a change is called whose only lines were those of secrets.
_NOTHING_CHANGED = ("no_text_change", "rename_only", "formatting_only", "comments_only")


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
    told = {*pair.paths, *pair.test_paths, *pair.shown_paths}
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
    # A placeholder may stand where the grammar has no place for one: what was written is judged.
    again = replace(again, left_out=(*again.left_out, *unchanged), health=pair.health)
    return replace(again, flags=(*again.flags, *_redacted_flags(pair, again)))


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
    if text_missing(item):
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
