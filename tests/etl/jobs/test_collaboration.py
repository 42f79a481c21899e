"""Files become versions of issues, pulls and comments, whatever their order and however often."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.bronze.newest import newest, still_to_fetch
from etl.bronze.repo_names import UNKNOWN, repo_id_of
from etl.errors import SourceError
from etl.io.tables import Slice
from etl.jobs import ingest_collaboration, plan_collaboration, profile_repos
from etl.jobs.context import Context, Done
from etl.jobs.summary import trimmed_count
from etl.jobs.verify import verify_all
from etl.schemas import TABLES, Table
from etl.schemas.bronze import REPOS
from etl.schemas.collaboration import COMMENTS, ISSUES, PULLS, REPO_NAMES
from etl.schemas.ops import FETCH_QUEUE, INPUTS, REJECTS, ROW_LEDGER
from tests.collaboration import (
    TALLY,
    comment,
    cross_reference,
    encoded,
    event,
    issue,
    landed,
    pull,
    repository,
    review,
    review_comment,
    trimmed,
    webhook,
    write_lines,
)
from tests.contexts import open_home

MINE, THEIRS, MONEY = repo_id_of(TALLY), repo_id_of("grace/report"), repo_id_of("ada/money")


def opened(spark: SparkSession, root: Path) -> Context:
    """A home, and a configuration that names the files under `root/in`."""
    context = open_home(spark, root / "home")
    patterns = {
        "dumps": (str(root / "in/*.json*"),),
        "archives": (str(root / "in/hours/*.json.gz"),),
    }
    section = context.config.collaboration.model_copy(update=patterns)
    return replace(context, config=context.config.model_copy(update={"collaboration": section}))


def with_tally(context: Context) -> Context:
    """The same home, which has read the repository ada/tally."""
    known = {
        "repo_id": MINE, "source": f"github.com/{TALLY}", "name": TALLY, "named": True,
        "head_ref": None, "head_oid": None, "tips": [], "is_shallow": False, "batch_id": "b",
    }  # fmt: skip
    context.warehouse.publish(REPOS, context.warehouse.rows(REPOS, [known]), Slice())
    return context


def fetched(root: Path) -> None:
    lines = [
        landed("repository", repository()),
        landed("issue", issue(1)),
        landed("pull", pull(2)),
        landed("comment", comment(21, 1)),
        landed("review", review(70, 2), 2),
        landed("review_comment", review_comment(71, 2)),
        landed("timeline_event", cross_reference(issue(2)), 1),
        landed("issue", issue(3, title=["no text"])),
    ]
    write_lines(root / "home/landing/github/ada/tally/000001.jsonl", lines)


def dumped(root: Path) -> None:
    edited = issue(1, 5, title="Total is wrong for two")
    lines = [
        issue(1),  # as it was fetched
        edited,
        webhook("deleted", issue=edited, comment=comment(21, 1)),
        b'{"cut": ',
        b"",
        issue(7, name="grace/report"),
        issue(9, name="ada/money", body="half \ud83d, nul \0, \U0001f600"),
    ]
    write_lines(root / "in/dump.jsonl.gz", lines)
    (root / "in/one.json").write_text(json.dumps(issue(4), indent=2), encoding="utf-8")
    (root / "in/damaged.jsonl.gz").write_bytes((root / "in/dump.jsonl.gz").read_bytes()[:-20])


def archived(root: Path) -> None:
    noise = event("IssuesEvent", {"issue": issue(1, name="eve/noise")}, "eve/noise", 99)
    whole = event("PullRequestEvent", {"pull_request": pull(5)}, "Ada/Tally")
    reviewed = {"pull_request": trimmed(pull(2)), "comment": review_comment(72, 2)}
    lines = [
        noise,
        whole,
        whole,
        event("PullRequestEvent", {"pull_request": trimmed(pull(6))}),
        event("PullRequestReviewCommentEvent", reviewed),
        event("WatchEvent", {"action": "started"}),
        encoded(noise)[:300],
        encoded(whole).replace(b"Fix the", b"Fix \xff"),
        # The same repository under the name that it was given later.
        event("IssuesEvent", {"issue": issue(8, name="ada/sums")}, "ada/sums"),
    ]
    write_lines(root / "in/hours/2025-11-01-12.json.gz", lines)


def run(context: Context) -> tuple[Done, Done]:
    return plan_collaboration.run(context), ingest_collaboration.run(context)


def rows(context: Context, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    found = context.warehouse.read(table).select(*columns).collect()
    return sorted((tuple(row) for row in found), key=repr)


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has read each kind of file once; the tests below go on with it, in order."""
    root = tmp_path_factory.mktemp("collaboration")
    for write in (fetched, dumped, archived):
        write(root)
    planned, read = run(with_tally(opened(spark, root)))
    assert planned.counts == {"files": 4, "repositories": 3, "rejected": 1}
    assert read.counts == {
        "bronze.issues": 6, "bronze.pulls": 2, "bronze.comments": 2, "bronze.reviews": 1,
        "bronze.review_comments": 2, "bronze.timeline_events": 1, "bronze.repo_names": 2,
        "ops.fetch_queue": 2, "rejected": 4, "merged": 7,
    }  # fmt: skip
    return root


def test_a_profile_hears_of_reviews_where_something_came(spark: SparkSession, home: Path) -> None:
    context = opened(spark, home)
    known = profile_repos.known_reviews(context, {MINE})
    assert known is not None
    assert [tuple(row) for row in known.collect()] == [(MINE, 2, 0)], "by their own author"
    assert profile_repos.known_reviews(context, {"f" * 64}) is None, "and reads nothing elsewhere"


def test_without_files_nothing_is_asked_of_spark(spark: SparkSession, tmp_path: Path) -> None:
    context = open_home(spark, tmp_path / "home")
    assert run(context) == (Done(0, {}), Done(0, {}))
    assert not [table for table in TABLES.values() if context.warehouse.exists(table)]


def test_a_pattern_that_matches_nothing_is_an_error(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"in/\*.json\*` in collaboration.dumps matches no file"):
        plan_collaboration.run(opened(spark, tmp_path))


def test_each_object_is_a_row_of_its_repository(spark: SparkSession, home: Path) -> None:
    context = opened(spark, home)
    assert rows(context, ISSUES, "repo_id", "number", "title", "deleted") == sorted(
        [
            (MINE, 1, "Total is wrong (1)", False),
            (MINE, 1, "Total is wrong for two", False),
            (MINE, 4, "Total is wrong (4)", False),
            (MINE, 8, "Total is wrong (8)", False),
            (THEIRS, 7, "Total is wrong (7)", False),
            (MONEY, 9, "Total is wrong (9)", False),
        ],
        key=repr,
    )
    body = context.warehouse.read(ISSUES).where("number = 9").select("body").collect()
    assert [row["body"] for row in body] == ["half \\ud83d, nul \0, \U0001f600"]
    assert rows(context, PULLS, "number", "merged", "head_sha") == [
        (2, True, "a" * 40),
        (5, True, "a" * 40),
    ]
    assert rows(context, REPO_NAMES, "repo_id", "name", "github_id") == [
        (MINE, "ada/sums", 11),
        (MINE, "ada/tally", 11),
    ]


def test_the_newest_version_is_the_last_change_or_the_deletion(
    spark: SparkSession, home: Path
) -> None:
    read = opened(spark, home).warehouse.read
    titles = newest(read(ISSUES), ISSUES).where("number = 1").select("title").collect()
    assert [row["title"] for row in titles] == ["Total is wrong for two"]
    (only,) = newest(read(COMMENTS), COMMENTS).collect()
    assert only["deleted"]


def test_what_came_trimmed_waits_for_rest(spark: SparkSession, home: Path) -> None:
    context = opened(spark, home)
    read = context.warehouse.read
    queue = ("repo_id", "name", "kind", "number", "reason")
    assert rows(context, FETCH_QUEUE, *queue) == [
        (MINE, TALLY, "pull", 2, "trimmed_payload"),
        (MINE, TALLY, "pull", 6, "trimmed_payload"),
    ]
    waiting = still_to_fetch(read(FETCH_QUEUE), read(ISSUES), read(PULLS)).collect()
    assert [tuple(row) for row in waiting] == [(MINE, TALLY, "pull", 6)]
    assert trimmed_count(context) == 1


def test_what_cannot_be_taken_has_a_reason_and_the_ledger_closes(
    spark: SparkSession, home: Path
) -> None:
    context = opened(spark, home)
    rejects = rows(context, REJECTS, "repo_id", "key", "reason")
    keys = [(repo, key, reason) for repo, key, reason in rejects if "line 4" in key or "o" in key]
    assert (MINE, "line 8 object", "wrong_type") in keys
    assert (UNKNOWN, "line 4", "not_json") in keys
    assert (UNKNOWN, str(home / "in/damaged.jsonl.gz"), "input_unreadable") in keys
    assert sorted(reason for repo, _, reason in rejects if repo == UNKNOWN) == [
        "input_unreadable", "not_json", "not_json", "not_json",
    ]  # fmt: skip
    sums = rows(context, ROW_LEDGER, "repo_id", "input_keys", "used", "rejected", "merged")
    assert all(read == used + rejected + merged for _, read, used, rejected, merged in sums)
    # 2 of the dump say what was fetched or said before, so does a part of each event of one hour.
    assert sum(merged for *_, merged in sums) == 7


def test_a_second_run_does_nothing(spark: SparkSession, home: Path) -> None:
    context = opened(spark, home)
    tables = (ISSUES, INPUTS, REJECTS, ROW_LEDGER)
    before = [context.warehouse.version(table) for table in tables]
    planned, read = run(context)
    assert (planned.units, read.units) == (0, 0)
    assert [context.warehouse.version(table) for table in tables] == before


def test_new_files_add_versions_and_names_find_their_repository(
    spark: SparkSession, home: Path
) -> None:
    """An edit, a copy of a file, and the news that ada/money is what ada/tally once was."""
    context = opened(spark, home)
    before = rows(context, ISSUES, "version", "batch_id")
    os.remove(home / "in/damaged.jsonl.gz")
    copy = home / "in/copy.jsonl.gz"
    copy.write_bytes((home / "in/dump.jsonl.gz").read_bytes())
    lines = [landed("issue", issue(1, 9, state="closed")),
             landed("repository", repository(), name="ada/money")]  # fmt: skip
    write_lines(home / "home/landing/github/ada/tally/000002.jsonl", lines)
    run(context)
    found = rows(context, ISSUES, "repo_id", "number", "state")
    assert [row for row in found if row[1] in (1, 9)] == sorted(
        [(MINE, 1, "closed"), (MINE, 1, "open"), (MINE, 1, "open"), (MINE, 9, "open")], key=repr
    )
    kept = set(rows(context, ISSUES, "version", "batch_id")) & set(before)
    assert len(kept) == len(before) - 1, "only the row that moved has another batch"
    # The test itself wrote the repository, without a checksum.
    assert {fault.table for fault in verify_all(context).faults} == {"bronze.repos"}
    assert [one.units for one in run(context)] == [0, 0]
