"""Word shingles of texts, hashed for a whole batch at once with NumPy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.text import normalise

_WORD: Final = re.compile(r"\w+")
# One class of characters per match: linear.
_NON_ASCII_NON_WORD: Final = re.compile(r"[^\w\x00-\x7f]")
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, hence invertible modulo 2**64
_INVERSE: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_WORD_BASE: Final = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Shingles:
    """Hashed shingles of a batch of texts.

    Attributes:
        hashes: uint64, the shingles of all texts one after the other, repeats included.
        offsets: int64, one more than there are texts: text ``i`` owns
            ``hashes[offsets[i]:offsets[i + 1]]``.
    """

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def merged(self, group: int) -> Shingles:
        """The same shingles with each ``group`` neighbouring texts taken as one."""
        return Shingles(self.hashes, self.offsets[::group])

    def distinct(self, index: int) -> NDArray[np.uint64]:
        """The sorted distinct shingles of one text."""
        part: NDArray[np.uint64] = np.unique(
            self.hashes[self.offsets[index] : self.offsets[index + 1]]
        )
        return part


def shingle_texts(text: str, ngram: int) -> list[str]:
    r"""The shingles of one text as strings: runs of ``ngram`` lower-cased ``\w+`` words.

    A text with fewer words gives a single shingle, the whole text with its case,
    punctuation and single spaces, so it only matches its equals: ``a < b`` and ``a > b`` have the
    same words. A text of nothing but white space has no shingle.
    """
    words = _WORD.findall(text.lower())
    if len(words) < ngram:
        whole = normalise(text)
        return [whole] if whole else []
    return [" ".join(words[i : i + ngram]) for i in range(len(words) - ngram + 1)]


def shingles(texts: Sequence[str], ngram: int, salts: Sequence[str] = ("",)) -> Shingles:
    """Hashes the shingles of a batch, the same shingles as `shingle_texts`.

    A word's hash is a polynomial modulo 2**64 taken from prefix sums over the bytes of the
    whole batch (Karp and Rabin 1987), a shingle's one the same over its words; both are then
    mixed by the 64-bit MurmurHash3 finaliser. Two different shingles collide with a chance of
    about 2**-64, so sets of hashes stand for sets of shingles.

    Args:
        texts: The texts.
        ngram: Words per shingle, at least 1.
        salts: Kinds of text: text ``i`` is of kind ``i % len(salts)``, and shingles of texts of
            different kinds never match.

    Returns:
        The hashes of all texts, in order.
    """
    encoded = [_lowered(text) for text in texts]
    lengths = np.fromiter((len(text) for text in encoded), np.int64, len(encoded))
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(lengths + 1, out=starts[1:])
    words, word_starts = _word_hashes(np.frombuffer(b"\n".join([*encoded, b""]), np.uint8))
    bounds = np.searchsorted(word_starts, starts)
    counts = np.diff(bounds)
    salt = np.array([_hash_whole(salt) for salt in salts], np.uint64)
    kind = np.arange(len(texts)) % len(salts)

    rolled = _rolling(words, ngram)
    ends = np.repeat(bounds[1:], counts)[: len(rolled)]
    inside = ends - np.arange(len(rolled)) >= ngram
    sizes = np.maximum(counts - (ngram - 1), 0)
    hashes = mix64(rolled[inside] + np.repeat(salt[kind], sizes))
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return _with_short_texts(texts, hashes, offsets, salt[kind])


def _with_short_texts(
    texts: Sequence[str],
    hashes: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    salt: NDArray[np.uint64],
) -> Shingles:
    short = [
        (index, _hash_whole(whole))
        for index in np.flatnonzero(np.diff(offsets) == 0).tolist()
        if (whole := normalise(texts[index]))
    ]
    if not short:
        return Shingles(hashes, offsets)
    index = np.array([item[0] for item in short], np.int64)
    whole_hash = np.array([item[1] for item in short], np.uint64)
    hashes = np.insert(hashes, offsets[index], mix64(whole_hash + salt[index]))
    grown = np.zeros(len(texts), np.int64)
    grown[index] = 1
    offsets = offsets.copy()
    offsets[1:] += np.cumsum(grown)
    return Shingles(hashes, offsets)


def mix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 64-bit finaliser of MurmurHash3 (Appleby 2011): a bijection that spreads the bits."""
    mixed = values ^ (values >> np.uint64(33))
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def _lowered(text: str) -> bytes:
    lowered = text.lower()
    if not lowered.isascii():
        lowered = _NON_ASCII_NON_WORD.sub(" ", lowered)
    return lowered.encode("utf-8", "surrogatepass")


def _hash_whole(text: str) -> int:
    if not text:
        return 0
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@lru_cache(maxsize=1)
def _byte_tables() -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
    is_word = np.zeros(256, np.bool_)
    is_word[[*range(48, 58), *range(65, 91), 95, *range(97, 123), *range(128, 256)]] = True
    return is_word, mix64(np.arange(1, 257, dtype=np.uint64) * _BASE)


@lru_cache(maxsize=2)
def _powers(length: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    exponents = np.ones((2, length), np.uint64)
    exponents[0, 1:] = _BASE
    exponents[1, 1:] = _INVERSE
    powers = np.cumprod(exponents, axis=1, dtype=np.uint64)
    return powers[0], powers[1]


def _word_hashes(data: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash and first byte of each word of ``data``, which ends on a byte that is no word."""
    is_word, values = _byte_tables()
    flags = np.zeros(len(data) + 1, np.int8)
    flags[1:] = is_word[data]
    edges = np.diff(flags)
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    power, inverse = _powers(1 << max(16, len(data).bit_length()))
    prefix = np.zeros(len(data) + 1, np.uint64)
    np.cumsum(values[data] * power[: len(data)], out=prefix[1:])
    return mix64((prefix[last] - prefix[first]) * inverse[first]), first


def _rolling(words: NDArray[np.uint64], ngram: int) -> NDArray[np.uint64]:
    if len(words) < ngram:
        return np.zeros(0, np.uint64)
    size = len(words) - ngram + 1
    rolled = words[:size].copy()
    for position in range(1, ngram):
        rolled *= _WORD_BASE
        rolled += words[position : position + size]
    return rolled
