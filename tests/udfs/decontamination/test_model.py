"""The levels have an order, from the plainest to the deepest."""

from __future__ import annotations

from tests.udfs.decontamination.problems import SPEC
from udfs.decontamination.model import LEVELS


def test_a_spec_can_be_the_key_of_a_cache_and_levels_are_named_once() -> None:
    assert hash(SPEC) == hash(SPEC)
    assert len(set(LEVELS)) == 4
