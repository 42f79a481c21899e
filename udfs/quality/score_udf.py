"""Pandas wrapper: scores of a batch of pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Final

import pandas as pd
from pyspark.sql import Column
from pyspark.sql.pandas.functions import pandas_udf

from udfs.ast import Health
from udfs.quality.parts import Known, Pair
from udfs.quality.score import PARTS, Bar, judge
from udfs.quality.standing import Review

KNOWN: Final = {
    "author_time": "bigint",
    "author_commits": "int",
    "tier": "string",
    "review_comments": "bigint",
    "reviewers": "bigint",
    "approvals": "bigint",
    "labels": "array<string>",
    "health": f"struct<{', '.join(f'{figure.name}: int' for figure in fields(Health))}>",
}
"""Types of the columns that may be absent, or null where nothing is known."""
INPUTS: Final = (
    "category",
    "instruction",
    "response",
    "context",
    "tests",
    "tests_touched",
    "paths",
    *KNOWN,
)
SCORE_DDL: Final = (
    ", ".join(f"{part} double" for part in PARTS) + ", score double, evidence string, below string"
)


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    """Weights, with those in which a tier or category differs, and bars, with those of its own."""

    weights: Mapping[str, float]
    tier_weights: Mapping[str, Mapping[str, float]]
    category_weights: Mapping[str, Mapping[str, float]]
    bar: Bar
    category_bars: Mapping[str, Bar]

    def weights_of(self, tier: str | None, category: str | None) -> Mapping[str, float]:
        """The weights of a tier and category, either of which may be unknown."""
        of_tier = self.tier_weights.get(tier or "", {})
        of_category = self.category_weights.get(category or "", {})
        return {**self.weights, **of_tier, **of_category}


def score_udf(spec: ScoreSpec) -> Callable[[Column], Column]:
    """A column function from a struct of `INPUTS` to a struct of `SCORE_DDL`."""
    scored = partial(score_frame, spec=spec)

    def score_batch(rows: pd.DataFrame) -> pd.DataFrame:
        return scored(rows)

    udf: Callable[[Column], Column] = pandas_udf(score_batch, SCORE_DDL)  # type: ignore[call-overload]
    return udf


def score_frame(rows: pd.DataFrame, spec: ScoreSpec) -> pd.DataFrame:
    """One row of `SCORE_DDL` per row of `INPUTS`, in order."""
    columns = (rows[name].tolist() for name in INPUTS)
    names = [part.partition(" ")[0] for part in SCORE_DDL.split(", ")]
    return pd.DataFrame(
        [_score(values, spec) for values in zip(*columns, strict=True)], columns=names
    )


def _score(values: tuple[Any, ...], spec: ScoreSpec) -> tuple[Any, ...]:
    category, instruction, response, context, tests, tests_touched, paths = values[:7]
    author_time, author_commits, tier, comments, reviewers, approvals, labels, trees = values[7:]
    response = response or ""
    review = None
    if _number(reviewers) is not None:
        review = Review(_number(comments) or 0, _number(reviewers) or 0, _number(approvals) or 0)
    pair = Pair(
        instruction=instruction or "",
        response=response,
        context=context or "",
        tests=tests,
        tests_touched=bool(tests_touched),
        paths=() if paths is None else tuple(paths),
        is_comment=category == "code_review" and not response.startswith("diff --git "),
        is_code=category == "structure",
        known=Known(
            category,
            _number(author_time),
            _number(author_commits),
            review,
            tuple(labels) if isinstance(labels, Iterable) else None,
            Health(**trees) if isinstance(trees, Mapping) else None,
        ),
    )
    verdict = judge(
        pair,
        spec.weights_of(tier if isinstance(tier, str) else None, category),
        spec.category_bars.get(category, spec.bar),
    )
    found = (verdict.parts[name].value for name in PARTS)
    return (*found, verdict.score, verdict.evidence, verdict.below)


def _number(value: float | None) -> int | None:
    """An integer of a column, which pandas makes a float where some are null; NaN is null."""
    return None if value is None or math.isnan(value) else int(value)
