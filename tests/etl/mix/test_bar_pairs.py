"""No mix may hold what gives a benchmark away, is held out, or is close to it."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from etl.checks.mixes import require_apart
from etl.errors import CheckError
from etl.mix.bar_pairs import bar_pairs

CLUSTERS = [
    ("held", "alpha", "c1"),
    ("beside", "alpha", "c2"),
    ("copy", "beta", "c1"),
    ("leak", "beta", "c3"),
    ("free", "beta", "c4"),
]


def test_what_is_close_is_barred_and_a_mix_with_it_is_refused(spark: SparkSession) -> None:
    duplicates = spark.createDataFrame(
        CLUSTERS, "pair_id string, repo_id string, cluster_id string"
    )
    hits = spark.createDataFrame(
        [("leak", "own", "Own/1", level) for level in ("words", "tokens")],
        "pair_id string, benchmark string, problem_id string, level string",
    )
    held = spark.createDataFrame([("held", "alpha")], "pair_id string, repo_id string")
    flawed = spark.createDataFrame([("free", "f1f1")], "pair_id string, fixed_by string")
    barred = bar_pairs(duplicates, hits, held, flawed)
    assert barred is not None
    assert {tuple(row) for row in barred.collect()} == {
        ("leak", "contaminated", "own Own/1 tokens"),
        ("held", "held_out", "cluster"),
        ("beside", "held_out", "repository"),
        ("copy", "held_out", "cluster"),
        ("free", "known_flaw", "fixed by f1f1"),
    }
    assert bar_pairs(duplicates, None, None, None) is None

    members = duplicates.select("pair_id", "repo_id")
    require_apart(members.where("pair_id = 'free'"), duplicates, hits, held)
    for pair, why in (
        ("leak", "gives a benchmark away"),
        ("beside", "is of a held-out repository"),
        ("copy", "is close to a held-out pair"),
    ):
        with pytest.raises(CheckError, match=f"pair {pair} {why}"):
            require_apart(members.where(f"pair_id = '{pair}'"), duplicates, hits, held)
