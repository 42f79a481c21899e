"""The pieces of a text that are read one by one: prose, fenced code, the sides of a diff."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import re2

from udfs.diffs import split_lines
from udfs.language import detect_language
from udfs.markdown import FENCE, closes

_HUNK: Final = re2.compile(r"^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_HEAD: Final = ("--- ", "index ", "new ", "old ", "deleted ", "similarity ", "rename ", "copy ")
_ALIASES: Final = {
    "py": "python",
    "python3": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "golang": "go",
    "rs": "rust",
    "c++": "cpp",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text.

    Attributes:
        text: its lines.
        language: what they are written in; None where nothing says it.
        own: where each line begins in `text`.
        places: where each line begins in the whole.
    """

    text: str
    language: str | None
    own: tuple[int, ...]
    places: tuple[int, ...]

    def place(self, position: int) -> int:
        """Where in the whole a character of the segment stands."""
        line = bisect_right(self.own, position) - 1
        return self.places[line] + position - self.own[line]


@dataclass(slots=True)
class _Lines:
    language: str | None
    texts: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def add(self, text: str, place: int) -> None:
        self.texts.append(text)
        self.places.append(place)

    def segment(self) -> Iterator[Segment]:
        if any(text.strip() for text in self.texts):
            own, length = [], 0
            for text in self.texts:
                own.append(length)
                length += len(text)
            yield Segment("".join(self.texts), self.language, tuple(own), tuple(self.places))


class _Sides:
    """The sides of one file of a diff, over all its hunks."""

    def __init__(self, language: str | None) -> None:
        self._after, self._added, self._removed = (_Lines(language) for _ in range(3))
        self._is_broken_up = False
        self._last = ""

    def add(self, mark: str, text: str, place: int) -> None:
        if mark == "-":
            self._removed.add(text, place)
            return
        self._after.add(text, place)
        if mark == "+":
            self._is_broken_up |= self._last == " " and bool(self._added.texts)
            self._added.add(text, place)
        self._last = mark

    def segments(self) -> Iterator[Segment]:
        """The text after; what was added, where other lines stand between; what was removed."""
        yield from self._after.segment()
        if self._is_broken_up:
            yield from self._added.segment()
        yield from self._removed.segment()


def read_segments(text: str, language: str | None) -> Iterator[Segment]:
    """The pieces of a text, in no certain order; each character that counts is in one at least.

    Args:
        text: prose, code, Markdown with fences, or a diff, also one within the others.
        language: of code where nothing else says it.
    """
    plain, fence, fenced = _Lines(language), "", _Lines(None)
    sides, before, after, is_head = _Sides(language), 0, 0, False
    end = 0
    for line in split_lines(text):
        place, end = end, end + len(line)
        mark = line[0]
        if before + after > 0 and mark in "+- \n\r":
            before -= mark != "+"
            after -= mark != "-"
            signed = mark in "+- "  # some mailers drop the blank of an empty line
            sides.add(mark if signed else " ", line[signed:], place + signed)
        elif (header := _HUNK.match(line)) is not None:
            before, after = (1 if count is None else int(count) for count in header.groups())
            is_head = False
        elif (is_head and line.startswith(_HEAD)) or line.startswith("\\ No newline"):
            continue
        elif line.startswith(("diff --git ", "+++ b/")):  # either says how the file is called
            before, after, is_head = 0, 0, True
            yield from sides.segments()
            sides = _Sides(detect_language(line.rstrip().rstrip('"')))
        elif fence:
            if closes(line, fence):
                yield from fenced.segment()
                fence = ""
            else:
                fenced.add(line, place)
        elif (opening := FENCE.match(line)) is not None:
            fence, tag = opening.group(1), opening.group(2).lower()
            fenced = _Lines(_ALIASES.get(tag, tag) or language)
        else:
            plain.add(line, place)
    yield from plain.segment()
    yield from fenced.segment() if fence else ()
    yield from sides.segments()
