"""The Arrow wrapper adds nothing of its own: same rows in any batching."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash

from udfs.dedup.banding import band_hashes
from udfs.dedup.sketch_udf import Scheme, SketchSpec, sketch_batches

ROWS: list[dict[str, str | None]] = [
    {"pair_id": "p1", "instruction": "", "response": ""},
    {"pair_id": "p2", "instruction": "Add a cache", "response": "x = 1\ny = 2 + x and so on"},
    {"pair_id": "p3", "instruction": "add  a cache", "response": "x = 1\ny = 2 + x and so on"},
    {"pair_id": "p4", "instruction": "Add a  cache", "response": "x = 1 y = 2 + x and so on"},
    {"pair_id": "p5", "instruction": None, "response": None},
]


def sketch(batch_rows: int, scheme: Scheme = "binned") -> list[dict[str, object]]:
    spec = SketchSpec(3, 12, 4, bands=4, rows=3, scheme=scheme, min_structure=9, plain=False)
    batches = [
        pa.RecordBatch.from_pylist(
            [{"language": "python", **row} for row in ROWS[i : i + batch_rows]]
        )
        for i in range(0, len(ROWS), batch_rows)
    ]
    table = pa.Table.from_batches(sketch_batches(iter(batches), spec=spec))
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


@pytest.mark.parametrize("scheme", ["binned", "datasketch"])
def test_batching_does_not_matter(scheme: Scheme) -> None:
    assert sketch(1, scheme) == sketch(2, scheme) == sketch(5, scheme)


def test_only_white_space_is_forgiven_by_the_exact_hash() -> None:
    rows = {str(row["pair_id"]): row for row in sketch(5)}
    assert rows["p2"]["exact_hash"] == rows["p4"]["exact_hash"] != rows["p3"]["exact_hash"]
    assert rows["p2"]["bands"] == rows["p4"]["bands"]
    assert rows["p2"]["size"] == rows["p4"]["size"] == 7
    assert rows["p1"]["bands"] == rows["p5"]["bands"] == []
    assert rows["p1"]["size"] == 0


def test_the_datasketch_scheme_bands_what_datasketch_would_sign() -> None:
    marked = [
        "i add a cache",
        "+ x 1 y",
        "+ 1 y 2",
        "+ y 2 x",
        "+ 2 x and",
        "+ x and so",
        "+ and so on",
    ]
    sketcher = MinHash(num_perm=12, seed=4)
    sketcher.update_batch([item.encode() for item in marked])
    row = sketch(5, "datasketch")[1]
    assert row["bands"] == band_hashes(np.array([sketcher.hashvalues]), 4, 3)[0].tolist()


def test_what_is_carried_and_plain_texts() -> None:
    spec = SketchSpec(3, 12, 4, bands=4, rows=3, scheme="binned", min_structure=9, plain=True)
    rows = [
        {"pair_id": "p1", "instruction": "not read", "response": "--- a\n+++ b", "language": ""},
        {"pair_id": "p2", "instruction": "", "response": "---  a +++ b", "language": ""},
    ]
    batch = pa.RecordBatch.from_pylist([row | {"repo_id": "r"} for row in rows])
    (done,) = sketch_batches(iter([batch]), spec=spec, carried=("repo_id",))
    one, other = done.to_pylist()
    assert one["exact_hash"] == other["exact_hash"]
    assert one["repo_id"] == "r"
    assert one["structure"] is None
