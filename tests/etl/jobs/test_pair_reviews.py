"""The pairs of reviews are published once, beside those of commits, and go with who spoke."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.io.tables import Slice
from etl.jobs import pair_reviews, score_pairs
from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.jobs.extents import extent_of
from etl.schemas import Table
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, PULL_HEADS
from etl.schemas.collaboration import PULLS, REVIEW_COMMENTS, REVIEWS
from etl.schemas.ops import REJECTS
from etl.schemas.silver import PAIRS, REPO_PROFILES
from tests.contexts import open_home
from tests.etl.silver.frames import reviewed_bronze
from tests.reviewed import reviewed_project
from udfs.authors import login_digest


@pytest.fixture(scope="module")
def context(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Context:
    root = tmp_path_factory.mktemp("reviews")
    known = reviewed_bronze(spark, reviewed_project(root / "tally"))
    opened = open_home(spark, root / "home")
    profile: dict[str, Any] = {
        "repo_id": "tally", "name": "tally", "licence": "MIT", "licence_evidence": [],
        "licence_reason": None, "commits": 5, "authors": 2, "active_months": 1,
        "first_commit": None, "last_commit": None, "share_with_tests": 0.2, "top_author_share": 0.8,
        "has_ci": False, "has_tests": True, "named": True, "activity_reasons": [], "keep": True,
        "tier": None, "tier_evidence": None,
        "reasons": [], "as_of": date(2026, 1, 1), "rule_version": "v", "batch_id": "b",
    }  # fmt: skip
    frames: dict[Table, DataFrame] = {
        REVIEW_COMMENTS: known.comments, PULLS: known.pulls, REVIEWS: known.reviews,
        PULL_HEADS: known.heads, COMMITS: known.commits, FILE_CHANGES: known.changes,
        FILES: known.files, BLOBS: known.blobs,
        REPO_PROFILES: opened.warehouse.rows(REPO_PROFILES, [profile]),
    }  # fmt: skip
    for table, rows in frames.items():
        opened.warehouse.publish(table, rows, Slice())
    return opened


def test_reviews_become_pairs_that_are_scored_and_go_with_who_spoke(context: Context) -> None:
    done = execute(context, pair_reviews.task(context))
    assert done.counts == {"silver.pairs": 5, "rejected": 8, "merged": 3}
    assert execute(context, pair_reviews.task(context)).units == 0
    rejects = context.warehouse.read(REJECTS).select("key", "reason").collect()
    assert ("review_comment 12", "commit_missing") in {tuple(row) for row in rejects}
    scored = execute(context, score_pairs.task(context))
    assert scored.counts["gold.scored_pairs"] == 5
    for login in ("grace", "ada"):
        assert extent_of(context, login_digest(login)).keys[PAIRS].count() == 5
    assert extent_of(context, login_digest("nobody")).keys[PAIRS].count() == 0
