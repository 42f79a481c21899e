"""True Jaccard similarity."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.dedup.jaccard import jaccard

SETS = st.sets(st.integers(0, 20))


@given(SETS, SETS)
def test_it_is_symmetric_bounded_and_one_only_for_equal_sets(a: set[int], b: set[int]) -> None:
    value = jaccard(a, b)
    assert value == jaccard(b, a)
    assert 0.0 <= value <= 1.0
    assert (value == 1.0) == (a == b and bool(a))


def test_known_values() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert jaccard(set(), set()) == 0.0
