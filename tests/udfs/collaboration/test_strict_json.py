"""JSON from strangers: what is odd is named, what is taken can be written and stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.collaboration.strict_json import UnreadableError, canonical, escaped, parse_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=()), max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60)
@given(values)
def test_the_canonical_text_is_stored_as_utf8_and_gives_the_value_back(value: Any) -> None:
    text = canonical(value)
    assert parse_json(text.encode("utf-8"), 99) == value
    assert canonical(json.loads(text)) == text


def test_order_of_keys_and_spaces_do_not_matter() -> None:
    one, other = b'{"b": 1, "a": [1.0, "\\u00e9"]}', '\ufeff{"a":[1.0,"é"],"b":1}'.encode()
    assert canonical(parse_json(one, 9)) == canonical(parse_json(other, 9))


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (b'{"a": NaN}', "not_json", "NaN"),
        (b'{"a": -Infinity}', "not_json", "-Infinity"),
        (b'{"a": 1e999}', "not_json", "out of range"),
        (b'{"a": 1', "not_json", "delimiter"),
        (b"", "not_json", "Expecting value"),
        (b'{"a": "\xff"}', "not_json", "not UTF-8"),
        (b'{"a": 1} {"b": 2}', "not_json", "Extra data"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json", "digits"),
        (b'{"a": {"b": 1, "b": 2}}', "duplicate_key", "'b'"),
        (b'{"\\ud83d": 1, "\\ud83d": 2}', "duplicate_key", "ud83d"),
        (b"[" * 10 + b"]" * 10, "too_deep", "9"),
        (b"[" * 200_000 + b"]" * 200_000, "too_deep", "9"),
        (b'{"a":' * 200_000, "too_deep", "9"),
    ],
)
def test_what_cannot_be_taken_has_a_reason(text: bytes, reason: str, detail: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        parse_json(text, 9)
    assert raised.value.reason == reason
    assert detail in raised.value.detail
    raised.value.detail.encode("utf-8")


def test_what_is_odd_but_json_is_taken() -> None:
    text = (
        rb'{"nul": "a\u0000b", "half": "\ud83d", "pair": "\ud83d\ude00", "big": 987654321098765432}'
    )
    value = parse_json(text, 9)
    assert value["nul"] == "a\0b"
    assert value["pair"] == "\U0001f600"
    assert value["big"] == 987654321098765432
    assert escaped(value["half"]) == "\\ud83d"
    assert escaped(value["pair"]) == value["pair"]


def test_depth_is_counted_in_objects_and_arrays() -> None:
    assert parse_json(b"[[[1]]]", 3) == [[[1]]]
    with pytest.raises(UnreadableError):
        parse_json(b"[[[1]]]", 2)
