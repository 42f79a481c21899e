"""Text -> syntax tree within caps on bytes, nodes, depth and CPU time; cached parsers and queries.

Tree-sitter itself parses, frees and queries without recursion; nothing here calls a part of the
binding whose cost grows with depth or siblings (`Node.parent`, `prev_sibling`, `str(node)`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Final

from tree_sitter import Language, Node, Parser, Point, Query, QueryCursor, Tree

from udfs.ast.grammars import GRAMMARS, Grammar

UNSUPPORTED_LANGUAGE: Final = "unsupported_language"
TEXT_TOO_LARGE: Final = "text_too_large"
TREE_TOO_DEEP: Final = "tree_too_deep"
TREE_TOO_LARGE: Final = "tree_too_large"
PARSE_TIMEOUT: Final = "parse_timeout"
REASONS: Final[frozenset[str]] = frozenset(
    {UNSUPPORTED_LANGUAGE, TEXT_TOO_LARGE, TREE_TOO_DEEP, TREE_TOO_LARGE, PARSE_TIMEOUT}
)

# Above this a wide tree makes sampled depths dearer than one walk over all nodes.
_SAMPLED_DEPTH_NODES: Final = 200_000
# Ten times the slowest seen on hostile texts; what stays below its cap needs no clock.
_MOST_MICROS_PER_BYTE: Final = 100
_QUERIED_ERROR_NODES: Final = 5_000


@dataclass(frozen=True)
class Limits:
    """Caps on one text.

    Attributes:
        max_bytes: UTF-8 bytes of the text. Parsing is linear in them, so this is the cap that
            decides, and it decides the same way everywhere.
        max_nodes: nodes of the tree.
        max_depth: levels below the root.
        max_micros: CPU time (of the thread) of the parse, in microseconds: a last line of defence.
    """

    max_bytes: int = 1_000_000
    max_nodes: int = 1_000_000
    max_depth: int = 2_000
    max_micros: int = 20_000_000


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True)
class Group:
    """Node types to find under one name: named ones, and literal tokens."""

    name: str
    named: frozenset[str]
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parsed:
    """A tree within its limits, with the bytes it was parsed from."""

    source: bytes
    tree: Tree
    language: str
    grammar: Grammar

    @property
    def root(self) -> Node:
        """The root node."""
        return self.tree.root_node

    def slice(self, node: Node) -> str:
        """Return the node's source text."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def find(self, *groups: Group, within: Node | None = None) -> dict[str, list[Node]]:
        """Return the nodes of each group by its name, in no certain order.

        A query does it at C speed, but takes quadratic time over an error node with very many
        children, so large trees with errors are walked instead.

        Args:
            groups: what to find.
            within: the node to look in, itself included; the whole tree if None.
        """
        top = self.root if within is None else within
        if top.has_error and top.descendant_count > _QUERIED_ERROR_NODES:
            return _walk_for(top, groups)
        query = _compile(self.language, groups)
        found = QueryCursor(query).captures(top)
        return {group.name: found.get(group.name, []) for group in groups}


class _Parsers(threading.local):
    """Parsers hold state while they parse, so each thread has its own."""

    def __init__(self) -> None:
        self.by_language: dict[str, Parser] = {}


_parsers = _Parsers()


@lru_cache(maxsize=len(GRAMMARS))
def ts_language(language: str) -> Language:
    """Return the tree-sitter language of a supported language name."""
    grammar = GRAMMARS[language]
    return Language(getattr(import_module(grammar.module), grammar.factory)())


@lru_cache(maxsize=256)
def _compile(language: str, groups: tuple[Group, ...]) -> Query:
    return Query(ts_language(language), "\n".join(map(_pattern, groups)))


def _pattern(group: Group) -> str:
    parts = [f"({name})" for name in sorted(group.named)]
    parts += [f'"{token}"' for token in sorted(group.tokens)]
    return f"[{' '.join(parts)}] @{group.name}" if parts else ""


def _walk_for(top: Node, groups: tuple[Group, ...]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {group.name: [] for group in groups}
    named = {kind: found[group.name] for group in groups for kind in group.named}
    tokens = {kind: found[group.name] for group in groups for kind in group.tokens}
    cursor = top.walk()
    while True:
        node = cursor.node
        assert node is not None
        kind = node.type
        if kind in named or kind in tokens:
            wanted = (named if node.is_named else tokens).get(kind)
            if wanted is not None:
                wanted.append(node)
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def in_source_order(nodes: list[Node]) -> list[Node]:
    """Return nodes by where they begin, outer ones first."""
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


def named_child(node: Node, index: int) -> Node | None:
    """Return a named child by its number, from the end when negative; None when there is none."""
    count = node.named_child_count
    index = index + count if index < 0 else index
    return node.named_child(index) if 0 <= index < count else None


def to_bytes(text: str) -> bytes:
    """Return the UTF-8 bytes that all byte spans of this package refer to.

    A lone surrogate has no UTF-8 form and becomes one `?`.
    """
    return text.encode("utf-8", "replace")


def parse(source: bytes, language: str, limits: Limits = DEFAULT_LIMITS) -> Parsed | str:
    """Parse UTF-8 bytes.

    Returns:
        the tree, or one of `REASONS` when there is none within the limits.
    """
    grammar = GRAMMARS.get(language)
    if grammar is None:
        return UNSUPPORTED_LANGUAGE
    if len(source) > limits.max_bytes:
        return TEXT_TOO_LARGE
    tree = _parse_within(source, language, limits.max_micros)
    if tree is None:
        return PARSE_TIMEOUT
    if tree.root_node.descendant_count > limits.max_nodes:
        return TREE_TOO_LARGE
    if _is_deeper(tree, limits.max_depth):
        return TREE_TOO_DEEP
    return Parsed(source, tree, language, grammar)


def _parse_within(source: bytes, language: str, max_micros: int) -> Tree | None:
    parser = _parsers.by_language.get(language)
    if parser is None:
        parser = _parsers.by_language[language] = Parser(ts_language(language))
    if len(source) * _MOST_MICROS_PER_BYTE <= max_micros:
        return parser.parse(source)
    # CPU time, not wall time: a loaded machine must not change what is parsed.
    deadline = time.thread_time_ns() + max_micros * 1_000
    cancelled = False
    steps = 0

    def read(offset: int, _point: Point) -> bytes:
        return source[offset:]

    def is_late(_offset: int, _has_error: bool) -> bool:
        nonlocal cancelled, steps
        steps += 1
        # Reading the clock costs more than a step of the parser.
        cancelled = steps % 16 == 0 and time.thread_time_ns() > deadline
        return cancelled

    try:
        return parser.parse(read, progress_callback=is_late)
    except ValueError:
        if not cancelled:
            raise
        # Without this the next parse would resume the cancelled one.
        parser.reset()
        return None


def _is_deeper(tree: Tree, max_depth: int) -> bool:
    """Say whether any node lies more than `max_depth` levels below the root.

    Jumping to every k-th node in preorder sees at least the deepest level minus k, so for usual
    trees a few jumps decide; otherwise all nodes are walked.
    """
    nodes = tree.root_node.descendant_count
    if nodes <= max_depth:
        return False
    stride = max(1, max_depth // 2)
    if nodes <= _SAMPLED_DEPTH_NODES:
        cursor = tree.walk()
        deepest = 0
        for index in range(0, nodes, stride):
            cursor.goto_descendant(index)
            deepest = max(deepest, cursor.depth)
        if deepest > max_depth:
            return True
        if deepest + stride <= max_depth:
            return False
    return _walk_is_deeper(tree, max_depth)


def _walk_is_deeper(tree: Tree, max_depth: int) -> bool:
    cursor = tree.walk()
    depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            if depth > max_depth:
                return True
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
            depth -= 1
