"""One score from the parts of a pair's quality, the evidence as text, and the bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from udfs.quality.parts import (
    Change,
    Finding,
    Pair,
    code_health,
    coherence,
    context_sufficiency,
    diff_coherence,
    instruction_clarity,
    instruction_specificity,
    tests_present,
)

PARTS: Final = (
    "instruction_specificity",
    "instruction_clarity",
    "coherence",
    "diff_coherence",
    "context_sufficiency",
    "tests_present",
    "code_health",
)
"""Names of the parts, in the order in which they are shown and checked."""

DECIMALS: Final = 6
"""Values are rounded to so many places: the last bits of a logarithm differ between machines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a pair must reach: a total, and a least value of some of the parts."""

    total: float
    parts: Mapping[str, float]


def score_parts(pair: Pair) -> dict[str, Finding]:
    """Every part of `PARTS` for one pair, values rounded to `DECIMALS` places."""
    change = Change(pair.response, pair.paths)
    found = (
        instruction_specificity(pair.instruction),
        instruction_clarity(pair.instruction),
        coherence(pair.instruction, change),
        diff_coherence(change),
        context_sufficiency(pair.context, change),
        tests_present(pair.tests, pair.tests_touched, change),
        code_health(change),
    )
    return {
        name: Finding(round(finding.value, DECIMALS), finding.why)
        for name, finding in zip(PARTS, found, strict=True)
    }


def total(parts: Mapping[str, Finding], weights: Mapping[str, float]) -> float:
    """The weighted mean of the parts; weights need not sum to 1.

    Args:
        parts: From `score_parts`.
        weights: Non-negative weight per part; a part that isn't named weighs nothing.

    Raises:
        ValueError: When no part has a positive weight.
    """
    mass = sum(weights.get(name, 0.0) for name in PARTS)
    if mass <= 0.0:
        raise ValueError(f"at least one part must have a positive weight; parts: {PARTS}")
    mean = sum(weights.get(name, 0.0) * parts[name].value for name in PARTS) / mass
    return round(mean, DECIMALS)


def rejection(parts: Mapping[str, Finding], score: float, bar: Bar) -> str | None:
    """The reason why a pair is under the bar: the first part that is, then the score, else None."""
    for name in PARTS:
        if parts[name].value < bar.parts.get(name, 0.0):
            return f"{name}_below_bar"
    return "score_below_bar" if score < bar.total else None


def evidence(parts: Mapping[str, Finding]) -> str:
    """All parts with value and reason, as one line."""
    return "; ".join(f"{name} {parts[name].value:.2f}: {parts[name].why}" for name in PARTS)
