"""The network's file, and what it computes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from udfs.quality.coherence_model import CoherenceModel, default_model, read_model

MODEL = CoherenceModel(
    features=("share", "lines"),
    rarity={"parser": 2.5, "add": 0.75},
    unknown=8.0,
    mean=np.array([0.5, 3.0]),
    scale=np.array([0.25, 1.5]),
    hidden=np.array([[1.0], [0.5]]),
    offsets=np.array([0.25]),
    output=np.array([2.0]),
    start=-0.5,
)


def test_odds_are_those_of_one_hidden_layer() -> None:
    expected = 2.0 * math.tanh(2.0 * 1.0 + 0.0 * 0.5 + 0.25) - 0.5
    assert float(MODEL.log_odds([1.0, 3.0])) == pytest.approx(expected)
    both = MODEL.log_odds(np.array([[1.0, 3.0], [0.5, 3.0]]))
    assert both[0] == pytest.approx(expected)
    assert both[1] == pytest.approx(2.0 * math.tanh(0.25) - 0.5)


def test_what_is_far_from_all_that_was_seen_counts_no_more() -> None:
    assert float(MODEL.log_odds([1e9, 3.0])) == float(MODEL.log_odds([1.5, 3.0]))


def test_a_model_is_the_same_after_writing_and_reading() -> None:
    again = read_model(MODEL.as_json())
    assert again.as_json() == MODEL.as_json()
    assert float(again.log_odds([0.3, 2.0])) == float(MODEL.log_odds([0.3, 2.0]))
    assert again.rarity == MODEL.rarity


def test_a_model_of_another_format_is_refused() -> None:
    stored = json.loads(MODEL.as_json()) | {"format": 0}
    with pytest.raises(ValueError, match="train it anew"):
        read_model(json.dumps(stored))


def test_the_model_of_the_package_knows_common_words_and_no_names() -> None:
    model = default_model()
    assert model.rarity["return"] < model.rarity["parser" if "parser" in model.rarity else "pars"]
    assert all(weight < model.unknown for weight in model.rarity.values())
    assert not {"flask", "werkzeug", "gson", "tokio"} & model.rarity.keys()
