"""Choose a set of pairs to evaluate models with, which no mix may then come near."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

Tier = Literal["expert_reviewed", "professional", "educational", "unfiltered"]


class EvaluationParams(BaseModel):
    """What an evaluation set is made of; once it is written, the set stays as it is.

    Attributes:
        version: its name; other values need another name.
        repositories_share: share of all repositories that may be held out, whole.
        after: first day of the changes in it.
        per_category: most pairs of a category.
        seed: of the choice.
        tiers: of the repositories.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    repositories_share: float = Field(gt=0, le=1)
    after: dt.date
    per_category: int = Field(ge=1)
    seed: int = Field(ge=0)
    tiers: tuple[Tier, ...] = Field(min_length=1)

    def digest(self) -> str:
        """What tells one choice from another: 32 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]


def hold_out(
    pairs: DataFrame,
    scores: DataFrame,
    duplicates: DataFrame,
    profiles: DataFrame,
    barred: DataFrame | None,
    params: EvaluationParams,
) -> DataFrame:
    """Decide every pair: in the set, or why not.

    A repository is drawn by a hash of the seed and its id, so that it is drawn or not whatever
    others there are. Of a cluster of duplicates one pair is taken, of a category the first by a
    hash.

    Args:
        pairs: silver.pairs.
        scores: gold.scored_pairs.
        duplicates: gold.duplicates.
        profiles: silver.repo_profiles.
        barred: pairs that give a benchmark away or teach a flaw, from `bar_pairs`; None for none.
        params: see `EvaluationParams`.

    Returns:
        The columns of pairs with tier, score, reason and detail (null where chosen).
    """
    tiers = profiles.select("repo_id", "tier")
    joined = (
        pairs.join(tiers, "repo_id", "left")
        .join(scores.select("pair_id", "score", "below_bar"), "pair_id")
        .join(duplicates.select("pair_id", "cluster_id"), "pair_id")
    )
    bar = bar_detail = f.lit(None).cast("string")
    if barred is not None:
        joined = joined.join(barred, "pair_id", "left")
        bar, bar_detail = f.col("bar"), f.col("bar_detail")
    since = int(dt.datetime.combine(params.after, dt.time(), dt.UTC).timestamp())
    first = f.when(~f.col("tier").isin(*params.tiers) | f.col("tier").isNull(), "tier_not_wanted")
    obstacle = (
        first.when(
            _drawn("repo_id", params.seed) >= params.repositories_share, "repository_not_drawn"
        )
        .when(f.coalesce(f.col("author_time") < since, f.lit(True)), "too_early")
        .when(f.coalesce(f.col("authorship"), f.lit("unknown")) != "human", "not_human")
        .when(f.col("below_bar").isNotNull(), "below_bar")
        .when(bar.isNotNull(), bar)
    )
    judged = joined.withColumn("obstacle", obstacle).withColumn(
        "drawn", _drawn("pair_id", params.seed)
    )
    free = f.col("obstacle").isNull()
    of_cluster = Window.partitionBy("cluster_id", free).orderBy("drawn", "pair_id")
    judged = judged.withColumn("place", f.row_number().over(of_cluster)).withColumn(
        "obstacle", f.when(free & (f.col("place") > 1), "duplicate").otherwise(f.col("obstacle"))
    )
    of_category = Window.partitionBy("category", free).orderBy("drawn", "pair_id")
    judged = judged.withColumn("place", f.row_number().over(of_category))
    reason = f.when(free & (f.col("place") > params.per_category), "category_full").otherwise(
        f.col("obstacle")
    )
    detail = f.when(reason == "tier_not_wanted", f.col("tier")).when(reason == bar, bar_detail)
    return judged.select(
        *pairs.columns, "tier", "score", reason.alias("reason"), detail.alias("detail")
    )


def _drawn(name: str, seed: int) -> Column:
    """A number from 0 to 1 that follows from an id and the seed alone."""
    digest = f.sha2(f.concat_ws("|", f.lit(str(seed)), name), 256)
    return f.conv(f.substring(digest, 1, 13), 16, 10).cast("double") / f.lit(float(1 << 52))
