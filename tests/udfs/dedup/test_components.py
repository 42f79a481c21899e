"""Both ways to join give the smallest number of each component."""

from __future__ import annotations

import numpy as np
import pytest

from udfs.dedup.components import Union, component_of


@pytest.mark.parametrize("seed", range(5))
def test_union_and_components_agree(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.integers(0, 200, (2, 150))
    labels = component_of(200, one, other)
    sets = Union(200)
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        sets.join(a, b)
    assert labels.tolist() == [sets.find(node) for node in range(200)]
    assert (labels[one] == labels[other]).all()
    assert all(labels[label] == label <= node for node, label in enumerate(labels.tolist()))


def test_no_node_and_no_edge() -> None:
    none = np.zeros(0, np.int64)
    assert component_of(0, none, none).tolist() == []
    assert component_of(3, none, none).tolist() == [0, 1, 2]
