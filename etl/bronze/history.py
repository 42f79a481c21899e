"""The commits of a batch in the order in which they are read, and how that order is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygit2

from etl.bronze.diff_bounds import TooManyPathsError, parent_trees, require_small_trees
from etl.bronze.git_objects import check_ids, walk

_SAMPLE = 8  # one commit in so many is looked at, to tell how much work its neighbours are


@dataclass(frozen=True)
class History:
    """Ids of commits, packed: a history of a million commits takes 20 MB in a process.

    Attributes:
        ids: the ids in hexadecimal digits, one after the other, as bytes.
        width: bytes of an id.
        mainline: how many of them, from the first, are reachable from the mainline's tips.
    """

    ids: bytes
    width: int
    mainline: int

    def __len__(self) -> int:
        return len(self.ids) // self.width

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self):
            raise IndexError(f"commit {place} of a history of {len(self)}")
        return self.ids[place * self.width : (place + 1) * self.width].hex()


def list_history(
    repository: pygit2.Repository,
    tips: Sequence[str],
    known_tips: Sequence[str],
    pulls: Sequence[str],
    known_pulls: Sequence[str],
) -> History:
    """List the commits that are new: those of the mainline, then those of pull requests alone.

    Parents come before their children, and the order depends on the history alone.

    Args:
        repository: where they are.
        tips: tips of the mainline.
        known_tips: tips of the mainline that were read before.
        pulls: heads of pull requests.
        known_pulls: heads that were read before.
    """
    check_ids()
    ids = [bytes.fromhex(oid) for oid in walk(repository, list(tips), list(known_tips))]
    mainline = len(ids)
    if new := sorted(set(pulls) - set(known_pulls)):
        hidden = [*tips, *known_tips, *known_pulls]
        ids += [bytes.fromhex(oid) for oid in walk(repository, new, hidden)]
    return History(b"".join(ids), len(ids[0]) if ids else 20, mainline)


def cut_history(
    repository: pygit2.Repository, history: History, rows: int, most_entries: int
) -> list[int]:
    """Cut a history into ranges of about equal work.

    Args:
        repository: where its commits are.
        history: the commits.
        rows: about how many rows a range gives: its commits, and the paths that they change.
        most_entries: files and folders of a tree that is compared.

    Returns:
        The place after the last commit of each range; the last one is the length of the history.
        An empty history has no range.
    """
    cuts: list[int] = []
    work = 0
    for start in range(0, len(history), _SAMPLE):
        each = 1 + _paths(repository, history[start], most_entries)
        for place in range(start, min(start + _SAMPLE, len(history))):
            work += each
            if work >= rows:
                cuts.append(place + 1)
                work = 0
    if work:
        cuts.append(len(history))
    return cuts


def _paths(repository: pygit2.Repository, oid: str, most: int) -> int:
    """Paths in which a commit differs from its only parent; 0 where that cannot be told."""
    try:
        commit = repository[oid]
        if not isinstance(commit, pygit2.Commit) or len(commit.parent_ids) > 1:
            return 0
        parents, tree = parent_trees(repository, commit), commit.tree
        require_small_trees(repository, (*parents, tree), most)
        diff = parents[0].diff_to_tree(tree) if parents else tree.diff_to_tree(swap=True)
        return len(diff)
    except (TooManyPathsError, pygit2.GitError, KeyError, ValueError):
        return 0  # reading it will say why
