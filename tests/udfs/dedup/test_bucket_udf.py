"""A stream of buckets gives what all rows at once do, wherever it is cut."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from udfs.dedup.bucket_udf import meet_batches
from udfs.dedup.candidates import Search


@pytest.mark.parametrize("piece", [1, 3, 10, 1_000])
def test_pairs_of_cold_buckets_and_rows_of_hot_ones(piece: int) -> None:
    random = np.random.default_rng(3)
    lengths = [1, 2, 5, 30, 1, 6, 4, 40, 3]
    rows = [
        {"bucket": number, "ref": int(random.integers(-(2**62), 2**62)), "size": size % 4 + 3}
        for number, length in enumerate(lengths)
        for size in range(length)
    ]
    batches = pa.Table.from_pylist(rows).to_batches(max_chunksize=2)
    search = Search(threshold=0.6, max_bucket=5, neighbours=1)
    out = [
        row
        for done in meet_batches(iter(batches), search=search, piece=piece)
        for row in done.to_pylist()
    ]
    hot = {(r["bucket"], r["ref"]) for r in rows if lengths[r["bucket"]] > 5}
    assert sorted((r["bucket"], r["a"]) for r in out if r["b"] is None) == sorted(hot)
    expected = sorted(
        (one["bucket"], *sorted((one["ref"], other["ref"])))
        for place, one in enumerate(rows)
        for other in rows[place + 1 :]
        if one["bucket"] == other["bucket"]
        and lengths[one["bucket"]] <= 5
        and min(one["size"], other["size"]) / max(one["size"], other["size"]) >= 0.6
    )
    assert sorted((r["bucket"], r["a"], r["b"]) for r in out if r["b"] is not None) == expected


def test_nothing_gives_nothing() -> None:
    out = meet_batches(iter([]), search=Search(0.7, 8, 2))
    assert sum(batch.num_rows for batch in out) == 0
