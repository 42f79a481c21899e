"""One score from the parts of a pair's quality, the evidence as text, and the bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from udfs.quality.change import Change
from udfs.quality.coherence import coherence, comment_coherence
from udfs.quality.finding import NOT_APPLICABLE, Finding
from udfs.quality.health import code_health
from udfs.quality.instruction import Instruction
from udfs.quality.lesson import educational_value, freshness
from udfs.quality.parts import (
    Pair,
    context_sufficiency,
    diff_coherence,
    instruction_clarity,
    instruction_specificity,
    tests_present,
)
from udfs.quality.standing import author_history, issue_labels, review_depth
from udfs.quality.survival import survival

Part = Literal[
    "instruction_specificity",
    "instruction_clarity",
    "coherence",
    "diff_coherence",
    "context_sufficiency",
    "tests_present",
    "code_health",
    "educational_value",
    "freshness",
    "review_depth",
    "issue_labels",
    "author_history",
    "survival",
]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
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
    What is not known of a change says nothing either.
    """
    known = pair.known
    reviewed = review_depth(known.review)
    labelled = issue_labels(known.labels, known.category or "")
    experience = author_history(known.earlier)
    if pair.is_comment:
        comment = Instruction(pair.response)
        found: tuple[Finding, ...] = (
            instruction_specificity(comment),
            instruction_clarity(comment),
            comment_coherence(comment, Change(pair.context or "", pair.paths)),
            *[NOT_APPLICABLE] * 6,
            reviewed,
            labelled,
            experience,
            NOT_APPLICABLE,
        )
        return _rounded(found)
    instruction = Instruction(pair.instruction)
    change = Change(pair.response, pair.paths, pair.context or "", pair.tests)
    is_diff = bool(change.files)
    is_code = is_diff or pair.is_code
    knows_context, knows_tests = pair.context is not None, pair.tests_touched is not None
    found = (
        instruction_specificity(instruction),
        instruction_clarity(instruction),
        coherence(instruction, change),
        diff_coherence(change) if is_diff else NOT_APPLICABLE,
        context_sufficiency(change) if is_code and knows_context else NOT_APPLICABLE,
        tests_present(bool(pair.tests_touched), change)
        if is_diff and knows_tests
        else NOT_APPLICABLE,
        code_health(change, known.trees) if is_code else NOT_APPLICABLE,
        educational_value(instruction, change) if is_diff else NOT_APPLICABLE,
        freshness(change, known.author_time) if is_code else NOT_APPLICABLE,
        reviewed,
        labelled,
        experience,
        survival(instruction, change, known) if is_diff else NOT_APPLICABLE,
    )
    return _rounded(found)


def _rounded(found: Iterable[Finding]) -> dict[str, Finding]:
    return {
        name: finding
        if finding.value is None
        else Finding(round(finding.value, DECIMALS), finding.why)
        for name, finding in zip(PARTS, found, strict=True)
    }


def total(parts: Mapping[str, Finding], weights: Mapping[str, float]) -> float:
    """The weighted mean of the parts that have a value; weights need not sum to 1.

    Args:
        parts: From `score_parts`.
        weights: Non-negative weight per part; a part that isn't named weighs nothing.

    Returns:
        The mean, 1 where no part with a weight has a value.

    Raises:
        ValueError: When no part has a positive weight.
    """
    weighty = [name for name in PARTS if weights.get(name, 0.0) > 0.0]
    if not weighty:
        raise ValueError(f"at least one part must have a positive weight; parts: {PARTS}")
    mass = summed = 0.0
    for name in weighty:
        value = parts[name].value
        if value is not None:
            mass += weights[name]
            summed += weights[name] * value
    return round(summed / mass, DECIMALS) if mass else 1.0


def rejection(parts: Mapping[str, Finding], score: float, bar: Bar) -> str | None:
    """The reason why a pair is under the bar: the first part that is, then the score, else None."""
    for name in PARTS:
        value = parts[name].value
        if value is not None and value < bar.parts.get(name, 0.0):
            return f"{name}_below_bar"
    return "score_below_bar" if score < bar.total else None


def evidence(parts: Mapping[str, Finding]) -> str:
    """All parts with value and reason, as one line."""
    return "; ".join(
        f"{name} {finding.why}"
        if finding.value is None
        else f"{name} {finding.value:.2f}: {finding.why}"
        for name, finding in ((name, parts[name]) for name in PARTS)
    )
