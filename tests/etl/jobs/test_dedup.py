"""Rows of any format come out in that format without duplicates, with their clusters beside."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from etl.errors import ConfigError
from etl.gold.link_duplicates import PlainTextParams
from etl.io.tables import Warehouse
from etl.jobs.dedup import dedup_dataset, report_text

LONG = " ".join(f"word{i}" for i in range(80))
ROWS = [
    {"key": 3, "text": LONG, "tag": "a"},
    {"key": 1, "text": f"{LONG} and an end", "tag": "b"},
    {"key": 2, "text": LONG.replace(" ", "\n"), "tag": "c"},
    {"key": 4, "text": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n", "tag": "d"},
    {"key": 5, "text": None, "tag": "e"},
]


@pytest.fixture
def warehouse(spark: SparkSession, tmp_path: Path) -> Warehouse:
    return Warehouse(spark, "", str(tmp_path / "staging"))


def test_parquet(warehouse: Warehouse, tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "in.parquet")
    with pytest.raises(ConfigError, match=r"no column body\. It has: key, text, tag"):
        dedup_dataset(
            warehouse, tmp_path / "in.parquet", tmp_path / "out", ("key", "body"), PlainTextParams()
        )
    report = dedup_dataset(
        warehouse, tmp_path / "in.parquet", tmp_path / "out", ("key", "text"), PlainTextParams()
    )
    kept = pq.read_table(tmp_path / "out" / "rows").sort_by("key").to_pylist()
    assert kept == [ROWS[1], ROWS[3], ROWS[4]]
    found = pq.read_table(tmp_path / "out" / "clusters").sort_by("id").to_pylist()
    assert [(r["id"], r["kept_id"], r["is_kept"], r["level"]) for r in found] == [
        ("1", "1", True, "near"),
        ("2", "1", False, "near"),
        ("3", "1", False, "near"),
        ("4", "4", True, "unique"),
        ("5", "5", True, "unique"),
    ]
    assert found[1]["similarity"] == pytest.approx(76 / 79)
    assert report["levels"] == {"unique": 2, "exact": 0, "near": 3}
    assert "3 of 5 rows kept" in report_text(report)
    assert not list((tmp_path / "staging").glob("*"))


def test_json_lines_keep_their_form(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [json.dumps(row, indent=None) for row in ROWS]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, added, told in (
        ("twice", lines[0], "6 rows and 5 ids"),
        ("broken", '{"key": 6, "text"', "1 of 6 rows of .*broken.jsonl have none or are no JSON"),
    ):
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, added]), encoding="utf-8")
        with pytest.raises(ConfigError, match=told):
            dedup_dataset(
                warehouse, tmp_path / f"{name}.jsonl", tmp_path / "out", ("key", "text"),
                PlainTextParams(),
            )  # fmt: skip
    dedup_dataset(
        warehouse, tmp_path / "in.jsonl", tmp_path / "out", ("key", "text"), PlainTextParams()
    )
    written = [
        line
        for file in sorted((tmp_path / "out" / "rows").iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    assert written == [lines[1], lines[3], lines[4]]
