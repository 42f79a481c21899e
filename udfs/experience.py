"""How much of a history its authors had written when they wrote each commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def author_key(name: str | None, email: str | None) -> str:
    """What stands for one author: the e-mail, or the name where there is none."""
    return ((email or "").strip() or (name or "").strip()).lower()


def earlier_commits(
    parents: Mapping[str, Sequence[str]], authors: Mapping[str, str]
) -> dict[str, int]:
    """For each commit, how many of the commits that it stands on its author wrote.

    Only ancestors count, so that what is added to a history later changes no figure. Where an
    author worked on two branches at once, the one with more counts; merges are nobody's.

    Args:
        parents: ids of the parents by commit; those that are not in it are unknown.
        authors: who wrote a commit, by the same ids.
    """
    children: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for oid, listed in parents.items():
        known = {parent for parent in listed if parent in parents}
        waiting[oid] = len(known)
        for parent in known:
            children.setdefault(parent, []).append(oid)
    left = {oid: len(listed) for oid, listed in children.items()}
    ready = [oid for oid, count in waiting.items() if not count]
    # One tally a line of development: the last child that needs it takes it over.
    tallies: dict[str, dict[str, int]] = {}
    found: dict[str, int] = {}
    while ready:
        oid = ready.pop()
        listed = [parent for parent in dict.fromkeys(parents[oid]) if parent in parents]
        tally = _joined([_taken(parent, tallies, left) for parent in listed])
        author = authors.get(oid, "")
        found[oid] = tally.get(author, 0)
        if len(set(parents[oid])) < 2 and author:
            tally[author] = found[oid] + 1
        if oid in left:
            tallies[oid] = tally
        for child in children.get(oid, ()):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return found


def _taken(parent: str, tallies: dict[str, dict[str, int]], left: dict[str, int]) -> dict[str, int]:
    left[parent] -= 1
    return tallies[parent].copy() if left[parent] else tallies.pop(parent)


def _joined(tallies: Sequence[dict[str, int]]) -> dict[str, int]:
    if not tallies:
        return {}
    whole, *others = sorted(tallies, key=len, reverse=True)
    for other in others:
        for author, count in other.items():
            if count > whole.get(author, 0):
                whole[author] = count
    return whole
