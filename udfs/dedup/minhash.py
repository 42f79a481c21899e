"""MinHash signatures of shingle sets: 32-bit affine permutations, vectorised over a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.shingles import Shingles

EMPTY: Final = np.uint32(0xFFFFFFFF)
"""Every value of the signature of an empty set, as in datasketch."""

_BLOCK: Final = 1 << 14  # shingles worked on together: hashes and buffer stay in the L2 cache


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
    """The default scheme: signatures from the 64-bit shingle hashes, whose upper half is used.

    Returns:
        One row of ``num_perm`` minima per set; an empty set has `EMPTY` everywhere.
    """
    return _minima((sets.hashes >> np.uint64(32)).astype(np.uint32), sets.offsets, num_perm, seed)


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
