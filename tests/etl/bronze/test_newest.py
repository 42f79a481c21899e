"""The version that counts does not depend on the order of arrival."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from etl.bronze.newest import newest, still_to_fetch
from etl.schemas import Table
from etl.schemas.collaboration import ISSUES, PULLS, REVIEWS
from etl.schemas.ops import FETCH_QUEUE

REQUIRED = {
    "repo_id": "r", "version": "a", "deleted": False, "completeness": 1, "batch_id": "b",
    "is_pull": False, "name": "ada/tally", "reason": "trimmed_payload", "object": "{}",
}  # fmt: skip


def frame(spark: SparkSession, table: Table, *rows: dict[str, Any]) -> Any:
    names = table.struct.names
    made = [tuple((REQUIRED | row).get(name) for name in names) for row in rows]
    return spark.createDataFrame(made, table.struct)


def at(minute: int) -> datetime:
    return datetime(2024, 5, 1, 11, minute, tzinfo=UTC)


def test_the_last_change_then_the_fullest_then_the_largest_hash(spark: SparkSession) -> None:
    versions: list[dict[str, Any]] = [
        {"number": 1, "version": "z", "updated_at": at(1), "completeness": 9},
        {"number": 1, "version": "b", "updated_at": at(2), "completeness": 3},
        {"number": 1, "version": "c", "updated_at": at(2), "completeness": 5},
        {"number": 2, "version": "a", "updated_at": at(1), "completeness": 5},
        {"number": 2, "version": "b", "updated_at": at(1), "completeness": 5},
        {"number": 3, "version": "a", "updated_at": at(1), "deleted": True},
        {"number": 3, "version": "b", "updated_at": at(9)},
        {"number": 4, "version": "b", "updated_at": None, "created_at": None, "completeness": 9},
        {"number": 4, "version": "a", "updated_at": None, "created_at": at(1)},
        {"number": 1, "version": "a", "updated_at": at(0), "repo_id": "s"},
    ]
    expected = [("r", 1, "c"), ("r", 2, "b"), ("r", 3, "a"), ("r", 4, "a"), ("s", 1, "a")]
    for order in (versions, versions[::-1]):
        found = newest(frame(spark, ISSUES, *order), ISSUES)
        assert found.columns == ISSUES.struct.names
        assert sorted(tuple(r) for r in found.select(*ISSUES.key).collect()) == expected


def test_a_review_is_as_new_as_its_submission(spark: SparkSession) -> None:
    rows = frame(
        spark,
        REVIEWS,
        {"review_id": 7, "version": "a", "submitted_at": at(2)},
        {"review_id": 7, "version": "b", "submitted_at": at(1)},
    )
    assert [row["version"] for row in newest(rows, REVIEWS).collect()] == ["a"]


def test_what_never_came_in_full_is_to_be_fetched_once(spark: SparkSession) -> None:
    queue = frame(
        spark,
        FETCH_QUEUE,
        {"kind": "pull", "number": 1},
        {"kind": "pull", "number": 1, "version": "b"},
        {"kind": "review", "number": 1, "version": "c"},
        {"kind": "comment", "number": 2},
        {"kind": "pull", "number": 3},
        {"kind": "issue", "number": None},
    )
    issues = frame(spark, ISSUES, {"number": 1})
    pulls = frame(spark, PULLS, {"number": 3})
    found = still_to_fetch(queue, issues, pulls).collect()
    assert sorted((row["kind"], row["number"]) for row in found) == [("issue", 2), ("pull", 1)]
