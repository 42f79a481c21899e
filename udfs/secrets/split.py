"""Secrets that are written in pieces: `"ghp_…" + "…"`, literals side by side, lines that go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import re2

from udfs.secrets.spans import Span, compiled

# Between two pieces: the quotes, an operator of concatenation, one end of line with the mark of a
# diff; or a backslash at the end of the line.
_SEAM: Final = (
    rb"(?:[\"'`][ \t]*(?:\+|\.\.?|\\|&|<>|~|\|\||\+\+)?[ \t]*\\?(?:\r?\n[ +-]?[ \t]*)?"
    rb"(?:\+|\.\.?|&|<>|~|\|\||\+\+)?[ \t]*[fFrRbBuU]?[\"'`]|\\\r?\n[ +-]?[ \t]*)"
)
_PIECE: Final = rb"[!#-&(-\[\]-_a-~]{2,}"
PIECES: Final = rb"[\"'`]" + _PIECE + _SEAM + rb"[!#-&(-\[\]-_a-~]{2}"
_CHAIN: Final = compiled(rb"[\"'`](" + _PIECE + rb"(?:" + _SEAM + _PIECE + rb")+)(?:[\"'`]|$)")
_BETWEEN: Final = re2.compile(_SEAM)
_NAME: Final = compiled(rb"([\w.-]{2,80}[\"']?\]?[ \t]*(?:=>|:=|=|:|\())[ \t]*\(?\s*$")
_BEFORE: Final = 160


def find_split(data: bytes, find: Callable[[bytes], Iterable[Span]]) -> Iterator[Span]:
    """What `find` finds in the pieces put together: the first piece takes the placeholder."""
    for match in _CHAIN.finditer(data):
        start, end = match.span(1)
        chain = data[start:end]
        cuts = [seam.span() for seam in _BETWEEN.finditer(chain)]
        edges = [0, *(place for cut in cuts for place in cut), len(chain)]
        pieces = list(zip(edges[::2], edges[1::2], strict=True))
        name = _NAME.search(data[max(0, start - 1 - _BEFORE) : start - 1])
        head = (name.group(1) if name else b"") + b' "'
        joined = head + b"".join(chain[left:right] for left, right in pieces) + b'"'
        for span in find(joined):
            yield from _pieces_of(span, pieces, start, len(head))


def _pieces_of(
    span: Span, pieces: list[tuple[int, int]], start: int, position: int
) -> Iterator[Span]:
    """The parts of a span of the joined text, at the places where its pieces stand."""
    is_rest = False
    for left, right in pieces:
        first = max(span.start, position)
        last = min(span.end, position + right - left)
        if first < last:
            shift = start + left - position
            yield Span(first + shift, last + shift, span.kind, span.value, is_rest)
            is_rest = True
        position += right - left
