"""Signatures: datasketch is the oracle for its own scheme, true Jaccard for the default one."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.dedup.banding import band_hashes, bounded_banding, miss_probability
from udfs.dedup.jaccard import jaccard
from udfs.dedup.minhash import EMPTY, datasketch_signatures, signatures
from udfs.dedup.shingles import Shingles, shingles


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8")), max_size=30), max_size=5),
    st.integers(1, 64),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60)
def test_the_datasketch_scheme_is_bit_equal(
    sets: list[list[str]], num_perm: int, seed: int
) -> None:
    ours = datasketch_signatures(sets, num_perm, seed)
    assert ours.shape == (len(sets), num_perm)
    for row, items in zip(ours, sets, strict=True):
        theirs = MinHash(num_perm=num_perm, seed=seed)
        theirs.update_batch([item.encode() for item in items])
        assert row.dtype == theirs.hashvalues.dtype
        assert (row == theirs.hashvalues).all()


def test_the_default_scheme_estimates_the_true_similarity() -> None:
    words = [f"w{i}" for i in range(900)]
    texts = [" ".join(words[start : start + 400]) for start in range(0, 400, 20)]
    hashed = shingles(texts, 5)
    values = signatures(hashed, 1024, 7)
    sets = [set(hashed.of(i).tolist()) for i in range(len(texts))]
    errors = [
        (values[0] == values[i]).mean() - jaccard(sets[0], sets[i]) for i in range(1, len(texts))
    ]
    # One standard error is at most 0.5 / sqrt(1024) = 0.016.
    assert max(map(abs, errors)) < 0.06
    assert abs(float(np.mean(errors))) < 0.03


@pytest.mark.parametrize("union", [10, 40, 160, 640, 2560])
def test_sets_of_any_size_agree_and_meet_as_minhash_promises(union: int) -> None:
    pairs, shared = 600, union * 7 // 10
    drawn = np.random.default_rng(union).integers(0, 1 << 64, (pairs, union), dtype=np.uint64)
    only = (union - shared) // 2
    one, other = (
        signatures(Shingles(part.ravel(), np.arange(pairs + 1) * part.shape[1]), 256, 1)
        for part in (drawn[:, : shared + only], np.delete(drawn, slice(shared, shared + only), 1))
    )
    agreeing = (one == other).mean(axis=1)
    # One standard error of the mean is at most 0.0286 / sqrt(600); the spread is MinHash's at most.
    assert abs(agreeing.mean() - 0.7) < 0.005
    assert agreeing.std() < 1.1 * (0.7 * 0.3 / 256) ** 0.5
    bands, rows = bounded_banding(0.7, 256, 0.01)
    met = (band_hashes(one, bands, rows) == band_hashes(other, bands, rows)).any(axis=1)
    assert 1 - met.mean() < miss_probability(0.7, bands, rows) + 0.01


def test_an_empty_set_has_the_largest_values_and_leaves_its_neighbours_alone() -> None:
    texts = ["a b c d e f", "", "a b c d e f"]
    values = signatures(shingles(texts, 5), 16, 1)
    assert (values[1] == EMPTY).all()
    assert (values[0] == values[2]).all()
    assert (values[0] != EMPTY).all()


def test_large_batches_equal_single_texts() -> None:
    texts = [" ".join(f"{i}x{j}" for j in range(i * 37 % 3000)) for i in range(40)]
    together = signatures(shingles(texts, 3), 8, 1)
    alone = np.concatenate([signatures(shingles([text], 3), 8, 1) for text in texts])
    assert (together == alone).all()
