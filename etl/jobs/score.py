"""Score any rows with an instruction and a response, by the rules that score pairs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.errors import ConfigError
from etl.gold.score_pairs import ScoreParams
from etl.io.datasets import (
    LINE,
    Dataset,
    column_names,
    find_dataset,
    new_folder,
    read_dataset,
    rewritten,
    write_dataset,
)
from etl.schemas.arrow import to_arrow_schema
from udfs.quality.parts import Pair
from udfs.quality.score import PARTS, Verdict, judge
from udfs.quality.score_udf import ScoreSpec

_REASON = "the part that failed"  # a column on the way; no table of ours or others has it
_SCORE = "the score"
_ADDED = t.StructType(
    [
        t.StructField("score", t.DoubleType()),
        t.StructField("quality", t.StructType([t.StructField(p, t.DoubleType()) for p in PARTS])),
        t.StructField("score_evidence", t.StringType()),
        t.StructField("below_bar", t.StringType()),
    ]
)
_REASONS = (*(f"{part}_below_bar" for part in PARTS), "score_below_bar")


@dataclass(frozen=True)
class Columns:
    """Names of the columns that are read; without one of contexts no context is asked for."""

    instruction: str
    response: str
    context: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are named."""
        named = (self.instruction, self.response, self.context)
        return tuple(name for name in named if name is not None)


def score_dataset(
    spark: SparkSession, source: Path, target: Path, columns: Columns, params: ScoreParams
) -> dict[str, Any]:
    """Score a dataset, row by row, and write it in the same format with four columns more.

    They are `score`, `quality` (the parts, 0 to 1 or null), `score_evidence` and `below_bar` (the
    part or total that is under the bar; null if none). Of JSON lines, what is no object stays.

    Args:
        spark: the session.
        source: Delta table, or file or folder of Parquet or JSON lines.
        target: folder to make; it must not hold anything.
        columns: what is read of each row.
        params: weights and bars.

    Returns:
        The folder, its format, and the counts: rows, rows scored, their mean, rows under the bar by
        reason.

    Raises:
        ConfigError: a column is not there or holds no string, or one of the four is there already;
            of JSON lines the fields of the first ones count.
        SourceError: the source is none of these, or the target is not empty.
    """
    dataset = find_dataset(source)
    with new_folder(target) as folder:
        frame = read_dataset(spark, dataset)
        _check(frame, dataset, columns)
        scored = _scored(frame, dataset, columns, params.to_spec())
        observed = Observation()
        counts = [f.count_if(f.col(_REASON) == reason).alias(reason) for reason in _REASONS]
        counted = scored.observe(
            observed,
            f.count(f.lit(1)).alias("rows"),
            f.count(_SCORE).alias("rows scored"),
            f.avg(_SCORE).alias("mean"),
            *counts,
        )
        write_dataset(counted.drop(_REASON, _SCORE), dataset, folder)
        found = observed.get
    return {
        "folder": str(target.expanduser().absolute()),
        "format": dataset.kind,
        "rows": found["rows"],
        "rows_scored": found["rows scored"],
        "mean_score": found["mean"],
        "below_bar": {reason: found[reason] for reason in _REASONS if found[reason]},
    }


def _check(frame: DataFrame, dataset: Dataset, columns: Columns) -> None:
    names = column_names(frame, dataset)
    if dataset.kind == "jsonl":
        known, what = names, "field"  # of what kind each is, its own line says
    else:
        strings = {c.name for c in frame.schema.fields if isinstance(c.dataType, t.StringType)}
        known, what = [name for name in names if name in strings], "column of strings"
    unknown = [name for name in columns.names if name not in known]
    if unknown:
        raise ConfigError(
            f"{dataset.path} has no {what} {', '.join(unknown)}. It has: "
            f"{', '.join(known) or 'none'}. Name one of these."
        )
    taken = sorted(set(names) & set(_ADDED.names))
    if taken:
        raise ConfigError(
            f"{dataset.path} has {', '.join(taken)} already, which scoring adds. Rename or drop "
            "that first."
        )


def _scored(frame: DataFrame, dataset: Dataset, columns: Columns, spec: ScoreSpec) -> DataFrame:
    """The rows with their scores, and score and reason once more to be counted."""
    is_jsonl = dataset.kind == "jsonl"
    schema = t.StructType(
        [
            *frame.schema.fields,
            *(() if is_jsonl else _ADDED.fields),
            t.StructField(_REASON, t.StringType()),
            t.StructField(_SCORE, t.DoubleType()),
        ]
    )
    target = to_arrow_schema(schema)

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield (_lines if is_jsonl else _rows)(batch, columns, spec, target)

    return frame.mapInArrow(run, schema)


def _judged(values: Iterable[Any], columns: Columns, spec: ScoreSpec) -> Verdict | None:
    """The verdict on (instruction, response, context if there is a column of it)."""
    instruction, response, *context = values
    if not isinstance(instruction, str) or not isinstance(response, str):
        return None
    known = None if columns.context is None else ""
    if context and isinstance(context[0], str):
        known = context[0]
    pair = Pair(instruction, response, known, None, None, ())
    return judge(pair, spec.weights_of(None, None), spec.bar)


def _rows(
    batch: pa.RecordBatch, columns: Columns, spec: ScoreSpec, schema: pa.Schema
) -> pa.RecordBatch:
    texts = [batch.column(name).to_pylist() for name in columns.names]
    verdicts = [_judged(row, columns, spec) for row in zip(*texts, strict=True)]
    added = [None if verdict is None else _fields(verdict) for verdict in verdicts]
    made = [
        pa.array([fields and fields[name] for fields in added], schema.field(name).type)
        for name in _ADDED.names
    ]
    return pa.RecordBatch.from_arrays([*batch.columns, *made, *_told(verdicts)], schema=schema)


def _lines(
    batch: pa.RecordBatch, columns: Columns, spec: ScoreSpec, schema: pa.Schema
) -> pa.RecordBatch:
    done = [score_line(line, columns, spec) for line in batch.column(LINE).to_pylist()]
    lines = pa.array([line for line, _ in done], schema.types[0])
    return pa.RecordBatch.from_arrays([lines, *_told([v for _, v in done])], schema=schema)


def _told(verdicts: list[Verdict | None]) -> list[pa.Array]:
    return [
        pa.array([None if v is None else v.below for v in verdicts], pa.string()),
        pa.array([None if v is None else v.score for v in verdicts], pa.float64()),
    ]


def _fields(verdict: Verdict) -> dict[str, Any]:
    return {
        "score": verdict.score,
        "quality": {name: finding.value for name, finding in verdict.parts.items()},
        "score_evidence": verdict.evidence,
        "below_bar": verdict.below,
    }


def score_line(line: str, columns: Columns, spec: ScoreSpec) -> tuple[str, Verdict | None]:
    """Add its score to a JSON object; what has no instruction or response stays as it is."""
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            return line, None
        verdict = _judged([fields.get(name) for name in columns.names], columns, spec)
        if verdict is None:
            return line, None
        return rewritten(line, fields | _fields(verdict)), verdict
    except (ValueError, RecursionError):
        return line, None  # no JSON, or nested by the hundred


def report_text(report: dict[str, Any]) -> str:
    """What was written, and what is under the bar, for people."""
    mean = "" if report["mean_score"] is None else f", mean score {report['mean_score']:.3f}"
    lines = [
        f"{report['rows']:,} rows, {report['rows_scored']:,} of them scored{mean}, "
        f"as {report['format']} in\n  {report['folder']}"
    ]
    width = max((len(reason) for reason in report["below_bar"]), default=0)
    lines += [f"  {reason:<{width}}  {count:>9,}" for reason, count in report["below_bar"].items()]
    return "\n".join(lines)
