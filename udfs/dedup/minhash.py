"""MinHash signatures of shingle sets, for a batch at once: by bins, or as datasketch gives them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.shingles import Shingles, mix64

EMPTY: Final = np.uint32(0xFFFFFFFF)
"""Every value of the signature of an empty set, as in datasketch."""

_BLOCK: Final = 1 << 14  # shingles worked on together: hashes and buffer stay in the L2 cache
_ROUNDS: Final = 8  # then a set leaves at most num_perm**2 / 8e values to compute: 3,000 of 256
_HALF: Final = np.uint64(32)
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The permutations ``h -> a * h + b mod 2**32`` (a odd) that datasketch 2 draws from a seed.

    Returns:
        ``a`` and ``b``, each of ``num_perm`` values (datasketch, scheme ``affine32``).
    """
    generator = np.random.RandomState(seed)
    factors = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)


def signatures(sets: Shingles, num_perm: int, seed: int) -> NDArray[np.uint32]:
    """The scheme ``binned``: each shingle goes to one bin, and the least of a bin is its value.

    Bins that a set leaves empty are filled by further rounds, in each of which its shingles go to
    other bins, and those that are still empty by a minimum over all of them, which is what MinHash
    does for every value. So each value of two sets agrees with the chance of their Jaccard
    similarity, at any size, and a shingle costs a few operations instead of ``num_perm``. Source:
    Dahlgaard, Knudsen, Thorup, Fast Similarity Sketching, FOCS 2017.

    Returns:
        One row of ``num_perm`` values per set; an empty set has `EMPTY` everywhere.
    """
    factors, shifts = _affine64(_ROUNDS + num_perm, seed)
    count = len(sets.offsets) - 1
    least = np.full((count, num_perm), EMPTY, np.uint32)
    flat = least.reshape(-1)
    sizes = np.diff(sets.offsets)
    rows, hashes = np.arange(count), sets.hashes
    begins = np.repeat(rows * num_perm, sizes)
    for turn in range(_ROUNDS):
        drawn = hashes * factors[turn]
        drawn += shifts[turn]
        values = drawn.astype(np.uint32)
        drawn >>= _HALF  # this half chooses the bin, by Lemire's reduction, and the other compares
        drawn *= np.uint64(num_perm)
        drawn >>= _HALF
        places = drawn.view(np.int64)
        places += begins
        if turn:
            new = np.flatnonzero(flat[places] == EMPTY)
            places, values = places[new], values[new]
        np.minimum.at(flat, places, values)
        is_open = least[rows].max(axis=1) == EMPTY
        left = np.flatnonzero(np.repeat(is_open, sizes))
        rows, sizes, hashes, begins = rows[is_open], sizes[is_open], hashes[left], begins[left]
        if not len(hashes):
            break
    for row in rows[sizes > 0].tolist():
        empty = np.flatnonzero(least[row] == EMPTY)
        every = sets.of(row)[:, None] * factors[_ROUNDS + empty]
        every += shifts[_ROUNDS + empty]
        least[row, empty] = (every >> _HALF).min(axis=0)
    return least


@lru_cache(maxsize=8)
def _affine64(count: int, seed: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Functions ``h -> a * h + b mod 2**64`` (a odd), which permute what is well mixed already."""
    numbers = np.arange(1, 2 * count + 1, dtype=np.uint64) + (np.uint64(seed) << _HALF)
    drawn = mix64(numbers * _STEP)
    return drawn[:count] | np.uint64(1), drawn[count:]


def datasketch_signatures(
    sets: Sequence[Iterable[str]], num_perm: int, seed: int
) -> NDArray[np.uint32]:
    """The scheme ``datasketch``: bit for bit what `datasketch.MinHash` (2.x, affine32) gives.

    It is as slow as SHA-1 over each shingle and serves to meet existing indexes.

    Args:
        sets: The shingles of each set, hashed as UTF-8.
        num_perm: Values per signature.
        seed: datasketch's ``seed``.
    """
    hashed = [
        b"".join(hashlib.sha1(item.encode(), usedforsecurity=False).digest()[:4] for item in items)
        for items in sets
    ]
    offsets = np.zeros(len(hashed) + 1, np.int64)
    np.cumsum([len(item) // 4 for item in hashed], out=offsets[1:])
    return _minima(_mix32(np.frombuffer(b"".join(hashed), "<u4")), offsets, num_perm, seed)


def _mix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def _minima(
    values: NDArray[np.uint32], offsets: NDArray[np.int64], num_perm: int, seed: int
) -> NDArray[np.uint32]:
    factors, shifts = permutations(num_perm, seed)
    result = np.full((num_perm, len(offsets) - 1), EMPTY, np.uint32)
    filled = np.flatnonzero(np.diff(offsets))
    begins, ends = offsets[filled], offsets[filled + 1]
    done = 0
    while done < len(filled):
        stop = max(done + 1, int(np.searchsorted(ends, begins[done] + _BLOCK, side="right")))
        block = values[begins[done] : ends[stop - 1]]
        starts = begins[done:stop] - begins[done]
        rows = np.empty((num_perm, stop - done), np.uint32)
        buffer = np.empty_like(block)
        for index in range(num_perm):
            np.multiply(block, factors[index], out=buffer)
            np.add(buffer, shifts[index], out=buffer)
            np.minimum.reduceat(buffer, starts, out=rows[index])
        result[:, filled[done:stop]] = rows
        done = stop
    return np.ascontiguousarray(result.T)
