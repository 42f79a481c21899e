"""Jaccard similarity of two sets: the size of what they share over the size of their union."""

from __future__ import annotations

from collections.abc import Set as AbstractSet


def jaccard(first: AbstractSet[object], second: AbstractSet[object]) -> float:
    """The true similarity, from 0.0 (nothing shared) to 1.0 (equal).

    Two empty sets have similarity 0.0: without a shingle there is no evidence that texts are
    alike (equal texts are found by their hash instead).
    """
    shared = len(first & second)
    union = len(first) + len(second) - shared
    return shared / union if union else 0.0
