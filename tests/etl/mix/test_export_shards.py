"""Shards: the same rows give the same bytes, and both formats say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from etl.mix.export_shards import SHARDS, chat_record, prompt_of, write_shard

ROWS: list[dict[str, Any]] = [
    {
        "pair_id": f"p{number}",
        "position": number,
        "weight": 1.0 + number,
        "score": 0.5 + number / 10,
        "repo_name": "ada/tally",
        "commit_oid": f"{number}" * 40,
        "category": "bug_fix",
        "language": "python",
        "instruction": f"Fix the crash on “blank” lines\nof ledger {number} \u2028 é\t\\",
        "context": "" if number == 1 else f"def f():\n    return {number}\n",
        "response": f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{number}\n+é\r\n",
        "tests": None if number % 2 else "--- a/test_x\n",
        "licence": "MIT",
    }
    for number in range(5)
]


def write(folder: Path, rows: list[dict[str, Any]]) -> pd.DataFrame:
    folder.mkdir()
    return write_shard(3, pd.DataFrame(rows), str(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("export") / "shards"
    write(place, ROWS)
    return place


def test_rows_in_any_order_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    found = write(tmp_path / "again", ROWS[::-1])
    for name in found["file"]:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_report_holds_the_checksums_of_the_files(tmp_path: Path) -> None:
    found = write(tmp_path / "shards", ROWS)
    assert list(found.columns) == SHARDS.names
    assert list(found["file"]) == ["shard-00003.jsonl", "shard-00003.parquet"]
    assert list(found["rows"]) == [5, 5]
    for name, checksum in zip(found["file"], found["sha256"], strict=True):
        data = (tmp_path / "shards" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == checksum


def records(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "shard-00003.jsonl").read_bytes().decode("utf-8").split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


def test_each_line_is_one_chat_in_the_order_of_the_mix(folder: Path) -> None:
    found = records(folder)
    assert [record["pair_id"] for record in found] == ["p0", "p1", "p2", "p3", "p4"]
    for record, row in zip(found, ROWS, strict=True):
        user, assistant = record["messages"]
        assert (user["role"], assistant["role"]) == ("user", "assistant")
        assert user["content"] == prompt_of(row["instruction"], row["context"])
        assert assistant["content"] == row["response"]
        assert record["repository"] == "ada/tally"
        assert (record["weight"], record["score"]) == (row["weight"], row["score"])


def test_the_formats_say_the_same(folder: Path) -> None:
    table = pq.read_table(folder / "shard-00003.parquet").to_pylist()
    for record, row, original in zip(records(folder), table, ROWS, strict=True):
        assert row["prompt"] == record["messages"][0]["content"]
        assert row["response"] == record["messages"][1]["content"]
        assert row["tests"] == original["tests"]
        shared = record.keys() & row.keys()
        assert shared >= {"pair_id", "category", "language", "weight", "score", "licence"}
        assert all(record[name] == row[name] for name in shared)


def test_a_prompt_without_context_is_the_instruction() -> None:
    assert prompt_of("Do it", "") == "Do it"
    assert prompt_of("Do it", "code") == "Do it\n\ncode"


def test_a_chat_says_where_it_is_from() -> None:
    row: dict[Hashable, Any] = dict(ROWS[0].items())  # as pandas types it
    record = chat_record(row)
    assert {"repository", "commit", "licence", "pair_id"} <= record.keys()
