"""The keep rule, and what it says."""

from __future__ import annotations

import pytest

from udfs.dedup.choice import ALONE, NO_TIME, Rank, choose, relation

PLAIN = Rank(
    is_synthetic=False, is_below=False, score=-0.5, is_untested=True, time=NO_TIME, pair_id="m"
)


def test_each_criterion_decides_where_those_before_it_are_equal() -> None:
    better = {
        "not synthetic": (PLAIN._replace(is_below=True), PLAIN._replace(is_synthetic=True)),
        "above the bar": (PLAIN, PLAIN._replace(is_below=True, score=-0.9)),
        "higher score": (PLAIN._replace(score=-0.6), PLAIN._replace(is_untested=False)),
        "tests touched": (PLAIN._replace(is_untested=False), PLAIN._replace(time=5)),
        "earlier author time": (PLAIN._replace(time=5), PLAIN._replace(pair_id="a")),
        "smaller pair_id": (PLAIN._replace(pair_id="a"), PLAIN),
    }
    for words, (kept, other) in better.items():
        assert choose([other, kept]) == (
            1,
            [f"the kept pair goes before it: {words}", f"kept before the next best: {words}"],
        )


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
