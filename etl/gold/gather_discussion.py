"""What others said of a change in its issues and pulls, commit by commit."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from etl.schemas.collaboration import COMMENTS, ISSUES, PULLS, REVIEW_COMMENTS, REVIEWS
from etl.schemas.table import Table

TALK = (ISSUES, PULLS, COMMENTS, REVIEWS, REVIEW_COMMENTS)
"""The tables that are read."""

_PULL = ["repo_id", "number"]
_COMMIT = ["repo_id", "commit_oid"]


def gather_discussion(links: DataFrame, talk: Mapping[Table, DataFrame]) -> DataFrame:
    """Review and labels of the commits that links lead from.

    A review or comment counts if its author is neither a bot nor the author of the pull, and if it
    was there when the pull was merged. Of a commit in several pulls the most thorough one counts.

    Args:
        links: silver.links.
        talk: the newest rows of `TALK` that are not deleted, by table.

    Returns:
        repo_id, commit_oid, review_comments, reviewers, approvals (null where no pull is known),
        labels (of the pulls and of the issues that the change closes; null where there is none).
    """
    of_commit = links.where("from_kind = 'commit' AND to_key RLIKE '^[0-9]+$'").select(
        "repo_id",
        f.col("from_key").alias("commit_oid"),
        f.col("to_key").cast("long").alias("number"),
        "relation",
    )
    landed = of_commit.where("relation IN ('merges', 'part_of')").drop("relation").distinct()
    closed = links.where(
        "from_kind = 'pull' AND relation = 'closes' AND to_key RLIKE '^[0-9]+$'"
    ).select(
        "repo_id",
        f.col("from_key").cast("long").alias("number"),
        f.col("to_key").cast("long").alias("closed"),
    )
    about = (
        landed.unionByName(of_commit.where("relation = 'closes'").drop("relation"))
        .unionByName(landed.join(closed, _PULL).select(*_COMMIT, f.col("closed").alias("number")))
        .distinct()
    )
    named = talk[PULLS].select(*_PULL, "labels").unionByName(talk[ISSUES].select(*_PULL, "labels"))
    labels = (
        about.join(named, _PULL)
        .select(*_COMMIT, f.explode("labels").alias("label"))
        .groupBy(*_COMMIT)
        .agg(f.array_sort(f.collect_set("label")).alias("labels"))
    )
    counts = ("review_comments", "reviewers", "approvals")
    reviewed = (
        landed.join(_reviews(talk), _PULL)
        .groupBy(*_COMMIT)
        .agg(*(f.max(name).alias(name) for name in counts))
    )
    return reviewed.join(labels, _COMMIT, "full")


def _reviews(talk: Mapping[Table, DataFrame]) -> DataFrame:
    """What was said of each pull: repo_id, number, review_comments, reviewers, approvals."""
    pulls = talk[PULLS].select(*_PULL, f.col("user_login").alias("author"), "merged_at")
    said = (
        _said(talk[REVIEWS], "submitted_at", f.length("body") > 0, f.lower("state") == "approved")
        .unionByName(_said(talk[REVIEW_COMMENTS], "created_at", f.lit(True), f.lit(False)))
        .unionByName(_said(talk[COMMENTS], "created_at", f.lit(True), f.lit(False)))
    )
    counts = (
        f.col("who").isNotNull()
        & (f.col("who") != f.lower(f.coalesce("author", f.lit(""))))
        & f.coalesce(f.col("at") <= f.col("merged_at"), f.lit(True))
    )
    other = f.when(counts, f.col("who"))
    return (
        pulls.join(said, _PULL, "left")
        .groupBy(*_PULL)
        .agg(
            f.count_if(counts & f.col("is_text")).alias("review_comments"),
            f.count_distinct(other).alias("reviewers"),
            f.count_if(counts & f.col("approves")).alias("approvals"),
        )
    )


def _said(rows: DataFrame, at: str, is_text: Column, approves: Column) -> DataFrame:
    is_bot = (f.lower("user_type") == "bot") | f.col("user_login").endswith("[bot]")
    return rows.where(~f.coalesce(is_bot, f.lit(False))).select(
        *_PULL,
        f.lower("user_login").alias("who"),
        f.col(at).alias("at"),
        f.coalesce(is_text, f.lit(False)).alias("is_text"),
        f.coalesce(approves, f.lit(False)).alias("approves"),
    )
