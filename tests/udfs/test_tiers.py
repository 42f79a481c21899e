"""A tier claims no more than the history and the known reviews show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from udfs.activity import Activity
from udfs.tiers import Landing, Review, TierBars, count_landings, is_through_pull, tier_of

BARS = TierBars(
    min_landings=10,
    expert_pull_share=0.9,
    expert_reviewed_share=0.5,
    expert_share_with_tests=0.1,
    professional_share_with_tests=0.05,
    min_authors=2,
    max_top_author_share=0.8,
)
LIVING = Activity(
    commits=200,
    non_merge_commits=150,
    bot_commits=0,
    undated_commits=0,
    authors=5,
    top_author_share=0.4,
    share_with_tests=0.3,
    active_months=20,
    first_commit="2020-01-01",
    last_commit="2025-01-01",
    lifespan_days=1827,
    days_since_last_commit=10,
    has_ci=True,
    has_tests=True,
)


@pytest.mark.parametrize(
    ("message", "is_merge"),
    [
        ("Merge pull request #12 from ada/fix\n\nFix", True),
        ("Merge PR #12: fix", True),
        ("Auto merge of #12 - ada:fix, r=grace", True),
        ("Merged in ada/fix (pull request #3)", True),
        ("Merge branch 'fix' into 'main'\n\nSee merge request tally/tally!7", True),
        ("Fix rounding (#12)", False),
        ("Fix rounding (#12)\n\n* one\n* two", False),
        ("Fix rounding\n\nReviewed-by: Grace <grace@tally.example>", False),
        ("Fix rounding\n\nPR-URL: https://example.org/pull/1", False),
    ],
)
def test_changes_that_came_through_a_pull_or_review(message: str, is_merge: bool) -> None:
    assert is_through_pull(message, is_merge=is_merge)


@pytest.mark.parametrize(
    ("message", "is_merge"),
    [
        ("Merge branch 'main' of example.org:tally", True),
        ("Merge branch '2.x' into main (#4)", True),
        ("Fix rounding", False),
        ("Fix rounding, closes #12", False),
        ("Fix rounding\n\nSigned-off-by: Ada <ada@tally.example>", False),
        ("Revert\n\nThis reverts (#12)", False),
    ],
)
def test_changes_that_do_not_say_so(message: str, is_merge: bool) -> None:
    assert not is_through_pull(message, is_merge=is_merge)


def test_landings_are_what_the_main_line_took_in() -> None:
    history = {
        "root": Landing((), "Begin", is_bot=False),
        "direct": Landing(("root",), "Fix", is_bot=False),
        "side": Landing(("root",), "Work on the side", is_bot=False),
        "merge": Landing(("direct", "side"), "Merge pull request #1 from a/b", is_bot=True),
        "bump": Landing(("merge",), "Bump x (#2)", is_bot=True),
        "squash": Landing(("bump",), "Add totals (#3)", is_bot=False),
    }
    assert count_landings(history, "squash") == Review(landings=3, through_pulls=2)
    assert count_landings(history, None) == Review(0, 0)
    assert count_landings({"a": Landing(("a",), "", is_bot=False)}, "a") == Review(1, 0)


def test_every_change_through_a_pull_is_expert_reviewed() -> None:
    found = tier_of(Review(100, 95), LIVING, None, BARS)
    assert found.tier == "expert_reviewed"
    assert {"through pulls 0.95", "reviews not known"} <= set(found.evidence)


def test_known_reviews_decide_where_there_are_enough_of_them() -> None:
    alone = Review(100, 95, merged_pulls=90, reviewed_pulls=9)
    found = tier_of(alone, LIVING, None, BARS)
    assert found.tier == "professional"
    assert "not expert_reviewed: reviewed by others 0.10 of 90" in found.evidence
    assert tier_of(replace(alone, reviewed_pulls=60), LIVING, None, BARS).tier == "expert_reviewed"
    few = replace(alone, merged_pulls=9, reviewed_pulls=0)
    assert tier_of(few, LIVING, None, BARS).tier == "expert_reviewed"


@pytest.mark.parametrize(
    "change",
    [{"authors": 1, "top_author_share": 1.0}, {"has_tests": False}, {"top_author_share": 0.81}],
)
def test_one_person_or_no_tests_is_neither(change: dict[str, object]) -> None:
    activity = replace(LIVING, **change)  # type: ignore[arg-type]
    found = tier_of(Review(100, 95), activity, None, BARS)
    assert found.tier == "unfiltered"
    assert all(line.startswith("not professional: ") for line in found.evidence)


def test_without_pulls_it_takes_tests_and_ci_to_be_professional() -> None:
    assert tier_of(Review(100, 5), LIVING, None, BARS).tier == "professional"
    assert tier_of(Review(5, 5), LIVING, None, BARS).tier == "professional", "5 are no habit"
    assert tier_of(Review(100, 5), replace(LIVING, has_ci=False), None, BARS).tier == "unfiltered"


def test_what_is_no_project_has_no_better_tier() -> None:
    assert tier_of(Review(100, 95), LIVING, "tutorial_or_coursework", BARS).tier == "educational"
    assert tier_of(Review(100, 95), LIVING, "mirror", BARS).tier == "unfiltered"
