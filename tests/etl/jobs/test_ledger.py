"""The ledger says what is done, to the run that did it and to the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from etl.io.tables import Slice
from etl.jobs.ledger import Ledger, Posted
from tests.contexts import open_home


def entry(task: str, repo: str, batch: str, version: str = "v1") -> dict[str, Any]:
    return {
        "task": task,
        "repo_id": repo,
        "batch_id": batch,
        "rule_version": version,
        "input_version": "in",
        "input_keys": 1,
        "used": 1,
        "rejected": 0,
        "merged": 0,
        "output_rows": 1,
        "output_version": f"out {version}",
        "recorded_at": datetime(2026, 1, 1, tzinfo=UTC),
    }


def test_units_count_as_done_once_posted(spark: SparkSession, tmp_path: Path) -> None:
    context = open_home(spark, tmp_path / "home")
    ledger = context.ledger
    assert ledger.posted("parse") == {}
    area = Slice(("r",), (), "t.task = 'parse'")
    ledger.post("parse", [entry("parse", "r", "b1"), entry("parse", "r", "b2")], area)
    done = Posted("v1", "in", "out v1")
    assert ledger.posted("parse") == {("r", "b1"): done, ("r", "b2"): done}
    assert ledger.posted("extract") == {}

    ledger.post("extract", [entry("extract", "r", "b1")], Slice(("r",), (), "t.task = 'extract'"))
    kept = Slice(("r",), ("b1",), "t.task = 'parse'")
    ledger.post("parse", [entry("parse", "r", "b2", "v2")], kept)
    assert ledger.posted("parse")["r", "b2"] == Posted("v2", "in", "out v2")

    fresh = Ledger(context.warehouse)
    for task in ("parse", "extract"):
        assert fresh.posted(task) == ledger.posted(task)
    assert ("r", "b1") in fresh.posted("extract")
