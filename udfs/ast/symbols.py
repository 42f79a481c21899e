"""What a change did to the named definitions of a file: evidence for feature, refactor or fix."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from udfs.ast.outline import Definition, Owners, read_outline
from udfs.ast.parsing import DEFAULT_LIMITS, Limits, Parsed, parse, to_bytes
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
class SymbolTable:
    """The symbols of a text in source order, and a digest of the code outside of them."""

    symbols: tuple[Symbol, ...]
    outside: str


@dataclass(frozen=True)
class SymbolChanges:
    """What happened to the symbols of one or more files, each tuple in source order.

    Attributes:
        added: qualified names that only the new side has.
        removed: qualified names that only the old side has.
        changed: names on both sides whose body differs.
        moved_or_renamed: (old, new) names whose bodies are the same up to names; in neither of
            `added` and `removed`.
        signature_changed: names on both sides whose header differs.
        outside_changed: code outside any definition differs.
        error: why a side could not be read (one of `parsing.REASONS`), else None.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved_or_renamed: tuple[tuple[str, str], ...] = ()
    signature_changed: tuple[str, ...] = ()
    outside_changed: bool = False
    error: str | None = None


_EMPTY: Final = SymbolTable((), "")


def symbol_changes(
    before: str | None, after: str | None, language: str, limits: Limits = DEFAULT_LIMITS
) -> SymbolChanges:
    """Compare two versions of one file; None stands for a file that is not there."""
    old = symbol_table(before, language, limits) if before is not None else _EMPTY
    new = symbol_table(after, language, limits) if after is not None else _EMPTY
    if isinstance(old, str):
        return SymbolChanges(error=old)
    if isinstance(new, str):
        return SymbolChanges(error=new)
    return compare_symbols([old], [new])


def symbol_table(text: str, language: str, limits: Limits = DEFAULT_LIMITS) -> SymbolTable | str:
    """Return the symbols of a text, or one of `parsing.REASONS`."""
    parsed = parse(to_bytes(text), language, limits)
    return parsed if isinstance(parsed, str) else _table(parsed)


def compare_symbols(before: Sequence[SymbolTable], after: Sequence[SymbolTable]) -> SymbolChanges:
    """Compare the files of a change, so that a move from one file to another shows as such."""
    old = [symbol for table in before for symbol in table.symbols]
    new = [symbol for table in after for symbol in table.symbols]
    pairs, removed, added = _pair_by_name(old, new)
    moves, removed, added = _pair_by_body(removed, added)
    outside_before = sorted(table.outside for table in before if table.outside)
    outside_after = sorted(table.outside for table in after if table.outside)
    return SymbolChanges(
        added=_names(added),
        removed=_names(removed),
        changed=_names(new for old, new in pairs if old.body != new.body),
        moved_or_renamed=tuple((old.qualified_name, new.qualified_name) for old, new in moves),
        signature_changed=_names(new for old, new in pairs if old.signature != new.signature),
        outside_changed=outside_before != outside_after,
    )


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
    left: list[Symbol], right: list[Symbol], key: Callable[[Symbol], object]
) -> tuple[list[tuple[Symbol, Symbol]], list[Symbol], list[Symbol]]:
    """Pair equal keys in order; a None key pairs with nothing. Returns pairs and both rests."""
    waiting: dict[object, list[int]] = defaultdict(list)
    for index in range(len(left) - 1, -1, -1):
        waiting[key(left[index])].append(index)
    waiting.pop(None, None)
    taken: set[int] = set()
    pairs: list[tuple[Symbol, Symbol]] = []
    rest: list[Symbol] = []
    for symbol in right:
        candidates = waiting.get(key(symbol))
        if candidates:
            index = candidates.pop()
            taken.add(index)
            pairs.append((left[index], symbol))
        else:
            rest.append(symbol)
    return pairs, [item for index, item in enumerate(left) if index not in taken], rest


def _table(parsed: Parsed) -> SymbolTable:
    definitions = read_outline(parsed).definitions
    stream = read_tokens(parsed)
    owners = Owners((item.start, item.end) for item in definitions)
    # The tokens of each definition itself; the last list takes what is outside of all.
    own: list[list[int]] = [[] for _ in range(len(definitions) + 1)]
    for index, start in enumerate(stream.starts):
        own[owners.of(start)].append(index)
    return SymbolTable(
        tuple(
            _symbol(item, stream, indexes)
            for item, indexes in zip(definitions, own[:-1], strict=True)
        ),
        _digest(stream.texts[index] for index in own[-1]),
    )


def _symbol(item: Definition, stream: TokenStream, indexes: list[int]) -> Symbol:
    first = bisect_left(indexes, item.core, key=lambda index: stream.starts[index])
    last = bisect_left(indexes, item.header_end, key=lambda index: stream.starts[index])
    header, body = indexes[first:last], indexes[:first] + indexes[last:]
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
