"""Bronze benchmarks: the problems that pairs must not give away, from files that the user names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as t

from etl.bronze.benchmark_records import (
    BenchmarkParams,
    BenchmarkUnreadable,
    Refused,
    problem_of,
    read_records,
)
from etl.schemas.arrow import to_arrow_schema
from etl.schemas.bronze import BENCHMARKS

FILES = t.StructType(
    [t.StructField("path", t.StringType(), False), t.StructField("params", t.StringType(), False)]
)
READ = t.StructType(
    [
        *(t.StructField(c.name, c.dataType, True) for c in BENCHMARKS.columns),
        t.StructField("key", t.StringType()),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)
UNREADABLE = "file_unreadable"
_BATCH_ROWS, _BATCH_CHARACTERS = 200, 8_000_000


def _rows(path: str, benchmark: BenchmarkParams) -> Iterator[dict[str, Any]]:
    place = {"batch_id": benchmark.name}
    try:
        for record in read_records(path):
            found = problem_of(record, benchmark)
            key = {"key": f"record {record.digest}"}
            if isinstance(found, Refused):
                yield place | key | {"reason": found.reason, "detail": found.detail}
            else:
                yield place | key | found
    except BenchmarkUnreadable as error:
        yield place | {"reason": UNREADABLE, "detail": str(error)}


def read_benchmark(path: str, benchmark: BenchmarkParams) -> Iterator[pa.RecordBatch]:
    """The records of a file as Arrow batches of bounded size, with the columns of READ."""
    schema = to_arrow_schema(READ)
    rows: list[dict[str, Any]] = []
    characters = 0
    for row in _rows(path, benchmark):
        rows.append(row)
        characters += sum(len(value) for value in row.values() if value)
        if len(rows) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
            rows, characters = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=schema)


def ingest_benchmarks(files: DataFrame) -> DataFrame:
    """Every record of the files: a problem, or a reason; and a row for each unreadable file.

    Args:
        files: columns of FILES; `params` is the JSON of BenchmarkParams.

    Returns:
        Columns of READ; a record that a file holds twice is there twice.
    """

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in batch.to_pylist():
                yield from read_benchmark(
                    row["path"], BenchmarkParams.model_validate_json(row["params"])
                )

    return files.mapInArrow(read, READ)
