"""Hashed shingles stand for the strings that the plain definition gives."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.dedup.shingles import shingle_texts, shingles

WORDS = st.sampled_from(
    ["foo", "Bar", "x1", "ünï", "日本", "a_b", "\u017f", "İ", "-", "(", "\n", "é!"]
)
TEXTS = st.lists(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), max_size=8)


def reference(text: str, ngram: int) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    if len(words) >= ngram:
        return {" ".join(words[i : i + ngram]) for i in range(len(words) - ngram + 1)}
    return {" ".join(text.split())} - {""}


@given(TEXTS, st.integers(1, 6))
def test_sets_have_the_sizes_and_overlaps_of_the_plain_definition(
    texts: list[str], ngram: int
) -> None:
    sets = shingles(texts, ngram).distinct()
    for i, first in enumerate(texts):
        assert set(shingle_texts(first, ngram)) == reference(first, ngram)
        assert len(sets.of(i)) == len(reference(first, ngram))
        for j, second in enumerate(texts[:i]):
            shared = np.intersect1d(sets.of(i), sets.of(j))
            # A short text's whole and a long text's shingle are kept apart even if they read alike.
            long = [len(re.findall(r"\w+", text.lower())) >= ngram for text in (first, second)]
            if long[0] == long[1]:
                assert len(shared) == len(reference(first, ngram) & reference(second, ngram))


@given(TEXTS, st.integers(1, 6))
def test_a_text_hashes_the_same_in_any_batch(texts: list[str], ngram: int) -> None:
    together = shingles(texts, ngram)
    for index, text in enumerate(texts):
        assert (shingles([text], ngram).of(0) == together.of(index)).all()


@pytest.mark.parametrize(("text", "count"), [("", 0), (" \n", 0), ("}", 1), ("a < b", 1)])
def test_short_texts_are_one_shingle_of_their_own(text: str, count: int) -> None:
    assert len(shingles([text], 5).hashes) == count
    assert len(shingle_texts(text, 5)) == count


def test_short_texts_match_only_their_equals() -> None:
    same, other, spaced = (shingles([text], 5).hashes for text in ("a < b", "a > b", " a  < b"))
    assert same != other
    assert same == spaced


def test_kinds_of_text_never_match() -> None:
    text = "one two three four five six"
    both = shingles([text, text], 5, ["- ", "+ "])
    assert not set(both.of(0).tolist()) & set(both.of(1).tolist())
    assert len(both.merged(2).distinct().of(0)) == 4
