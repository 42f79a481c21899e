"""Lists in evidence stay short."""

from __future__ import annotations

from udfs.quality.finding import some


def test_only_the_first_few_are_listed() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some(list("abcdef")) == "a, b, c, d, …"
