"""What stands around the words of a text in Markdown, as GitHub reads it."""

from __future__ import annotations

import re2

HIDDEN = re2.compile(r"(?s)<!--.*?(?:-->|$)")
IMAGE = re2.compile(r"(?i)!\[[^\]]*\]\([^()\s]{0,1000}\)|<img\b[^<>]*>")
TAG = re2.compile(r"(?i)</?(?:details|summary|p|br|b|i|em|strong|div|span|sub|sup)\b[^<>]*>")
# A fence, and what it says of its code.
FENCE = re2.compile(r"^[ \t]{0,3}(```+|~~~+)[ \t]*([\w-]*)")
_BLANK_LINES = re2.compile(r"\n{3,}")


def plain_lines(text: str) -> str:
    """A text with line feeds alone between its lines, and no NUL, which no table takes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def closes(line: str, fence: str) -> bool:
    """Whether a line ends the code that a fence began."""
    text = line.strip()
    return text.startswith(fence) and not text.strip(fence[0])


def paragraphs(text: str) -> str:
    """A text with one blank line, at most, between any two others."""
    return str(_BLANK_LINES.sub("\n\n", text)).strip()
