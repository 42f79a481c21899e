"""Word shingles of texts, hashed for a whole batch at once with NumPy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.text import normalise

_WORD: Final = re.compile(r"\w+")
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_WORD_BASE: Final = np.uint64(0xD6E8FEB86659FD93)
_IS_WORD: Final = bytes(c >= 128 or chr(c).isalnum() or c == ord("_") for c in range(256))
_MASKS: Final = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_LONG: Final = 64  # bytes of a word from which on it is hashed as a whole


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

    def merged(self, *sizes: int) -> Shingles:
        """The same shingles with neighbouring texts taken as one: so many of them, over and over.

        Their number must be a multiple of the sum.
        """
        rounds = (len(self.offsets) - 1) // sum(sizes)
        places = np.cumsum([0, *sizes * rounds])
        return Shingles(self.hashes, self.offsets[places])

    def distinct(self) -> Shingles:
        """The same texts, the shingles of each sorted and without repeats."""
        hashes = self.hashes.copy()
        bounds = self.offsets.tolist()
        for begin, end in pairwise(bounds):
            hashes[begin:end].sort()
        is_new = np.ones(len(hashes) + 1, np.bool_)
        np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:-1])
        is_new[self.offsets] = True
        before = np.zeros(len(hashes) + 1, np.int64)
        np.cumsum(is_new[:-1], out=before[1:])
        return Shingles(hashes[is_new[:-1]], before[self.offsets])

    def of(self, index: int) -> NDArray[np.uint64]:
        """The shingles of one text."""
        return self.hashes[self.offsets[index] : self.offsets[index + 1]]


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

    A word is hashed eight bytes at a time, a shingle by a polynomial modulo 2**64 over its words
    (Karp and Rabin 1987); both are mixed by the 64-bit MurmurHash3 finaliser. Two different
    shingles collide with a chance of about 2**-64, so sets of hashes stand for sets of shingles.

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
    starts = np.ones(len(encoded) + 1, np.int64)
    np.cumsum(lengths + 1, out=starts[1:])
    starts[1:] += 1
    words, word_starts = _word_hashes(b"\n".join([b"", *encoded, b""]))
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
        letters = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), "<u4")
        for letter in np.unique(letters[letters > 127]).tolist():
            if _WORD.match(chr(letter)) is None:
                lowered = lowered.replace(chr(letter), " ")
    return lowered.encode("utf-8", "surrogatepass")


def _hash_whole(text: str) -> int:
    return _digest(text.encode("utf-8", "surrogatepass")) if text else 0


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _word_hashes(data: bytes) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash and first byte of each word of ``data``, which begins and ends on a byte of none.

    A word is read eight bytes at a time; few are longer than sixteen.
    """
    flags = np.frombuffer(data.translate(_IS_WORD), np.bool_)
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    first, last = edges[::2], edges[1::2]
    eights = np.ndarray((len(data),), "<u8", data + bytes(8), 0, (1,))
    left = last - first
    hashes = mix64((eights[first] & _MASKS[np.minimum(left, 8)]) + left.astype(np.uint64) * _BASE)
    longer = np.flatnonzero(left > 8)
    for start in range(8, _LONG, 8):
        more = eights[first[longer] + start] & _MASKS[np.minimum(left[longer] - start, 8)]
        hashes[longer] = mix64(hashes[longer] * _WORD_BASE + more)
        longer = longer[left[longer] > start + 8]
    for index in longer.tolist():
        hashes[index] = _digest(data[first[index] : last[index]])
    return hashes, first


def _rolling(words: NDArray[np.uint64], ngram: int) -> NDArray[np.uint64]:
    if len(words) < ngram:
        return np.zeros(0, np.uint64)
    size = len(words) - ngram + 1
    rolled = words[:size].copy()
    for position in range(1, ngram):
        rolled *= _WORD_BASE
        rolled += words[position : position + size]
    return rolled
