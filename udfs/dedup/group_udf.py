"""Arrow wrapper: sketches of a whole corpus, in one task, become groups to be verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from udfs.dedup.candidates import Ints, Search, candidate_pairs
from udfs.dedup.components import component_of

GROUP_DDL: Final = (
    "pair_id string, exact_hash string, structure string, group string, links array<string>"
)
NEW, KEPT, GONE = "new", "kept", "gone"
"""What became of a pair since the clusters were formed."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Sketches in the order of their ids.

    Attributes:
        ids: pair_id, sorted.
        exact: number of the exact hash of each.
        structure: number of the structure of each; negative where it has none.
        sizes: distinct shingles.
        bands: bucket keys; one row each of the ``filled``.
        filled: which have any text.
    """

    ids: pa.Array
    exact: Ints
    structure: Ints
    sizes: Ints
    bands: Ints
    filled: Flags

    def take(self, rows: Flags) -> _Corpus:
        return _Corpus(
            self.ids.filter(pa.array(rows)),
            self.exact[rows],
            self.structure[rows],
            self.sizes[rows],
            self.bands[rows[self.filled]],
            self.filled[rows],
        )


def group_batches(batches: Iterator[pa.RecordBatch], *, search: Search) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow` over one partition: the columns of `GROUP_DDL`.

    Pairs are of one group when candidates or exact copies lead from one to the other; ``group``
    is null for a pair that meets nobody. ``links`` names, for one pair of each set of copies, the
    candidates after it; for its copies it is null.

    Where the input has the columns state and cluster_id, clusters were formed before: pairs are
    `NEW`, `KEPT` or `GONE`, and only those come out whose cluster may not be what it was. These
    are the new ones, and each cluster that lost a pair or has one in a bucket of a pair that came
    or went. Buckets are then looked at with all that is in them, so that every pair is compared
    with those that it would meet if all were new. Where all that was done before, the column is_due
    says which come out.
    """
    found = list(batches)
    if not sum(batch.num_rows for batch in found):
        return
    table = pa.Table.from_batches(found).combine_chunks()
    table = table.take(pc.sort_indices(table, [("pair_id", "ascending")]))
    corpus = _corpus(table)
    due = np.ones(len(table), np.bool_)
    if "is_due" in table.column_names:
        due = table.column("is_due").to_numpy()
    elif "state" in table.column_names:
        state = np.array(table.column("state").to_pylist())
        due = _touched(corpus, state, _codes(table.column("cluster_id")))
        around = (_meets(corpus, due) | due) & (state != GONE)
        table, due = table.filter(pa.array(around)), due[around]
        corpus = corpus.take(around)
    yield from _groups(table, corpus, due, search).to_batches(max_chunksize=10_000)


def _corpus(table: pa.Table) -> _Corpus:
    sizes = table.column("size").to_numpy().astype(np.int64)
    lists = table.column("bands").combine_chunks()
    filled = pc.list_value_length(lists).to_numpy() > 0
    flat = lists.flatten().to_numpy()
    bands = flat.reshape(filled.sum(), -1) if len(flat) else np.zeros((0, 1), np.int64)
    return _Corpus(
        table.column("pair_id").combine_chunks(),
        _codes(table.column("exact_hash")),
        _codes(table.column("structure")),
        sizes,
        bands,
        filled,
    )


def _codes(column: pa.ChunkedArray) -> Ints:
    """A number for each value; -1 for null."""
    codes = pc.fill_null(column.combine_chunks().dictionary_encode().indices, -1)
    numbers: Ints = codes.to_numpy().astype(np.int64)
    return numbers


def _touched(corpus: _Corpus, state: NDArray[np.str_], cluster: Ints) -> Flags:
    """The pairs that are new, and those whose cluster a pair that came or went can reach."""
    is_changed = state != KEPT
    near = _meets(corpus, is_changed) | np.isin(corpus.exact, corpus.exact[is_changed])
    near |= (corpus.structure >= 0) & np.isin(corpus.structure, corpus.structure[is_changed])
    # What a pair that went was linked to has a bucket, hash or structure with it.
    hit = np.unique(cluster[near & (state == KEPT)])
    touched: Flags = ((state == NEW) | np.isin(cluster, hit)) & (state != GONE)
    return touched


def _meets(corpus: _Corpus, rows: Flags) -> Flags:
    """Which pairs share a bucket with some."""
    buckets = np.unique(corpus.bands[rows[corpus.filled]])
    found = np.zeros(len(rows), np.bool_)
    if len(buckets):
        found[corpus.filled] = np.isin(corpus.bands, buckets).any(axis=1)
    return found


def _groups(table: pa.Table, corpus: _Corpus, due: Flags, search: Search) -> pa.Table:
    rows = len(table)
    _, first, copy_of = np.unique(corpus.exact, return_index=True, return_inverse=True)
    lead = first[copy_of]  # of equal pairs the one with the smallest id
    shaped = np.flatnonzero(corpus.structure >= 0)
    _, first, shape_of = np.unique(corpus.structure[shaped], return_index=True, return_inverse=True)
    like = shaped[first[shape_of]]  # and of those that are equal but for their names
    is_lead = lead == np.arange(rows)
    compared = np.flatnonzero(is_lead & corpus.filled)
    one, other = candidate_pairs(
        corpus.bands[is_lead[corpus.filled]], corpus.sizes[compared], search
    )
    one, other = compared[one], compared[other]
    both = due[one] & due[other]
    one, other = one[both], other[both]
    copies = np.flatnonzero(~is_lead)
    ends = (
        np.concatenate((one, copies, shaped[shaped != like])),
        np.concatenate((other, lead[copies], like[shaped != like])),
    )
    least = component_of(rows, *ends)
    has_group = np.zeros(rows, np.bool_)
    has_group[np.concatenate(ends)] = True
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(one, minlength=rows), out=offsets[1:])
    ids = corpus.ids
    group = pc.if_else(pa.array(has_group), ids.take(pa.array(least)), None)
    links = pa.ListArray.from_arrays(
        pa.array(offsets), ids.take(pa.array(other)), mask=pa.array(~is_lead)
    )
    out = pa.Table.from_arrays(
        [ids, table.column("exact_hash"), table.column("structure"), group, links],
        names=["pair_id", "exact_hash", "structure", "group", "links"],
    )
    return out.filter(pa.array(due))
