"""Which parts of a large file a change needs as context: enclosing definitions and imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from udfs.ast.outline import Definition, Owners
from udfs.ast.parsing import Group, Parsed, in_source_order
from udfs.ast.source import Source

# A definition above this is no useful cut any more: the next inner one stands in, or a window.
MAX_DEFINITION_LINES: Final = 200
# Lines shown on each side of a line that no definition holds.
WINDOW_LINES: Final = 5


@dataclass(frozen=True, order=True)
class Span:
    """Lines of a text, 1-based and inclusive; the name is empty outside of definitions."""

    start_line: int
    end_line: int
    qualified_name: str = ""


def enclosing_definitions(
    source: Source,
    lines: Iterable[int],
    *,
    max_lines: int = MAX_DEFINITION_LINES,
    window: int = WINDOW_LINES,
) -> tuple[Span, ...]:
    """Return the parts of a text that a change of these lines (1-based) needs as context.

    A line gives the outermost function around it that has at most `max_lines`; failing that, and
    outside of functions, the lines up to `window` away. The header lines of each type around it
    are given too. Overlapping parts are merged under the first of their names.

    Returns:
        spans in order, apart from each other. Without a tree, only windows.
    """
    text = source.text
    count = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    wanted = sorted({min(max(line, 1), count) for line in lines}) if count else []
    if not wanted:
        return ()
    parsed, outline = source.parsed, source.outline
    spans: set[Span] = set()
    if isinstance(parsed, str) or outline is None:
        spans.update(_window(line, count, window) for line in wanted)
    else:
        holders = _holders(outline.definitions, wanted)
        for line, around in zip(wanted, holders, strict=True):
            spans.update(_context(parsed, around, max_lines, _window(line, count, window)))
    return _merge(spans)


def import_lines(source: Source) -> tuple[tuple[int, int], ...]:
    """Return the (first, last) lines of imports, includes and package clauses, merged, in order.

    Imports within a function are left out; JavaScript's `const a = require("b")` counts.
    """
    parsed, outline = source.parsed, source.outline
    if isinstance(parsed, str) or outline is None:
        return ()
    owners = Owners((item.core, item.end) for item in outline.functions)
    found = parsed.find(
        Group("import", parsed.grammar.imports),
        Group("declaration", parsed.grammar.declarations),
    )
    nodes = found["import"] + [node for node in found["declaration"] if _is_require(parsed, node)]
    spans = set()
    for node in in_source_order(nodes):
        if owners.of(node.start_byte) < 0:
            end = node.end_point
            last = end.row if end.column == 0 and end.row > node.start_point.row else end.row + 1
            spans.add(Span(node.start_point.row + 1, last))
    return tuple((span.start_line, span.end_line) for span in _merge(spans, gap=1))


def _is_require(parsed: Parsed, declaration: Node) -> bool:
    start = declaration.start_byte
    head = parsed.source[start : min(declaration.end_byte, start + 2_000)]
    return head.partition(b"=")[2].lstrip().startswith(b"require(")


def _window(line: int, count: int, size: int) -> Span:
    return Span(max(1, line - size), min(count, line + size))


def _holders(definitions: tuple[Definition, ...], lines: list[int]) -> list[list[Definition]]:
    """Return the definitions around each line (in order), outermost first."""
    pending = sorted(definitions, key=lambda item: (item.start_line, -item.end_line))
    around: list[list[Definition]] = []
    open_items: list[Definition] = []
    index = 0
    for line in lines:
        while index < len(pending) and pending[index].start_line <= line:
            open_items.append(pending[index])
            index += 1
        open_items = [item for item in open_items if item.end_line >= line]
        around.append(list(open_items))
    return around


def _context(parsed: Parsed, around: list[Definition], max_lines: int, window: Span) -> list[Span]:
    functions = [
        item for item in around if not item.is_type and item.end_line - item.start_line < max_lines
    ]
    if functions:
        chosen = functions[0]
        spans = [Span(chosen.start_line, chosen.end_line, chosen.qualified_name)]
    else:
        spans = [window]
    for item in around:
        if item.is_type and item.end_line > item.start_line:
            header = parsed.source[item.start : item.header_end].rstrip()
            last = item.start_line + header.count(b"\n")
            spans.append(Span(item.start_line, last, item.qualified_name))
    return spans


def _merge(spans: set[Span], gap: int = 0) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start_line <= merged[-1].end_line + gap:
            last = merged[-1]
            merged[-1] = Span(
                last.start_line,
                max(last.end_line, span.end_line),
                last.qualified_name or span.qualified_name,
            )
        else:
            merged.append(span)
    return tuple(merged)
