"""Links of a real history, with and without what GitHub says about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from etl.config import conf_folder, read_config
from etl.schemas.bronze import MAINLINE, PULL_HEADS
from etl.schemas.collaboration import COMMENTS, ISSUES, PULLS, REVIEWS, TIMELINE_EVENTS
from etl.silver.link_changes import LINKED, History, LinkParams, link_changes
from tests.etl.silver.frames import read_bronze
from tests.etl.silver.rows import rows
from tests.repositories import GRACE, RepositoryBuilder, sample_project

PARAMS = read_config(conf_folder()).links
NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    """The first commits of a project, a pull that was merged, and a revert."""
    made = sample_project(tmp_path_factory.mktemp("links") / "tally", commits=4)
    made.branch("round")
    made.write("tally/rounding.py", "def up(value):\n    return round(value + 0.5)\n")
    made.commit("Round amounts up", author=GRACE)
    made.checkout("main")
    made.merge("round", "Merge pull request #7 from grace/round\n\nRound amounts up")
    made.write("tally/rounding.py", "def up(value):\n    return value\n")
    made.commit(f"Undo it\n\nThis reverts commit {made.git('rev-parse', 'round')[:10]}, for #5")
    return made


@pytest.fixture(scope="module")
def git(spark: SparkSession, repo: RepositoryBuilder) -> History:
    bronze = read_bronze(spark, {"tally": repo, "other": repo})
    head = {"number": 7, "head_oid": repo.git("rev-parse", "round")}
    return History(
        bronze.repos,
        # As it is read from a stored table.
        bronze.commits.withColumn("parents", f.col("parents").cast("array<string>")),
        bronze.commits.select(*MAINLINE.struct.names),
        rows(spark, PULL_HEADS, head, {**head, "repo_id": "other"}),
    )


def found(frame: DataFrame) -> dict[str, set[tuple[str, ...]]]:
    """The links by repository."""
    assert frame.schema.names == LINKED.names
    links: dict[str, set[tuple[str, ...]]] = {}
    for r in frame.where("reason IS NULL").collect():
        link = (r["from_kind"], r["from_key"], r["relation"], r["to_kind"], r["to_key"])
        links.setdefault(r["repo_id"], set()).add(link)
    return links


def by_subject(repo: RepositoryBuilder) -> dict[str, str]:
    lines = repo.git("log", "--format=%H %s").splitlines()
    return {line[41:].split(" ")[0]: line[:40] for line in lines}


def test_git_alone_links_commits_and_pulls(
    spark: SparkSession, repo: RepositoryBuilder, git: History
) -> None:
    oid = by_subject(repo)
    expected = {
        ("commit", oid["Fix"], "merges", "issue_or_pull", "4"),
        ("commit", oid["Merge"], "merges", "pull", "7"),
        ("commit", oid["Round"], "part_of", "pull", "7"),
        ("commit", oid["Undo"], "reverts", "commit", oid["Round"]),
        ("commit", oid["Undo"], "mentions", "issue_or_pull", "5"),
    }
    links = found(link_changes(git, {}, PARAMS))
    assert links == {"tally": expected, "other": expected}


def test_what_github_says_adds_to_it_and_stays_in_its_repository(
    spark: SparkSession, repo: RepositoryBuilder, git: History
) -> None:
    oid = by_subject(repo)
    closed = {"event_id": "1", "number": 4, "event": "closed", "commit_id": oid["Fix"]}
    from_five = {"event_id": "2", "number": 4, "event": "cross-referenced", "source_number": 5}
    review = {"review_id": 70, "number": 7, "commit_id": oid["Round"], "body": "See #5"}
    pull = {"number": 7, "title": "Round", "body": "Fixes #5", "merged": True, "merged_at": NOW}
    talk = {
        ISSUES: rows(
            spark, ISSUES, {"number": 4, "title": "Crash"}, {"number": 5, "body": "As in #4"}
        ),
        PULLS: rows(spark, PULLS, {**pull, "merge_commit_sha": oid["Merge"]}),
        COMMENTS: rows(spark, COMMENTS, {"number": 5, "body": f"Fixed in {oid['Merge'][:9]}"}),
        REVIEWS: rows(spark, REVIEWS, review),
        TIMELINE_EVENTS: rows(
            spark, TIMELINE_EVENTS, closed, {**from_five, "source_repository": "of/tally"}
        ),
    }
    links = found(link_changes(git, talk, PARAMS))
    assert links["tally"] == {
        ("commit", oid["Fix"], "closes", "issue", "4"),
        ("commit", oid["Fix"], "mentions", "issue", "4"),
        ("commit", oid["Merge"], "merges", "pull", "7"),
        ("commit", oid["Merge"], "closes", "issue", "5"),
        ("commit", oid["Round"], "part_of", "pull", "7"),
        ("commit", oid["Undo"], "reverts", "commit", oid["Round"]),
        ("commit", oid["Undo"], "mentions", "issue", "5"),
        ("pull", "7", "closes", "issue", "5"),
        ("review", "70", "reviews", "pull", "7"),
        ("review", "70", "reviews", "commit", oid["Round"]),
        ("review", "70", "mentions", "issue", "5"),
        ("issue", "5", "mentions", "issue", "4"),
        ("issue_or_pull", "of/tally#5", "mentions", "issue", "4"),
    }
    assert ("commit", oid["Fix"], "merges", "issue_or_pull", "4") in links["other"]


def test_a_confidence_is_given_for_each_evidence_and_nothing_else(tmp_path: Path) -> None:
    known = dict(PARAMS.confidence)
    for wrong, message in (
        ({**known, "rumour": 0.1}, r"unknown: \['rumour'\]"),
        ({k: v for k, v in known.items() if k != "mention"}, r"missing.*mention"),
        ({**known, "mention": 1.5}, "from 0 to 1"),
    ):
        with pytest.raises(ValidationError, match=message):
            LinkParams(confidence=wrong, max_pull_commits=1)
