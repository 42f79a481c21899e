"""Pairs are held out by where they come from, who wrote them and when; each has a reason else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from etl.gold.hold_out import EvaluationParams, hold_out
from etl.schemas.gold import DUPLICATES
from etl.schemas.silver import PAIRS, REPO_PROFILES
from tests.etl.silver.rows import rows

PARAMS = EvaluationParams(
    version="v1",
    repositories_share=0.5,
    after=date(2020, 1, 1),
    per_category=2,
    seed=6,  # draws 0.39 for alpha and 0.88 for beta
    tiers=("expert_reviewed",),
)
FIT: dict[str, Any] = {
    "repo_id": "alpha",
    "category": "bug_fix",
    "authorship": "human",
    "author_time": 1_577_836_800,  # the first second of 2020
}


def decide(spark: SparkSession, given: dict[str, dict[str, Any]]) -> dict[str, str | None]:
    """The reason of each pair, from what tells it from one that fits."""
    pairs = [FIT | {"pair_id": name} | values for name, values in given.items()]
    for one in pairs:
        one.pop("below_bar", None), one.pop("cluster_id", None)
    scores = [(name, 0.9, values.get("below_bar")) for name, values in given.items()]
    tiers = {"alpha": "expert_reviewed", "beta": "expert_reviewed", "gamma": "unfiltered"}
    decided = hold_out(
        rows(spark, PAIRS, *pairs),
        spark.createDataFrame(scores, "pair_id string, score double, below_bar string"),
        rows(
            spark,
            DUPLICATES,
            *[
                {"pair_id": name, "cluster_id": values.get("cluster_id", name)}
                for name, values in given.items()
            ],
        ),
        rows(
            spark,
            REPO_PROFILES,
            *[
                {"repo_id": repo, "tier": tier, "as_of": date(2026, 1, 1)}
                for repo, tier in tiers.items()
            ],
        ),
        spark.createDataFrame(
            [("leak", "contaminated", "own Own/1 words")],
            "pair_id string, bar string, bar_detail string",
        ),
        PARAMS,
    )
    return {row["pair_id"]: row["reason"] for row in decided.collect()}


def test_each_pair_is_held_out_or_has_its_reason(spark: SparkSession) -> None:
    reasons = decide(
        spark,
        {
            "fit": {},
            "early": {"author_time": FIT["author_time"] - 1},
            "undated": {"author_time": None},
            "helped": {"authorship": "ai_assisted"},
            "unsaid": {"authorship": None},
            "poor": {"below_bar": "score 0.2 < 0.35"},
            "leak": {},
            "beta": {"repo_id": "beta"},
            "gamma": {"repo_id": "gamma"},
            "lost": {"repo_id": "of no profile"},
            **{f"r{at}": {"category": "refactor"} for at in range(3)},
            **{f"t{at}": {"category": "ui_component", "cluster_id": "t0"} for at in range(2)},
        },
    )
    assert sorted(str(reasons.pop(f"r{at}")) for at in range(3)) == [
        "None",
        "None",
        "category_full",
    ]
    assert sorted(str(reasons.pop(f"t{at}")) for at in range(2)) == ["None", "duplicate"]
    assert reasons == {
        "fit": None,
        "early": "too_early",
        "undated": "too_early",
        "helped": "not_human",
        "unsaid": "not_human",
        "poor": "below_bar",
        "leak": "contaminated",
        "beta": "repository_not_drawn",
        "gamma": "tier_not_wanted",
        "lost": "tier_not_wanted",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"version": "V 1"},
        {"repositories_share": 0},
        {"per_category": 0},
        {"tiers": []},
        {"tiers": ["best"]},
        {"after": "soon"},
        {"more": 1},
    ],
)
def test_what_is_no_set_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EvaluationParams.model_validate(PARAMS.model_dump() | change)


def test_every_value_is_part_of_what_a_version_is() -> None:
    changes = (
        {"seed": 7},
        {"after": date(2020, 1, 2)},
        {"per_category": 3},
        {"tiers": ("professional",)},
        {"repositories_share": 0.4},
    )
    others = {PARAMS.model_copy(update=change).digest() for change in changes}
    assert len(others | {PARAMS.digest()}) == len(changes) + 1
