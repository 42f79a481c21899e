"""Who follows a table by structured streaming sees what changed, once, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as t

from etl.io.tables import Slice, Warehouse
from etl.schemas.table import Table, column

STRING = t.StringType()
NOTES = Table(
    "silver",
    "test_followed",
    "One note",
    ("note_id",),
    (
        column("note_id", STRING, "Key", nullable=False),
        column("repo_id", STRING, "Repository", nullable=False),
        column("text", STRING, "What it says"),
        column("batch_id", STRING, "Batch", nullable=False),
    ),
)
Note = tuple[str, str, str, str]


@pytest.fixture
def warehouse(spark: SparkSession, tmp_path: Path) -> Warehouse:
    spark.sql("CREATE SCHEMA IF NOT EXISTS spark_catalog.silver")
    spark.sql(f"DROP TABLE IF EXISTS spark_catalog.{NOTES.full_name}")
    return Warehouse(spark, str(tmp_path / "tables"), str(tmp_path / "staging"))


class Follower:
    """A consumer with a checkpoint, as another team would have it."""

    def __init__(self, warehouse: Warehouse, folder: Path) -> None:
        self._warehouse = warehouse
        self._folder = folder
        self._seen: list[tuple[str, ...]] = []

    def catch_up(self) -> list[tuple[str, ...]]:
        """What a run of the stream brings: change, note, text."""
        spark = self._warehouse.spark
        changes = spark.readStream.option("readChangeFeed", "true").table(
            self._warehouse.name(NOTES)
        )
        query = (
            changes.select("_change_type", "note_id", "text")
            .writeStream.trigger(availableNow=True)
            .option("checkpointLocation", str(self._folder / "checkpoint"))
            .start(str(self._folder / "rows"), format="parquet")
        )
        query.awaitTermination()
        rows = spark.read.schema("_change_type string, note_id string, text string").parquet(
            str(self._folder / "rows")
        )
        found = [tuple(row) for row in rows.collect()]
        for row in self._seen:
            found.remove(row)
        self._seen += found
        return sorted(found)


def test_a_follower_sees_what_changed_and_nothing_else(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    follower = Follower(warehouse, tmp_path / "follower")

    def publish(notes: list[Note], *keep: str) -> None:
        repos = tuple(sorted({note[1] for note in notes}))
        rows = warehouse.spark.createDataFrame(notes, NOTES.struct)
        warehouse.publish(NOTES, rows, Slice(repos, keep))

    first: list[Note] = [("a1", "A", "one", "b1"), ("a2", "A", "two", "b1")]
    publish(first)
    assert follower.catch_up() == [("insert", "a1", "one"), ("insert", "a2", "two")]

    publish([("c1", "C", "of a new repository", "b2")])
    publish([("a3", "A", "three", "b3")], "b1")
    assert follower.catch_up() == [
        ("insert", "a3", "three"),
        ("insert", "c1", "of a new repository"),
    ]

    publish([*reversed(first), ("a3", "A", "three", "b3")])
    assert follower.catch_up() == []

    publish([("a1", "A", "one", "b1"), ("a2", "A", "zwei", "b1"), ("a4", "A", "four", "b3")])
    assert follower.catch_up() == [
        ("delete", "a3", "three"),
        ("insert", "a4", "four"),
        ("update_postimage", "a2", "zwei"),
        ("update_preimage", "a2", "two"),
    ]
