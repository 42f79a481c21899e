"""What a change did to the named definitions of its files: evidence for feature, refactor or fix.

Definitions whose source stands the same on both sides are never read as tokens, so that cost
follows the change and not the files.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from udfs.ast.outline import Definition, Owners
from udfs.ast.parsing import Parsed
from udfs.ast.source import Source
from udfs.ast.tokens import LAYOUT, TokenStream, canonical, read_tokens

# Bodies below these sizes (in tokens) look alike by chance, getters and stubs above all.
MIN_SAME_BODY: Final = 6
MIN_SAME_STRUCTURE: Final = 12


@dataclass(frozen=True)
class Symbol:
    """One named definition, its parts as digests (SHA-256) that compare by equality.

    What belongs to a definition nested in it is left to that one.

    Attributes:
        kind: as of `Function`, or the first word of a type's node (`class`, `struct`, `impl`).
        signature: digest of the header's tokens.
        body: digest of the other tokens.
        structure: the same, names taken away.
        size: tokens of the body, layout left out.
    """

    qualified_name: str
    kind: str
    signature: str
    body: str
    structure: str
    size: int


@dataclass(frozen=True)
class SymbolChanges:
    """What happened to the symbols of a change, each tuple by file and in source order.

    Attributes:
        added: qualified names that only the new side has.
        removed: qualified names that only the old side has.
        changed: names on both sides whose body differs.
        moved_or_renamed: (old, new) names whose bodies are the same up to names, within a file or
            from one to another; in neither of `added` and `removed`.
        signature_changed: names on both sides whose header differs.
        error: why a file could not be read (one of `parsing.REASONS`), else None; such files are
            left aside.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved_or_renamed: tuple[tuple[str, str], ...] = ()
    signature_changed: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class _Side:
    """One version of a file: its tree and which of its definitions the other one lacks."""

    parsed: Parsed
    definitions: Sequence[Definition]
    spans: Sequence[Sequence[tuple[int, int]]]
    differing: Sequence[int] = ()


_Files = Sequence[tuple[Source | None, Source | None]]
_T = TypeVar("_T")


def symbol_changes(files: _Files) -> SymbolChanges:
    """Compare two versions of some files; None stands for a file that is not there."""
    sides: list[tuple[_Side | None, _Side | None]] = []
    error: str | None = None
    for before, after in files:
        problems = [s.parsed for s in (before, after) if s and isinstance(s.parsed, str)]
        if problems:
            error = error or problems[0]
        else:
            sides.append(_differing(before, after))
    if not any(old and old.differing for old, _ in sides):
        return SymbolChanges(added=_bare_names([new for _, new in sides]), error=error)
    if not any(new and new.differing for _, new in sides):
        return SymbolChanges(removed=_bare_names([old for old, _ in sides]), error=error)
    pairs: list[tuple[Symbol, Symbol]] = []
    removed: list[Symbol] = []
    added: list[Symbol] = []
    for old, new in sides:
        found, left, right = _pair_by_name(_symbols(old), _symbols(new))
        pairs += found
        removed += left
        added += right
    moves, removed, added = _pair_by_body(removed, added)
    return SymbolChanges(
        added=_names(added),
        removed=_names(removed),
        changed=_names(new for old, new in pairs if old.body != new.body),
        moved_or_renamed=tuple((old.qualified_name, new.qualified_name) for old, new in moves),
        signature_changed=_names(new for old, new in pairs if old.signature != new.signature),
        error=error,
    )


def _differing(before: Source | None, after: Source | None) -> tuple[_Side | None, _Side | None]:
    old, new = _side(before), _side(after)
    _, left, right = _pair(_keyed(old), _keyed(new), lambda item: item[1])
    return (
        old and replace(old, differing=[index for index, _ in left]),
        new and replace(new, differing=[index for index, _ in right]),
    )


def _side(source: Source | None) -> _Side | None:
    if source is None or source.outline is None or isinstance(source.parsed, str):
        return None
    definitions = source.outline.definitions
    return _Side(source.parsed, definitions, _own_spans(definitions))


def _keyed(side: _Side | None) -> list[tuple[int, object]]:
    """Return (number, what makes it the same as another without reading tokens) of each."""
    if side is None:
        return []
    source = side.parsed.source
    return [
        (
            number,
            (
                item.qualified_name,
                item.kind,
                item.core - item.start,
                item.header_end - item.start,
                *(source[start:end] for start, end in side.spans[number]),
            ),
        )
        for number, item in enumerate(side.definitions)
    ]


def _own_spans(definitions: Sequence[Definition]) -> list[list[tuple[int, int]]]:
    """Return the byte spans of each definition that belong to none nested in it."""
    spans: list[list[tuple[int, int]]] = [[] for _ in definitions]
    # Of each open definition its number, and where its next own span begins.
    stack: list[list[int]] = []

    def close(until: int) -> None:
        while stack and definitions[stack[-1][0]].end <= until:
            number, start = stack.pop()
            end = definitions[number].end
            if start < end:
                spans[number].append((start, end))
            if stack:
                stack[-1][1] = max(stack[-1][1], end)

    for number, item in enumerate(definitions):
        close(item.start)
        if stack and stack[-1][1] < item.start:
            spans[stack[-1][0]].append((stack[-1][1], item.start))
        stack.append([number, item.start])
    close(max((item.end for item in definitions), default=0))
    return spans


def _bare_names(sides: Iterable[_Side | None]) -> tuple[str, ...]:
    names = [
        side.definitions[index].qualified_name
        for side in sides
        if side is not None
        for index in side.differing
    ]
    return tuple(dict.fromkeys(names))


def _names(symbols: Iterable[Symbol]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(symbol.qualified_name for symbol in symbols))


def _pair_by_name(
    old: Sequence[Symbol], new: Sequence[Symbol]
) -> tuple[list[tuple[Symbol, Symbol]], list[Symbol], list[Symbol]]:
    """Pair symbols of one name: equal ones, then equal signatures (overloads), then by order."""
    keys: tuple[Callable[[Symbol], object], ...] = (
        lambda symbol: symbol,
        lambda symbol: (symbol.qualified_name, symbol.signature),
        lambda symbol: symbol.qualified_name,
    )
    pairs: list[tuple[Symbol, Symbol]] = []
    left, right = list(old), list(new)
    for key in keys:
        found, left, right = _pair(left, right, key)
        pairs += found
    return pairs, left, right


def _pair_by_body(
    removed: list[Symbol], added: list[Symbol]
) -> tuple[list[tuple[Symbol, Symbol]], list[Symbol], list[Symbol]]:
    """Pair symbols of different names: the same body, then the same body but for its names."""
    moves: list[tuple[Symbol, Symbol]] = []
    keys: tuple[Callable[[Symbol], object], ...] = (
        lambda symbol: (symbol.body, symbol.size) if symbol.size >= MIN_SAME_BODY else None,
        lambda symbol: symbol.structure if symbol.size >= MIN_SAME_STRUCTURE else None,
    )
    for key in keys:
        found, removed, added = _pair(removed, added, key)
        moves += found
    return moves, removed, added


def _pair(
    left: list[_T], right: list[_T], key: Callable[[_T], object]
) -> tuple[list[tuple[_T, _T]], list[_T], list[_T]]:
    """Pair equal keys in order; a None key pairs with nothing. Returns pairs and both rests."""
    waiting: dict[object, list[int]] = defaultdict(list)
    for index in range(len(left) - 1, -1, -1):
        waiting[key(left[index])].append(index)
    waiting.pop(None, None)
    taken: set[int] = set()
    pairs: list[tuple[_T, _T]] = []
    rest: list[_T] = []
    for item in right:
        candidates = waiting.get(key(item))
        if candidates:
            index = candidates.pop()
            taken.add(index)
            pairs.append((left[index], item))
        else:
            rest.append(item)
    return pairs, [item for index, item in enumerate(left) if index not in taken], rest


def _symbols(side: _Side | None) -> list[Symbol]:
    """Return the differing definitions of a file with the digests of their tokens."""
    if side is None or not side.differing:
        return []
    spans = sorted(span for index in side.differing for span in side.spans[index])
    stream = read_tokens(side.parsed, spans)
    owners = Owners((item.start, item.end) for item in side.definitions)
    own: dict[int, list[int]] = {index: [] for index in side.differing}
    for index, start in enumerate(stream.starts):
        owner = owners.of(start)
        if owner in own:
            own[owner].append(index)
    return [_symbol(side.definitions[index], stream, own[index]) for index in side.differing]


def _symbol(item: Definition, stream: TokenStream, indexes: list[int]) -> Symbol:
    header: list[int] = []
    body: list[int] = []
    for index in indexes:
        in_header = item.core <= stream.starts[index] < item.header_end
        (header if in_header and stream.texts[index] not in LAYOUT else body).append(index)
    return Symbol(
        qualified_name=item.qualified_name,
        kind=item.kind,
        signature=_digest(stream.texts[index] for index in header),
        body=_digest(stream.texts[index] for index in body),
        structure=_digest(
            canonical((stream.texts[index], stream.identifiers[index]) for index in body)
        ),
        size=sum(stream.texts[index] not in LAYOUT for index in body),
    )


def _digest(tokens: Iterable[str]) -> str:
    joined = "\0".join(tokens)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest() if joined else ""
