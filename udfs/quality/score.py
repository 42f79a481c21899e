"""One score from the parts of a pair's quality, the evidence as text, and the bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from udfs.quality.change import Change
from udfs.quality.coherence import coherence, comment_coherence
from udfs.quality.finding import NOT_APPLICABLE, Finding
from udfs.quality.parts import (
    Pair,
    code_health,
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that scoring says of a pair; `below` is the part or total under the bar, or None."""

    parts: Mapping[str, Finding]
    score: float
    evidence: str
    below: str | None


def judge(pair: Pair, weights: Mapping[str, float], bar: Bar) -> Verdict:
    """Score a pair of any origin, natural, synthetic or of others, by the same rules."""
    parts = score_parts(pair)
    score = total(parts, weights)
    return Verdict(parts, score, evidence(parts), rejection(parts, score, bar))


def score_parts(pair: Pair) -> dict[str, Finding]:
    """Every part of `PARTS` for one pair, values rounded to `DECIMALS` places.

    Of a comment on a change the comment is judged, as an instruction is: the request for it is
    made by rule and tells nothing. It is coherent where it speaks of what the change shows. Of
    another response that is no diff, parts about diffs say nothing; of words, those about code.
    """
    if pair.is_comment:
        found: tuple[Finding, ...] = (
            instruction_specificity(pair.response),
            instruction_clarity(pair.response),
            comment_coherence(pair.response, Change(pair.context or "", pair.paths)),
            *[NOT_APPLICABLE] * 4,
        )
        return _rounded(found)
    change = Change(pair.response, pair.paths, pair.context or "", pair.tests)
    is_diff = bool(change.files)
    is_code = is_diff or pair.is_code
    knows_context, knows_tests = pair.context is not None, pair.tests_touched is not None
    found = (
        instruction_specificity(pair.instruction),
        instruction_clarity(pair.instruction),
        coherence(pair.instruction, change),
        diff_coherence(change) if is_diff else NOT_APPLICABLE,
        context_sufficiency(change) if is_code and knows_context else NOT_APPLICABLE,
        tests_present(bool(pair.tests_touched), change)
        if is_diff and knows_tests
        else NOT_APPLICABLE,
        code_health(change) if is_code else NOT_APPLICABLE,
    )
    return _rounded(found)


def _rounded(found: Iterable[Finding]) -> dict[str, Finding]:
    return {
        name: Finding(round(finding.value, DECIMALS), finding.why)
        for name, finding in zip(PARTS, found, strict=True)
    }


def total(parts: Mapping[str, Finding], weights: Mapping[str, float]) -> float:
    """The weighted mean of the parts that apply; weights need not sum to 1.

    Where none of those weighs anything, the others count too.

    Args:
        parts: From `score_parts`.
        weights: Non-negative weight per part; a part that isn't named weighs nothing.

    Raises:
        ValueError: When no part has a positive weight.
    """
    weighty = [name for name in PARTS if weights.get(name, 0.0) > 0.0]
    if not weighty:
        raise ValueError(f"at least one part must have a positive weight; parts: {PARTS}")
    counted = [name for name in weighty if parts[name] != NOT_APPLICABLE] or weighty
    mass = sum(weights[name] for name in counted)
    mean = sum(weights[name] * parts[name].value for name in counted) / mass
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
