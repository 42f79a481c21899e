"""Verdicts on repositories: licence and activity, with figures that git agrees with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.config import conf_folder, read_config
from etl.schemas.silver import REPO_PROFILES
from etl.silver.profile_repos import PROFILED, ProfileParams, profile_repos
from tests.etl.silver.frames import Bronze, read_bronze
from tests.repositories import RepositoryBuilder, sample_project

AS_OF = date(2026, 1, 31)
SHIPPED = read_config(conf_folder()).profile
EASY = SHIPPED.model_copy(
    update={
        "activity": SHIPPED.activity.model_copy(
            update={"min_commits": 5, "min_active_months": 2, "min_lifespan_days": 20}
        )
    }
)
GPL = "SPDX-License-Identifier: GPL-3.0-only\n"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RepositoryBuilder]:
    folder = tmp_path_factory.mktemp("profiles")
    made = {
        name: sample_project(folder / name, commits=25 if name == "mit" else 6)
        for name in ("mit", "gpl", "none")
    }
    made["gpl"].delete("LICENSE")
    made["gpl"].edit("pyproject.toml", 'license = "MIT"\n', 'license = "GPL-3.0-only"\n')
    made["gpl"].write("LICENSE", GPL)
    made["gpl"].commit("Another licence")
    made["none"].delete("LICENSE")
    made["none"].edit("pyproject.toml", 'license = "MIT"\n', "")
    made["none"].delete("web/package.json")
    made["none"].commit("No licence at all")
    made["empty"] = RepositoryBuilder(folder / "empty")
    made["empty"].commit("Nothing yet")
    return made


@pytest.fixture(scope="module")
def bronze(spark: SparkSession, repositories: dict[str, RepositoryBuilder]) -> Bronze:
    return read_bronze(spark, repositories, named=True)


def judge(
    bronze: Bronze, params: ProfileParams, as_of: date = AS_OF, repos: DataFrame | None = None
) -> dict[str, dict[str, Any]]:
    frame = profile_repos(
        bronze.repos if repos is None else repos,
        bronze.commits,
        bronze.changes,
        bronze.files,
        bronze.blobs,
        as_of=as_of,
        params=params,
    )
    assert frame.schema.names == PROFILED.names
    return {row["repo_id"]: row.asDict() for row in frame.collect()}


@pytest.fixture(scope="module")
def named(bronze: Bronze) -> dict[str, dict[str, Any]]:
    return judge(bronze, SHIPPED)


def test_every_repository_has_one_row_with_all_that_is_required(
    named: dict[str, dict[str, Any]],
) -> None:
    assert named.keys() == {"mit", "gpl", "none", "empty"}
    required = set(REPO_PROFILES.required) - {"rule_version"}
    assert all(row[name] is not None for row in named.values() for name in required)


def test_the_licence_decides_and_is_never_waived(named: dict[str, dict[str, Any]]) -> None:
    assert {name: row["keep"] for name, row in named.items()} == {
        "mit": True,
        "gpl": False,
        "none": False,
        "empty": False,
    }
    assert named["mit"]["licence"] == "MIT"
    assert any("LICENSE" in line for line in named["mit"]["licence_evidence"])
    assert "GPL-3.0" in named["gpl"]["licence"]
    assert named["none"]["licence"] is None
    for name in ("gpl", "none", "empty"):
        assert named[name]["licence_reason"] in named[name]["reasons"]


def test_figures_are_those_of_git(
    named: dict[str, dict[str, Any]], repositories: dict[str, RepositoryBuilder]
) -> None:
    row, repo = named["mit"], repositories["mit"]
    log = repo.git("log", "--no-merges", "--format=%ad %ae", "--date=format:%Y-%m").splitlines()
    people = [line for line in log if "bot" not in line]
    assert row["authors"] == len({line.split()[1] for line in people}) == 2
    assert row["active_months"] >= 10
    assert row["first_commit"] == date(2025, 1, 6)
    assert row["last_commit"] == date(2025, 12, 8)
    assert 0.3 < row["share_with_tests"] < 0.8
    assert 0.5 <= row["top_author_share"] < 1
    assert row["has_tests"]
    assert not row["has_ci"]
    assert (row["tier"], row["tier_evidence"]) == (
        "unfiltered",
        ["not professional: no CI at HEAD"],
    )


def test_a_named_repository_is_kept_whatever_its_activity(
    named: dict[str, dict[str, Any]],
) -> None:
    assert named["mit"]["activity_reasons"], "25 commits are few"
    assert named["mit"]["reasons"] == []
    assert named["mit"]["keep"]


def test_a_list_is_filtered_by_activity(
    spark: SparkSession, repositories: dict[str, RepositoryBuilder]
) -> None:
    two = {name: repositories[name] for name in ("mit", "gpl")}
    listed = read_bronze(spark, two, named=False)
    strict = judge(listed, SHIPPED)
    assert not strict["mit"]["keep"]
    assert strict["mit"]["reasons"] == strict["mit"]["activity_reasons"]
    easy = judge(listed, EASY)
    assert easy["mit"]["keep"], easy["mit"]["reasons"]
    assert not easy["gpl"]["keep"]
    late = judge(listed, EASY, as_of=date(2030, 1, 1))
    assert not late["mit"]["keep"], "nothing has happened for years"


def test_partitions_do_not_matter(bronze: Bronze, named: dict[str, dict[str, Any]]) -> None:
    assert judge(bronze.repartitioned(5), SHIPPED) == named
