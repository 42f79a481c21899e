"""Bytes become a text, or none, as git sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.texts import Text, read_text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Text(False, "", None, None)),
        (b"print(1)\n", Text(False, "print(1)\n", None, None)),
        (b"# \xe4\n", Text(False, "# \u00e4\n", "windows-1252", None)),
        (b"a\0b", Text(True, None, None, None)),
        (b"a" * 8000 + b"\0", Text(False, "a" * 8000 + "\0", None, None)),
        ("\ufeffa\n".encode("utf-16-le"), Text(True, "\ufeffa\n", "utf-16-le", None)),
        ("\ufeffa\0".encode("utf-16-le"), Text(True, None, None, None)),
        ("a\u202eb".encode(), Text(False, "a\u202eb", None, ["bidi_control"])),
    ],
)
def test_bytes_are_read_as_what_they_are(data: bytes, expected: Text) -> None:
    assert read_text(data) == expected


@given(st.binary(max_size=60))
def test_a_text_gives_its_bytes_again(data: bytes) -> None:
    found = read_text(data)
    if found.text is not None:
        assert found.text.encode(found.encoding or "utf-8") == data
    else:
        assert found.is_binary
