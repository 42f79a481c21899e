"""Characters that a reader does not see are named."""

from __future__ import annotations

import pytest

from udfs.odd_characters import odd_characters

BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
ZERO_WIDTH = [*range(0x200B, 0x2010), 0x2060, 0xFEFF]


@pytest.mark.parametrize("code", BIDI)
def test_controls_of_direction_are_named(code: int) -> None:
    assert odd_characters(f"if admin:{chr(code)} # return") == ("bidi_control",)


@pytest.mark.parametrize("code", ZERO_WIDTH)
def test_characters_without_width_are_named(code: int) -> None:
    assert odd_characters(f"def na{chr(code)}me(): pass") == ("zero_width",)


@pytest.mark.parametrize("text", ["", "x = 1\n", "naïve – “日本” 🙂\u2029", "\ufeffx = 1\n"])
def test_what_can_be_seen_is_not_odd(text: str) -> None:
    assert odd_characters(text) == ()


def test_each_kind_is_named_once() -> None:
    assert odd_characters("\u200b\u202e\u200b\u2066") == ("bidi_control", "zero_width")
    assert odd_characters("\ufeff\ufeff") == ("zero_width",), "only the first one is a mark"
