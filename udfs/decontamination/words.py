"""Texts as words without case and punctuation, and runs of words as numbers."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import re2
from numpy.typing import NDArray

from udfs.dedup.shingles import mix64

_WORD: Final = re2.compile(r"[\pL\pN\pM_]+")
_BASE: Final = np.uint64(0xD6E8FEB86659FD93)


class Words(NamedTuple):
    """The words of a text.

    Attributes:
        hashes: of each.
        spans: first character and end (exclusive) of each.
        tell: which ones are more than a number or a letter.
    """

    hashes: NDArray[np.uint64]
    spans: list[tuple[int, int]]
    tell: NDArray[np.bool_]


@lru_cache(maxsize=1 << 16)
def hash_of(text: str) -> int:
    """64-bit hash of a word or token (BLAKE2b)."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def hashed(texts: list[str]) -> NDArray[np.uint64]:
    """The hashes of words or tokens."""
    return np.fromiter(map(hash_of, texts), np.uint64, len(texts))


def read_words(text: str) -> Words:
    """The lower-cased words of a text; what stands between them does not count.

    So markers of comments, list items and diffs change nothing.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    words = [text[start:end].lower() for start, end in spans]
    tell = [len(word) > 1 and not word.isdigit() for word in words]
    return Words(hashed(words), spans, np.array(tell, np.bool_))


def grams(values: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """The hash of each run of `size` values, by where it begins; none for fewer values."""
    count = max(0, len(values) - size + 1)
    rolled = np.zeros(count, np.uint64)
    for place in range(size if count else 0):
        rolled *= _BASE
        rolled += values[place : place + count]
    return mix64(rolled)
