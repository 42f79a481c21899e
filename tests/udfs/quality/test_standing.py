"""Reviewers, labels and authors say something where they are known."""

from __future__ import annotations

import pytest

from udfs.quality.finding import NOT_KNOWN
from udfs.quality.standing import Review, author_history, issue_labels, review_depth


def test_reviews_count_by_who_looked_and_how_much_they_said() -> None:
    known = (Review(0, 0, 0), Review(1, 1, 0), Review(1, 1, 1), Review(6, 2, 1), Review(90, 9, 4))
    values = [review_depth(review).value or 0.0 for review in known]
    assert values == sorted(values)
    assert [values[0], *values[-2:]] == pytest.approx([0.0, 1.0, 1.0])
    assert review_depth(None) == NOT_KNOWN


@pytest.mark.parametrize(
    ("labels", "category", "value"),
    [
        (["Type: Bug"], "bug_fix", 1.0),
        (["kind/feature", "area/net"], "bug_fix", 0.3),
        (["area/net"], "bug_fix", 0.6),
        (["bug", "wontfix"], "bug_fix", 0.0),
        (["bug"], "code_review", 0.6),
        ([], "bug_fix", None),
        (None, "bug_fix", None),
    ],
)
def test_labels_fit_a_category_or_speak_against_the_change(
    labels: list[str] | None, category: str, value: float | None
) -> None:
    assert issue_labels(labels, category).value == value


def test_authors_who_know_the_repository_count_more() -> None:
    assert author_history(None) == NOT_KNOWN
    assert author_history(0).value == 0.3
    assert author_history(63).value == author_history(900).value == 1.0
    assert 0.5 < (author_history(7).value or 0.0) < 0.8
