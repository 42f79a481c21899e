"""Conventional prefixes: what they declare, and messages without them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.declared_intent import declared_intent, without_prefixes


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("feat: add a cache", "new_feature"),
        ("Feature(api)!: add a cache", "new_feature"),
        ("fix(parser): crash on an empty file", "bug_fix"),
        ("refactor!: split the parser", "refactor"),
        ("docs: fix: a typo", None),
        ("fixes the parser", None),
        ("prefix: add a cache", None),
        ("", None),
    ],
)
def test_the_prefix_of_the_first_line_declares(message: str, intent: str | None) -> None:
    assert declared_intent(message) == intent


def test_no_line_and_no_item_keeps_its_prefix() -> None:
    squashed = (
        "feat(ui)!: fix: add tabs (#4)\r\n\r\n* fix(ui): focus\n- refactor: names\n\nNote: no"
    )
    assert without_prefixes(squashed) == "add tabs (#4)\n\n* focus\n- names\n\nNote: no"


@given(st.text(alphabet="fix(a)!: \n*-eat", max_size=60))
def test_what_is_left_declares_nothing(message: str) -> None:
    assert declared_intent(without_prefixes(message)) is None
