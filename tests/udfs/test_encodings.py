"""Bytes become text only where the same bytes can be had again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.encodings import UTF16, decode_declared, decode_text, is_utf16


@pytest.mark.parametrize(
    ("raw", "text", "charset"),
    [
        (b"", "", None),
        ("grüße\n".encode(), "grüße\n", None),
        (b"\xef\xbb\xbfx = 1\n", "\ufeffx = 1\n", None),
        (b"x = '\xe9'\n", "x = 'é'\n", "windows-1252"),
        (b"\x93quoted\x94 \x80 5", "“quoted” € 5", "windows-1252"),
        (b"\x81 has no character there: \xe9", "\x81 has no character there: é", "iso-8859-1"),
        (b"\xff\xfex\0=\0\x31\0", "\ufeffx=1", "utf-16-le"),
        (b"\xfe\xff\0x\0=\0\x31", "\ufeffx=1", "utf-16-be"),
        (b"\xff\xfe\x00\xd8x", "ÿþ\0Øx", "windows-1252"),  # half a surrogate pair, an odd byte
        (b"\xff\xfe\0\0x\0\0\0", "ÿþ\0\0x\0\0\0", "windows-1252"),  # the mark of UTF-32
    ],
)
def test_a_text_is_decoded_by_what_fits(raw: bytes, text: str, charset: str | None) -> None:
    assert decode_text(raw) == (text, charset)
    assert is_utf16(raw) or charset not in UTF16


@given(st.binary(max_size=60))
def test_decoding_loses_no_byte(raw: bytes) -> None:
    text, charset = decode_text(raw)
    assert text.encode(charset or "utf-8") == raw
    text.encode("utf-8")  # a table holds no lone surrogates


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        (b"gr\xfc\xdfe", "ISO-8859-1", "grüße"),
        ("привет".encode("koi8-r"), "KOI8-R", "привет"),
        ("日本".encode("euc-jp"), "euc-jp", "日本"),
        (b"\xff \\ud800", "raw_unicode_escape", None),
        (b"\xff \\ud800", "unicode-escape", None),
        (b"gr\xfc\n", "utf-16", None),
        (b"gr\xfc", "klingon", None),
        (b"gr\xfc", "hex", None),
        (b"gr\xfc", "rot13", None),
        (b"gr\xfc", "", None),
        (b"gr\xfc", "a\0b", None),
        (b"a\xff", "undefined", None),
        (b"x-" * 9, "Punycode", None),
    ],
)
def test_a_declared_charset_is_used_where_it_fits(
    raw: bytes, charset: str, text: str | None
) -> None:
    assert decode_declared(raw, charset) == text
