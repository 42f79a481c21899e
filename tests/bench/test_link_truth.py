"""The links name the commits that BugsJS names; skipped where its data is not at hand."""

from __future__ import annotations

import pytest

from tests.bench.link_truth import measure
from tests.data import BUGSJS, REPOSITORIES


def test_the_fixing_commits_of_real_issues_are_found_and_few_others() -> None:
    if not (BUGSJS.is_dir() and (REPOSITORIES / "karma-runner+karma").is_dir()):
        pytest.skip(f"no {BUGSJS}, or none of its repositories in {REPOSITORIES}")
    for name, scores in measure(BUGSJS, REPOSITORIES).items():
        for what in ("git alone", "with the issues"):
            assert scores[what].recall >= 0.9, (name, what)
            assert scores[what].precision >= 0.9, (name, what)
