"""What is looked at before libgit2 compares trees or files, since it has no limits of its own."""

from __future__ import annotations

import re
from functools import lru_cache

import pygit2
import re2
from pygit2.enums import ObjectType

_Tree = pygit2.Tree | None
# Linear, as each part ends where the next one begins; re2 takes ten times as long for many matches.
_ENTRY = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_FOLDER = (b"40000", b"040000")
_TREE = re2.compile(rb"tree ([0-9a-f]{40})\n")


class TooManyPathsError(ValueError):
    """Two trees differ in more paths than are compared."""


def parent_trees(repository: pygit2.Repository, commit: pygit2.Commit) -> list[pygit2.Tree]:
    """The trees of a commit's parents, those that libgit2 cannot parse included.

    Raises:
        pygit2.GitError, KeyError, ValueError: a parent or its tree is lost.
    """
    try:
        return [parent.tree for parent in commit.parents]
    except (pygit2.GitError, KeyError):
        return [_stored_tree(repository, oid) for oid in commit.parent_ids]


def _stored_tree(repository: pygit2.Repository, oid: pygit2.Oid) -> pygit2.Tree:
    kind, data = repository.read(oid)
    found = _TREE.match(data) if kind == ObjectType.COMMIT else None
    tree = repository[found[1].decode("ascii")] if found else None
    if not isinstance(tree, pygit2.Tree):
        raise ValueError(f"parent {oid} names no tree")
    return tree


def count_paths(
    repository: pygit2.Repository, old: pygit2.Tree | None, new: pygit2.Tree, most: int
) -> int:
    """Count the files and folders that differ, up to a limit.

    A dozen small objects can name 10^10 paths (a "git bomb"), and libgit2 lists them all.

    Raises:
        TooManyPathsError: there are more than `most`.
        pygit2.GitError, KeyError: a tree is lost.
    """
    pending: list[tuple[_Tree, _Tree]] = [(old, new)]
    count = 0
    while pending:
        left, right = (_entries(tree) for tree in pending.pop())
        folders: dict[bytes | int, list[_Tree]] = {}
        names = set()
        for side, entries in enumerate((left - right, right - left)):
            for mode, name, oid in entries:
                names.add(name)
                if mode in _FOLDER:
                    folders.setdefault(name, [None, None])[side] = _folder(repository, oid)
        count += len(names)
        if count > most:
            raise TooManyPathsError(f"over {most} paths")
        pending += [(before, after) for before, after in folders.values()]
    return count


@lru_cache(maxsize=64)  # the tree of a commit is that of its child's parent
def _entries(tree: _Tree) -> frozenset[tuple[bytes, bytes | int, bytes]]:
    """Mode, name and id of each entry; its place for its name where a name comes twice.

    Read from the stored bytes: most entries of most trees are those of the parent, and an object
    for each of them costs more than the comparison.
    """
    if tree is None:
        return frozenset()
    found = _ENTRY.findall(tree.read_raw())
    if len({name for _, name, _ in found}) < len(found):
        return frozenset((mode, place, oid) for place, (mode, _, oid) in enumerate(found))
    return frozenset(found)


def _folder(repository: pygit2.Repository, oid: bytes) -> _Tree:
    found = repository[pygit2.Oid(raw=oid)]
    return found if isinstance(found, pygit2.Tree) else None


def size_of(repository: pygit2.Repository, oid: pygit2.Oid) -> int:
    """Size of an object in bytes, without reading it; 0 where it is not here."""
    try:
        return int(repository.odb.read_header(oid)[1])
    except (KeyError, pygit2.GitError):
        return 0
