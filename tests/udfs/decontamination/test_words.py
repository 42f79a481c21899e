"""Words are what is left without case, punctuation and the marks of comments."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from udfs.decontamination.words import grams, read_words

SAID = "Check, if any two numbers (of a list) are close."


def test_what_stands_between_words_does_not_count() -> None:
    plain = read_words(SAID)
    for other in (
        "// check if any\n// TWO numbers of\n// a list are close",
        "+ * Check if any two numbers\n+ * of a list are close",
        SAID.replace(" ", "\r\n\t"),
    ):
        assert read_words(other).hashes.tolist() == plain.hashes.tolist()
    assert read_words("Check, if any 2 numbers").hashes.tolist() != plain.hashes[:5].tolist()


def test_spans_name_the_words_and_numbers_tell_nothing() -> None:
    words = read_words("Größe x = 10 näher")
    assert ["Größe x = 10 näher"[a:b] for a, b in words.spans] == ["Größe", "x", "10", "näher"]
    assert words.tell.tolist() == [True, False, False, True]


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 6))
def test_equal_runs_have_equal_grams_and_others_do_not(values: list[int], size: int) -> None:
    found = grams(np.array(values, np.uint64), size).tolist()
    runs = [tuple(values[at : at + size]) for at in range(len(values) - size + 1)]
    assert len(found) == len(runs)
    assert len(set(found)) == len(set(runs))
    assert len(set(zip(found, runs, strict=True))) == len(set(runs))
