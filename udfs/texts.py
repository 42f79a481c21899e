"""What the bytes of a file are: a text, in which charset, or none."""

from __future__ import annotations

from typing import NamedTuple

from udfs.encodings import UTF16, decode_text, is_utf16
from udfs.odd_characters import odd_characters

_PROBE = 8000  # bytes that git itself looks at


class Text(NamedTuple):
    """What some bytes hold.

    Attributes:
        is_binary: git calls them binary: a NUL is among the first 8,000.
        text: the text; None for what is none. UTF-16 is one that git calls binary.
        encoding: charset that gives the same bytes again; None for UTF-8.
        odd_characters: kinds of invisible characters in it; None if there are none.
    """

    is_binary: bool
    text: str | None
    encoding: str | None
    odd_characters: list[str] | None


def read_text(data: bytes) -> Text:
    """Decode the bytes of a file, unless it is binary."""
    is_binary = b"\0" in data[:_PROBE]
    if is_binary and not is_utf16(data):
        return Text(True, None, None, None)
    text, encoding = decode_text(data)
    if is_binary and encoding not in UTF16:
        return Text(True, None, None, None)
    return Text(is_binary, text, encoding, list(odd_characters(text)) or None)
