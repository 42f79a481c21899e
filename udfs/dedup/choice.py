"""Which pair of a cluster is kept, and what decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, get_args

from udfs.tiers import Tier


class Rank(NamedTuple):
    """What decides between pairs, first to last; the smallest is kept.

    Attributes:
        is_synthetic: a program made it, and people did not.
        is_below: the pair is under the quality bar.
        asked: what its licence asks, see `udfs.licence.conditions`.
        tier: place of its repository's tier, see `place_of`.
        score: its score, negative.
        time: author time in seconds since 1970, negative; a pair without one comes last.
        pair_id: its id.
    """

    is_synthetic: bool
    is_below: bool
    asked: int
    tier: int
    score: float
    time: int
    pair_id: str


NO_TIME: Final = (1 << 63) - 1
ALONE: Final = "no duplicate"
SYNTHETIC: Final = "synthetic"
"""The origin of pairs that are generated; all others come from people."""

_TIERS: Final = get_args(Tier)
_WORDS: Final = (
    "not synthetic",
    "above the bar",
    "licence that asks less",
    "better tier",
    "higher score",
    "later author time",
    "smaller pair_id",
)


def place_of(tier: str | None) -> int:
    """The place of a tier, best first; what has none comes last."""
    return _TIERS.index(tier) if tier in _TIERS else len(_TIERS)


def choose(ranks: Sequence[Rank]) -> tuple[int, list[str]]:
    """The place of the pair that is kept, and for each pair what decided.

    Args:
        ranks: of the pairs of one cluster, all different.
    """
    if len(ranks) == 1:
        return 0, [ALONE]
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    best = order[0]
    rules = [
        f"the kept pair goes before it: {_decisive(ranks[best], rank)}" if index != best else ""
        for index, rank in enumerate(ranks)
    ]
    rules[best] = f"kept before the next best: {_decisive(ranks[best], ranks[order[1]])}"
    return best, rules


def relation(origin: str, repo_id: str, kept_origin: str, kept_repo_id: str) -> str:
    """What a pair is to the one that is kept before it, by where they come from."""
    if origin != kept_origin and SYNTHETIC in (origin, kept_origin):
        return "synthetic_of_natural"
    return "same_repository" if repo_id == kept_repo_id else "other_repository"


def _decisive(best: Rank, other: Rank) -> str:
    return next(words for words, mine, its in zip(_WORDS, best, other, strict=True) if mine != its)
