"""All strings of a row are redacted together, and the row keeps its shape."""

from udfs.secrets import redact_values


def test_strings_at_any_depth_under_one_numbering() -> None:
    row = ["ask jana@initech.io", 3, None, [{"content": "jana@initech.io", "n": 1.5}], ("x", True)]
    values, counts = redact_values(row)
    assert values == ["ask <EMAIL_1>", 3, None, [{"content": "<EMAIL_1>", "n": 1.5}], ("x", True)]
    assert counts == {"email": 2}


def test_strings_keep_their_places() -> None:
    row = [{"b": "b", "a": ["a1@hooli.dev", {"z": "z", "y": "y1@hooli.dev"}]}, "c"]
    values, _ = redact_values(row)
    assert values == [{"b": "b", "a": ["<EMAIL_1>", {"z": "z", "y": "<EMAIL_2>"}]}, "c"]


def test_a_row_without_any_is_the_same() -> None:
    row = ["plain", {"a": 1}]
    assert redact_values(row) == (row, {})
