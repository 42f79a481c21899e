"""Locality-sensitive hashing of signatures: how many bands, how wide, and their keys."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.minhash import EMPTY
from udfs.dedup.shingles import mix64


def miss_probability(similarity: float, bands: int, rows: int) -> float:
    """The chance ``(1 - s**r)**b`` that two sets of Jaccard similarity ``s`` share no band.

    Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.2.
    """
    return float((1.0 - similarity**rows) ** bands)


def bounded_banding(threshold: float, num_perm: int, max_miss: float) -> tuple[int, int]:
    """The bands with the fewest false candidates that miss a pair at the threshold rarely enough.

    More similar pairs are missed more rarely still, so ``max_miss`` bounds the false
    negatives of all pairs at or above the threshold.

    Args:
        threshold: Jaccard similarity, 0 < threshold <= 1.
        num_perm: Values per signature; at most ``num_perm`` are used.
        max_miss: Largest `miss_probability` allowed at the threshold.

    Returns:
        Bands and rows per band: the widest bands that keep the bound.

    Raises:
        ValueError: When not even bands of one row keep it.
    """
    for rows in range(num_perm, 0, -1):
        if miss_probability(threshold, num_perm // rows, rows) <= max_miss:
            return num_perm // rows, rows
    raise ValueError(
        f"no banding of {num_perm} values misses a pair of similarity {threshold} with a chance "
        f"of at most {max_miss}; allow more misses or take more permutations"
    )


@lru_cache(maxsize=8)
def datasketch_banding(
    threshold: float, num_perm: int, weights: tuple[float, float] = (0.5, 0.5)
) -> tuple[int, int]:
    """Bands and rows per band that `datasketch.MinHashLSH` chooses.

    It weighs the areas of false positives and false negatives over all similarities, so a
    pair right at the threshold may be missed about every second time (0.49 for 25 bands of
    10 rows at 0.7): use it to meet an existing index, `bounded_banding` for recall.

    Args:
        threshold: As `MinHashLSH` takes it.
        num_perm: As `MinHashLSH` takes it.
        weights: Of false positives and false negatives; they sum to 1.
    """
    from datasketch import MinHashLSH  # takes a second, which no worker needs to spend

    index = MinHashLSH(threshold=threshold, num_perm=num_perm, weights=weights)
    return int(index.b), int(index.r)


def band_hashes(signature: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.int64]:
    """The key of each band of each signature.

    Keys of different bands differ even where their values agree, so one column of keys
    serves all bands.

    Args:
        signature: One row of at least ``bands * rows`` values per set.
        bands: Number of bands.
        rows: Values per band.

    Returns:
        One row of ``bands`` keys per set.
    """
    parts = signature[:, : bands * rows].reshape(len(signature), bands, rows).astype(np.uint64)
    keys = np.broadcast_to(np.arange(1, bands + 1, dtype=np.uint64), parts.shape[:2])
    for row in range(rows):
        keys = mix64(keys * np.uint64(0x9E3779B97F4A7C15) + parts[:, :, row])
    return keys.view(np.int64)


def is_empty(signature: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which signatures are those of empty sets; these must not be banded, or all would meet."""
    empty: NDArray[np.bool_] = (signature == EMPTY).all(axis=1)
    return empty
