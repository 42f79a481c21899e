"""Which comment or docstring documents a definition, and its bare text."""

from __future__ import annotations

import ast
import inspect
import warnings
from bisect import bisect_right
from typing import Final

from tree_sitter import Node

from udfs.ast.parsing import Parsed, named_child

_BLOCK_OPENINGS: Final = ("/**", "/*!", "/*")
_LINE_OPENINGS: Final = ("///", "//!", "//")


def python_docstring(parsed: Parsed, body: Node) -> str | None:
    """Return the cleaned docstring of a Python block, as `ast.get_docstring` does.

    Source: the language reference, "documentation strings"; cleaning is PEP 257's.
    """
    cursor = body.walk()
    if not cursor.goto_first_child():
        return None
    while cursor.node is not None and cursor.node.type == "comment":
        if not cursor.goto_next_sibling():
            return None
    statement = cursor.node
    if statement is None or statement.type != "expression_statement":
        return None
    literal = named_child(statement, 0)
    if literal is None or statement.named_child_count != 1:
        return None
    if literal.type not in ("string", "concatenated_string"):
        return None
    value = _string_value(parsed.slice(literal))
    return None if value is None else inspect.cleandoc(value) or None


def _string_value(literal: str) -> str | None:
    """Return the value of one or more adjacent Python string literals, None for other kinds."""
    for quote in ('"""', "'''"):
        inner = literal[3:-3]
        plain = not any(mark in inner for mark in ("\\", "\r", "\0", quote))
        if plain and literal == f"{quote}{inner}{quote}":
            return inner
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


class Leading:
    """The comments, attributes and decorators of a file, found by what they stand above.

    Looks only at the bytes around a definition, so that all of them together cost linear time.
    """

    def __init__(self, parsed: Parsed, comments: list[Node], prefixes: list[Node]) -> None:
        self._source = parsed.source
        self._markers = parsed.grammar.doc_markers
        self._comments = sorted(self._stripped(node) for node in comments)
        self._comment_ends = [end for _, end in self._comments]
        self._prefixes = {end: start for start, end in map(self._stripped, prefixes)}
        self._comment_starts = {end: start for start, end in self._comments}
        self._trimmed: dict[int, int] = {}

    def _stripped(self, node: Node) -> tuple[int, int]:
        # Some grammars put the line break into a line comment.
        start, end = node.start_byte, node.end_byte
        while end > start and self._source[end - 1] in b"\r\n":
            end -= 1
        return start, end

    def _before_space(self, position: int, spaces: bytes, breaks: int = 0) -> int:
        """Return where the run of `spaces`, with at most so many line breaks, begins."""
        while position > 0:
            byte = self._source[position - 1]
            if byte == 0x0A and breaks > 0:
                breaks -= 1
            elif byte not in spaces:
                break
            position -= 1
        return position

    def above(self, start: int) -> tuple[int, str | None]:
        """Return where the definition at byte `start` begins with its prefixes, and its doc text.

        A comment belongs to a definition when it begins its own line and ends on the line before
        it (attributes and decorators may stand between), and opens as documentation does.
        """
        begin = position = start
        comments: list[str] = []
        while True:
            end = self._before_space(position, b" \t\r\f", breaks=1)
            if end in self._prefixes:
                begin = position = self._prefixes[end]
                continue
            comment_start = self._comment_starts.get(end)
            if comment_start is None or not self._takes(comment_start, end, comments):
                return begin, _clean(list(reversed(comments)))
            position = comment_start

    def _takes(self, start: int, end: int, comments: list[str]) -> bool:
        comment = self._source[start:end].decode("utf-8", "replace")
        if not comment.startswith(self._markers):
            return False
        # A block comment stands alone; line comments make a run.
        if comments and (comment.startswith("/*") or comments[-1].startswith("/*")):
            return False
        line = self._before_space(start, b" \t")
        if line > 0 and self._source[line - 1] != 0x0A:
            return False
        comments.append(comment)
        return True

    def end_without_comments(self, end: int) -> int:
        """Return the end of a definition moved back over the comments that close it."""
        passed = []
        while end not in self._trimmed and end in self._comment_starts:
            passed.append(end)
            end = self._before_space(self._comment_starts[end], b" \t\r\n\f")
        end = self._trimmed.get(end, end)
        self._trimmed.update(dict.fromkeys(passed, end))
        return end

    def without_comments(self, start: int, end: int) -> str:
        """Return the source of a span, a space for each comment and each run of white space."""
        parts = []
        for index in range(bisect_right(self._comment_ends, start), len(self._comments)):
            comment_start, comment_end = self._comments[index]
            if comment_start >= end:
                break
            parts.append(self._source[start:comment_start])
            start = min(comment_end, end)
        parts.append(self._source[start:end])
        return " ".join(b" ".join(parts).decode("utf-8", "replace").split())


def _clean(comments: list[str]) -> str | None:
    lines = [""]
    for comment in comments:
        if comment.startswith("/*"):
            lines = _block_lines(comment)
        elif not _is_directive(comment):
            opening = next(mark for mark in _LINE_OPENINGS if comment.startswith(mark))
            # The empty first line keeps `cleandoc` from treating it unlike the others.
            lines.append(comment[len(opening) :].removeprefix(" "))
    return inspect.cleandoc("\n".join(lines)).strip() or None


def _block_lines(comment: str) -> list[str]:
    opening = next(mark for mark in _BLOCK_OPENINGS if comment.startswith(mark))
    inner = comment[len(opening) :].removesuffix("*/").rstrip("*")
    first, *rest = inner.splitlines() or [""]
    stripped = [line.strip() for line in rest]
    bare = [line.removeprefix("*").removeprefix(" ") for line in stripped]
    return [first.strip(), *bare]


def _is_directive(comment: str) -> bool:
    """Say whether a comment is a Go directive such as `//go:build`, which `go doc` leaves out."""
    word = comment.removeprefix("//").partition(" ")[0]
    tool, colon, verb = word.partition(":")
    return bool(colon and verb) and tool.isalnum() and tool.islower()
