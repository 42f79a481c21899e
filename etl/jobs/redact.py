"""Write any rows anew with placeholders for their secrets and personal data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.io.datasets import (
    LINE,
    Dataset,
    find_dataset,
    new_folder,
    read_dataset,
    rewritten,
    string_columns,
    write_dataset,
)
from etl.schemas.arrow import to_arrow_schema
from udfs.secrets import KINDS, redact_values

_COUNTS = "redacted places by kind"  # a column on the way; no table of ours or others has it


def redact_dataset(
    spark: SparkSession, source: Path, target: Path, columns: Sequence[str]
) -> dict[str, Any]:
    """Redact the strings of a dataset, row by row, and write it in the same format.

    Args:
        spark: the session.
        source: Delta table, or file or folder of Parquet or JSON lines.
        target: folder to make; it must not hold anything.
        columns: columns to redact, with all strings inside them; none: every column with strings.

    Returns:
        The folder, its format, and the counts: rows, rows with a placeholder, places by kind.

    Raises:
        ConfigError: a column is not there or holds no string.
        SourceError: the source is none of these, or the target is not empty.
    """
    dataset = find_dataset(source)
    with new_folder(target) as folder:
        frame = read_dataset(spark, dataset)
        redacted = _redacted(frame, dataset, string_columns(frame, dataset, columns))
        observed = Observation()
        places = [f.coalesce(f.sum(f.col(_COUNTS)[kind]), f.lit(0)).alias(kind) for kind in KINDS]
        touched = f.count_if(f.size(_COUNTS) > 0).alias("rows redacted")
        counted = redacted.observe(observed, f.count(f.lit(1)).alias("rows"), touched, *places)
        write_dataset(counted.drop(_COUNTS), dataset, folder)
        found = observed.get
    return {
        "folder": str(target.expanduser().absolute()),
        "format": dataset.kind,
        "rows": found["rows"],
        "rows_redacted": found["rows redacted"],
        "places": {kind: found[kind] for kind in KINDS if found[kind]},
    }


def _redacted(frame: DataFrame, dataset: Dataset, columns: list[str]) -> DataFrame:
    """The rows, redacted, with the counts of each in a map."""
    counts = t.StructField(_COUNTS, t.MapType(t.StringType(), t.LongType()))
    schema = t.StructType([*frame.schema.fields, counts])
    target = to_arrow_schema(schema)
    is_jsonl = dataset.kind == "jsonl"

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield (
                _line_batch(batch, columns, target) if is_jsonl else _batch(batch, columns, target)
            )

    return frame.mapInArrow(run, schema)


def _batch(batch: pa.RecordBatch, columns: Sequence[str], schema: pa.Schema) -> pa.RecordBatch:
    texts = [batch.column(name).to_pylist() for name in columns]
    rows = [redact_values(list(row)) for row in zip(*texts, strict=True)]
    found: list[Any] = [list(counts.items()) for _, counts in rows] or [[]] * batch.num_rows
    arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
    if any(found):
        for name, values in zip(columns, zip(*(row for row, _ in rows), strict=True), strict=True):
            arrays[name] = pa.array(values, schema.field(name).type)
    return pa.RecordBatch.from_arrays(
        [*(arrays[name] for name in schema.names[:-1]), pa.array(found, schema.types[-1])],
        schema=schema,
    )


def _line_batch(batch: pa.RecordBatch, columns: Sequence[str], schema: pa.Schema) -> pa.RecordBatch:
    done = [redact_line(line, columns) for line in batch.column(LINE).to_pylist()]
    lines = pa.array([line for line, _ in done], schema.types[0])
    return pa.RecordBatch.from_arrays(
        [lines, pa.array([list(counts.items()) for _, counts in done], schema.types[-1])],
        schema=schema,
    )


def redact_line(line: str, columns: Sequence[str]) -> tuple[str, Counter[str]]:
    """Redact the fields of a JSON object; a line without a secret stays as it is.

    What is no JSON object is redacted as a text.
    """
    try:
        fields = json.loads(line)
        if isinstance(fields, dict):
            return _redact_fields(line, fields, columns)
    except (ValueError, RecursionError):
        pass  # no JSON, or nested by the hundred
    (text,), counts = redact_values([line])
    return text, counts


def _redact_fields(
    line: str, fields: dict[str, Any], columns: Sequence[str]
) -> tuple[str, Counter[str]]:
    names = [name for name in fields if not columns or name in columns]
    values, counts = redact_values([fields[name] for name in names])
    if not counts:
        return line, counts
    return rewritten(line, fields | dict(zip(names, values, strict=True))), counts


def report_text(report: dict[str, Any]) -> str:
    """What was written, and the places by kind, for people."""
    lines = [
        f"{report['rows']:,} rows, {report['rows_redacted']:,} of them redacted, "
        f"as {report['format']} in\n  {report['folder']}"
    ]
    width = max((len(kind) for kind in report["places"]), default=0)
    lines += [f"  {kind:<{width}}  {count:>9,}" for kind, count in report["places"].items()]
    return "\n".join(lines)
