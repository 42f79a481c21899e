"""Benchmarks over the life of a home: read once, read again when changed, gone when unnamed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.bronze.benchmark_records import BenchmarkFields, BenchmarkParams
from etl.errors import SourceError
from etl.jobs.context import Context
from etl.jobs.run import run_task
from etl.schemas.bronze import BENCHMARKS
from etl.schemas.ops import REJECTS, ROW_LEDGER
from tests.contexts import open_home


def write(path: Path, *records: Any) -> None:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")


def having(context: Context, *benchmarks: BenchmarkParams) -> Context:
    return replace(
        context, config=context.config.model_copy(update={"benchmarks": tuple(benchmarks)})
    )


def ids(context: Context) -> set[tuple[str, str, str]]:
    rows = context.warehouse.read(BENCHMARKS).collect()
    assert len({row["problem_hash"] for row in rows}) == len(rows)
    return {(row["benchmark"], row["problem_id"], row["language"]) for row in rows}


def ledger(context: Context) -> dict[str, tuple[int, ...]]:
    sums = ("input_keys", "used", "rejected", "merged", "output_rows")
    rows = context.warehouse.read(ROW_LEDGER).where("task = 'ingest_benchmarks'").collect()
    return {row["batch_id"]: tuple(row[name] for name in sums) for row in rows}


def test_benchmarks_over_their_life(spark: SparkSession, tmp_path: Path) -> None:
    own, mbpp = tmp_path / "own.jsonl", tmp_path / "mbpp.jsonl"
    write(own, {"k": "a", "q": "Sum"}, {"k": "b", "q": "Sort"}, {"k": "b", "q": "Sort"}, {"k": "c"})
    write(mbpp, {"task_id": 1, "text": "Add", "code": "x", "test_list": ["assert x"]})
    named = BenchmarkParams(
        name="own",
        path=str(own),
        format="fields",
        language="go",
        fields=BenchmarkFields(id="k", prompt=("q",)),
    )
    preset = BenchmarkParams(name="mbpp", path=str(mbpp), format="mbpp")
    bare = open_home(spark, tmp_path / "home")
    assert run_task(bare, "ingest_benchmarks").units == 0
    assert not bare.warehouse.exists(BENCHMARKS)

    context = having(bare, named, preset)
    done = run_task(context, "ingest_benchmarks")
    assert (done.units, done.counts["bronze.benchmarks"], done.counts["rejected"]) == (2, 3, 1)
    three = {("own", "a", "go"), ("own", "b", "go"), ("mbpp", "1", "python")}
    assert ids(context) == three
    assert ledger(context) == {"own": (3, 2, 1, 0, 2), "mbpp": (1, 1, 0, 0, 1)}
    (reject,) = context.warehouse.read(REJECTS).collect()
    assert (reject["reason"], reject["batch_id"]) == ("field_missing", "own")
    assert reject["detail"] == "record 4 has no `q`; it has: k"

    version = context.warehouse.version(BENCHMARKS)
    assert run_task(context, "ingest_benchmarks").units == 0
    assert context.warehouse.version(BENCHMARKS) == version

    write(mbpp, {"task_id": 1, "text": "Add"}, {"task_id": 2, "text": "Subtract"})
    assert run_task(having(context, preset), "ingest_benchmarks").units == 1
    assert ids(context) == {("mbpp", "1", "python"), ("mbpp", "2", "python")}
    assert ledger(context) == {"mbpp": (2, 2, 0, 0, 2)}

    assert run_task(having(context), "ingest_benchmarks").units == 1
    assert (ids(context), ledger(context)) == (set(), {})
    assert context.warehouse.read(REJECTS).isEmpty()
    assert run_task(having(context), "ingest_benchmarks").units == 0


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_written(
    spark: SparkSession, tmp_path: Path
) -> None:
    home = open_home(spark, tmp_path / "home")
    absent = BenchmarkParams(name="absent", path=str(tmp_path / "x.jsonl"), format="mbpp")
    with pytest.raises(SourceError, match=r"benchmarks\.absent: there is no file .*x\.jsonl"):
        run_task(having(home, absent), "ingest_benchmarks")
    (tmp_path / "cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08")
    cut = BenchmarkParams(name="cut", path=str(tmp_path / "cut.jsonl.gz"), format="mbpp")
    with pytest.raises(SourceError, match=r"benchmarks\.cut: .*Nothing was written"):
        run_task(having(home, cut), "ingest_benchmarks")
    assert not home.warehouse.exists(BENCHMARKS)
