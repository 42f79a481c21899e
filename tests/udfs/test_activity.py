from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.activity import (
    Activity,
    CommitFacts,
    Thresholds,
    judge,
    summarise,
    unsuitable_kind,
)

AS_OF = date(2026, 3, 1)
BARS = Thresholds(
    min_commits=10,
    min_active_months=3,
    min_lifespan_days=30,
    max_days_since_last_commit=365,
    min_authors=2,
    require_tests=True,
    min_share_with_tests=0.1,
)
PATHS = ["README.md", "src/a.py", "tests/test_a.py", ".github/workflows/ci.yml"]


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12, tzinfo=UTC).timestamp())


def commit(
    when: int,
    author: str = "ann",
    *,
    committed: int | None = None,
    merge: bool = False,
    tests: bool = False,
    bot: bool = False,
) -> CommitFacts:
    return CommitFacts(author, when, when if committed is None else committed, merge, tests, bot)


def living() -> list[CommitFacts]:
    return [
        commit(at(2025, month, day), author, tests=day == 5)
        for month in range(3, 13)
        for day, author in ((5, "ann"), (15, "ben"))
    ]


def test_a_living_project_in_figures() -> None:
    history = [
        *living(),
        commit(at(2025, 12, 20), merge=True),
        commit(at(2026, 1, 20), "dependabot", bot=True),
    ]
    assert summarise(history, PATHS, AS_OF) == Activity(
        commits=22,
        non_merge_commits=21,
        bot_commits=1,
        undated_commits=0,
        authors=2,
        top_author_share=0.5,
        share_with_tests=0.5,
        active_months=10,
        first_commit="2025-03-05",
        last_commit="2025-12-20",
        lifespan_days=290,
        days_since_last_commit=71,
        has_ci=True,
        has_tests=True,
    )


def test_a_living_project_is_kept() -> None:
    verdict = judge(summarise(living(), PATHS, AS_OF), BARS)
    assert (verdict.keep, verdict.reasons) == (True, ())


def test_each_bar_gives_its_reason() -> None:
    good = summarise(living(), PATHS, AS_OF)
    cases = {
        "too_few_commits": replace(good, non_merge_commits=9),
        "too_few_active_months": replace(good, active_months=2),
        "one_day_project": replace(good, lifespan_days=0),
        "inactive": replace(good, days_since_last_commit=366),
        "single_author": replace(good, authors=1),
        "no_tests": replace(good, has_tests=False),
        "few_tests": replace(good, share_with_tests=0.05),
    }
    assert {reason: judge(case, BARS).reasons for reason, case in cases.items()} == {
        reason: (reason,) for reason in cases
    }
    assert not any(judge(case, BARS).keep for case in cases.values())


def test_bars_are_inclusive_and_can_be_turned_off() -> None:
    edge = replace(
        summarise(living(), PATHS, AS_OF),
        non_merge_commits=10,
        active_months=3,
        lifespan_days=30,
        days_since_last_commit=365,
        authors=2,
        share_with_tests=0.1,
    )
    assert judge(edge, BARS).keep
    off = Thresholds(0, 0, 0, 10_000, 0, False, 0.0)
    assert judge(summarise([commit(at(2020, 1, 1))], [], AS_OF), off).keep


def test_an_empty_repository_fails_on_all_counts() -> None:
    nothing = summarise([], [], AS_OF)
    assert (nothing.first_commit, nothing.days_since_last_commit) == (None, None)
    assert judge(nothing, BARS).reasons == (
        "too_few_commits",
        "too_few_active_months",
        "one_day_project",
        "inactive",
        "single_author",
        "no_tests",
        "few_tests",
    )


def test_bots_and_merges_by_bots_keep_nothing_alive() -> None:
    history = [
        commit(at(2020, 1, 1)),
        commit(at(2026, 2, 1), "renovate", bot=True),
        commit(at(2026, 2, 2), "mergify", bot=True, merge=True),
    ]
    assert summarise(history, [], AS_OF).last_commit == "2020-01-01"


@pytest.mark.parametrize("odd", [-1, 0, at(2026, 3, 4), 253_402_300_800, 10**18, -(10**18)])
def test_an_impossible_date_is_no_sign_of_life(odd: int) -> None:
    old = summarise([commit(at(2019, 1, 1)), commit(odd)], [], AS_OF)
    assert old.last_commit == "2019-01-01"
    assert (old.commits, old.undated_commits, old.active_months) == (2, 1, 1)


def test_the_committer_time_stands_in_for_an_impossible_author_time() -> None:
    summary = summarise([commit(-5, committed=at(2026, 2, 1))], [], AS_OF)
    assert (summary.last_commit, summary.undated_commits) == ("2026-02-01", 0)


def test_a_fast_clock_within_a_day_counts_as_today() -> None:
    assert summarise([commit(at(2026, 3, 2))], [], AS_OF).days_since_last_commit == 0


anytime = st.one_of(
    st.integers(-(2**63), 2**63), st.integers(at(2015, 1, 1), at(2026, 3, 1)), st.just(0)
)
commits = st.builds(
    CommitFacts,
    author=st.sampled_from(["a", "b", "c"]),
    authored_at=anytime,
    committed_at=anytime,
    is_merge=st.booleans(),
    touches_tests=st.booleans(),
    is_bot=st.booleans(),
)


@given(st.lists(commits, max_size=30), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_figures_stay_in_range(
    history: list[CommitFacts], random: object
) -> None:
    summary = summarise(history, PATHS, AS_OF)
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summarise(shuffled, PATHS, AS_OF) == summary
    assert 0 <= summary.top_author_share <= 1
    assert 0 <= summary.share_with_tests <= 1
    assert summary.bot_commits <= summary.non_merge_commits <= summary.commits
    assert summary.lifespan_days >= 0
    assert summary.last_commit is None or "1980" <= summary.last_commit <= "2026-03-03"


@given(st.lists(commits, max_size=20), commits)
def test_a_commit_from_the_future_never_helps(
    history: list[CommitFacts], extra: CommitFacts
) -> None:
    future = replace(extra, authored_at=at(2030, 1, 1), committed_at=at(2031, 1, 1))
    before, after = (summarise(h, [], AS_OF) for h in (history, [*history, future]))
    assert after.active_months == before.active_months
    assert after.days_since_last_commit == before.days_since_last_commit


@pytest.mark.parametrize(
    ("path", "has_ci"),
    [
        (".github/workflows/test.yml", True),
        (".travis.yml", True),
        (".gitlab-ci.yml", True),
        ("Jenkinsfile", True),
        (".circleci/config.yml", True),
        ("azure-pipelines.yml", True),
        (".github/dependabot.yml", False),
        (".github/workflows/README.md", False),
        ("examples/app/.travis.yml", False),
    ],
)
def test_continuous_integration_is_seen_by_its_configuration(path: str, has_ci: bool) -> None:
    assert summarise([], [path], AS_OF).has_ci is has_ci


def test_a_vendored_test_is_not_a_test_of_the_project() -> None:
    assert not summarise([], ["vendor/x/tests/test_a.py"], AS_OF).has_tests


@pytest.mark.parametrize(
    ("name", "paths", "readme"),
    [
        ("sindresorhus/awesome-nodejs", ["readme.md", "contributing.md", "lint.js"], "# Awesome"),
        ("https://host/x/list.git", ["README.md"], "[![Awesome](https://awesome.re/badge.svg)]"),
    ],
)
def test_awesome_lists(name: str, paths: list[str], readme: str) -> None:
    assert unsuitable_kind(name, paths, readme) == "awesome_list"


@pytest.mark.parametrize(
    ("name", "paths", "readme"),
    [
        ("me/leetcode-solutions", ["a.py"], ""),
        ("me/react-tutorial", ["a.js"], ""),
        ("me/cs101-homework-3", ["a.c"], ""),
        ("me/advent-of-code-2023", ["a.rs"], ""),
        ("me/things", ["a.py"], "# Things\n\nMy solutions to Advent of Code."),
        ("me/things", ["a.py"], "Source code for the Deep Learning course at X."),
        ("me/things", [f"week-{n}/a.py" for n in range(1, 6)], ""),
    ],
)
def test_course_work(name: str, paths: list[str], readme: str) -> None:
    assert unsuitable_kind(name, paths, readme) == "tutorial_or_coursework"


@pytest.mark.parametrize(
    ("paths", "readme", "kind"),
    [
        (["a.py"], "# Tally\n\nThis is a read-only mirror of https://example.org/tally", "mirror"),
        (["a.php"], "[READ-ONLY] Subtree split of the Tally framework", "mirror"),
        (["a.py"], "My fork of tally, with two patches", "fork"),
        (["a.py"], "tally\n=====\nForked from ada/tally.", "fork"),
        (["a.py"], "This library is automatically generated from the API", "generated_repository"),
        ([f"dist/{n}.js" for n in range(12)] + ["a.js"], "", "generated_repository"),
    ],
)
def test_copies_and_generated_code(paths: list[str], readme: str, kind: str) -> None:
    assert unsuitable_kind("x/tally", paths, readme) == kind


@pytest.mark.parametrize(
    ("name", "paths", "readme"),
    [
        ("x/lib", ["a.py"], "This is a fork of the Multi launcher and lives on its own."),
        ("x/lib", ["a.py"], "Mirrors of packages are configured by url. Demo generated by svg."),
        ("x/lib", [f"dist/{n}.js" for n in range(3)] + ["a.js"], ""),
        ("scikit-learn/scikit-learn", ["sklearn/a.py"], "scikit-learn is a module for learning"),
        ("awesomeWM/awesome", ["lib/a.lua", "lib/b.lua", "README.md"], "awesome window manager"),
        ("x/awesome-bar", ["src/a.c", "src/b.c", "README.md"], "A status bar"),
        ("exercism/cli", ["cmd/a.go"], "The command line client of Exercism"),
        ("x/linear-assignment", ["a.py"], "Solves the linear assignment problem"),
        ("x/lib", ["part-1/a.py", "src/a.py"], "See the tutorial and the course of the docs"),
        ("x/lib", ["a.py"], "The source code for the parser is of course here"),
        ("x/lib", [f"day{n}/a.py" for n in range(5)] + [f"src/{n}.py" for n in range(9)], ""),
    ],
)
def test_real_projects_are_not_taken_for_one(name: str, paths: list[str], readme: str) -> None:
    assert unsuitable_kind(name, paths, readme) is None


def test_the_kind_is_a_reason() -> None:
    verdict = judge(summarise(living(), PATHS, AS_OF), BARS, "awesome_list")
    assert (verdict.keep, verdict.reasons) == (False, ("awesome_list",))
