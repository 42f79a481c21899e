"""Signatures: datasketch is the oracle for its own scheme, true Jaccard for the default one."""

from __future__ import annotations

import numpy as np
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from udfs.dedup.jaccard import jaccard
from udfs.dedup.minhash import EMPTY, datasketch_signatures, signatures
from udfs.dedup.shingles import shingles


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
    sets = [set(hashed.distinct(i).tolist()) for i in range(len(texts))]
    errors = [
        (values[0] == values[i]).mean() - jaccard(sets[0], sets[i]) for i in range(1, len(texts))
    ]
    # One standard error is at most 0.5 / sqrt(1024) = 0.016.
    assert max(map(abs, errors)) < 0.06
    assert abs(float(np.mean(errors))) < 0.03


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
