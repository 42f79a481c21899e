"""The learned weights: what they sum to, and their file."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.change_model import ChangeModel, default_model, read_model, shares

_MODEL = ChangeModel(
    (0.1, 0.2, -0.3),
    (0.5, 0.5, 0.0),
    {"title:crash": (1.5, -0.5, -1.0), "é": (0.0, 0.25, 0.0)},
)


def test_scores_begin_at_the_start_and_unknown_facts_count_nothing() -> None:
    assert _MODEL.scores(["nothing of this"]) == _MODEL.start
    fix, feature, refactor = _MODEL.scores({"title:crash", "é"})
    assert fix == pytest.approx(1.6)
    assert feature == pytest.approx(-0.05)
    assert refactor == pytest.approx(-1.3)


def test_a_model_is_the_same_after_writing_and_reading() -> None:
    assert read_model(_MODEL.as_json()) == _MODEL
    assert read_model(_MODEL.as_json()).as_json() == _MODEL.as_json()


def test_a_model_of_another_format_is_refused() -> None:
    text = json.dumps({"format": 0, "start": [0, 0, 0], "frequency": [0, 0, 0], "weights": {}})
    with pytest.raises(ValueError, match="train it anew"):
        read_model(text)


def test_the_model_of_the_package_knows_what_words_are_about() -> None:
    weights = default_model().weights
    for fact, intent in (("title:crash", 0), ("title:support", 1), ("first_is_refactor_verb", 2)):
        row = weights[fact]
        assert max(range(3), key=lambda index: row[index]) == intent
    assert read_model(default_model().as_json()) == default_model()


@given(st.tuples(*[st.floats(-500, 500)] * 3))
def test_shares_are_shares(scores: tuple[float, float, float]) -> None:
    found = shares(scores)
    assert math.isclose(sum(found), 1.0)
    assert all(0.0 <= share <= 1.0 for share in found)
    assert found[scores.index(max(scores))] == max(found)
