"""A mix takes the best of each category, and its version says exactly what is in it."""

from __future__ import annotations

import random
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession

from etl.mix.build_mix import (
    CategoryTarget,
    FacetName,
    Fill,
    MixParams,
    choose_pairs,
    content_digest,
    fills,
    mix_version,
)
from udfs import facets

Pair = tuple[str, str, float, str | None, bool]  # pair_id, category, score, below_bar, is_kept

PAIRS: list[Pair] = [
    ("f1", "bug_fix", 0.9, None, True),
    ("f2", "bug_fix", 0.8, None, True),
    ("f3", "bug_fix", 0.8, None, True),
    ("f4", "bug_fix", 0.7, None, True),
    ("f5", "bug_fix", 0.95, "code_health_below_bar", True),
    ("f6", "bug_fix", 0.99, None, False),  # a duplicate, which another pair stands for
    ("n1", "new_feature", 0.5, None, True),
    ("n2", "new_feature", 0.4499, None, True),
    ("n3", "new_feature", 0.45, None, True),
    ("d1", "docs", 0.9, None, True),
]
FACETS = {"f3": ["concurrency"], "f4": ["security", "concurrency"], "f5": ["security"],
          "n1": ["security"], "n2": ["security"], "n3": []}  # fmt: skip


def mix(
    *,
    rows: int = 3,
    weight: float = 1.0,
    min_score: float = 0.45,
    description: str = "A test",
    **more: Any,
) -> MixParams:
    targets = {
        "bug_fix": CategoryTarget(rows=rows, weight=weight),
        "new_feature": CategoryTarget(rows=5, weight=2.0),
        "code_review": CategoryTarget(rows=4, weight=1.0),
    }
    return MixParams.model_validate(
        {"description": description, "min_score": min_score, "targets": targets, **more}
    )


def choose(spark: SparkSession, pairs: list[Pair], params: MixParams, parts: int = 2) -> DataFrame:
    def frame(rows: list[tuple[Any, ...]], schema: str) -> DataFrame:
        return spark.createDataFrame(rows, schema).repartition(parts)

    return choose_pairs(
        frame(
            [(p[0], "r", "b", p[1], FACETS.get(p[0])) for p in pairs],
            "pair_id string, repo_id string, batch_id string, category string, "
            "facets array<string>",
        ),
        frame(
            [(p[0], p[2], p[3]) for p in pairs], "pair_id string, score double, below_bar string"
        ),
        frame([(p[0], p[4]) for p in pairs], "pair_id string, is_kept boolean"),
        params,
    )


def decided(spark: SparkSession, pairs: list[Pair], params: MixParams) -> dict[str, Any]:
    return {row["pair_id"]: row for row in choose(spark, pairs, params).collect()}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Any]:
    return decided(spark, PAIRS, mix())


def test_the_best_of_a_category_come_first_and_ties_by_id(found: dict[str, Any]) -> None:
    chosen = {pair: row["place"] for pair, row in found.items() if row["reason"] is None}
    assert chosen == {"f1": 1, "f2": 2, "f3": 3, "n1": 1, "n3": 2}
    assert {found[pair]["weight"] for pair in ("f1", "f2", "f3")} == {1.0}
    assert found["n1"]["weight"] == 2.0


def test_every_kept_pair_has_a_place_or_a_reason(found: dict[str, Any]) -> None:
    reasons = {pair: row["reason"] for pair, row in found.items() if row["reason"]}
    assert reasons == {
        "f4": "target_reached",
        "f5": "below_bar",
        "n2": "below_mix_score",
        "d1": "category_not_in_mix",
    }
    assert "f6" not in found, "a duplicate is no input of the mix"
    assert found["f5"]["detail"] == "code_health_below_bar"
    assert found["n2"]["detail"] == "0.4499"


def test_facets_come_first_and_within_the_targets(spark: SparkSession) -> None:
    rows = decided(spark, PAIRS, mix(rows=2, facets={"security": 2, "concurrency": 1}))
    chosen = {pair: row["place"] for pair, row in rows.items() if row["reason"] is None}
    assert chosen == {"f3": 1, "f4": 2, "n1": 1, "n3": 2}
    assert rows["f1"]["reason"] == "target_reached" and rows["f5"]["reason"] == "below_bar"


def test_a_mix_says_where_it_falls_short(spark: SparkSession) -> None:
    shares = fills(choose(spark, PAIRS, mix()), mix())
    assert shares == [
        Fill("bug_fix", 3, 3, 1.0),
        Fill("new_feature", 5, 2, 2.0),
        Fill("code_review", 4, 0, 1.0),
    ]
    assert [share.missing for share in shares] == [0, 3, 4]


def version(spark: SparkSession, pairs: list[Pair], params: MixParams, parts: int = 2) -> str:
    return mix_version(content_digest(choose(spark, pairs, params, parts)), params)


def test_the_order_of_the_rows_does_not_matter(spark: SparkSession) -> None:
    shuffled = PAIRS.copy()
    random.Random(5).shuffle(shuffled)
    assert version(spark, PAIRS, mix(), 1) == version(spark, shuffled, mix(), 5)


def test_a_changed_row_weight_or_config_is_another_version(spark: SparkSession) -> None:
    other_row = [("f0", *PAIRS[0][1:]), *PAIRS[1:]]
    versions = [
        version(spark, PAIRS, mix()),
        version(spark, other_row, mix()),
        version(spark, PAIRS[1:], mix()),
        version(spark, PAIRS, mix(rows=2)),
        version(spark, PAIRS, mix(weight=1.5)),
        version(spark, PAIRS, mix(min_score=0.46)),
        version(spark, PAIRS, mix(description="Another")),
    ]
    assert len(set(versions)) == len(versions)


def test_what_is_not_in_the_mix_does_not_change_its_version(spark: SparkSession) -> None:
    assert version(spark, PAIRS, mix()) == version(spark, PAIRS[:-1], mix())


def test_a_mix_of_nothing_has_a_version(spark: SparkSession) -> None:
    assert len(version(spark, [], mix())) == 64
    assert fills(choose(spark, [], mix()), mix())[0].taken == 0


def test_the_digest_tells_sets_apart_that_swap_weights(spark: SparkSession) -> None:
    def digest(one: float, two: float) -> str:
        rows = [("a", one, None), ("b", two, None)]
        return content_digest(
            spark.createDataFrame(rows, "pair_id string, weight double, reason string")
        )

    assert digest(1.0, 2.0) != digest(2.0, 1.0)
    assert digest(1.0, 2.0) == digest(1.0, 2.0)


def test_a_facet_that_a_mix_asks_for_is_one_that_pairs_can_have() -> None:
    assert get_args(FacetName) == facets.FACETS
    assert "facets" not in mix().canonical()
    assert mix(facets={"security": 2}).canonical() != mix(facets={"security": 3}).canonical()


def test_how_a_mix_is_written_does_not_change_what_it_is() -> None:
    one = MixParams.model_validate(
        {
            "description": "x",
            "min_score": 0,
            "targets": {
                "bug_fix": {"rows": 1, "weight": 1},
                "refactor": {"weight": 2.0, "rows": 2},
            },
        }
    )
    two = MixParams.model_validate(
        {
            "targets": {
                "refactor": {"rows": 2, "weight": 2},
                "bug_fix": {"rows": 1, "weight": 1.0},
            },
            "min_score": 0.0,
            "description": "x",
        }
    )
    assert one.canonical() == two.canonical()


@pytest.mark.parametrize(
    "change",
    [
        {"min_score": 1.1},
        {"targets": {}},
        {"targets": {"poems": {"rows": 1, "weight": 1}}},
        {"targets": {"bug_fix": {"rows": -1, "weight": 1}}},
        {"targets": {"bug_fix": {"rows": 1, "weight": 0}}},
        {"surplus": 1},
    ],
)
def test_what_makes_no_mix_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MixParams.model_validate(mix().model_dump() | change)
