"""Rows of any format come out in that format with their scores."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.errors import ConfigError
from etl.jobs.score import Columns, report_text, score_dataset, score_line
from udfs.quality.score import PARTS

DIFF = """diff --git a/net/client.py b/net/client.py
--- a/net/client.py
+++ b/net/client.py
@@ -1 +1 @@
-    response = session.get(url)
+    response = session.get(url, timeout=timeout_seconds)
"""
ASKED = "Pass timeout_seconds to `session.get` in net/client.py so that a stalled download ends"
ROWS = pa.table(
    {
        "id": [1, 2, 3],
        "asked": [ASKED, "fix", None],
        "answer": [DIFF, DIFF, DIFF],
        "before": ["    response = session.get(url)", "", None],
    }
)
COLUMNS = Columns("asked", "answer", "before")
PARAMS = read_config(conf_folder()).score
SPEC = PARAMS.to_spec()


def test_parquet_gets_four_columns_and_is_counted(spark: SparkSession, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(ROWS, source)
    with pytest.raises(
        ConfigError, match=r"no column of strings text. It has: answer, asked|asked, answer"
    ):
        score_dataset(
            spark,
            tmp_path / "in.parquet",
            tmp_path / "out",
            Columns("text", "answer"),
            PARAMS,
        )
    report = score_dataset(spark, tmp_path / "in.parquet", tmp_path / "out", COLUMNS, PARAMS)
    good, bad, none = pq.read_table(tmp_path / "out").sort_by("id").to_pylist()
    assert {name: good[name] for name in ROWS.column_names} == ROWS.to_pylist()[0]
    assert set(good["quality"]) == set(PARTS)
    assert good["below_bar"] is None
    assert good["score"] > 0.6 > bad["score"]
    assert bad["below_bar"] == "instruction_clarity_below_bar"
    assert none["score"] is none["quality"] is none["below_bar"] is None
    assert (report["rows"], report["rows_scored"]) == (3, 2)
    assert report["below_bar"] == {"instruction_clarity_below_bar": 1}
    assert "3 rows, 2 of them scored" in report_text(report)
    with pytest.raises(ConfigError, match="has below_bar, quality, score"):
        score_dataset(spark, tmp_path / "out", tmp_path / "more", COLUMNS, PARAMS)


def test_json_lines_get_four_fields(spark: SparkSession, tmp_path: Path) -> None:
    lines = [*(json.dumps(row) for row in ROWS.to_pylist()), "no JSON", "[1]"]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no field text. It has: answer, asked, before, id"):
        score_dataset(
            spark, tmp_path / "in.jsonl", tmp_path / "out", Columns("text", "answer"), PARAMS
        )
    report = score_dataset(spark, tmp_path / "in.jsonl", tmp_path / "out", COLUMNS, PARAMS)
    (part,) = (tmp_path / "out").iterdir()
    first, _, *rest = part.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["quality"].keys() == set(PARTS)
    assert rest == lines[2:]
    assert (report["rows"], report["rows_scored"], report["format"]) == (5, 2, "jsonl")


def test_what_nobody_asked_for_is_not_judged() -> None:
    line = json.dumps({"asked": ASKED, "answer": DIFF})
    _, without = score_line(line, Columns("asked", "answer"), SPEC)
    _, empty = score_line(line, COLUMNS, SPEC)
    assert without is not None
    assert empty is not None
    assert "context_sufficiency does not apply" in without.evidence
    assert "context_sufficiency 0.00: no context" in empty.evidence
    assert "tests_present does not apply" in empty.evidence
    assert without.score > empty.score


def test_letters_of_any_alphabet_stay_as_they_are() -> None:
    line = json.dumps({"asked": "Füge naïve_sum hinzu", "answer": DIFF}, ensure_ascii=False)
    assert "Füge naïve_sum" in score_line(line, Columns("asked", "answer"), SPEC)[0]
    half = json.dumps({"asked": "Add \ud800", "answer": DIFF})
    written, verdict = score_line(half, Columns("asked", "answer"), SPEC)
    assert verdict is not None
    assert json.loads(written)["asked"] == "Add \ud800"
