"""Which commits a pull consists of, and which commits of the mainline it became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_MIN_SUBJECT_WORDS = 3
"""Of a subject that is to tell a change from others: "Update README" does not."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as far as links go; `subject` is the first line of its message."""

    parents: tuple[str, ...]
    is_mainline: bool
    author: str
    time: int | None
    subject: str


def first_parents(commits: Mapping[str, Commit], head: str | None) -> list[str]:
    """The line of first parents from HEAD, the newest first: where pulls are merged into."""
    line = []
    current = head
    while current is not None and current in commits:
        line.append(current)
        current = next(iter(commits[current].parents), None)
    return line


def brought_by_merges(commits: Mapping[str, Commit], line: Sequence[str]) -> dict[str, set[str]]:
    """The commits that each merge on the line of first parents brought, itself left out.

    Walks the line from its oldest end, so that every commit is visited once.
    """
    seen = set(line)
    brought: dict[str, set[str]] = {}
    for oid in reversed(line):
        found: set[str] = set()
        pending = list(commits[oid].parents[1:])
        while pending:
            other = pending.pop()
            if other not in seen and other in commits:
                seen.add(other)
                found.add(other)
                pending.extend(commits[other].parents)
        if found:
            brought[oid] = found
    return brought


def beside_mainline(commits: Mapping[str, Commit], head: str, limit: int) -> set[str] | None:
    """The commits that a head leads to and the mainline does not; None where they are too many."""
    found: set[str] = set()
    pending = [head]
    while pending:
        oid = pending.pop()
        commit = commits.get(oid)
        if commit is None or commit.is_mainline or oid in found:
            continue
        found.add(oid)
        if len(found) > limit:
            return None
        pending.extend(commit.parents)
    return found


def landed_as(
    commits: Mapping[str, Commit], pulls: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str], str]:
    """Commits of the mainline that some pull became without a merge that says so.

    A rebase keeps author, time and subject of each commit; a squash keeps the author and, as a
    rule, the subject of the pull's first commit. A subject by which two commits or two pulls
    could be meant tells nothing.

    Args:
        commits: all commits by object id.
        pulls: commits beside the mainline, by number of the pull.

    Returns:
        Evidence (`rebased`, `same_subject`) by object id and number.
    """
    by_title: dict[tuple[str, str], list[str]] = {}
    for oid in sorted(commits):
        commit = commits[oid]
        if commit.is_mainline and len(commit.parents) == 1:
            by_title.setdefault((commit.author, commit.subject), []).append(oid)
    asked: dict[tuple[str, str], set[str]] = {}
    for number, oids in pulls.items():
        for oid in oids:
            if len(commits[oid].parents) == 1:
                asked.setdefault((commits[oid].author, commits[oid].subject), set()).add(number)
    found: dict[tuple[str, str], str] = {}
    for number, oids in pulls.items():
        for oid in sorted(oids):
            commit = commits[oid]
            title = (commit.author, commit.subject)
            twins = by_title.get(title, []) if len(commit.parents) == 1 else []
            moved = [twin for twin in twins if commits[twin].time == commit.time]
            if len(moved) == 1:
                found[moved[0], number] = "rebased"
            elif (
                len(twins) == 1
                and len(asked[title]) == 1
                and len(commit.subject.split()) >= _MIN_SUBJECT_WORDS
            ):
                found.setdefault((twins[0], number), "same_subject")
    return found
