"""Any rows come out in their format without those that give a problem away."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.errors import CheckError, ConfigError, SourceError
from etl.jobs.decontaminate_dataset import (
    decontaminate_dataset,
    line_fields,
    named_benchmarks,
    read_problems,
    report_text,
    strings_in,
)
from tests.udfs.decontamination.problems import GAP, PROBLEMS

PARAMS = read_config(conf_folder()).decontamination
LEAK = f"Write it.\n\n{GAP.prompt}{GAP.solution}"


def lines_of(folder: Path) -> list[str]:
    return [
        line
        for file in sorted(folder.iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def test_json_lines_keep_their_order_and_what_goes_stands_beside(
    spark: SparkSession, tmp_path: Path
) -> None:
    lines = [json.dumps({"n": at, "q": LEAK if at == 2 else "Add it"}) for at in range(5)]
    (tmp_path / "in.jsonl").write_text("\n".join([*lines, "no JSON"]) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"--column text: .* It has: n, q"):
        decontaminate_dataset(
            spark, tmp_path / "in.jsonl", tmp_path / "out", ["text"], PROBLEMS, PARAMS
        )
    assert not list(tmp_path.glob("*out*"))
    report = decontaminate_dataset(
        spark, tmp_path / "in.jsonl", tmp_path / "out", ["q"], PROBLEMS, PARAMS
    )
    assert (report["rows"], report["rows_taken_out"]) == (6, 1)
    assert lines_of(tmp_path / "out") == [*lines[:2], *lines[3:], "no JSON"]
    (taken,) = map(json.loads, lines_of(tmp_path / "out-hits"))
    assert taken["value"] == lines[2]
    assert {hit["level"] for hit in taken["contamination_hits"]} >= {"substring", "tokens"}
    assert "own tokens" in report_text(report)


def test_parquet_with_texts_at_any_depth(spark: SparkSession, tmp_path: Path) -> None:
    said = [[{"role": "user", "content": text}] for text in ("Add it", LEAK)]
    rows = pa.table({"n": [1, 2, 3], "messages": [*said, None]})
    pq.write_table(rows, tmp_path / "in.parquet")
    decontaminate_dataset(spark, tmp_path / "in.parquet", tmp_path / "out", [], PROBLEMS, PARAMS)
    assert pq.read_table(tmp_path / "out").to_pylist() == [rows.to_pylist()[0], rows.to_pylist()[2]]
    (taken,) = map(json.loads, lines_of(tmp_path / "out-hits"))
    assert taken["n"] == 2 and taken["contamination_hits"][0]["field"] == "messages"
    # Then a solution is not found any more that is split over two fields.
    broken = PARAMS.model_copy(update={"token_share": 1.0})
    with pytest.raises(CheckError, match="planted problems were missed"):
        decontaminate_dataset(
            spark, tmp_path / "in.parquet", tmp_path / "none", [], PROBLEMS, broken
        )
    assert not (tmp_path / "none").exists()


def test_benchmarks_are_known_by_their_fields(tmp_path: Path) -> None:
    problem = {"task_id": "X/1", "prompt": GAP.prompt, "canonical_solution": GAP.solution}
    problem |= {"test": "assert True", "entry_point": "widest_gap"}
    plain, pack = tmp_path / "Plain.jsonl.gz", tmp_path / "pack.jsonl"
    with gzip.open(plain, "wt", encoding="utf-8") as file:
        file.write(json.dumps(problem) + "\n" + json.dumps({"task_id": "X/2"}) + "\n")
    pack.write_text(json.dumps(problem | {"task_id": "Go/1", "declaration": ""}) + "\n")
    found = named_benchmarks([plain, pack])
    assert [(one.name, one.format) for one in found] == [
        ("plain", "humaneval"),
        ("pack", "humanevalpack"),
    ]
    assert [(one.problem_id, one.language) for one in read_problems(found)] == [
        ("X/1", "python"),
        ("Go/1", "go"),
    ]
    pack.write_text('{"question": "?"}\n')
    with pytest.raises(ConfigError, match="the fields question, which no format"):
        named_benchmarks([pack])
    with pytest.raises(SourceError, match=r"There is no file .*absent"):
        named_benchmarks([tmp_path / "absent.jsonl"])
    with pytest.raises(ConfigError, match="no problem to look for"):
        read_problems([])


def test_strings_of_a_row_are_taken_in_their_order() -> None:
    assert strings_in({"a": ["x", {"b": "y"}], "c": 1, "d": ("z", None)}) == "x\n\ny\n\nz"
    assert line_fields('{"a": "x", "b": ["y"]}', ["b"]) == {"b": "y"}
    assert line_fields("[1]", []) == {"value": "[1]"}
