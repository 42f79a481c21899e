"""Patterns over bytes give offsets of bytes."""

from udfs.secrets.spans import KINDS, Span, compiled


def test_a_pattern_counts_bytes_and_takes_each_for_a_character() -> None:
    match = compiled(rb"[^ ]+$").search("é ñandú".encode())
    assert match.span() == (3, 10)
    assert compiled(rb"^.$").match("é".encode()) is None


def test_spans_sort_by_place() -> None:
    assert sorted([Span(4, 9, "ip", b"x"), Span(1, 3, "email", b"y")])[0].start == 1
    assert len(set(KINDS)) == 8
