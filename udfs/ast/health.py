"""How a change leaves the code that it touches: what the trees of both sides say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from udfs.ast.functions import count_branches
from udfs.ast.grammars import SUPPORTED
from udfs.ast.outline import Definition, Owners, branch_group
from udfs.ast.parsing import Parsed
from udfs.ast.source import Source

# Text that a preprocessor rewrites need not parse before.
JUDGED: Final = SUPPORTED - {"c", "cpp"}
"""The languages in which a text that does not parse is taken to be broken."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a change does to whether its files parse, and to how complex its functions are.

    A text also fails to parse for syntax that its grammar does not know, or as a template, so that
    only a file that comes to parse, or ceases to, says anything; a new one does not.

    Attributes:
        files: files of which each version has a tree.
        broken: those in a language of `JUDGED` that parse before the change and not after it.
        mended: those that parse after it and not before.
        complexity_before: McCabe's measure, before the change, of the most complex function that
            the change removes or makes more or less complex; 0 where there is none.
        complexity_after: the same, after the change, of those that it adds or alters so.
    """

    files: int
    broken: int
    mended: int
    complexity_before: int
    complexity_after: int


def health(files: Iterable[tuple[Source | None, Source | None]]) -> Health | None:
    """Compare two versions of some files; None stands for a version that is not there.

    Functions are compared over all files, so that one that moves from file to file stays as it is;
    one with another name is another function. Functions of a file that parses on one side only are
    left aside: an error hides some of them.

    Returns:
        The figures, or None where no file has a tree of each version within the limits.
    """
    read = broken = mended = 0
    before: Counter[tuple[str, int]] = Counter()
    after: Counter[tuple[str, int]] = Counter()
    for versions in files:
        old, new = map(_read, versions)
        if old is None or new is None:
            continue
        read += 1
        if old.parsed is not None and new.parsed is not None and old.parses != new.parses:
            is_judged = new.parsed.language in JUDGED
            broken += is_judged and not new.parses
            mended += is_judged and new.parses
            continue
        texts = old.texts(), new.texts()
        before.update(_complexities(old, texts[0], set(texts[1])))
        after.update(_complexities(new, texts[1], set(texts[0])))
    if not read:
        return None
    lost, gained = before - after, after - before
    return Health(read, broken, mended, _highest(lost), _highest(gained))


@dataclass(frozen=True, slots=True)
class _Side:
    """One version of a file; a file that is not there has no tree and no functions."""

    parsed: Parsed | None
    functions: Sequence[Definition]

    @property
    def parses(self) -> bool:
        """There is a tree without errors."""
        return self.parsed is not None and not self.parsed.root.has_error

    def texts(self) -> list[bytes]:
        """The source of each function."""
        source = b"" if self.parsed is None else self.parsed.source
        return [source[item.core : item.end] for item in self.functions]


def _read(source: Source | None) -> _Side | None:
    """A version of a file; None where it has no tree within the limits."""
    if source is None:
        return _Side(None, ())
    parsed, outline = source.parsed, source.outline
    if isinstance(parsed, str) or outline is None:
        return None
    return _Side(parsed, outline.functions)


def _complexities(
    side: _Side, texts: Sequence[bytes], others: AbstractSet[bytes]
) -> Iterator[tuple[str, int]]:
    """Name and McCabe's measure of each function whose source the other version does not have."""
    changed = [place for place, text in enumerate(texts) if text not in others]
    if not changed or side.parsed is None:
        return
    group = branch_group(side.parsed.language)
    branches = [
        node
        for item in _outermost(side.functions[place] for place in changed)
        for node in side.parsed.find(group, within=item.node)[group.name]
    ]
    owners = Owners((item.core, item.end) for item in side.functions)
    counts = count_branches(side.parsed, branches, owners, len(side.functions))
    for place in changed:
        yield side.functions[place].qualified_name, counts[place]


def _outermost(functions: Iterable[Definition]) -> Iterator[Definition]:
    """Of functions in source order, those that lie in no other of them."""
    end = -1
    for item in functions:
        if item.start >= end:
            end = item.end
            yield item


def _highest(functions: Iterable[tuple[str, int]]) -> int:
    return max((complexity for _, complexity in functions), default=0)
