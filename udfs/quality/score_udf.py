"""Pandas wrapper: scores of a batch of pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pandas as pd
from pyspark.sql import Column
from pyspark.sql.pandas.functions import pandas_udf

from udfs.quality.parts import Pair
from udfs.quality.score import PARTS, Bar, judge

INPUTS: Final = (
    "category",
    "instruction",
    "response",
    "context",
    "tests",
    "tests_touched",
    "paths",
)
SCORE_DDL: Final = (
    ", ".join(f"{part} double" for part in PARTS) + ", score double, evidence string, below string"
)


@dataclass(frozen=True, slots=True)
class ScoreSpec:
    """Weights and bar, with those that a category has of its own."""

    weights: Mapping[str, float]
    category_weights: Mapping[str, Mapping[str, float]]
    bar: Bar
    category_bars: Mapping[str, Bar]


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
    category, instruction, response, context, tests, tests_touched, paths = values
    pair = Pair(
        instruction=instruction or "",
        response=response or "",
        context=context or "",
        tests=tests,
        tests_touched=bool(tests_touched),
        paths=() if paths is None else tuple(paths),
        is_comment=category == "code_review" and not (response or "").startswith("diff --git "),
        is_code=category == "structure",
    )
    verdict = judge(
        pair,
        spec.category_weights.get(category, spec.weights),
        spec.category_bars.get(category, spec.bar),
    )
    found = (verdict.parts[name].value for name in PARTS)
    return (*found, verdict.score, verdict.evidence, verdict.below)
