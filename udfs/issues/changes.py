"""The one change that closed an issue: a commit, or the commits of a pull taken together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from udfs.pairs import FileChange, Rejection


@dataclass(frozen=True, slots=True)
class Closing:
    """A commit of the mainline that closes the issue.

    Attributes:
        oid: its object id.
        parents: ids of its parents.
        parts: parents of each commit of the pull that it merged, by object id.
        is_reverted: a later commit takes it back.
    """

    oid: str
    parents: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    is_reverted: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The commit that stands for the change, and the commits that hold it, the oldest first."""

    oid: str
    commits: tuple[str, ...]


def choose_change(closings: Collection[Closing]) -> Change | Rejection:
    """The one change that closed an issue, or why there is none to learn from.

    A merge stands for the commits that it brought, also where one of these names the issue too.
    """
    inside = {part for closing in closings for part in closing.parts if part != closing.oid}
    left = sorted((x for x in closings if x.oid not in inside), key=lambda x: x.oid)
    if not left:
        return Rejection("no_change_known")
    if len(left) > 1:
        return Rejection("several_changes", f"{len(left)} commits")
    only = left[0]
    if only.is_reverted:
        return Rejection("change_reverted", only.oid)
    if len(only.parents) < 2:
        return Change(only.oid, (only.oid,))
    return _of_merge(only)


def _of_merge(merge: Closing) -> Change | Rejection:
    """The commits of a merged pull, if each follows the one before it."""
    if not merge.parts:
        return Rejection("merge_without_commits", merge.oid)
    line = []
    current = merge.parents[1]
    while current in merge.parts:
        line.append(current)
        parents = merge.parts[current]
        if len(parents) != 1 or len(line) > len(merge.parts):
            return Rejection("pull_not_linear", merge.oid)
        current = parents[0]
    if len(line) != len(merge.parts) or len(merge.parents) > 2:
        return Rejection("pull_not_linear", merge.oid)
    return Change(merge.oid, tuple(reversed(line)))


def combine(commits: Sequence[Sequence[FileChange]]) -> tuple[FileChange, ...]:
    """The changes of several commits, the oldest first, as those of one.

    A file that came and went, or is again as it was, is not among them. Their patches are left to
    be made from the texts, unless there is one commit.
    """
    if len(commits) == 1:
        return tuple(commits[0])
    state: dict[str, FileChange] = {}
    for files in commits:
        moved = {x.path_before: state.pop(x.path_before) for x in files
                 if x.path_before is not None and x.path_before in state}  # fmt: skip
        for item in files:
            earlier = moved.get(item.path_before or "")
            if earlier is None and item.status == "A":
                earlier = state.pop(item.path, None)  # what was deleted comes back
            now = item if earlier is None else _joined(earlier, item)
            if now is not None:
                state[now.path] = replace(now, patch="")
    return tuple(state[path] for path in sorted(state))


def _joined(earlier: FileChange, later: FileChange) -> FileChange | None:
    """Two changes of one file as one; None where nothing is left of them."""
    start, end = earlier.path_before, later.path_after
    if start is None and end is None:
        return None
    before = None if start is None else earlier.before
    if start == end and before == later.after and before is not None:
        return None
    status = "A" if start is None else "D" if end is None else "M" if start == end else "R"
    return FileChange(
        path_before=start,
        path_after=end,
        status=status,
        before=before,
        after=later.after,
        patch="",
        is_binary=earlier.is_binary or later.is_binary,
    )
