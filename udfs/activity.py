"""Whether a repository is a living project: its history in figures, and a verdict with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import re2

from udfs.identities import plain_name
from udfs.paths import is_docs_path, is_generated_path, is_test_path, is_vendored_path

EARLIEST_COMMIT: Final = date(1980, 1, 1)
"""A commit dated before is misdated: the oldest histories in git were imported from RCS (1982)."""

CLOCK_SKEW: Final = timedelta(days=1)
"""How far a commit may lie after `as_of`: time zones, and a clock that is fast."""

_SECONDS_A_DAY: Final = 86_400

_CI_FILE: Final = re2.compile(
    r"(?i)^(?:\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml|\.circleci/config\.ya?ml"
    r"|\.travis\.ya?ml|\.gitlab-ci\.ya?ml|\.?appveyor\.ya?ml|azure-pipelines[^/]*\.ya?ml"
    r"|\.azure-pipelines/.+\.ya?ml|\.buildkite/.+|\.drone\.ya?ml|\.woodpecker(?:/[^/]+)?\.ya?ml"
    r"|bitbucket-pipelines\.ya?ml|jenkinsfile[^/]*|\.cirrus\.(?:yml|star)|\.builds/[^/]+\.ya?ml"
    r"|\.semaphore/.+\.ya?ml|wercker\.ya?ml|shippable\.ya?ml|\.ci/.+)$"
)

_COURSE_NAME: Final = re2.compile(
    r"(?:^|-)(?:tutorials?|coursework|homeworks?|assignments|bootcamp|leetcode|hackerrank|codewars"
    r"|katas|udemy|coursera|freecodecamp|cs50x?|hello-world|my-first-[a-z]+|advent-?of-?code"
    r"|aoc-?20[0-9]{2}|(?:assignment|homework|hw|lab|week|lesson)-?[0-9]{1,2})(?:-|$)"
    r"|(?:^|-)(?:crash|online|video|university|udacity)-course(?:-|$)|-course$"
)
_COURSE_FOLDER: Final = re2.compile(
    r"(?i)^(?:assignment|chapter|class|day|exercise|homework|hw|lab|lecture|lesson|module|part"
    r"|problem|problem[-_ ]?set|pset|unit|week)[-_ ]?[0-9]{1,3}(?:[-_ .].*)?$"
)
_COURSE_README: Final = re2.compile(
    r"\bsolutions? (?:to|for|of) (?:the |my )?(?:leetcode|hackerrank|advent of code|project euler"
    r"|exercism|codewars|homework|assignments?|exercises|problem sets?)\b"
    r"|\bcode (?:for|of|from|accompanying) (?:the|my|this) [\w ]{0,60}"
    r"\b(?:tutorial|course|workshop|bootcamp|book|video series)\b"
    r"|\b(?:this (?:is|repository is|repo is)|it is) (?:a|an|my|our) (?:[\w-]+ ){0,3}(?:tutorial"
    r"|homework|coursework|course project|class project|school project|bootcamp project)\b"
)
_AWESOME_NAME: Final = re2.compile(r"^awesome-|-awesome$")
_AWESOME_BADGE: Final = re2.compile(r"awesome\.re/|sindresorhus/awesome")

# A fork that lives on its own is a project, so only forks that say they follow another are named.
_FORK_README: Final = re2.compile(
    r"\b(?:personal|private|temporary|patched|my|our) (?:[\w-]+ ){0,2}fork of\b|\bforked from\b"
)
_MIRROR_README: Final = re2.compile(
    r"\b(?:this (?:is|repository is|repo is)|it is) (?:a|an|the) (?:[\w-]+ ){0,3}mirror of\b"
    r"|\b(?:read[- ]only|git|github|unofficial) (?:[\w-]+ ){0,2}mirror of\b"
    r"|\bread[- ]only\W{1,3}subtree split\b|\bsubtree split of\b"
)
_GENERATED_README: Final = re2.compile(
    r"\b(?:repository|repo|library|package|client|sdk|project|code) (?:is|was|has been|are)"
    r" (?:entirely |fully |mostly )?(?:automatically |auto-?)generated\b"
)

_README_LINES: Final = 15
_README_CHARS: Final = 4_000
_MIN_COURSE_FOLDERS: Final = 4
_COURSE_FILES_SHARE: Final = 0.5
_GENERATED_FILES_SHARE: Final = 0.5
_MIN_GENERATED_FILES: Final = 10
_LIST_DOCS_SHARE: Final = 0.5
"""An awesome list is prose: at least half of its files; what else it has checks the links."""


@dataclass(frozen=True)
class CommitFacts:
    """What the activity rules need to know of one commit.

    Attributes:
        author: key of the author's identity, such as a hash of the e-mail.
        authored_at: author time, seconds since 1970-01-01 UTC; any integer is taken.
        committed_at: committer time, likewise.
        is_merge: whether it has more than one parent.
        touches_tests: whether it changes a test file.
        is_bot: whether its author is no person (udfs.identities.is_automaton).
    """

    author: str
    authored_at: int
    committed_at: int
    is_merge: bool
    touches_tests: bool
    is_bot: bool


@dataclass(frozen=True)
class Activity:
    """The history of a repository in figures, as of a day.

    People's commits are those that are neither merges nor a bot's. Dates are UTC days as ISO
    strings; commits whose dates are impossible or after `as_of` have none.

    Attributes:
        commits: all commits.
        non_merge_commits: of those, the ones with at most one parent.
        bot_commits: non-merge commits by bots.
        undated_commits: commits with no usable date.
        authors: identities behind people's commits.
        top_author_share: share of people's commits by the most active identity, 0..1.
        share_with_tests: share of people's commits that change a test, 0..1.
        active_months: calendar months with a commit of people.
        first_commit: day of the first commit that is not a bot's, or None.
        last_commit: day of the last one, or None.
        lifespan_days: days from the first to the last.
        days_since_last_commit: days from the last to `as_of`, at least 0, or None.
        has_ci: whether HEAD holds a configuration of continuous integration.
        has_tests: whether HEAD holds tests of its own.
    """

    commits: int
    non_merge_commits: int
    bot_commits: int
    undated_commits: int
    authors: int
    top_author_share: float
    share_with_tests: float
    active_months: int
    first_commit: str | None
    last_commit: str | None
    lifespan_days: int
    days_since_last_commit: int | None
    has_ci: bool
    has_tests: bool


@dataclass(frozen=True)
class Thresholds:
    """Bars that a living project passes; each is inclusive, and 0 or False turns one off.

    The dimensions are those by which Munaiah et al. (2017, "Curating GitHub for engineered
    software projects") tell projects from the rest: history, community, unit tests. Kalliamvakou
    et al. (2014, "The promises and perils of mining GitHub") give the reason: the median
    repository has 6 commits, and two thirds are personal.

    Attributes:
        min_commits: least number of people's commits.
        min_active_months: least number of active months.
        min_lifespan_days: least number of days from first to last commit (1: a project of one
            day fails).
        max_days_since_last_commit: most days since the last commit.
        min_authors: least number of authors.
        require_tests: whether tests are a must.
        min_share_with_tests: least share of people's commits that change a test.
    """

    min_commits: int
    min_active_months: int
    min_lifespan_days: int
    max_days_since_last_commit: int
    min_authors: int
    require_tests: bool
    min_share_with_tests: float


@dataclass(frozen=True)
class Verdict:
    """Whether to keep a repository, and the reason codes that speak against it, in fixed order."""

    keep: bool
    reasons: tuple[str, ...]


def summarise(history: Sequence[CommitFacts], paths: Sequence[str], as_of: date) -> Activity:
    """Sum up a repository's commits (in any order) and the paths at its HEAD, as of a day.

    A commit's day is its author time, for that survives a rebase or an import; where that is
    impossible (before 1980, or more than a day after `as_of`) the committer time stands in, and
    where both are, the commit counts but has no day. So a wrong clock never makes a project
    look alive.
    """
    days = [_day(commit, as_of) for commit in history]
    people = [commit for commit in history if not commit.is_merge and not commit.is_bot]
    by_author = Counter(commit.author for commit in people)
    # A merge by a person is a sign of life, but no month of work.
    alive = [
        (day, commit.is_merge)
        for commit, day in zip(history, days, strict=True)
        if day is not None and not commit.is_bot
    ]
    first, last = (min(alive)[0], max(alive)[0]) if alive else (None, None)
    non_merge = [commit for commit in history if not commit.is_merge]
    return Activity(
        commits=len(history),
        non_merge_commits=len(non_merge),
        bot_commits=len(non_merge) - len(people),
        undated_commits=days.count(None),
        authors=len(by_author),
        top_author_share=round(max(by_author.values(), default=0) / max(len(people), 1), 4),
        share_with_tests=round(sum(c.touches_tests for c in people) / max(len(people), 1), 4),
        active_months=len({(day.year, day.month) for day, is_merge in alive if not is_merge}),
        first_commit=None if first is None else first.isoformat(),
        last_commit=None if last is None else last.isoformat(),
        lifespan_days=0 if first is None or last is None else (last - first).days,
        days_since_last_commit=None if last is None else max(0, (as_of - last).days),
        has_ci=any(_CI_FILE.match(path) is not None for path in paths),
        has_tests=any(is_test_path(path) and not is_vendored_path(path) for path in paths),
    )


def _day(commit: CommitFacts, as_of: date) -> date | None:
    earliest = (EARLIEST_COMMIT - date(1970, 1, 1)).days * _SECONDS_A_DAY
    # Compared in seconds: a year beyond 9999 has no date.
    latest = ((as_of + CLOCK_SKEW - date(1970, 1, 1)).days + 1) * _SECONDS_A_DAY
    for seconds in (commit.authored_at, commit.committed_at):
        if earliest <= seconds < latest:
            return datetime.fromtimestamp(seconds, UTC).date()
    return None


def judge(activity: Activity, thresholds: Thresholds, kind: str | None = None) -> Verdict:
    """Whether the figures pass the bars; `kind` is what `unsuitable_kind` gave.

    Reasons: `too_few_commits`, `too_few_active_months`, `one_day_project`, `inactive`,
    `single_author`, `no_tests`, `few_tests`, and the kind. A repository with no dated commit
    counts as inactive.
    """
    people = activity.non_merge_commits - activity.bot_commits
    idle = activity.days_since_last_commit
    checks = (
        ("too_few_commits", people < thresholds.min_commits),
        ("too_few_active_months", activity.active_months < thresholds.min_active_months),
        ("one_day_project", activity.lifespan_days < thresholds.min_lifespan_days),
        ("inactive", idle is None or idle > thresholds.max_days_since_last_commit),
        ("single_author", activity.authors < thresholds.min_authors),
        ("no_tests", thresholds.require_tests and not activity.has_tests),
        ("few_tests", activity.share_with_tests < thresholds.min_share_with_tests),
    )
    reasons = [reason for reason, holds in checks if holds]
    if kind is not None:
        reasons.append(kind)
    return Verdict(not reasons, tuple(reasons))


def unsuitable_kind(name: str, paths: Sequence[str], readme: str) -> str | None:
    """What a repository is instead of a project, where name, HEAD paths or README show it.

    `awesome_list`, `tutorial_or_coursework`, `mirror`, `fork` or `generated_repository`.

    `name` may be a URL or owner/name; `readme` is the text of the root README, of which the
    first 15 lines are read. An awesome list has the name or the badge, and is mostly prose. Course
    work has a name such as `leetcode` or `homework-3`, or says so in its README, or keeps at
    least half of its files in four or more folders such as `week-03`. Mirrors, forks that follow
    another project, and generated code say so in the README; half of the files may say so by their
    paths, too.
    """
    plain = plain_name(name.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1])
    lines = readme[:_README_CHARS].lower().splitlines()[:_README_LINES]
    head = " ".join(" ".join(lines).split()).replace("of course", "")
    is_awesome = _AWESOME_NAME.search(plain) or _AWESOME_BADGE.search(head)
    prose = sum(is_docs_path(path) for path in paths)
    if is_awesome and prose >= _LIST_DOCS_SHARE * len(paths):
        return "awesome_list"
    if _COURSE_NAME.search(plain) or _COURSE_README.search(head) or _in_course_folders(paths):
        return "tutorial_or_coursework"
    if _MIRROR_README.search(head):
        return "mirror"
    if _FORK_README.search(head):
        return "fork"
    generated = sum(is_generated_path(path) for path in paths)
    is_most = generated >= max(_MIN_GENERATED_FILES, _GENERATED_FILES_SHARE * len(paths))
    if _GENERATED_README.search(head) or is_most:
        return "generated_repository"
    return None


def _in_course_folders(paths: Sequence[str]) -> bool:
    tops = Counter(path.split("/", 1)[0] for path in paths if "/" in path)
    course = {top: files for top, files in tops.items() if _COURSE_FOLDER.match(top) is not None}
    is_most = sum(course.values()) >= _COURSE_FILES_SHARE * len(paths)
    return len(course) >= _MIN_COURSE_FOLDERS and is_most
