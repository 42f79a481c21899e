"""What is looked at before libgit2 compares trees or files, since it has no limits of its own."""

from __future__ import annotations

import pygit2
import re2
from pygit2.enums import ObjectType

_Tree = pygit2.Tree | None
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


def require_few_paths(old: pygit2.Tree | None, new: pygit2.Tree, most: int) -> None:
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
        for name in left.keys() | right.keys():
            pair = left.get(name), right.get(name)
            if pair[0] is not None and pair[1] is not None and pair[0].id == pair[1].id:
                continue
            count += 1
            if count > most:
                raise TooManyPathsError(f"over {most} paths")
            before, after = (e if isinstance(e, pygit2.Tree) else None for e in pair)
            if before is not None or after is not None:
                pending.append((before, after))


def _entries(tree: _Tree) -> dict[bytes | int | None, pygit2.Object]:
    """Entries by name; by place where a name comes twice, since each of them is compared."""
    if tree is None:
        return {}
    entries: dict[bytes | int | None, pygit2.Object] = {entry.raw_name: entry for entry in tree}
    return entries if len(entries) == len(tree) else dict(enumerate(tree))


def size_of(repository: pygit2.Repository, oid: pygit2.Oid) -> int:
    """Size of an object in bytes, without reading it; 0 where it is not here."""
    try:
        return int(repository.odb.read_header(oid)[1])
    except (KeyError, pygit2.GitError):
        return 0
