"""Arrow wrapper: documents sorted by bucket become candidate pairs, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from udfs.dedup.candidates import Ints, Search, nearby_pairs

MET_DDL: Final = "bucket bigint, a bigint, b bigint"
_PIECE: Final = 1 << 16  # rows worked on together


class _Rows(NamedTuple):
    bucket: Ints
    ref: Ints
    size: Ints

    def take(self, chosen: NDArray[np.bool_] | slice) -> _Rows:
        return _Rows(*(column[chosen] for column in self))


def meet_batches(
    batches: Iterator[pa.RecordBatch], *, search: Search, piece: int = _PIECE
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: (bucket, ref, size), sorted by bucket, to the columns of `MET_DDL`.

    A bucket of up to ``max_bucket`` documents gives the pairs whose sizes allow the threshold. Of a
    hot one each document comes out by itself, as ``a`` without ``b``.
    """
    open_rows, is_hot = _Rows(*(np.zeros(0, np.int64) for _ in range(3))), False
    for rows in _pieces(batches, piece):
        joined = _Rows(*map(np.concatenate, zip(open_rows, rows, strict=True)))
        last = joined.bucket == joined.bucket[-1]
        # A bucket that was found to be hot before goes on to be.
        known = joined.bucket == open_rows.bucket[0] if is_hot else np.zeros(len(last), np.bool_)
        done, open_rows = joined.take(~last & ~known), joined.take(last)
        yield _hot(joined.take(known & ~last))
        yield from _resolve(done, search)
        is_hot = len(open_rows.bucket) > search.max_bucket or bool(is_hot and known[-1])
        if is_hot:
            yield _hot(open_rows.take(slice(1, None)))
            open_rows = open_rows.take(slice(0, 1))  # says which bucket, and comes out at its end
    yield _hot(open_rows) if is_hot else _pairs_of(open_rows, search)


def _pieces(batches: Iterator[pa.RecordBatch], piece: int) -> Iterator[_Rows]:
    held: list[_Rows] = []
    count = 0
    for batch in batches:
        held.append(_Rows(*(batch.column(n).to_numpy().astype(np.int64) for n in _Rows._fields)))
        count += batch.num_rows
        if count >= piece:
            yield _Rows(*map(np.concatenate, zip(*held, strict=True)))
            held, count = [], 0
    if count:
        yield _Rows(*map(np.concatenate, zip(*held, strict=True)))


def _resolve(rows: _Rows, search: Search) -> Iterator[pa.RecordBatch]:
    """What whole buckets give."""
    _, run, lengths = np.unique(rows.bucket, return_inverse=True, return_counts=True)
    of_run = lengths[run]
    yield _hot(rows.take(of_run > search.max_bucket))
    yield _pairs_of(rows.take((of_run > 1) & (of_run <= search.max_bucket)), search)


def _pairs_of(rows: _Rows, search: Search) -> pa.RecordBatch:
    one, other = nearby_pairs(rows.bucket, rows.size, search.max_bucket, search.threshold)
    ends = rows.ref[one], rows.ref[other]
    return _batch([rows.bucket[one], np.minimum(*ends), np.maximum(*ends)])


def _hot(rows: _Rows) -> pa.RecordBatch:
    return _batch([rows.bucket, rows.ref, pa.nulls(len(rows.ref), pa.int64())])


def _batch(columns: Sequence[object]) -> pa.RecordBatch:
    arrays = [pa.array(column, pa.int64()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, names=["bucket", "a", "b"])
