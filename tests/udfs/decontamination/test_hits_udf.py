"""Pairs come in as Arrow batches, and a row a hit comes out."""

from __future__ import annotations

import pyarrow as pa

from tests.udfs.decontamination.problems import GAP, PROBLEMS, SPEC
from udfs.decontamination.hits_udf import FIELDS, KEPT, find_hits
from udfs.decontamination.index import build_index


def test_rows_without_a_hit_give_none_and_nulls_are_no_texts() -> None:
    names = (*KEPT, "language", *FIELDS)
    pairs = [
        ("a", "r", "b", "python", "Add sums", None, "+1"),
        ("b", "r", "b", None, GAP.prompt, "", ""),
    ]
    batch = pa.RecordBatch.from_pylist([dict(zip(names, pair, strict=True)) for pair in pairs])
    (found,) = find_hits(iter([batch]), index=build_index(PROBLEMS, SPEC))
    rows = found.to_pylist()
    assert {row["pair_id"] for row in rows} == {"b"}
    assert {row["field"] for row in rows} == {"instruction"}
    assert {row["span_end"] - row["span_start"] > 20 for row in rows} == {True}
