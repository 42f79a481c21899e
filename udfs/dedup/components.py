"""Components of a graph whose nodes are numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def component_of(nodes: int, one: Ints, other: Ints) -> Ints:
    """The smallest node of the component of each node.

    Args:
        nodes: how many there are, numbered from 0.
        one: an end of each edge.
        other: the other end.
    """
    least = np.arange(nodes)
    while len(one):
        ends = least[one], least[other]
        low, high = np.minimum(*ends), np.maximum(*ends)
        differ = low != high
        one, other = one[differ], other[differ]
        # Every root that has a smaller neighbour is hung under it: half of them at least are gone.
        np.minimum.at(least, high[differ], low[differ])
        while not np.array_equal(least, higher := least[least]):
            least = higher
    return least


class Union:
    """Sets that grow together: which of the numbers so far belong to one."""

    def __init__(self, size: int) -> None:
        """Each number from 0 is a set of its own."""
        self._parent = list(range(size))

    def find(self, node: int) -> int:
        """The smallest number of the set."""
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low
