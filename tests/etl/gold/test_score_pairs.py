"""Scores of a frame of pairs: nothing is dropped or changed, and the schema is gold's."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.gold.score_pairs import QualityBar, ScoreParams, score_pairs
from udfs.quality.score import PARTS

PARAMS = read_config(conf_folder()).score
DDL = (
    "pair_id string, category string, instruction string, response string, context string, "
    "tests string, tests_touched boolean, paths array<string>, extra int"
)
DIFF = """diff --git a/net/client.py b/net/client.py
--- a/net/client.py
+++ b/net/client.py
@@ -1 +1 @@
-    response = session.get(url)
+    response = session.get(url, timeout=timeout_seconds)
"""


def test_every_pair_is_scored_and_kept_as_it_was(spark: SparkSession) -> None:
    clear = "Pass timeout_seconds to `session.get` in net/client.py so that a stalled download ends"
    context = "    response = session.get(url)"
    rows = [
        ("a", "bug_fix", clear, DIFF, context, DIFF, True, ["net/client.py"], 1),
        ("b", "bug_fix", "fix", DIFF, "", None, False, ["net/client.py"], 2),
        ("c", "docs", "fix", DIFF, "", None, False, None, 3),
        ("d", None, None, None, None, None, None, None, None),
    ]
    params = PARAMS.model_copy(
        update={
            "category_weights": {"docs": {"tests_present": 0.0}},
            "category_bars": {"docs": QualityBar(score=0.0, parts={})},
        }
    )
    pairs = spark.createDataFrame(rows, DDL)
    scored = score_pairs(pairs, params)
    assert scored.columns == [*pairs.columns, "quality", "score", "score_evidence", "below_bar"]
    found = {item["pair_id"]: item for item in scored.collect()}
    assert [tuple(found[key][name] for name in pairs.columns) for key in "abcd"] == rows
    assert set(found["a"]["quality"].asDict()) == set(PARTS)
    assert found["a"]["score"] > 0.7 > found["b"]["score"]
    assert found["a"]["below_bar"] is found["c"]["below_bar"] is None
    assert found["b"]["below_bar"] == "instruction_clarity_below_bar"
    assert found["c"]["score"] > found["b"]["score"]
    assert "instruction_clarity 0.00: empty" in found["d"]["score_evidence"]


def test_partitions_do_not_matter(spark: SparkSession) -> None:
    rows = [
        (f"p{i}", "feature", f"Add option_{i} to the parser", DIFF, "", "", False, ["a"], i)
        for i in range(20)
    ]
    pairs = spark.createDataFrame(rows, DDL)
    one = score_pairs(pairs.coalesce(1), PARAMS).collect()
    five = score_pairs(pairs.repartition(5), PARAMS).collect()
    assert sorted(one) == sorted(five)


def test_what_is_known_beside_the_texts_counts(spark: SparkSession) -> None:
    ddl = DDL + ", author_commits int, tier string, reviewers long, labels array<string>"
    text = ("bug_fix", "Give `session.get` a timeout", DIFF, "", None, False, ["a"], 0)
    rows = [
        ("known", *text, 40, "expert_reviewed", 2, ["type: bug"]),
        ("unknown", *text, None, None, None, None),
    ]
    only = dict.fromkeys(PARTS, 0.0)
    tiers = {"expert_reviewed": only | {"issue_labels": 1.0}}
    params = PARAMS.model_copy(update={"tier_weights": tiers, "category_weights": {}})
    scored = score_pairs(spark.createDataFrame(rows, ddl), params).collect()
    known, unknown = sorted(scored, key=lambda row: str(row["pair_id"]))
    assert known["score"] == known["quality"]["issue_labels"] == 1.0
    assert known["quality"]["review_depth"] > 0.6 < known["quality"]["author_history"]
    parts = unknown["quality"].asDict()
    assert {name for name, value in parts.items() if value is None} == {
        "freshness", "review_depth", "issue_labels", "author_history",
    }  # fmt: skip
    assert 0.0 < unknown["score"] < 1.0


def test_params_refuse_what_they_do_not_know() -> None:
    given = PARAMS.model_dump()
    for changed, told in (
        ({"category_weights": {"docs": {"coherense": 1.0}}}, "coherense"),
        ({"weights": dict.fromkeys(PARTS, 0.0)}, "positive"),
        ({"weights": {"coherence": 1.0}}, "instruction_specificity, .* has none"),
    ):
        with pytest.raises(ValidationError, match=told):
            ScoreParams.model_validate(given | changed)
