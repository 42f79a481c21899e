"""The charset of a text that does not say it: bytes become text only where none is lost."""

import codecs

# What Python offers as encodings of text besides charsets; some give lone surrogates, which a table
# cannot hold, or take quadratic time.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
_MARKED = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UTF16 = tuple(charset for _, charset in _MARKED)
# Windows-1252 has no character for five bytes; ISO-8859-1 has one for every byte.
_GUESSED = ("windows-1252", "iso-8859-1")


def is_utf16(raw: bytes) -> bool:
    """Whether some bytes start with the byte order mark of UTF-16."""
    return any(raw.startswith(mark) for mark, _ in _MARKED)


def decode_text(raw: bytes) -> tuple[str, str | None]:
    """Decode a text of an unknown charset; a byte order mark stays its first character.

    Returns:
        The text, and None for UTF-8 or else the charset that gives the same bytes again: UTF-16 by
        its mark, or Windows-1252 or ISO-8859-1, which is a guess.

    """
    marked = [charset for mark, charset in _MARKED if raw.startswith(mark)]
    for charset in ("utf-8", *marked, *_GUESSED):
        try:
            text = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        if charset in UTF16 and "\0" in text:
            continue  # UTF-32, or no text at all
        return text, None if charset == "utf-8" else charset
    raise AssertionError("ISO-8859-1 decodes every byte")


def decode_declared(raw: bytes, charset: str) -> str | None:
    """Decode a text by the charset that somebody declared.

    Returns:
        The text, or None where the charset is unknown or does not give the same bytes again.

    """
    try:
        if codecs.lookup(charset).name.replace("_", "-") in _NO_CHARSETS:
            return None
        text = raw.decode(charset)
        text.encode("utf-8")
        return text if text.encode(charset) == raw else None
    except (LookupError, ValueError):
        return None
