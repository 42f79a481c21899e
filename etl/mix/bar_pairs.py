"""Which pairs no mix may hold: what evaluates models and is close to it, and known flaws."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

CONTAMINATED = "contaminated"
HELD_OUT = "held_out"
KNOWN_FLAW = "known_flaw"


def bar_pairs(
    duplicates: DataFrame,
    contamination: DataFrame | None,
    held_out: DataFrame | None,
    flawed: DataFrame | None,
) -> DataFrame | None:
    """Name the pairs that give a benchmark away, stand near an evaluation set or teach a flaw.

    Near is the whole repository of a held-out pair, and the whole cluster of duplicates.

    Args:
        duplicates: gold.duplicates.
        contamination: gold.contamination; None where there is none.
        held_out: gold.eval_pairs, all versions; None where there is none.
        flawed: pair_id and fixed_by, from `known_flaws`; None where no commits are known.

    Returns:
        pair_id (once each), bar (reason code) and bar_detail; None where nothing is barred.
    """
    found = []
    if contamination is not None:
        what = f.concat_ws(" ", "benchmark", "problem_id", "level")
        found.append(_barred(contamination, CONTAMINATED, what))
    if held_out is not None:
        close = duplicates.join(held_out.select("pair_id"), "pair_id", "left_semi")
        in_cluster = duplicates.join(close.select("cluster_id").distinct(), "cluster_id")
        in_repository = duplicates.join(held_out.select("repo_id").distinct(), "repo_id")
        found.append(_barred(in_repository, HELD_OUT, f.lit("repository")))
        found.append(_barred(in_cluster, HELD_OUT, f.lit("cluster")))
    if flawed is not None:
        found.append(_barred(flawed, KNOWN_FLAW, f.concat(f.lit("fixed by "), "fixed_by")))
    if not found:
        return None
    every = reduce(DataFrame.unionAll, found)
    return every.groupBy("pair_id").agg(
        f.min(f.struct("bar", "bar_detail")).alias("first")
    ).select("pair_id", "first.bar", "first.bar_detail")  # fmt: skip


def _barred(rows: DataFrame, reason: str, detail: Column) -> DataFrame:
    return rows.select("pair_id", f.lit(reason).alias("bar"), detail.alias("bar_detail"))
