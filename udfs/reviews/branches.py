"""The branch that a pull request shows: what stood there when a comment was written, and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from udfs.reviews.hunks import Span
from udfs.reviews.resolution import Resolution, Step, find_resolution

# Of the changes before a comment, those whose text before may be the one that its hunk is against.
MAX_REVIEWED = 5


@dataclass(frozen=True, slots=True)
class PathChange:
    """What a commit did to one path; ids are those of its texts, and `patch` is git's diff."""

    path: str
    old_path: str | None
    status: str
    old_oid: str | None
    new_oid: str | None
    patch: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its first parent, its committer time, and its changes of paths that count."""

    parent: str | None
    committed_at: int
    changes: tuple[PathChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the texts of a thread are.

    Attributes:
        reviewed: the commits that changed the file up to the comment, the last one first.
        resolution: the change that answers the comment; None where none was found.
        unresolved: why not; empty where one was found.
    """

    reviewed: tuple[str, ...]
    resolution: Resolution | None
    unresolved: str


def plan_thread(
    history: Mapping[str, Commit],
    *,
    path: str,
    span: Span,
    commit_oid: str | None,
    heads: Iterable[str],
    commented_at: int,
    near: int,
    most: int,
) -> Plan | str:
    """Find the change that a comment stands on, and the one that answers it.

    A branch is followed by first parents: the other parents of its merges are of other branches.

    Args:
        history: the commits of the repository.
        path: file that the comment is about.
        span: lines of it.
        commit_oid: commit that the comment was written on.
        heads: commits that were heads of the pull.
        commented_at: time of the comment, seconds since 1970.
        near: as `find_resolution` takes it.
        most: commits that a branch is followed for.

    Returns:
        The plan, or `commit_missing` or `hunk_not_in_history`.
    """
    if commit_oid is None or commit_oid not in history:
        return "commit_missing"
    before = (
        (oid, change)
        for oid in islice(_back_from(history, commit_oid), most)
        for change in history[oid].changes
        if change.path == path
    )
    reviewed = list(islice(before, MAX_REVIEWED))
    if not reviewed or reviewed[0][1].new_oid is None:
        return "hunk_not_in_history"
    commits = tuple(oid for oid, _ in reviewed)
    later = _later(history, commit_oid, sorted(set(heads)), most)
    if later is None:
        return Plan(commits, None, "not_on_branch")
    steps = [
        Step(oid, history[oid].committed_at, change.old_oid, change.new_oid, change.patch)
        for oid in later
        for change in history[oid].changes
        if path in (change.old_path, change.path)
    ]
    found = find_resolution(span, reviewed[0][1].new_oid, steps, commented_at, near)
    if isinstance(found, Resolution):
        return Plan(commits, found, "")
    return Plan(commits, None, found)


def _back_from(history: Mapping[str, Commit], oid: str) -> Iterator[str]:
    current: str | None = oid
    while current is not None and current in history:
        yield current
        current = history[current].parent


def _later(
    history: Mapping[str, Commit], oid: str, heads: Iterable[str], most: int
) -> list[str] | None:
    """The commits behind one up to a head, oldest first; None where it leads to no head.

    Of several heads it is the one that is furthest: the others were heads before.
    """
    longest: list[str] | None = None
    for head in heads:
        chain: list[str] = []
        for current in islice(_back_from(history, head), most + 1):
            if current == oid:
                if longest is None or len(chain) > len(longest):
                    longest = chain
                break
            chain.append(current)
    return None if longest is None else longest[::-1]
