"""The end of a run on one screen of 80 columns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.jobs.context import Done
from etl.jobs.summary import Step, summary_text, task_line

SUMMARY: dict[str, Any] = {
    "home": "/h",
    "seconds": 12.3,
    "repositories": [
        {
            "name": "ada/tally",
            "licence": "MIT",
            "commits": 1234,
            "pairs": 56,
            "keep": True,
            "reasons": [],
            "activity_reasons": ["too_few_commits", "too_few_authors"],
        },
        {
            "name": "a-very-long-owner-name/a-very-long-repository-name",
            "licence": None,
            "commits": 7,
            "pairs": 0,
            "keep": False,
            "reasons": ["no_licence_found", "too_few_commits", "inactive_for_years", "no_tests"],
            "activity_reasons": ["too_few_commits"],
        },
    ],
    "trimmed": 3,
    "rejects": {"merge": 900, "bot": 80, "not_source": 5},
    "mix": {
        "name": "default",
        "version": "a" * 64,
        "rows": 50,
        "categories": [
            {"category": "bug_fix", "target": 600, "taken": 40, "weight": 1.0},
            {"category": "refactor", "target": 10, "taken": 10, "weight": 1.0},
        ],
        "mlflow_run": "b" * 32,
    },
}


def screen(**changes: Any) -> list[str]:
    return summary_text(SUMMARY | changes, "uv run ").splitlines()


def test_a_run_is_told_on_one_screen() -> None:
    lines = screen()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines if "mlflow ui" not in line and "sql" not in line)
    text = "\n".join(lines)
    for part in ("ada/tally", "1,234", "a list would drop it: too_few_commits", "none found",
                 "left out: no_licence_found", "985 commits gave no pair: 900 merge",
                 "3 issues and pulls came without text",
                 "version aaaaaaaaaaaa: 50 pairs", "560 short of 600"):  # fmt: skip
        assert part in text, part
    assert "short of 10" not in text


def test_commands_to_copy_name_the_home() -> None:
    commands = [line for line in screen() if line.startswith("  uv run ")]
    assert len(commands) == 4
    assert all("/h" in command for command in commands)


def test_no_mix_and_no_rejects_are_told_too() -> None:
    text = "\n".join(screen(mix=None, rejects={}, repositories=[], trimmed=0))
    assert "Every commit gave a pair." in text
    assert "Mix" not in text
    assert "without text" not in text


def test_many_repositories_are_counted() -> None:
    many = [SUMMARY["repositories"][0]] * 40
    assert any("and 28 more (sluice status)" in line for line in screen(repositories=many))


@given(st.lists(st.text(alphabet="abcdefgh_", min_size=1, max_size=50), min_size=1, max_size=12))
def test_reasons_of_a_repository_end_in_a_whole_word(found: list[str]) -> None:
    for keep, name in ((True, "activity_reasons"), (False, "reasons")):
        repository = SUMMARY["repositories"][0] | {"keep": keep, name: found}
        line = screen(repositories=[repository])[3]
        assert len(line) <= 80
        *shown, last = line.partition(": ")[2].split(", ")
        if last == f"{len(found)} reasons":
            assert (shown, len(found[0]) > 20) == ([], True)
        elif last.endswith(" more"):
            assert shown == found[: len(shown)]
            assert last == f"{len(found) - len(shown)} more"
        else:
            assert [*shown, last] == found


def test_the_reasons_of_a_young_repository_are_told() -> None:
    many = ["too_few_commits", "too_few_authors", "too_few_active_months", "one_day_project"]
    repository = SUMMARY["repositories"][0] | {"activity_reasons": many}
    assert screen(repositories=[repository])[3] == (
        "  kept as it was named; a list would drop it: too_few_commits, 3 more"
    )


reasons = st.dictionaries(
    st.text(alphabet="abcdefgh_", min_size=1, max_size=30), st.integers(1, 10**9), max_size=12
)


@given(reasons)
def test_reasons_stay_within_the_line_and_add_up(rejects: dict[str, int]) -> None:
    lines = screen(rejects=rejects, mix=None, repositories=[], trimmed=0)
    told = lines[3 : lines.index("", 3)]
    assert all(len(line) <= 80 for line in told)
    if rejects:
        assert f"{sum(rejects.values()):,} commits gave no pair" in told[0]


counts = st.dictionaries(
    st.text(alphabet="abc_.", min_size=1, max_size=20), st.integers(0, 10**12), max_size=6
)


@given(counts, st.floats(0.001, 99_999), st.integers(0, 5))
def test_a_task_is_told_in_one_line(found: dict[str, int], seconds: float, units: int) -> None:
    line = task_line(Step("extract_pairs", seconds, Done(units, found)))
    assert line.startswith("extract_pairs")
    assert len(line) <= 80
    assert "\n" not in line


@pytest.mark.parametrize("seconds", [0.0, 1e-9])
def test_a_task_that_took_no_time_is_told(seconds: float) -> None:
    assert "1,000 commits" in task_line(Step("t", seconds, Done(1, {"bronze.commits": 1000})))


def test_a_task_without_work_says_so() -> None:
    assert task_line(Step("build_mix", 0.5, Done(0, {}))).endswith("nothing new")


def test_a_task_that_found_nothing_says_so() -> None:
    found = {"silver.links": 0, "ops.rejects": 0}
    assert task_line(Step("link_changes", 3.2, Done(1, found))).endswith("3.2 s  no rows")
