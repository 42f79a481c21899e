"""The weights of survival are read as they were written, and a sum names its greatest part."""

from __future__ import annotations

import math

import pytest

from udfs.quality.survival import FEATURES
from udfs.quality.survival_model import SurvivalModel, default_model, read_model

MODEL = SurvivalModel(("size", "spread"), (2.0, 0.0), (0.5, 1.0), (-1.0, 0.25))


def test_what_was_written_is_read_again() -> None:
    assert read_model(MODEL.as_json()) == MODEL
    with pytest.raises(ValueError, match="format 2 of a model is not 1"):
        read_model(MODEL.as_json().replace('"format": 1', '"format": 2'))


def test_the_sum_is_bounded_and_what_is_not_known_counts_nothing() -> None:
    assert MODEL.log_odds([2.5, 1.0]) == (-0.75, "size")
    assert MODEL.log_odds([9e9, math.nan]) == (-3.0, "size")
    assert MODEL.log_odds([math.nan, math.nan]) == (0.0, "nothing")


def test_the_model_of_the_package_is_of_these_features() -> None:
    assert default_model().features == FEATURES
