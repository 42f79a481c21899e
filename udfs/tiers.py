"""How far a repository's changes were looked at by others: landings, reviews, and a tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import re2

from udfs.activity import Activity

Tier = Literal["expert_reviewed", "professional", "educational", "unfiltered"]

_REVIEWED: Final = re2.compile(
    r"(?im)^[ \t]{0,8}(?:(?:Reviewed|Acked|Approved)-by|Reviewed-on|Differential Revision|PR-URL)"
    r"[ \t]*:[ \t]*\S"
)
_PULL_MERGE: Final = re2.compile(
    r"(?m)^Merge (?:pull request|PR) #[0-9]+|^(?:Auto merge of|Merge) #[0-9]+\b"
    r"|^Merged in .{1,200} \(pull request #[0-9]+\)|See merge request \S{0,200}![0-9]+"
)
_SQUASHED: Final = re2.compile(r"^[^\r\n]*\((?:#|!|gh-|GH-)[0-9]+\)[ \t.]*(?:[\r\n]|$)")


@dataclass(frozen=True)
class Landing:
    """A commit, as far as it matters how it came to the main line.

    Attributes:
        parents: ids of its parents, the first one first.
        message: its message, or the parts of it that may hold a mark.
        is_bot: whether its author is an automaton.
    """

    parents: tuple[str, ...]
    message: str
    is_bot: bool


@dataclass(frozen=True)
class Review:
    """How changes came to the main line.

    Attributes:
        landings: commits on the first-parent line, without those that bots made directly.
        through_pulls: of those, merges and squashes of pull requests, and reviewed patches.
        merged_pulls: merged pull requests that are known with their reviews; 0 for git alone.
        reviewed_pulls: of those, the ones that somebody else than their author reviewed.
    """

    landings: int
    through_pulls: int
    merged_pulls: int = 0
    reviewed_pulls: int = 0


@dataclass(frozen=True)
class TierBars:
    """What a tier asks for; shares 0..1, each bar inclusive.

    Attributes:
        min_landings: least landings, or merged pulls, that a share is taken of.
        expert_pull_share: share of landings through pulls.
        expert_reviewed_share: share of known merged pulls that another person reviewed.
        expert_share_with_tests: share of people's commits that change a test.
        professional_share_with_tests: likewise.
        min_authors: people behind the commits, for both.
        max_top_author_share: share of commits of the most active one, for both.
    """

    min_landings: int
    expert_pull_share: float
    expert_reviewed_share: float
    expert_share_with_tests: float
    professional_share_with_tests: float
    min_authors: int
    max_top_author_share: float


@dataclass(frozen=True)
class Tiered:
    """A tier, and a sentence for each figure that it rests on or that keeps it from the next."""

    tier: Tier
    evidence: tuple[str, ...]


def is_through_pull(message: str, *, is_merge: bool) -> bool:
    """Whether a commit's message says that it came by a pull request or after a review."""
    if is_merge:
        return _PULL_MERGE.search(message) is not None
    return _REVIEWED.search(message) is not None or _SQUASHED.match(message) is not None


def count_landings(history: Mapping[str, Landing], head: str | None) -> Review:
    """Walk the first parents from `head`: what landed on the main line, and how.

    The first commit of all lands nothing: it is there before anyone could review.
    """
    landings = through = 0
    seen = set[str]()
    while head is not None and head in history and head not in seen:
        seen.add(head)
        commit = history[head]
        is_merge = len(commit.parents) > 1
        if commit.parents and (is_merge or not commit.is_bot):
            landings += 1
            through += is_through_pull(commit.message, is_merge=is_merge)
        head = commit.parents[0] if commit.parents else None
    return Review(landings, through)


def tier_of(review: Review, activity: Activity, kind: str | None, bars: TierBars) -> Tiered:
    """The tier of a repository.

    `expert_reviewed`: next to every change came through a pull request, by more than one person,
    with tests; where reviews are known, another person gave one. `professional`: more than one
    person, tests and continuous integration. `educational`: a tutorial or course work (`kind` as
    `unsuitable_kind` gives it). `unfiltered`: the rest, of which nothing is claimed.
    """
    if kind == "tutorial_or_coursework":
        return Tiered("educational", (kind,))
    if kind is not None:
        return Tiered("unfiltered", (kind,))
    pulls = _share(review.through_pulls, review.landings)
    reviewed = _share(review.reviewed_pulls, review.merged_pulls)
    knows_reviews = review.merged_pulls >= bars.min_landings
    tests, top = activity.share_with_tests, activity.top_author_share
    shared = (
        (f"{activity.authors} authors", activity.authors >= bars.min_authors),
        (f"top author {top:.2f}", top <= bars.max_top_author_share),
        ("tests at HEAD" if activity.has_tests else "no tests at HEAD", activity.has_tests),
    )
    expert = (
        (f"{review.landings} landings", review.landings >= bars.min_landings),
        (f"through pulls {pulls:.2f}", pulls >= bars.expert_pull_share),
        (
            f"reviewed by others {reviewed:.2f} of {review.merged_pulls}"
            if knows_reviews
            else "reviews not known",
            not knows_reviews or reviewed >= bars.expert_reviewed_share,
        ),
        (f"commits with tests {tests:.2f}", tests >= bars.expert_share_with_tests),
        *shared,
    )
    professional = (
        (f"commits with tests {tests:.2f}", tests >= bars.professional_share_with_tests),
        ("CI at HEAD" if activity.has_ci else "no CI at HEAD", activity.has_ci),
        *shared,
    )
    missing = tuple(f"not expert_reviewed: {said}" for said, holds in expert if not holds)
    if not missing:
        return Tiered("expert_reviewed", tuple(said for said, _ in expert))
    lacking = tuple(f"not professional: {said}" for said, holds in professional if not holds)
    if not lacking:
        return Tiered("professional", (*(said for said, _ in professional), *missing))
    return Tiered("unfiltered", lacking)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
