"""A pull counts as reviewed when another person said something about it."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import SparkSession

from etl.silver.count_reviews import count_reviews

MERGED = datetime(2025, 3, 1, tzinfo=UTC)


def test_merged_pulls_and_those_that_others_reviewed(spark: SparkSession) -> None:
    pulls = [
        ("r", 1, "ada", MERGED), ("r", 1, "ada", None),  # two versions
        ("r", 2, "ada", MERGED), ("r", 3, "ada", MERGED), ("r", 4, "ada", None),
        ("r", 5, None, MERGED), ("s", 1, "ada", MERGED),
    ]  # fmt: skip
    reviews = [
        ("r", 1, "grace", "User"), ("r", 1, "grace", "User"), ("r", 2, "Ada", "User"),
        ("r", 3, "lint[bot]", "Bot"), ("r", 3, None, None), ("r", 4, "grace", "User"),
        ("r", 5, "grace", None),
    ]  # fmt: skip
    found = count_reviews(
        spark.createDataFrame(
            pulls, "repo_id string, number long, user_login string, merged_at timestamp"
        ),
        spark.createDataFrame(
            reviews, "repo_id string, number long, user_login string, user_type string"
        ),
    )
    counts = {
        row["repo_id"]: (row["merged_pulls"], row["reviewed_pulls"]) for row in found.collect()
    }
    assert counts == {"r": (4, 2), "s": (1, 0)}
