"""A text as the tokens that matter: what is left when layout and comments are taken away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from udfs.ast.parsing import DEFAULT_LIMITS, Limits, Parsed, parse, to_bytes
from udfs.ast.source import Source

# Stand for layout that has meaning; no source token can hold them.
END_OF_STATEMENT: Final = "\x1e"
INDENT: Final = "\x0e"
DEDENT: Final = "\x0f"
LAYOUT: Final = frozenset({END_OF_STATEMENT, INDENT, DEDENT})

# Around what differs: a comment that is added changes how far the blocks around it reach.
_MARGIN_LINES: Final = 5

_OPENERS: Final = frozenset("([{<,")
_CLOSERS: Final = frozenset(")]}>")


@dataclass(frozen=True)
class TokenStream:
    """The tokens of a text, where each begins (bytes), and which ones are identifiers.

    Layout begins where what it belongs to does: the statement that ends, the holder of the block.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    identifiers: tuple[bool, ...]


def code_tokens(
    text: str, language: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[str, ...] | None:
    """Return the tokens of `text` without comments and meaningless layout.

    Two texts with equal tokens differ in formatting and comments alone. Left out are comments,
    white space, trailing commas that mean nothing, statement-ending semicolons and the choice
    between `'` and `"` where the language makes them optional. Kept are docstrings, the text of
    strings, and layout that has meaning (control characters stand for it: ends of statements and,
    in Python, blocks).

    Returns:
        the tokens, or None when the text has no tree within the limits.
    """
    parsed = parse(to_bytes(text), language, limits)
    return None if isinstance(parsed, str) else read_tokens(parsed).texts


def structure_tokens(
    text: str, language: str, limits: Limits = DEFAULT_LIMITS
) -> tuple[str, ...] | None:
    """Return `code_tokens` with identifiers as `$0`, `$1`, ... by first appearance.

    Equal for two texts that differ in names alone; None when there is no tree within the limits.
    """
    parsed = parse(to_bytes(text), language, limits)
    if isinstance(parsed, str):
        return None
    stream = read_tokens(parsed)
    return canonical(zip(stream.texts, stream.identifiers, strict=True))


def same_code(before: Source, after: Source) -> bool | None:
    """Say whether two texts differ in formatting, comments and docstrings alone.

    None when that cannot be told.

    What stands the same at the beginning and at the end of both is not read, unless a text has
    errors, since these may reach beyond the lines that differ.
    """
    old, new = before.parsed, after.parsed
    if isinstance(old, str) or isinstance(new, str):
        return None
    if old.root.has_error or new.root.has_error:
        return read_tokens(old, docs=False).texts == read_tokens(new, docs=False).texts
    texts = [
        [text for text in read_tokens(side, [span], docs=False).texts if text]
        for side, span in zip((old, new), _differing(old.source, new.source), strict=True)
    ]
    return texts[0] == texts[1]


def _differing(old: bytes, new: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return which bytes of each side hold all differences, with some lines around them."""
    left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
    most = min(len(left), len(right))
    first = next((at for at in range(most) if left[at] != right[at]), most)
    most -= first
    last = next((at for at in range(most) if left[-1 - at] != right[-1 - at]), most)
    first, last = max(0, first - _MARGIN_LINES), max(0, last - _MARGIN_LINES)
    start = sum(map(len, left[:first]))
    tail = sum(map(len, left[len(left) - last :]))
    return (start, len(old) - tail), (start, len(new) - tail)


def canonical(tokens: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Return the tokens with those marked as identifiers renamed by first appearance."""
    numbers: dict[str, int] = {}
    return tuple(
        f"${numbers.setdefault(text, len(numbers))}" if is_name else text
        for text, is_name in tokens
    )


def read_tokens(
    parsed: Parsed, spans: Sequence[tuple[int, int]] | None = None, *, docs: bool = True
) -> TokenStream:
    """Return the tokens of a parsed text, by one walk without recursion.

    Args:
        parsed: The tree.
        spans: Byte spans (end exclusive), sorted and apart from each other. When given, a subtree
            that meets none of them is passed over: one empty text stands in its place.
        docs: Whether docstrings are kept.
    """
    writer = _Writer(parsed, docs=docs)
    ends = [end for _, end in spans or ()]
    cursor = parsed.tree.walk()
    ancestors: list[Node] = []
    while True:
        node = cursor.node
        assert node is not None
        if spans is not None and _is_apart(node, spans, ends):
            writer.pass_over(node)
        else:
            if not writer.takes_whole(node, ancestors) and cursor.goto_first_child():
                writer.enter(node, ancestors)
                ancestors.append(node)
                continue
            writer.leave(node, ancestors)
        while ancestors and not cursor.goto_next_sibling():
            cursor.goto_parent()
            writer.leave(ancestors.pop(), ancestors)
        if not ancestors:
            writer.fill_to(len(parsed.source))
            return TokenStream(tuple(writer.texts), tuple(writer.starts), tuple(writer.identifiers))


def _is_apart(node: Node, spans: Sequence[tuple[int, int]], ends: Sequence[int]) -> bool:
    start, end = node.start_byte, node.end_byte
    if start == end:
        return False
    index = bisect_right(ends, start)
    return index == len(spans) or spans[index][0] >= end


def _holder(block: Node, ancestors: Sequence[Node]) -> Node:
    return ancestors[-1] if ancestors else block


class _Writer:
    """Collects tokens; bytes that no leaf covers are kept too, so nothing but layout is lost."""

    def __init__(self, parsed: Parsed, *, docs: bool) -> None:
        self._parsed = parsed
        self._grammar = parsed.grammar
        self._docs = docs
        self._position = 0
        self._comma_parent = -1
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.identifiers: list[bool] = []

    def enter(self, node: Node, ancestors: Sequence[Node]) -> None:
        """Mark the beginning of a block."""
        if node.type in self._grammar.indents:
            self._add(INDENT, _holder(node, ancestors).start_byte)

    def leave(self, node: Node, ancestors: Sequence[Node]) -> None:
        """Mark the end of blocks and statements, once all of `node` has been seen."""
        if node.type in self._grammar.indents:
            self.fill_to(node.end_byte)
            self._add(DEDENT, _holder(node, ancestors).start_byte)
        if (
            ancestors
            and node.is_named
            and ancestors[-1].type in self._grammar.blocks
            and not self._is_comment(node)
        ):
            self.fill_to(node.end_byte)
            self._add(END_OF_STATEMENT, node.start_byte)

    def pass_over(self, node: Node) -> None:
        """Leave a node unread."""
        self.fill_to(node.start_byte)
        self._position = max(self._position, node.end_byte)
        self._add("", node.start_byte)

    def takes_whole(self, node: Node, ancestors: Sequence[Node]) -> bool:
        """Write a node as one token when it is one; say whether its children are done with."""
        kind = node.type
        if self._is_comment(node):
            self.fill_to(node.start_byte)
            self._position = max(self._position, node.end_byte)
            return True
        is_leaf = node.child_count == 0
        if not is_leaf and kind not in self._grammar.quotes:
            return False
        text = self._parsed.slice(node)
        if not is_leaf:
            plain = _with_one_quote_style(text)
            if plain is None:
                return False
            text = plain
        self.fill_to(node.start_byte)
        self._position = max(self._position, node.end_byte)
        if kind == "jsx_text":
            text = _jsx_text(text)
        elif self._is_layout(node, text, ancestors):
            return True
        if text:
            self._write(node, text, ancestors)
        return True

    def _is_comment(self, node: Node) -> bool:
        if node.type in self._grammar.comments:
            return True
        if self._docs or node.type not in self._grammar.docstrings or node.child_count != 1:
            return False
        held = node.child(0)
        return held is not None and held.type in ("string", "concatenated_string")

    def fill_to(self, byte: int) -> None:
        """Write what no leaf covered."""
        if byte > self._position:
            gap = self._parsed.source[self._position : byte].strip()
            if gap:
                self._add(gap.decode("utf-8", "replace"), self._position)
            self._position = byte

    def _is_layout(self, node: Node, text: str, ancestors: Sequence[Node]) -> bool:
        if node.is_missing or (not node.is_named and not text.strip()):
            return True
        holder = ancestors[-1].type if ancestors else ""
        return (
            text == ";"
            and bool(self._grammar.blocks)
            and holder not in ("for_statement", "for_clause", "empty_statement")
        )

    def _write(self, node: Node, text: str, ancestors: Sequence[Node]) -> None:
        parent = ancestors[-1].id if ancestors else -1
        if text in _CLOSERS and self._ends_with_idle_comma(parent, ancestors):
            for column in (self.texts, self.starts, self.identifiers):
                column.pop()
        if text == ",":
            self._comma_parent = parent
        self._add(text, node.start_byte, is_identifier="identifier" in node.type)

    def _ends_with_idle_comma(self, parent: int, ancestors: Sequence[Node]) -> bool:
        return (
            len(self.texts) > 1
            and self.texts[-1] == ","
            and self.texts[-2] not in _OPENERS
            and ancestors[-1].type in self._grammar.commas
            and self._comma_parent == parent
        )

    def _add(self, text: str, start: int, *, is_identifier: bool = False) -> None:
        self.texts.append(text)
        self.starts.append(start)
        self.identifiers.append(is_identifier)


def _with_one_quote_style(text: str) -> str | None:
    """Return a string literal with double quotes, or None when the style may matter."""
    quote = text[-1:]
    prefix, opened, rest = text.partition(quote)
    inner = rest[:-1]
    if quote not in ("'", '"') or not opened or not (prefix == "" or prefix.isalpha()):
        return None
    if "f" in prefix.lower() or "t" in prefix.lower():
        return None
    if any(mark in inner for mark in ("'", '"', "\\")):
        return None
    return f'{prefix}"{inner}"'


def _jsx_text(text: str) -> str:
    """Return JSX text as React sees it: line breaks and the space around them collapse."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    trimmed = [lines[0].rstrip(), *(line.strip() for line in lines[1:-1]), lines[-1].lstrip()]
    return " ".join(line for line in trimmed if line)
