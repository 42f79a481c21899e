"""Components of a graph whose nodes are numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]


def component_of(nodes: int, one: Ints, other: Ints) -> Ints:
    """The smallest node of the component of each node.

    Args:
        nodes: how many there are, numbered from 0.
        one: an end of each edge.
        other: the other end.
    """
    if not nodes:
        return np.zeros(0, np.int64)
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(nodes, nodes))
    _, labels = connected_components(graph, directed=False)
    _, first = np.unique(labels, return_index=True)
    smallest: Ints = first[labels].astype(np.int64)
    return smallest


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
