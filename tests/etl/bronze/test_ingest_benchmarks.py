"""Files become rows of bounded batches; a file that breaks off says so among them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from pyspark.sql.pandas.types import from_arrow_schema

from etl.bronze.benchmark_records import BenchmarkParams
from etl.bronze.ingest_benchmarks import READ, UNREADABLE, read_benchmark


def problem(number: int, size: int = 10) -> dict[str, str]:
    return {"task_id": f"T/{number}", "prompt": "p" * size, "canonical_solution": "s", "test": "t"}


def params(name: str) -> BenchmarkParams:
    return BenchmarkParams(name="tiny", path=name, format="humaneval")


def test_batches_are_bounded_by_rows_and_by_characters(tmp_path: Path) -> None:
    place = tmp_path / "x.jsonl"
    many = [problem(number) for number in range(450)]
    large = [problem(number, 5_000_000) for number in range(450, 454)]
    place.write_text("\n".join(json.dumps(one) for one in [*many, *large]), encoding="utf-8")
    batches = list(read_benchmark(str(place), params("x.jsonl")))
    assert [batch.num_rows for batch in batches] == [200, 200, 52, 2]
    assert from_arrow_schema(batches[0].schema) == READ
    assert {row["batch_id"] for batch in batches for row in batch.to_pylist()} == {"tiny"}


def test_a_file_that_breaks_off_ends_in_a_row_that_says_why(tmp_path: Path) -> None:
    place = tmp_path / "x.jsonl.gz"
    lines = "\n".join(json.dumps(problem(number)) for number in range(2000))
    place.write_bytes(gzip.compress(lines.encode())[:-30])
    rows = [r for b in read_benchmark(str(place), params("x.jsonl.gz")) for r in b.to_pylist()]
    assert [row["reason"] for row in rows].count(None) == len(rows) - 1
    assert (rows[-1]["reason"], rows[-1]["key"]) == (UNREADABLE, None)
    assert "EOFError" in rows[-1]["detail"]
