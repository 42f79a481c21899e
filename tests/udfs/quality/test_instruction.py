"""An instruction is taken apart once, and its parts are those of the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.quality.instruction import Instruction
from udfs.quality.tokens import content_words, words


def test_the_first_line_is_the_title() -> None:
    read = Instruction("\nFix parse_date for 2nd quarters\n\nIt fixes parse_date.\nSee #12.\n")
    assert read.title == ["Fix", "parse_date", "for", "quarters"]
    assert read.body == ["It", "fixes", "parse_date", "See"]
    assert read.content == ["parse_date", "quarters", "See"]


@given(st.text(st.characters(codec="utf-8")))
def test_title_and_body_hold_every_word_in_order(text: str) -> None:
    read = Instruction(text)
    assert [*read.title, *read.body] == words(text)
    assert read.content == content_words(words(text))
