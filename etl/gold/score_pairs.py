"""Gives every pair its quality: the parts, one score, why, and whether it is under the bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from udfs.quality.score import PARTS, Bar, Part
from udfs.quality.score_udf import INPUTS, KNOWN, ScoreSpec, score_udf

Weight = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _by_name(values: Mapping[Any, float]) -> dict[str, float]:
    return dict(values)


class QualityBar(BaseModel):
    """What a pair must reach to be worth training on.

    Attributes:
        score: least total.
        parts: least value of the parts that are named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: Share
    parts: dict[Part, Share] = Field(default_factory=dict)

    def to_bar(self) -> Bar:
        """The same bar for `udfs.quality`."""
        return Bar(self.score, _by_name(self.parts))


class ScoreParams(BaseModel):
    """Weights and bars.

    Attributes:
        weights: of all parts; only their ratios matter.
        tier_weights: by tier of the repository, those that differ.
        category_weights: by category, those that differ; they come after those of the tier.
        bar: of all pairs.
        category_bars: by category, a bar of its own, whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[Part, Weight]
    tier_weights: dict[str, dict[Part, Weight]]
    category_weights: dict[str, dict[Part, Weight]]
    bar: QualityBar
    category_bars: dict[str, QualityBar]

    @model_validator(mode="after")
    def _weigh_all(self) -> ScoreParams:
        missing = [part for part in PARTS if part not in self.weights]
        if missing:
            raise ValueError(f"each part needs a weight, be it 0: {', '.join(missing)} has none")
        for tier in [{}, *self.tier_weights.values()]:
            for category in [{}, *self.category_weights.values()]:
                if not any((self.weights | tier | category).values()):
                    raise ValueError(f"at least one weight must be positive: {', '.join(PARTS)}")
        return self

    def to_spec(self) -> ScoreSpec:
        """The same numbers for `udfs.quality`."""
        return ScoreSpec(
            weights=_by_name(self.weights),
            tier_weights={k: _by_name(v) for k, v in self.tier_weights.items()},
            category_weights={k: _by_name(v) for k, v in self.category_weights.items()},
            bar=self.bar.to_bar(),
            category_bars={k: v.to_bar() for k, v in self.category_bars.items()},
        )


def score_pairs(pairs: DataFrame, params: ScoreParams) -> DataFrame:
    """Score each pair on its own; no row is dropped.

    Args:
        pairs: Columns of `udfs.quality.score_udf.INPUTS`, of those in `KNOWN` the ones that there
            are; all columns are passed through.
        params: See `ScoreParams`.

    Returns:
        The input with quality (struct of the parts, each 0 to 1 or null), score (0 to 1),
        score_evidence (text) and below_bar (reason, null where the pair passes).
    """
    inputs = [
        F.lit(None).cast(KNOWN[name]).alias(name)
        if name in KNOWN and name not in pairs.columns
        else F.col(name)
        for name in INPUTS
    ]
    scored = pairs.withColumn("_scored", score_udf(params.to_spec())(F.struct(*inputs)))
    return scored.select(
        *pairs.columns,
        F.struct(*(F.col(f"_scored.{part}").alias(part) for part in PARTS)).alias("quality"),
        F.col("_scored.score").alias("score"),
        F.col("_scored.evidence").alias("score_evidence"),
        F.col("_scored.below").alias("below_bar"),
    )
