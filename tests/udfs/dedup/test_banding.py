"""Bands: the closed formula, datasketch's choice, and keys that meet when a band agrees."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHashLSH
from hypothesis import assume, given
from hypothesis import strategies as st

from udfs.dedup.banding import (
    band_hashes,
    bounded_banding,
    datasketch_banding,
    is_empty,
    miss_probability,
)


@pytest.mark.parametrize(
    ("threshold", "num_perm", "weights"), [(0.7, 64, (0.5, 0.5)), (0.8, 48, (0.2, 0.8))]
)
def test_the_datasketch_bands_are_those_of_its_index(
    threshold: float, num_perm: int, weights: tuple[float, float]
) -> None:
    index = MinHashLSH(threshold=threshold, num_perm=num_perm, weights=weights)
    assert datasketch_banding(threshold, num_perm, weights) == (index.b, index.r)


@given(st.floats(0.3, 0.99), st.integers(32, 512), st.floats(0.001, 0.3))
def test_bounded_bands_keep_the_bound_and_no_wider_ones_do(
    threshold: float, num_perm: int, max_miss: float
) -> None:
    bands, rows = bounded_banding(threshold, num_perm, max_miss)
    assert bands * rows <= num_perm
    assert miss_probability(threshold, bands, rows) <= max_miss
    assume(rows < num_perm)
    wider = rows + 1
    assert miss_probability(threshold, num_perm // wider, wider) > max_miss


def test_an_unreachable_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="take more permutations"):
        bounded_banding(0.1, 4, 0.001)


def test_keys_agree_exactly_where_bands_agree() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 2, (200, 12), dtype=np.uint32)
    keys = band_hashes(values, 4, 3)
    for band in range(4):
        part = values[:, band * 3 : band * 3 + 3]
        same = (part[:, None] == part[None]).all(axis=2)
        assert ((keys[:, None, band] == keys[None, :, band]) == same).all()
    assert not set(keys[:, 0].tolist()) & set(keys[:, 1].tolist())


def test_the_miss_rate_is_what_the_formula_says() -> None:
    rng = np.random.default_rng(5)
    agree = rng.random((20_000, 60)) < 0.6
    first = rng.integers(0, 1 << 32, agree.shape, dtype=np.uint32)
    second = np.where(agree, first, first ^ np.uint32(1))
    met = (band_hashes(first, 12, 5) == band_hashes(second, 12, 5)).any(axis=1)
    assert abs(float((~met).mean()) - miss_probability(0.6, 12, 5)) < 0.015


def test_empty_signatures_are_told() -> None:
    values = np.full((2, 4), 0xFFFFFFFF, np.uint32)
    values[1, 2] = 5
    assert is_empty(values).tolist() == [True, False]
