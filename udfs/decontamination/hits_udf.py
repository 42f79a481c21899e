"""Arrow wrapper: the problems that pairs give away, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from udfs.decontamination.index import Index
from udfs.decontamination.search import find_problems

FIELDS: Final = ("instruction", "context", "response")
KEPT: Final = ("pair_id", "repo_id", "batch_id")
HITS_DDL: Final = (
    "pair_id string, repo_id string, batch_id string, benchmark string, problem_id string, "
    "level string, field string, span_start int, span_end int, share double, evidence string"
)
_HITS: Final = pa.schema(
    [
        *((name, pa.string()) for name in (*KEPT, "benchmark", "problem_id", "level", "field")),
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
        ("share", pa.float64()),
        ("evidence", pa.string()),
    ]
)


def find_hits(batches: Iterator[pa.RecordBatch], *, index: Index) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: KEPT, language and FIELDS to the columns of `HITS_DDL`, a row a hit."""
    for batch in batches:
        rows = []
        for row in batch.to_pylist():
            fields = {name: row[name] or "" for name in FIELDS}
            for hit in find_problems(fields, row["language"] or None, index):
                rows.append(dict(zip(_HITS.names, [*(row[n] for n in KEPT), *hit], strict=True)))
        yield pa.RecordBatch.from_pylist(rows, schema=_HITS)
