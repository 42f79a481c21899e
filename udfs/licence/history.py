"""Which licence texts were in force at each commit, followed along what commits changed.

No tree is read: a commit has the files of its parents, and what it changed itself. At a merge the
newer of two states of a path counts, where one came about from the other or from a text like it;
where both sides changed it apart from each other, the first parent's does, which is the line that
was merged into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True, slots=True)
class PathChange:
    """A commit's change of one path: `oid` is its text from then on, None where it is gone."""

    path: str
    oid: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What a path holds since some commit, and what it held before that."""

    oid: str | None
    before: tuple[_State, ...] = ()

    def came_from(self, other: _State) -> bool:
        """Whether the path held that text before: a text that one side left is the older one."""
        pending, seen = list(self.before), set[int]()
        while pending:
            state = pending.pop()
            if state is other or state.oid == other.oid:
                return True
            if id(state) not in seen:
                seen.add(id(state))
                pending.extend(state.before)
        return False


_Tree = dict[str, _State]


def texts_in_force(
    parents: Mapping[str, Sequence[str]],
    changes: Mapping[str, Iterable[PathChange]],
    at_head: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """The object ids of the texts at each commit, by path; commits alike share one mapping.

    Args:
        parents: parents of each commit.
        changes: of each commit, the changes of the paths that matter.
        at_head: those paths in the newest tree. One that no commit changed came with a merge,
            and is taken to be there always; all of them stand for a parent that is not known.
    """
    touched = {change.path for listed in changes.values() for change in listed}
    always = {path: _State(oid) for path, oid in at_head.items() if path not in touched}
    newest = {path: always.get(path) or _State(oid) for path, oid in at_head.items()}
    trees: dict[str, _Tree] = {}
    roots: dict[str, frozenset[str]] = {}
    merged: dict[tuple[int, int, bool], _Tree] = {}
    for commit in _parents_first(parents):
        listed = parents[commit]
        known = [parent for parent in listed if parent in trees]
        if len(known) < len(listed):
            tree, origin = newest, frozenset[str]()
        elif not known:
            tree, origin = always, frozenset([commit])
        else:
            tree, origin = trees[known[0]], roots[known[0]]
            for parent in known[1:]:
                is_foreign = bool(origin and roots[parent]) and not origin & roots[parent]
                key = (id(tree), id(trees[parent]), is_foreign)
                if key not in merged:
                    merged[key] = _merge(tree, trees[parent], is_foreign)
                tree = merged[key]
                origin = origin if roots[parent] <= origin else origin | roots[parent]
        changed = {
            change.path: _State(change.oid, (tree[change.path],) if change.path in tree else ())
            for change in changes.get(commit, ())
        }
        trees[commit] = {**tree, **changed} if changed else tree
        roots[commit] = origin
    texts = {
        id(tree): {path: state.oid for path, state in tree.items() if state.oid is not None}
        for tree in trees.values()
    }
    return {commit: texts[id(tree)] for commit, tree in trees.items()}


def _parents_first(parents: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Commits in an order that depends on the graph and the ids alone; a cycle is left out."""
    children: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for commit, listed in parents.items():
        known = {parent for parent in listed if parent in parents}
        waiting[commit] = len(known)
        for parent in known:
            children.setdefault(parent, []).append(commit)
    ready = [commit for commit, count in waiting.items() if not count]
    heapify(ready)
    while ready:
        commit = heappop(ready)
        yield commit
        for child in children.get(commit, ()):
            waiting[child] -= 1
            if not waiting[child]:
                heappush(ready, child)


def _merge(into: _Tree, other: _Tree, is_foreign: bool) -> _Tree:
    """The tree of a merge.

    Of a history with a root of its own, the files in its root went to an unknown place.
    """
    if into is other:
        return into
    tree = dict(into)
    for path, theirs in other.items():
        if is_foreign and "/" not in path:
            continue
        ours = into.get(path)
        if ours is None:
            tree[path] = theirs
        elif ours is theirs or ours.oid == theirs.oid:
            continue
        elif ours.came_from(theirs) == theirs.came_from(ours):
            tree[path] = _State(ours.oid, (ours, theirs))
        elif theirs.came_from(ours):
            tree[path] = theirs
    return into if all(tree[path] is into.get(path) for path in tree) else tree
