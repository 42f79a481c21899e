"""Gives every pair its quality: the parts, one score, why, and whether it is under the bar."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from udfs.quality.score import PARTS, Bar
from udfs.quality.score_udf import INPUTS, ScoreSpec, score_udf


class PartWeights(BaseModel):
    """Weight of each part in the score; only their ratios matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction_specificity: float = Field(default=0.15, ge=0.0)
    instruction_clarity: float = Field(default=0.15, ge=0.0)
    coherence: float = Field(default=0.25, ge=0.0)
    diff_coherence: float = Field(default=0.15, ge=0.0)
    context_sufficiency: float = Field(default=0.1, ge=0.0)
    tests_present: float = Field(default=0.1, ge=0.0)
    code_health: float = Field(default=0.1, ge=0.0)

    @model_validator(mode="after")
    def _weigh_something(self) -> PartWeights:
        if not any(getattr(self, part) for part in PARTS):
            raise ValueError(f"at least one weight must be positive: {', '.join(PARTS)}")
        return self


class PartFloors(BaseModel):
    """Least value of each part; 0 asks for nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction_specificity: float = Field(default=0.0, ge=0.0, le=1.0)
    instruction_clarity: float = Field(default=0.0, ge=0.0, le=1.0)
    coherence: float = Field(default=0.0, ge=0.0, le=1.0)
    diff_coherence: float = Field(default=0.0, ge=0.0, le=1.0)
    context_sufficiency: float = Field(default=0.0, ge=0.0, le=1.0)
    tests_present: float = Field(default=0.0, ge=0.0, le=1.0)
    code_health: float = Field(default=0.0, ge=0.0, le=1.0)


class QualityBar(BaseModel):
    """What a pair must reach to be worth training on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: float = Field(default=0.35, ge=0.0, le=1.0)
    parts: PartFloors = PartFloors(instruction_clarity=0.2, code_health=0.2)

    def to_bar(self) -> Bar:
        """The same bar for `udfs.quality`."""
        return Bar(self.score, self.parts.model_dump())


class ScoreParams(BaseModel):
    """Weights and bars; a category named in ``category_*`` has its own, whole, instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: PartWeights = PartWeights()
    category_weights: dict[str, PartWeights] = {}
    bar: QualityBar = QualityBar()
    category_bars: dict[str, QualityBar] = {}

    def to_spec(self) -> ScoreSpec:
        """The same numbers for `udfs.quality`."""
        return ScoreSpec(
            weights=self.weights.model_dump(),
            category_weights={k: v.model_dump() for k, v in self.category_weights.items()},
            bar=self.bar.to_bar(),
            category_bars={k: v.to_bar() for k, v in self.category_bars.items()},
        )


def score_pairs(pairs: DataFrame, params: ScoreParams) -> DataFrame:
    """Score each pair on its own; no row is dropped.

    Args:
        pairs: Columns category, instruction, response, context, tests, tests_touched, paths;
            all columns are passed through.
        params: See `ScoreParams`.

    Returns:
        The input with quality (struct of the parts, each 0 to 1), score (0 to 1),
        score_evidence (text) and below_bar (reason, null where the pair passes).
    """
    scored = pairs.withColumn("_scored", score_udf(params.to_spec())(F.struct(*INPUTS)))
    return scored.select(
        *pairs.columns,
        F.struct(*(F.col(f"_scored.{part}").alias(part) for part in PARTS)).alias("quality"),
        F.col("_scored.score").alias("score"),
        F.col("_scored.evidence").alias("score_evidence"),
        F.col("_scored.below").alias("below_bar"),
    )
