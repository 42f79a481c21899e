"""Choose the pairs of a mix: the best of each category, up to its target."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

Category = Literal[
    "bug_fix",
    "new_feature",
    "refactor",
    "ui_component",
    "code_review",
    "debugging_session",
    "structure",
]
FacetName = Literal[
    "error_handling", "concurrency", "security", "performance", "integration", "modernisation"
]


class CategoryTarget(BaseModel):
    """What one category contributes.

    Attributes:
        rows: pairs wanted.
        weight: sampling weight in training; 1 takes every pair once an epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(ge=0)
    weight: float = Field(gt=0)


class MixParams(BaseModel):
    """`conf/mixes/<name>.yml`: one file, one mix.

    Attributes:
        description: what the mix is for.
        min_score: pairs under this score are left out.
        targets: per category.
        facets: pairs about a facet that come first, the best ones of each, in the categories'
            targets: so many are in the mix, where there are so many.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    min_score: float = Field(ge=0, le=1)
    targets: dict[Category, CategoryTarget] = Field(min_length=1)
    facets: dict[FacetName, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)

    def canonical(self) -> str:
        """JSON that is the same for the same mix, however its file is written."""
        return json.dumps(
            self.model_dump(exclude_defaults=True), sort_keys=True, separators=(",", ":")
        )


@dataclass(frozen=True)
class Fill:
    """How far one category's target was met."""

    category: str
    target: int
    taken: int
    weight: float

    @property
    def missing(self) -> int:
        """Pairs that the mix falls short of its target."""
        return self.target - self.taken


def choose_pairs(
    pairs: DataFrame,
    scores: DataFrame,
    duplicates: DataFrame,
    mix: MixParams,
    barred: DataFrame | None = None,
) -> DataFrame:
    """Decide every pair that stands for its duplicates: in the mix, or why not.

    A category takes its best pairs by score; equal scores are ordered by pair_id, so the choice
    depends on the rows alone. Pairs that the mix's facets ask for come before the others.

    Args:
        pairs: silver.pairs.
        scores: gold.scored_pairs.
        duplicates: gold.duplicates.
        mix: targets and the bar.
        barred: pairs that no mix may hold, from `bar_pairs`; None for none.

    Returns:
        pair_id, repo_id, batch_id, category, score, weight, place (in its category, from 1; null
        when not
        eligible), reason and detail (null when chosen).
    """
    wanted = {name: target.rows for name, target in mix.targets.items()}
    weights = {name: target.weight for name, target in mix.targets.items()}
    rows = f.create_map(*[f.lit(x) for pair in wanted.items() for x in pair])
    weight = f.create_map(*[f.lit(x) for pair in weights.items() for x in pair])
    joined = (
        pairs.select("pair_id", "repo_id", "batch_id", "category", "facets")
        .join(scores.select("pair_id", "score", "below_bar"), "pair_id")
        .join(duplicates.where("is_kept").select("pair_id"), "pair_id")
        .withColumn("target", f.try_element_at(rows, f.col("category")))
    )
    bar = bar_detail = f.lit(None).cast("string")
    if barred is not None:
        joined = joined.join(barred, "pair_id", "left")
        bar, bar_detail = f.col("bar"), f.col("bar_detail")
    judged = joined.withColumn(
        "obstacle",
        f.when(bar.isNotNull(), bar)
        .when(f.col("target").isNull(), f.lit("category_not_in_mix"))
        .when(f.col("below_bar").isNotNull(), f.lit("below_bar"))
        .when(f.col("score") < mix.min_score, f.lit("below_mix_score")),
    )
    best_first = Window.partitionBy("category", f.col("obstacle").isNull()).orderBy(
        f.col("asked_for").desc(), f.col("score").desc(), "pair_id"
    )
    placed = judged.withColumn("asked_for", _asked_for(mix)).withColumn(
        "place", f.when(f.col("obstacle").isNull(), f.row_number().over(best_first))
    )
    reason = f.when(f.col("obstacle").isNotNull(), f.col("obstacle")).when(
        f.col("place") > f.col("target"), f.lit("target_reached")
    )
    detail = (
        f.when(f.col("obstacle") == "below_bar", f.col("below_bar"))
        .when(f.col("obstacle") == "below_mix_score", f.col("score").cast("string"))
        .otherwise(bar_detail)
    )
    return placed.select(
        "pair_id",
        "repo_id",
        "batch_id",
        "category",
        "score",
        f.try_element_at(weight, f.col("category")).alias("weight"),
        "place",
        reason.alias("reason"),
        detail.alias("detail"),
    )


def _asked_for(mix: MixParams) -> Column:
    """Whether a row is one of the best about a facet that the mix asks for."""
    best = []
    for name, rows in mix.facets.items():
        about = f.coalesce(f.array_contains("facets", name), f.lit(False))
        among = Window.partitionBy(about, f.col("obstacle").isNull()).orderBy(
            f.col("score").desc(), "pair_id"
        )
        best.append(about & (f.row_number().over(among) <= rows))
    return reduce(lambda left, right: left | right, best, f.lit(False))


def fills(decided: DataFrame, mix: MixParams) -> list[Fill]:
    """How far each target was met, in the order of the mix's file."""
    taken = {
        row["category"]: row["count"]
        for row in decided.where("reason IS NULL").groupBy("category").count().collect()
    }
    return [
        Fill(name, target.rows, taken.get(name, 0), target.weight)
        for name, target in mix.targets.items()
    ]


def content_digest(decided: DataFrame) -> str:
    """Digest of the chosen pairs and weights as a set: count and two sums over SHA-256 words.

    pair_id is itself a hash of the pair's whole text, so the digest changes with any letter.
    """
    line = f.sha2(f.concat_ws("|", "pair_id", f.col("weight").cast("string")), 256)
    word = [f.conv(f.substring(line, start, 15), 16, 10).cast("decimal(38,0)") for start in (1, 16)]
    found = (
        decided.where("reason IS NULL")
        .agg(f.count(f.lit(1)), *[f.sum(part).cast("string") for part in word])
        .first()
    )
    values = tuple(found) if found else (0, None, None)
    return ":".join(str(value) for value in values)


def mix_version(digest: str, mix: MixParams) -> str:
    """Version of a mix: SHA-256 of its rows and weights (`content_digest`) and its config."""
    return hashlib.sha256(f"{digest}\0{mix.canonical()}".encode()).hexdigest()
