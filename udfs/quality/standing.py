"""What people made of a change beside its text: reviewers, labels, and who wrote it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from udfs.quality.finding import NOT_KNOWN, Finding, some

# Words of labels that speak for a category, or against learning from what they are on.
_FITTING: Final = {
    "bug_fix": ("bug", "fix", "regression", "crash", "defect", "broken"),
    "debugging_session": ("bug", "fix", "regression", "crash", "defect", "broken"),
    "new_feature": ("feature", "enhancement", "feat", "request", "proposal"),
    "ui_component": ("component", "ui", "feature", "enhancement", "feat", "design", "ux"),
    "refactor": ("refactor", "cleanup", "maintenance", "debt", "internal", "performance"),
}
_SPEAKING_AGAINST: Final = (
    "invalid",
    "wontfix",
    "won't fix",
    "duplicate",
    "stale",
    "spam",
    "question",
    "do not merge",
    "wip",
)


@dataclass(frozen=True, slots=True)
class Review:
    """What others than its author, and no bots, said of a pull before it was merged.

    Attributes:
        comments: comments, on lines or on the whole.
        reviewers: who reviewed or commented.
        approvals: reviews that approve.
    """

    comments: int
    reviewers: int
    approvals: int


def review_depth(review: Review | None) -> Finding:
    """How far others looked at a change before it was taken in.

    0 where a pull is known and nobody else said a word. Else 0.4, and up to 0.25 for reviewers
    (full from 2), 0.25 for comments (full from 6, by the logarithm) and 0.1 for an approval.
    """
    if review is None:
        return NOT_KNOWN
    if not review.reviewers:
        return Finding(0.0, "nobody else looked at the pull")
    value = (
        0.4
        + 0.25 * min(1.0, review.reviewers / 2)
        + 0.25 * min(1.0, math.log1p(review.comments) / math.log(7))
        + 0.1 * min(1, review.approvals)
    )
    why = f"{review.reviewers} reviewers, {review.comments} comments, {review.approvals} approvals"
    return Finding(value, why)


def issue_labels(labels: Sequence[str] | None, category: str) -> Finding:
    """Whether the labels of a change's issues and pulls fit its category.

    0 where one speaks against it (`invalid`, `wontfix`, `duplicate`, …), 1 where one fits, 0.3
    where those there are fit another category alone, else 0.6.
    """
    if not labels:
        return NOT_KNOWN
    lower = [label.lower() for label in labels]
    shown = some(sorted(lower))
    if any(word in label for label in lower for word in _SPEAKING_AGAINST):
        return Finding(0.0, f"speaks against it: {shown}")
    fitting = [kind for kind, told in _FITTING.items() if _holds(lower, told)]
    if category in fitting:
        return Finding(1.0, f"fits {category}: {shown}")
    if fitting and category in _FITTING:
        return Finding(0.3, f"fits {fitting[0]} rather than {category}: {shown}")
    return Finding(0.6, f"says nothing of {category}: {shown}")


def _holds(labels: Sequence[str], told: Sequence[str]) -> bool:
    return any(word in label for label in labels for word in told)


def author_history(earlier: int | None) -> Finding:
    """How well an author knew the repository: commits of theirs that a change stands on.

    0.3 for a first one, full from 63, by the logarithm.
    """
    if earlier is None:
        return NOT_KNOWN
    value = 0.3 + 0.7 * min(1.0, math.log2(1 + earlier) / 6)
    return Finding(value, f"{earlier} earlier commits of the author")
