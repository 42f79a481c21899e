"""The keep rule, and what it says."""

from __future__ import annotations

import pytest

from udfs.dedup.choice import ALONE, NO_TIME, Rank, choose, place_of, relation

PLAIN = Rank(
    is_synthetic=False, is_below=False, asked=1, tier=2, score=-0.5, time=NO_TIME, pair_id="m"
)


def test_each_criterion_decides_where_those_before_it_are_equal() -> None:
    better = {
        "not synthetic": (PLAIN._replace(is_below=True), PLAIN._replace(is_synthetic=True)),
        "above the bar": (PLAIN, PLAIN._replace(is_below=True, asked=0)),
        "licence that asks less": (PLAIN._replace(asked=0), PLAIN._replace(tier=0)),
        "better tier": (PLAIN._replace(tier=1), PLAIN._replace(score=-0.9)),
        "higher score": (PLAIN._replace(score=-0.6), PLAIN._replace(time=-5)),
        "later author time": (PLAIN._replace(time=-5), PLAIN._replace(pair_id="a", time=-4)),
        "smaller pair_id": (PLAIN._replace(pair_id="a"), PLAIN),
    }
    for words, (kept, other) in better.items():
        assert choose([other, kept]) == (
            1,
            [f"the kept pair goes before it: {words}", f"kept before the next best: {words}"],
        )


def test_tiers_are_ordered_and_none_is_last() -> None:
    tiers = ("expert_reviewed", "professional", "educational", "unfiltered", None)
    assert [*map(place_of, tiers)] == sorted({*map(place_of, tiers)})


def test_a_pair_alone_is_kept() -> None:
    assert choose([PLAIN]) == (0, [ALONE])


@pytest.mark.parametrize(
    ("mine", "its", "expected"),
    [
        (("commit", "r"), ("issue", "r"), "same_repository"),
        (("commit", "fork"), ("commit", "r"), "other_repository"),
        (("synthetic", "r"), ("commit", "r"), "synthetic_of_natural"),
        (("synthetic", "r"), ("synthetic", "r"), "same_repository"),
    ],
)
def test_the_relation_follows_from_where_both_come_from(
    mine: tuple[str, str], its: tuple[str, str], expected: str
) -> None:
    assert relation(*mine, *its) == expected
