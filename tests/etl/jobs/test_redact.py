"""Rows of any format come out in that format, with placeholders and counts."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

from etl.errors import ConfigError, SourceError
from etl.jobs.redact import redact_dataset, redact_line, report_text
from tests.udfs.secrets.samples import made_up

TOKEN = "ghp_" + made_up(36)
ROWS = pa.table(
    {
        "pair_id": ["5c" * 32, "7d" * 32, None],
        "weight": [1, 2, 3],
        "prompt": [f"Fix KEY = '{TOKEN}' of kim@initech.io", "Add a test", None],
        "messages": [
            [{"role": "user", "content": "kim@initech.io"}, {"role": "tool", "content": TOKEN}],
            [{"role": "user", "content": "Add a test"}],
            None,
        ],
    }
)
PROMPT = "Fix KEY = '<API_KEY_1>' of <EMAIL_1>"


def test_parquet_with_texts_at_any_depth(spark: SparkSession, tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "in.parquet")
    report = redact_dataset(spark, tmp_path / "in.parquet", tmp_path / "out", [])
    written = pq.read_table(tmp_path / "out").sort_by("weight").to_pylist()
    expected = ROWS.to_pylist()
    expected[0]["prompt"] = PROMPT
    expected[0]["messages"][0]["content"] = "<EMAIL_1>"
    expected[0]["messages"][1]["content"] = "<API_KEY_1>"
    assert written == expected
    assert report["places"] == {"email": 2, "api_key": 2}
    assert (report["rows"], report["rows_redacted"], report["format"]) == (3, 1, "parquet")
    assert "api_key          2" in report_text(report)


def test_delta_and_one_column(spark: SparkSession, tmp_path: Path) -> None:
    write_deltalake(tmp_path / "in", ROWS)
    with pytest.raises(ConfigError, match=r"--column text: .* It has: pair_id, prompt, messages"):
        redact_dataset(spark, tmp_path / "in", tmp_path / "out", ["text"])
    assert not list(tmp_path.glob("*out*"))
    redact_dataset(spark, tmp_path / "in", tmp_path / "out", ["prompt"])
    first, *_ = DeltaTable(tmp_path / "out").to_pyarrow_table().sort_by("weight").to_pylist()
    assert first == ROWS.to_pylist()[0] | {"prompt": PROMPT}


def test_json_lines_keep_their_order(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = [json.dumps(row) for row in ROWS.to_pylist()]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "in" / "notes.txt").write_text("kim@initech.io\n", encoding="utf-8")
    report = redact_dataset(spark, tmp_path / "in", tmp_path / "out", ["messages"])
    written = [
        line
        for file in sorted((tmp_path / "out").iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert written[1:] == lines[1:]
    first = json.loads(written[0])
    assert first["prompt"] == ROWS["prompt"][0].as_py()
    assert [message["content"] for message in first["messages"]] == ["<EMAIL_1>", "<API_KEY_1>"]
    assert report["places"] == {"email": 1, "api_key": 1}
    with pytest.raises(SourceError, match="not empty"):
        redact_dataset(spark, tmp_path / "in", tmp_path / "out", [])


def test_what_is_no_dataset_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n", encoding="utf-8")
    for name in ("a.csv", "absent"):
        with pytest.raises(SourceError, match=name):
            redact_dataset(spark, tmp_path / name, tmp_path / "out", [])


def test_lines_that_hold_no_secret_or_no_object_keep_their_form() -> None:
    odd = '{"a":1.50,  "b": [NaN, 1e400], "c": "\\ud800"}'
    assert redact_line(odd, []) == (odd, {})
    text, counts = redact_line('{"c":"\\ud83d kim@initech.io","n":10000000000000000000001}', [])
    assert text == '{"c": "\\ud83d <EMAIL_1>", "n": 10000000000000000000001}'
    assert counts == {"email": 1}
    assert redact_line("é kim@initech.io {", ["a"])[0] == "é <EMAIL_1> {"
    deep = "[" * 5_000 + '"kim@initech.io"' + "]" * 5_000
    assert "<EMAIL_1>" in redact_line('{"a": ' + deep + "}", [])[0]
    assert redact_line('{"é": "lee@globex.de"}', ["é"])[0] == '{"é": "<EMAIL_1>"}'
