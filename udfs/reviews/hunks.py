"""The hunk that a review comment stands on, as GitHub keeps it: cut off after the last line.

Its header counts the lines of the whole hunk, so that it is no patch; the last line is the one that
is commented on, or the last of several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import re2

_HEADER = re2.compile(r"^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@(.*)$")


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of a text, from 1, both ends included.

    With `is_gap` nothing of the text itself is meant but what was removed under its line `last`.
    """

    first: int
    last: int
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class ReviewedHunk:
    """A hunk up to the line that is commented on.

    Attributes:
        before_start: number of its first line in the text before; 0 in a new file.
        after_start: number of its first line in the text after.
        heading: what git wrote behind the numbers, such as the name of a function.
        lines: mark (" ", "-" or "+") and text without its line end.
        span: lines of the text after that are commented on.
    """

    before_start: int
    after_start: int
    heading: str
    lines: tuple[tuple[str, str], ...]
    span: Span

    @property
    def is_new_file(self) -> bool:
        """Whether the file did not exist before."""
        return self.before_start == 0

    def _numbered(self, side: str) -> Iterator[tuple[int, str]]:
        number = self.after_start if side == "+" else self.before_start
        for mark, text in self.lines:
            if mark in (" ", side):
                yield number, text
                number += 1

    def commented(self) -> tuple[str, ...]:
        """The lines that are commented on, from the text after, or the removed one."""
        if self.span.is_gap:
            return (self.lines[-1][1],)
        found = self._numbered("+")
        return tuple(text for number, text in found if number >= self.span.first)

    def fits(self, text: str, side: str) -> bool:
        """Whether a text holds the hunk's lines where the hunk has them.

        Args:
            text: the text of the file before or after.
            side: "-" for the text before, "+" for the text after.
        """
        lines = text.split("\n")
        return all(
            0 < number <= len(lines) and lines[number - 1].rstrip("\r") == line.rstrip("\r")
            for number, line in self._numbered(side)
        )

    def removed(self) -> tuple[str, ...]:
        """The lines that it removes."""
        return tuple(text for mark, text in self.lines if mark == "-")

    def over(self, after: str, before: str | None, removed: Sequence[str]) -> ReviewedHunk:
        """The same hunk over texts of as many lines, some of which read otherwise.

        Args:
            after: what the text after became, which the hunk fits.
            before: what the text before became; None where it is not known.
            removed: what the lines that it removes became, for where `before` is None.
        """
        sides = {"+": after.split("\n"), "-": (before or "").split("\n")}
        alone = iter(removed)
        at_before, at_after = self.before_start, self.after_start
        lines: list[tuple[str, str]] = []
        for mark, text in self.lines:
            if mark != "-":
                line = sides["+"][at_after - 1]
            else:
                line = next(alone)
                line = line if before is None else sides["-"][at_before - 1]
            ending = "\r" if text.endswith("\r") else ""
            lines.append((mark, line.rstrip("\r") + ending))
            at_before += mark != "+"
            at_after += mark != "-"
        return replace(self, lines=tuple(lines))

    def before_line(self) -> int:
        """Number of the line of the text before that is commented on, or next to which it is."""
        count = sum(mark != "+" for mark, _ in self.lines)
        return max(self.before_start + count - 1, 1)

    def shown(self, most: int) -> str:
        """The hunk as a patch would have it, or its last lines where it has more than `most`."""
        cut = max(0, len(self.lines) - most)
        dropped, kept = self.lines[:cut], self.lines[cut:]
        starts = [
            start + sum(mark in (" ", side) for mark, _ in dropped)
            for start, side in ((self.before_start, "-"), (self.after_start, "+"))
        ]
        counts = [sum(mark in (" ", side) for mark, _ in kept) for side in "-+"]
        header = f"@@ -{starts[0]},{counts[0]} +{starts[1]},{counts[1]} @@"
        heading = self.heading if not dropped else ""
        return "\n".join([header + heading, *(mark + text for mark, text in kept)]) + "\n"


def read_hunk(text: str | None, first_line: int | None = None) -> ReviewedHunk | None:
    """Read the hunk of a comment.

    Args:
        text: what GitHub calls `diff_hunk`.
        first_line: the first of several lines of the text after that are commented on.

    Returns:
        The hunk; None where there is none, as for a comment on a whole file.
    """
    header, _, rest = (text or "").partition("\n")
    match = _HEADER.match(header)
    if match is None or not rest:
        return None
    before_start, after_start = int(match.group(1)), int(match.group(2))
    lines = tuple(
        (line[:1] or " ", line[1:])
        for line in rest.rstrip("\n").split("\n")
        if not line.startswith("\\")
    )
    if not lines or any(mark not in (" ", "-", "+") for mark, _ in lines):
        return None
    last = after_start - 1 + sum(mark != "-" for mark, _ in lines)
    if lines[-1][0] == "-":
        span = Span(last, last, is_gap=True)
    else:
        is_inside = first_line is not None and after_start <= first_line <= last
        span = Span(first_line if is_inside and first_line is not None else last, last)
    return ReviewedHunk(before_start, after_start, match.group(3).rstrip(), lines, span)
