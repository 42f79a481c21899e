"""What others said of a change counts by commit: who, how much, and under which labels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.gold.gather_discussion import TALK, gather_discussion
from etl.schemas.collaboration import COMMENTS, ISSUES, PULLS, REVIEW_COMMENTS, REVIEWS

MERGED = datetime(2025, 3, 2, tzinfo=UTC)
BEFORE, AFTER = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 3, tzinfo=UTC)
LINKS = [
    ("squashed", "pull", "1", "merges"), ("part", "pull", "2", "part_of"),
    ("part", "pull", "1", "mentions"), ("alone", "issue", "7", "closes"),
    ("elsewhere", "issue", "ada/other#9", "closes"),
]  # fmt: skip


def frame(spark: SparkSession, ddl: str, rows: list[Any]) -> DataFrame:
    return spark.createDataFrame([("r", *row) for row in rows], f"repo_id string, {ddl}")


def test_others_before_the_merge_count_and_bots_do_not(spark: SparkSession) -> None:
    links = [("commit", *link) for link in LINKS] + [("pull", "1", "issue", "7", "closes")]
    asked = "number long, user_login string, labels array<string>"
    said = "number long, user_login string, user_type string, body string, created_at timestamp"
    talk = {
        PULLS: frame(
            spark,
            f"{asked}, merged_at timestamp",
            [(1, "Ada", ["feature"], MERGED), (2, "ada", None, None)],
        ),
        ISSUES: frame(spark, asked, [(7, "linus", ["bug", "net"]), (1, "Ada", ["feature"])]),
        REVIEWS: frame(
            spark,
            said.replace("created_at", "submitted_at") + ", state string",
            [
                (1, "grace", "User", "", BEFORE, "APPROVED"),
                (1, "lint[bot]", None, "x", BEFORE, "x"),
            ],
        ),
        REVIEW_COMMENTS: frame(
            spark,
            said,
            [(1, "Grace", "User", "why?", BEFORE), (1, "ada", "User", "since", BEFORE)],
        ),
        COMMENTS: frame(
            spark,
            said,
            [(1, "linus", "User", "thanks", AFTER), (1, "ci", "Bot", "built", BEFORE)],
        ),
    }
    assert set(talk) == set(TALK)
    found = gather_discussion(
        frame(
            spark,
            "from_kind string, from_key string, to_kind string, to_key string, relation string",
            links,
        ),
        talk,
    ).collect()
    assert {row["commit_oid"]: tuple(row)[2:] for row in found} == {
        "squashed": (1, 1, 1, ["bug", "feature", "net"]),
        "part": (0, 0, 0, None),
        "alone": (None, None, None, ["bug", "net"]),
    }
