"""What is looked at before libgit2 compares trees or files, since it has no limits of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import pygit2
import re2
from pygit2.enums import ObjectType

# What is below a tree follows from its id, and a commit changes few trees.
_counted: dict[pygit2.Oid, int] = {}
_MOST_COUNTED = 500_000
# Linear, as each part ends where the next one begins; re2 is slow to give many matches.
_ENTRY = re.compile(rb"([0-7]+) [^\0]+\0(.{20})", re.DOTALL)
_FOLDER = (b"40000", b"040000")
_TREE = re2.compile(rb"tree ([0-9a-f]{40})\n")


class TooManyPathsError(ValueError):
    """There are more paths to compare than are compared."""


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


def require_small_trees(
    repository: pygit2.Repository, trees: Iterable[pygit2.Tree], most: int
) -> None:
    """Refuse to compare a tree of too many files and folders, counted wherever they come again.

    libgit2 visits all of both trees, also where they are equal, and a dozen small objects can name
    10^10 paths (a "git bomb").

    Raises:
        TooManyPathsError: a tree has more than `most`.
        pygit2.GitError, KeyError, ValueError: a folder is lost, or is none.
    """
    for tree in trees:
        if count_paths(repository, tree.id) > most:
            raise TooManyPathsError(f"over {most} files and folders in its tree")


def count_paths(repository: pygit2.Repository, tree: pygit2.Oid) -> int:
    """Files and folders below a tree.

    Raises:
        pygit2.GitError, KeyError, ValueError: a folder is lost, is none, or has a false id.
    """
    if len(_counted) > _MOST_COUNTED:
        _counted.clear()
    pending: list[tuple[pygit2.Oid, int, list[pygit2.Oid]] | pygit2.Oid] = [tree]
    while pending:
        step = pending.pop()
        if isinstance(step, tuple):
            oid, entries, folders = step
            _counted[oid] = entries + sum(_counted[folder] for folder in folders)
        elif step not in _counted:
            found = repository[step]
            if not isinstance(found, pygit2.Tree):
                raise ValueError(f"{step} is no tree")
            data = found.read_raw()
            require_id("tree", str(step), data)  # under a false id it could hold itself
            # From the stored bytes: an object for each entry takes ten times as long.
            stored = _ENTRY.findall(data)
            folders = [pygit2.Oid(raw=oid) for mode, oid in stored if mode in _FOLDER]
            pending.append((step, len(stored), folders))
            pending += set(folders)
    return _counted[tree]


def require_id(kind: str, oid: str, data: bytes) -> None:
    """Refuse an object that is stored under a false id.

    Args:
        kind: `commit`, `tree` or `blob`.
        oid: its id.
        data: its content.

    Raises:
        ValueError: git gives that content another id.
    """
    made = hashlib.sha1(f"{kind} {len(data)}\0".encode(), usedforsecurity=False)
    made.update(data)
    if made.hexdigest() != oid:
        raise ValueError(f"the content of {kind} {oid} has another id")


def size_of(repository: pygit2.Repository, oid: pygit2.Oid) -> int:
    """Size of an object in bytes, without reading it; 0 where it is not here."""
    try:
        return int(repository.odb.read_header(oid)[1])
    except (KeyError, pygit2.GitError):
        return 0
