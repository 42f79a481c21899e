"""Where two syntax trees differ: the smallest subtrees that were added, removed or replaced.

A top-down comparison: what stands the same is passed over, what differs is paired and looked into.
It is coarser than GumTree (Falleri et al., ASE 2014), which also finds what moved between parents,
and linear but for the few children that differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from tree_sitter import Node

from udfs.ast.parsing import Parsed, named_child
from udfs.ast.source import Source

# Children that differ under one parent; more are another list, not a change of one.
_MOST_CHILDREN: Final = 120
_MOST_COMPARED: Final = 900
_MOST_LOOKED_INTO: Final = 400
# Shares of words in common: of what surely is the same statement, and of what probably is.
_SAME: Final = 0.8
_ALIKE: Final = 0.5
_MOST_CHARS: Final = 4_000
WRAPPED: Final = "wrapped"
UNWRAPPED: Final = "unwrapped"
_WORD: Final = re.compile(rb"\w+")
_PUNCTUATION: Final = frozenset(("(", ")", "{", "}", "[", "]", ",", ";", ":", ".", "->"))
_SEQUENCES: Final = (
    "block", "_body", "_list", "module", "program", "source_file", "translation_unit",
    "compound_statement", "_case", "_group", "array", "object", "dictionary", "list", "set",
    "element", "arguments", "parameters",
)  # fmt: skip
_OPERATORS: Final = frozenset({"operator", "operators"})
_TUPLES: Final = frozenset({"argument_list", "arguments", "expression_list", "pattern_list"})
# Kinds that one edit turns into each other without making them something else.
_FAMILIES: Final = {
    kind: family
    for family, kinds in {
        "declaration": "lexical_declaration variable_declaration",
        "function": "function_declaration function_expression arrow_function "
        "generator_function generator_function_declaration",
        "assignment": "short_var_declaration assignment_statement assignment "
        "augmented_assignment assignment_expression augmented_assignment_expression",
        "attempt": "try_statement try_with_resources_statement",
        "loop": "for_statement for_in_statement enhanced_for_statement for_range_loop",
    }.items()
    for kind in kinds.split()
}


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A node and the way to it from the root; `field` is its name in its parent."""

    node: Node
    field: str | None = None
    parent: Spot | None = None

    @property
    def kind(self) -> str:
        """The node's type in its grammar."""
        return self.node.type

    def above(self) -> Iterator[Spot]:
        """The spots from its parent up to the root."""
        spot = self.parent
        while spot is not None:
            yield spot
            spot = spot.parent


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """One difference.

    Attributes:
        before: what stood there; None where something was added.
        after: what stands there now; None where something was removed.
        turn: WRAPPED where `x` became `f(x)`, UNWRAPPED where `f(x)` became `x`.
        beside: what was added or removed has something removed or added at the same place.
        under: where in the text after (or, of what was removed, before) it stands.
    """

    before: Spot | None
    after: Spot | None
    turn: str = ""
    beside: bool = False
    under: Spot | None = None


class _TooManyError(ValueError):
    """The trees differ in more places than were asked for."""


def tree_edits(before: Source, after: Source, most: int) -> tuple[Edit, ...] | None:
    """Return the edits between two texts, in order of place; comments and docstrings are no code.

    Args:
        before: the older text.
        after: the newer one, of the same language.
        most: edits at most.

    Returns:
        The edits, or None where there are more, or a text has no tree within its limits.
    """
    old, new = before.parsed, after.parsed
    if isinstance(old, str) or isinstance(new, str):
        return None
    try:
        return tuple(_Comparison(old, new, most).run())
    except _TooManyError:
        return None


class _Comparison:
    def __init__(self, old: Parsed, new: Parsed, most: int) -> None:
        self._old, self._new, self._most = old, new, most
        self._found: list[Edit] = []
        self._todo = [(Spot(old.root), Spot(new.root))]

    def run(self) -> list[Edit]:
        while self._todo:
            self._compare(*self._todo.pop())
            if len(self._found) > self._most:
                raise _TooManyError(f"more than {self._most} edits")
        return sorted(self._found, key=_place)

    def _compare(self, old: Spot, new: Spot) -> None:
        if _raw(self._old, old.node) == _raw(self._new, new.node):
            return
        if not _are_statements(old, new):
            turn = self._turn(old, new)
            if turn:
                self._found.append(Edit(old, new, turn))
                return
        leaf = old.node.child_count == 0 or new.node.child_count == 0
        if _family(old) != _family(new) or leaf or _is_text(old.node):
            self._found.append(Edit(old, new))
        else:
            self._children(old, new)

    def _turn(self, old: Spot, new: Spot) -> str:
        """Whether the one holds the other as it was; looked for near its top."""
        if self._holds(self._new, new.node, self._key(self._old, _core(old.node))):
            return WRAPPED
        if self._holds(self._old, old.node, self._key(self._new, _core(new.node))):
            return UNWRAPPED
        return ""

    def _holds(self, parsed: Parsed, outer: Node, wanted: tuple[str, bytes]) -> bool:
        if wanted[1] not in b" ".join(_raw(parsed, outer).split()):
            return False
        todo, seen = [outer], 0
        for node in todo:
            for child in node.named_children:
                seen += 1
                if self._key(parsed, child) == wanted:
                    return True
                if seen > _MOST_LOOKED_INTO:
                    return False
                todo.append(child)
        return False

    def _children(self, old: Spot, new: Spot) -> None:
        left, right = _children(self._old, old), _children(self._new, new)
        if len(left) == len(right) and not _is_block(new):
            # An expression has places: what stands at the same one belongs together, unless its
            # operator is another one with another operand: then it is another expression.
            differ = [
                (a, b)
                for a, b in zip(left, right, strict=True)
                if _raw(self._old, a.node) != _raw(self._new, b.node)
            ]
            if len(differ) > 1 and any(
                a.field in _OPERATORS and a.kind != b.kind for a, b in differ
            ):
                self._found.append(Edit(old, new))
            else:
                self._todo += differ
            return
        texts = (
            [(spot.kind, _raw(self._old, spot.node)) for spot in left],
            [(spot.kind, _raw(self._new, spot.node)) for spot in right],
        )
        start = _common(*texts)
        end = _common(texts[0][start:][::-1], texts[1][start:][::-1])
        left, right = left[start : len(left) - end], right[start : len(right) - end]
        if len(left) > _MOST_CHILDREN or len(right) > _MOST_CHILDREN:
            raise _TooManyError(f"more than {_MOST_CHILDREN} children differ")
        keys = (
            [self._key(self._old, spot.node) for spot in left],
            [self._key(self._new, spot.node) for spot in right],
        )
        matcher = SequenceMatcher(None, *keys, autojunk=False)
        for name, i, j, k, m in matcher.get_opcodes():
            if name != "equal":
                self._gap(left[i:j], right[k:m], old, new)

    def _gap(self, left: list[Spot], right: list[Spot], old: Spot, new: Spot) -> None:
        """Pair what differs at one place; the rest was added or removed there."""
        pairs = _by_field(left, right)
        left, right = _rest(left, pairs), _rest(right, pairs)
        pairs += self._alike(left, right, _SAME)
        left, right = _rest(left, pairs), _rest(right, pairs)
        changed = len(left) + len(right)
        left, right = self._wrapped(left, right)
        pairs += self._alike(left, right, _ALIKE)
        self._todo += pairs
        gone, come = _rest(left, pairs), _rest(right, pairs)
        beside = bool(gone and come) or changed > len(left) + len(right)
        self._found += [Edit(spot, None, beside=beside, under=old) for spot in gone]
        self._found += [Edit(None, spot, beside=beside, under=new) for spot in come]

    def _wrapped(self, left: list[Spot], right: list[Spot]) -> tuple[list[Spot], list[Spot]]:
        """Take out statements that now stand inside of another one, or that did before."""
        for turn, inner, outers in ((WRAPPED, left, right), (UNWRAPPED, right, left)):
            for outer in outers:
                held = [spot for spot in inner if self._is_inside(spot, outer, turn)]
                if not held:
                    continue
                old, new = (held[0], outer) if turn == WRAPPED else (outer, held[0])
                self._found.append(Edit(old, new, turn))
                rest = [spot for spot in inner if spot not in held]
                others = [spot for spot in outers if spot is not outer]
                return (rest, others) if turn == WRAPPED else (others, rest)
        return left, right

    def _is_inside(self, inner: Spot, outer: Spot, turn: str) -> bool:
        if _family(inner) == _family(outer) != "expression_statement" or _is_block(inner):
            return False
        old, new = (inner, outer) if turn == WRAPPED else (outer, inner)
        return self._turn(old, new) == turn

    def _alike(self, left: list[Spot], right: list[Spot], least: float) -> list[tuple[Spot, Spot]]:
        """Pair nodes of one kind in order, by their words; two expressions alone are a pair."""
        if len(left) == 1 == len(right):
            (old,), (new,) = left, right
            if _family(old) == _family(new) or not _are_statements(old, new):
                return [(old, new)]
        if len(left) * len(right) > _MOST_COMPARED:
            raise _TooManyError(f"{len(left)} and {len(right)} children differ")
        words = [
            [Counter(_WORD.findall(_raw(parsed, spot.node)[:_MOST_CHARS])) for spot in side]
            for parsed, side in ((self._old, left), (self._new, right))
        ]
        pairs: list[tuple[Spot, Spot]] = []
        first = 0
        for spot, of_spot in zip(left, words[0], strict=True):
            scores = [
                (2.0 if self._is_named_alike(spot, other) else _shared(of_spot, of_other), -index)
                for index, (other, of_other) in enumerate(zip(right, words[1], strict=True))
                if index >= first and _family(other) == _family(spot)
            ]
            best, place = max(scores, default=(0.0, 0))
            if best >= least:
                pairs.append((spot, right[-place]))
                first = 1 - place
        return pairs

    def _is_named_alike(self, old: Spot, new: Spot) -> bool:
        """Whether two definitions have one name."""
        left, right = (spot.node.child_by_field_name("name") for spot in (old, new))
        if left is None or right is None:
            return False
        return _raw(self._old, left) == _raw(self._new, right)

    def _key(self, parsed: Parsed, node: Node) -> tuple[str, bytes]:
        """What two equal nodes have in common, whatever their layout."""
        text = _raw(parsed, node)
        exact = node.child_count == 0 or _is_text(node)
        return node.type, text if exact else b" ".join(text.split())


def _by_field(left: list[Spot], right: list[Spot]) -> list[tuple[Spot, Spot]]:
    """Pair what has a field of its own in both parents."""
    counts = [Counter(spot.field for spot in side) for side in (left, right)]
    return [
        (old, new)
        for old in left
        for new in right
        if old.field is not None
        and old.field == new.field
        and counts[0][old.field] == 1 == counts[1][old.field]
    ]


def _rest(spots: list[Spot], pairs: list[tuple[Spot, Spot]]) -> list[Spot]:
    taken = {id(spot) for pair in pairs for spot in pair}
    return [spot for spot in spots if id(spot) not in taken]


def _place(edit: Edit) -> tuple[int, int]:
    before, after = edit.before, edit.after
    return (
        after.node.start_byte if after is not None else before.node.start_byte if before else 0,
        0 if after is None else 1,
    )


def _shared(left: Counter[bytes], right: Counter[bytes]) -> float:
    """Share of words in common, 0..1."""
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 0.0


def _raw(parsed: Parsed, node: Node) -> bytes:
    return parsed.source[node.start_byte : node.end_byte]


def _common(left: Sequence[object], right: Sequence[object]) -> int:
    most = min(len(left), len(right))
    return next((at for at in range(most) if left[at] != right[at]), most)


def _children(parsed: Parsed, spot: Spot) -> list[Spot]:
    """The children that are code: no comments, no docstrings, no punctuation."""
    grammar, found = parsed.grammar, []
    cursor = spot.node.walk()
    more = cursor.goto_first_child()
    while more:
        node = cursor.node
        assert node is not None
        kind = node.type
        docs = kind in grammar.docstrings and node.child_count == 1 and _holds_string(node)
        if not (kind in grammar.comments or docs or kind in _PUNCTUATION or node.is_missing):
            found.append(Spot(node, cursor.field_name, spot))
        more = cursor.goto_next_sibling()
    return found


def _holds_string(node: Node) -> bool:
    held = node.child(0)
    return held is not None and held.type in ("string", "concatenated_string")


def _family(spot: Spot) -> str:
    return _FAMILIES.get(spot.kind, spot.kind)


def _is_text(node: Node) -> bool:
    """Whether white space in a node is part of what it says."""
    kind = node.type
    return "string" in kind or kind.startswith(("char", "rune", "regex", "jsx_text"))


def _is_block(spot: Spot) -> bool:
    """Whether the children of a node are a sequence of any length rather than parts with a role."""
    return spot.kind.endswith(_SEQUENCES) and spot.kind not in _TUPLES


def is_statement(node: Node) -> bool:
    """Whether a node stands for itself in a block, or is a block or clause."""
    return node.type.endswith(
        ("_statement", "_declaration", "_definition", "_item", "_clause", "block", "_body",
         "_case", "_arm", "statement_list", "_list", "arguments", "parameters",
         "formal_parameters", "module", "program", "source_file", "translation_unit")
    )  # fmt: skip


def _are_statements(left: Spot, right: Spot) -> bool:
    return is_statement(left.node) or is_statement(right.node)


def _core(node: Node) -> Node:
    """The expression that a statement is made of, where it holds nothing else."""
    held = named_child(node, 0) if node.type == "expression_statement" else None
    return node if held is None else held
