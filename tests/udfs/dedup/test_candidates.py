"""Candidates are all pairs of a bucket; a hot bucket costs little and holds together."""

from __future__ import annotations

import itertools

import numpy as np

from udfs.dedup.candidates import Search, candidate_pairs
from udfs.dedup.components import component_of

SEARCH = Search(threshold=0.7, max_bucket=16, neighbours=4)


def test_pairs_are_those_that_share_a_bucket_and_whose_sizes_allow_it() -> None:
    random = np.random.default_rng(1)
    bands = random.integers(0, 40, (120, 6)) + np.arange(6) * 1_000
    sizes = random.integers(1, 12, 120)
    search = Search(threshold=0.5, max_bucket=200, neighbours=1)
    found = set(
        zip(*(ends.tolist() for ends in candidate_pairs(bands, sizes, search)), strict=True)
    )
    assert found == {
        (a, b)
        for a, b in itertools.combinations(range(120), 2)
        if (bands[a] == bands[b]).any() and min(sizes[a], sizes[b]) / max(sizes[a], sizes[b]) >= 0.5
    }


def test_a_hot_bucket_gives_linearly_many_pairs_and_no_more_than_it_must() -> None:
    rows, width = 600, 8
    random = np.random.default_rng(2)
    # All share the first band; else there are twenty families of thirty, alike in most bands.
    family = np.arange(rows) % 20
    bands = np.where(
        random.random((rows, width)) < 0.8,
        family[:, None] + 1_000 * np.arange(1, width + 1),
        random.integers(10**6, 10**9, (rows, width)),
    )
    bands[:, 0] = 7
    one, other = candidate_pairs(bands, np.full(rows, 50), SEARCH)
    assert len(one) < rows * rows / 8
    assert (component_of(rows, one, other) == family).all()


def test_equal_buckets_are_looked_at_once() -> None:
    bands = np.arange(42)[None, :] * np.ones((500, 1), np.int64)
    one, other = candidate_pairs(bands.astype(np.int64), np.full(500, 9), SEARCH)
    assert len(one) <= 500 * SEARCH.neighbours
    assert (component_of(500, one, other) == 0).all()


def test_nothing_gives_nothing() -> None:
    one, other = candidate_pairs(np.zeros((0, 4), np.int64), np.zeros(0, np.int64), SEARCH)
    assert len(one) == len(other) == 0
