"""Arrow wrapper: the exact hash, shingle set and band keys of pairs, batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from udfs.dedup.banding import band_hashes, is_empty
from udfs.dedup.minhash import datasketch_signatures, signatures
from udfs.dedup.shingles import shingle_texts, shingles
from udfs.dedup.text import Comparable, comparable

Scheme = Literal["affine32", "datasketch"]

SKETCH_DDL: Final = "pair_id string, exact_hash string, shingles array<bigint>, bands array<bigint>"
_KINDS: Final = ("i ", "- ", "+ ")
_CHUNK_CHARS: Final = 1 << 20  # characters worked on together: bounds memory per task


@dataclass(frozen=True, slots=True)
class SketchSpec:
    """How pairs are sketched; see the functions of `udfs.dedup` for each field."""

    ngram: int
    num_perm: int
    seed: int
    bands: int
    rows: int
    scheme: Scheme


def sketch_batches(
    batches: Iterator[pa.RecordBatch], *, spec: SketchSpec
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: (pair_id, instruction, response) to the columns of `SKETCH_DDL`.

    ``shingles`` is the sorted set, as signed 64-bit integers; it and ``bands`` are empty for
    a pair without any text. Rows keep their order.
    """
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in ("instruction", "response")]
        texts = [comparable(i or "", r or "") for i, r in zip(*columns, strict=True)]
        start = 0
        while start < len(texts):
            stop, size = start, 0
            while stop < len(texts) and (stop == start or size < _CHUNK_CHARS):
                size += _size(texts[stop])
                stop += 1
            ids = batch.column("pair_id").slice(start, stop - start)
            yield _sketch(ids, texts[start:stop], spec)
            start = stop


def exact_hash(text: Comparable) -> str:
    """Hash of everything that is compared, case and punctuation included (BLAKE2b, 32 hex)."""
    joined = "\x00".join((text.instruction, text.removed, text.added))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _size(text: Comparable) -> int:
    return len(text.instruction) + len(text.removed) + len(text.added)


def _sketch(ids: pa.Array, texts: Sequence[Comparable], spec: SketchSpec) -> pa.RecordBatch:
    streams = [part for text in texts for part in (text.instruction, text.removed, text.added)]
    sets = shingles(streams, spec.ngram, _KINDS).merged(len(_KINDS))
    if spec.scheme == "datasketch":
        signature = datasketch_signatures(
            [_marked_shingles(text, spec.ngram) for text in texts], spec.num_perm, spec.seed
        )
    else:
        signature = signatures(sets, spec.num_perm, spec.seed)
    distinct = [sets.distinct(index).view(np.int64) for index in range(len(texts))]
    keys = band_hashes(signature, spec.bands, spec.rows)
    filled = ~is_empty(signature)
    return pa.RecordBatch.from_arrays(
        [
            ids,
            pa.array([exact_hash(text) for text in texts], pa.string()),
            _lists(np.concatenate(distinct), [len(part) for part in distinct]),
            _lists(keys[filled].ravel(), (filled * spec.bands).tolist()),
        ],
        names=["pair_id", "exact_hash", "shingles", "bands"],
    )


def _marked_shingles(text: Comparable, ngram: int) -> list[str]:
    parts = (text.instruction, text.removed, text.added)
    return [
        kind + shingle
        for kind, part in zip(_KINDS, parts, strict=True)
        for shingle in shingle_texts(part, ngram)
    ]


def _lists(values: np.ndarray, sizes: Sequence[int]) -> pa.ListArray:
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.int64()))
