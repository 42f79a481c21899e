"""What must never be trained on: a mix that holds any of it is not published."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.errors import CheckError


def require_apart(
    members: DataFrame,
    duplicates: DataFrame,
    contamination: DataFrame | None,
    held_out: DataFrame | None,
) -> None:
    """Raise CheckError when a mix holds what evaluates models, or what is close to it.

    Args:
        members: pair_id and repo_id of the mix.
        duplicates: gold.duplicates.
        contamination: gold.contamination; None where there is none.
        held_out: gold.eval_pairs; None where there is none.
    """
    clusters = duplicates.select("pair_id", "cluster_id")
    found = []
    if contamination is not None:
        found.append(_among(members, contamination, "pair_id", "gives a benchmark away"))
    if held_out is not None:
        found.append(_among(members, held_out, "pair_id", "is held out"))
        found.append(_among(members, held_out, "repo_id", "is of a held-out repository"))
        close = held_out.join(clusters, "pair_id")
        mine = members.join(clusters, "pair_id")
        found.append(_among(mine, close, "cluster_id", "is close to a held-out pair"))
    if found:
        for row in reduce(DataFrame.unionAll, found).orderBy("pair_id").limit(1).collect():
            raise CheckError(
                f"build_mix: pair {row['pair_id']} {row['why']}, and stands in the mix. Nothing "
                "was published; run the tasks decontaminate and hold_out, then build_mix again."
            )


def _among(members: DataFrame, barred: DataFrame, key: str, why: str) -> DataFrame:
    return members.join(barred.select(key), key, "left_semi").select(
        "pair_id", f.lit(why).alias("why")
    )
