"""The changed lines, and what is told of them run by run.

A run is what stands together without an unchanged line between: only added, only removed, or
replaced.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from udfs.diffs import FilePatch

SHARES = (0.01, 0.25, 0.5, 0.75, 0.999)
_MAX_LINES = 2_000
_MAX_LINE_CHARS = 400
_MOST_PAIRED = 3

# Lines are cut before these read them: that bounds Python's own engine, which is several times
# faster than re2 at many short texts.
_NAME = re.compile(r"\w+", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of the sources without their indentation; blank ones are left out."""

    added: list[str]
    removed: list[str]
    kept: list[str]


def changed_lines(files: Iterable[FilePatch]) -> Lines:
    """The first lines of files, each cut to a length."""
    sides: dict[str, list[str]] = {"+": [], "-": [], " ": []}
    for item in files:
        for hunk in item.hunks:
            for mark, line in hunk.lines:
                stripped = line.strip()
                if stripped and len(sides[mark]) < _MAX_LINES:
                    sides[mark].append(stripped[:_MAX_LINE_CHARS])
    return Lines(sides["+"], sides["-"], sides[" "])


def steps(name: str, value: float, cuts: Iterable[float]) -> Iterator[str]:
    """Name each cut that a value reaches."""
    return (f"{name}_{cut:g}" for cut in cuts if value >= cut)


def run_features(files: Iterable[FilePatch]) -> Iterator[str]:
    """Name how many runs are added, removed or replaced, and what is replaced by what."""
    runs: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for item in files:
        for hunk in item.hunks:
            for changes, run in groupby(hunk.lines, key=lambda line: line[0] != " "):
                if changes:
                    marks = list(run)
                    removed, added = (
                        [line.strip()[:_MAX_LINE_CHARS] for mark, line in marks if mark == side]
                        for side in "-+"
                    )
                    runs["replaced" if added and removed else "added" if added else "removed"] += 1
                    kinds.update(_replacements(removed, added))
    total = sum(runs.values())
    if not total:
        return
    yield from steps("runs", total, (2, 3, 5, 9, 17, 33))
    for name in ("added", "removed", "replaced"):
        yield from steps(f"runs_{name}", runs[name] / total, SHARES)
    replaced = sum(kinds.values())
    for kind, count in kinds.items():
        yield f"replaces:{kind}"
        if 2 * count >= replaced:
            yield f"mostly_replaces:{kind}"
        if count == replaced == total:
            yield f"only_replaces:{kind}"


def _replacements(removed: Sequence[str], added: Sequence[str]) -> Iterator[str]:
    """How each line of a short run became the one at its place."""
    if len(added) == len(removed) <= _MOST_PAIRED:
        yield from map(_replacement, removed, added)


def _replacement(old: str, new: str) -> str:
    if _NAME.sub("i", old) == _NAME.sub("i", new):
        if _NUMBER.sub("0", old) == _NUMBER.sub("0", new):
            return "number"
        return "string" if _STRING.sub("s", old) == _STRING.sub("s", new) else "name"
    if new.startswith(old.rstrip(";,){")):
        return "start"
    if old.startswith(new.rstrip(";,){")):
        return "longer"
    if old in new:
        return "part"
    return "whole" if new in old else "line"
