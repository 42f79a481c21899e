"""Arrow wrapper: the exact hash, size and band keys of pairs, batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from udfs.dedup.banding import band_hashes, is_empty
from udfs.dedup.minhash import datasketch_signatures, signatures
from udfs.dedup.shingles import Shingles, shingle_texts, shingles
from udfs.dedup.structure import structure_hash
from udfs.dedup.text import Comparable, comparable, normalise

Scheme = Literal["binned", "datasketch"]

SKETCH_DDL: Final = (
    "pair_id string, exact_hash string, structure string, size int, bands array<bigint>"
)
SHINGLES_DDL: Final = "pair_id string, shingles array<bigint>"
KINDS: Final = ("i ", "- ", "+ ")
_CHUNK_CHARS: Final = 1 << 20  # characters worked on together: bounds memory per task


@dataclass(frozen=True, slots=True)
class SketchSpec:
    """How pairs are sketched; see the functions of `udfs.dedup` for each field.

    With ``plain`` the response is compared as it stands, whatever it is, and nothing else.
    """

    ngram: int
    num_perm: int
    seed: int
    bands: int
    rows: int
    scheme: Scheme
    min_structure: int
    plain: bool


def sketch_batches(
    batches: Iterator[pa.RecordBatch], *, spec: SketchSpec, carried: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: (pair_id, instruction, response, language) to `SKETCH_DDL`.

    ``size`` counts distinct shingles; it is 0, and ``bands`` is empty, for a pair without any
    text. Rows keep their order, and the columns ``carried``.
    """
    for batch in batches:
        for start, texts in comparables(batch, plain=spec.plain):
            rows = batch.slice(start, len(texts))
            done = _sketch(rows.column("pair_id"), _structures(rows, spec), texts, spec)
            for name in carried:
                done = done.append_column(name, rows.column(name))
            yield done


def shingle_batches(
    batches: Iterator[pa.RecordBatch], *, ngram: int, plain: bool
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: (pair_id, instruction, response) to the columns of `SHINGLES_DDL`.

    ``shingles`` is the sorted set, as signed 64-bit integers.
    """
    for batch in batches:
        for start, texts in comparables(batch, plain=plain):
            sets = hashed(texts, ngram).merged(len(KINDS)).distinct()
            ids = batch.column("pair_id").slice(start, len(texts))
            lists = _lists(sets.hashes.view(np.int64), np.diff(sets.offsets))
            yield pa.RecordBatch.from_arrays([ids, lists], names=["pair_id", "shingles"])


def comparables(batch: pa.RecordBatch, *, plain: bool) -> Iterator[tuple[int, list[Comparable]]]:
    """What is compared of the pairs of a batch, in pieces that bound the memory of a task.

    Yields:
        The row where a piece begins, and its texts.
    """
    columns = [batch.column(name).to_pylist() for name in ("instruction", "response")]
    beside = [0] * batch.num_rows
    if "context" in batch.schema.names:
        beside = pc.fill_null(pc.binary_length(batch.column("context")), 0).to_pylist()
    start, size, texts = 0, 0, list[Comparable]()
    for instruction, response, more in zip(*columns, beside, strict=True):
        text = (
            Comparable("", "", normalise(response or ""))
            if plain
            else comparable(instruction or "", response or "")
        )
        texts.append(text)
        size += len(text.instruction) + len(text.removed) + len(text.added) + more
        if size >= _CHUNK_CHARS:
            yield start, texts
            start, size, texts = start + len(texts), 0, []
    if texts:
        yield start, texts


def hashed(texts: Sequence[Comparable], ngram: int) -> Shingles:
    """The shingles of instruction, removed and added lines, each as a text of its own."""
    streams = [part for text in texts for part in (text.instruction, text.removed, text.added)]
    return shingles(streams, ngram, KINDS)


def exact_hash(text: Comparable) -> str:
    """Hash of everything that is compared, case and punctuation included (BLAKE2b, 32 hex)."""
    joined = "\x00".join((text.instruction, text.removed, text.added))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _structures(rows: pa.RecordBatch, spec: SketchSpec) -> pa.Array:
    if spec.plain:
        return pa.nulls(rows.num_rows, pa.string())
    columns = [rows.column(name).to_pylist() for name in ("response", "language")]
    found = [
        structure_hash(response or "", language or "", spec.min_structure)
        for response, language in zip(*columns, strict=True)
    ]
    return pa.array(found, pa.string())


def _sketch(
    ids: pa.Array, structures: pa.Array, texts: Sequence[Comparable], spec: SketchSpec
) -> pa.RecordBatch:
    sets = hashed(texts, spec.ngram).merged(len(KINDS)).distinct()
    if spec.scheme == "datasketch":
        signature = datasketch_signatures(
            [_marked_shingles(text, spec.ngram) for text in texts], spec.num_perm, spec.seed
        )
    else:
        signature = signatures(sets, spec.num_perm, spec.seed)
    keys = band_hashes(signature, spec.bands, spec.rows)
    filled = ~is_empty(signature)
    return pa.RecordBatch.from_arrays(
        [
            ids,
            pa.array([exact_hash(text) for text in texts], pa.string()),
            structures,
            pa.array(np.diff(sets.offsets), pa.int32()),
            _lists(keys[filled].ravel(), filled * spec.bands),
        ],
        names=["pair_id", "exact_hash", "structure", "size", "bands"],
    )


def _marked_shingles(text: Comparable, ngram: int) -> list[str]:
    parts = (text.instruction, text.removed, text.added)
    return [
        kind + shingle
        for kind, part in zip(KINDS, parts, strict=True)
        for shingle in shingle_texts(part, ngram)
    ]


def _lists(values: np.ndarray, sizes: np.ndarray) -> pa.ListArray:
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.int64()))
