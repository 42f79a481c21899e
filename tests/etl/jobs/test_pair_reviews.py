"""The pairs of reviews are published once, beside those of commits, and go with who spoke."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from etl.jobs import pair_reviews, score_pairs
from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.jobs.extents import extent_of
from etl.schemas.ops import REJECTS
from etl.schemas.silver import PAIRS
from etl.schemas.views import BUG_PATTERNS
from tests.etl.silver.frames import open_reviewed_home
from tests.reviewed import reviewed_project
from udfs.authors import login_digest


@pytest.fixture(scope="module")
def context(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Context:
    root = tmp_path_factory.mktemp("reviews")
    return open_reviewed_home(spark, reviewed_project(root / "tally"), root / "home")


def test_reviews_become_pairs_that_are_scored_and_go_with_who_spoke(context: Context) -> None:
    done = execute(context, pair_reviews.task(context))
    assert done.counts == {"silver.pairs": 5, "rejected": 8, "merged": 3}
    assert execute(context, pair_reviews.task(context)).units == 0
    rejects = context.warehouse.read(REJECTS).select("key", "reason").collect()
    assert ("review_comment 12", "commit_missing") in {tuple(row) for row in rejects}
    patterns = context.warehouse.query("select * from silver.bug_patterns")
    assert patterns.columns == [name for name, _ in BUG_PATTERNS.columns]
    scored = execute(context, score_pairs.task(context))
    assert scored.counts["gold.scored_pairs"] == 5
    for login in ("grace", "ada"):
        assert extent_of(context, login_digest(login)).keys[PAIRS].count() == 5
    assert extent_of(context, login_digest("nobody")).keys[PAIRS].count() == 0
