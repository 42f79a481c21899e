"""Code as tokens of its syntax tree: with their names, and with names renamed away."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from udfs.ast.parsing import Limits, parse, to_bytes
from udfs.ast.tokens import LAYOUT, read_tokens
from udfs.decontamination.words import grams, hash_of, hashed
from udfs.dedup.shingles import mix64

# A fragment of a longer text is parsed, so half of these limits is plenty.
LIMITS: Final = Limits(max_bytes=500_000, max_nodes=500_000, max_depth=1_000)
_NEW_NAME: Final = np.uint64(hash_of("\x1f name"))


class Code(NamedTuple):
    """The tokens of a text, without comments, docstrings and layout.

    Attributes:
        hashes: of each token.
        back: how many tokens before a name the same name stood; 0 where it is new, -1 for what is
            no name.
        starts: first byte of each.
        ends: one past its last byte.
    """

    hashes: NDArray[np.uint64]
    back: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def read_code(text: str, language: str) -> Code | None:
    """The tokens of a text or of a piece of one; None without a tree within `LIMITS`."""
    parsed = parse(to_bytes(text), language, LIMITS)
    if isinstance(parsed, str):
        return None
    stream = read_tokens(parsed, docs=False)
    kept = [at for at, token in enumerate(stream.texts) if token not in LAYOUT]
    texts = [stream.texts[at] for at in kept]
    seen: dict[str, int] = {}
    back = np.full(len(kept), -1, np.int64)
    for place, at in enumerate(kept):
        if stream.identifiers[at]:
            name = texts[place]
            back[place] = place - seen.get(name, place)
            seen[name] = place
    starts = np.array([stream.starts[at] for at in kept], np.int64)
    lengths = np.array([len(token.encode("utf-8", "replace")) for token in texts], np.int64)
    return Code(hashed(texts), back, starts, starts + lengths)


def token_grams(code: Code, size: int) -> NDArray[np.uint64]:
    """Runs of tokens as they are."""
    return grams(code.hashes, size)


def structure_grams(code: Code, size: int) -> NDArray[np.uint64]:
    """Runs of tokens in which each name is known by where in the run it stood before.

    Two runs are equal when one becomes the other by renaming, wherever they were cut out: the
    encoding of parameterised matching (Baker 1996).
    """
    count = max(0, len(code.hashes) - size + 1)
    rolled = np.zeros(count, np.uint64)
    for place in range(size if count else 0):
        back = code.back[place : place + count]
        known = np.where(back > place, 0, back).astype(np.uint64)
        named = mix64(known + _NEW_NAME)
        rolled = mix64(rolled) + np.where(back < 0, code.hashes[place : place + count], named)
    return mix64(rolled)
