"""Bronze rows come once, however often ranges and batches meet them, and every key has a fate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import to_arrow_schema

from etl.bronze.git_objects import Caps, Row
from etl.bronze.git_source import SCHEMA, GitRange, ranges_of, read_range
from etl.bronze.ingest_git import Bronze, ingest_git
from etl.checks.ledger import account
from etl.schemas import Table, require_schema
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, REPOS
from tests.repositories import RepositoryBuilder

CAPS = Caps(
    blob_bytes=5000,
    patch_bytes=5000,
    diff_bytes=9999,
    diff_entries=100_000,
    tree_entries=99,
    tree_depth=9,
    rename_files=99,
)


@dataclass
class History:
    """A repository whose texts come back, and its first tip, which a force-push took away."""

    repo: RepositoryBuilder
    first_tip: str


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    repo = RepositoryBuilder(tmp_path_factory.mktemp("ingest") / "project")
    for number in range(8):
        repo.write("flip.txt", f"{number % 2}\n")  # two texts that alternate over all ranges
        repo.write("large.txt", f"{number % 2}" * 6000)  # over the cap, so rejected each time
        repo.commit(f"change {number}")
    first_tip = repo.head
    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    repo.write("flip.txt", "1\n")
    repo.write("new.txt", "new\n")
    repo.commit("rewritten")
    return History(repo, first_tip)


def batch(history: History, name: str, tip: str, known: list[str]) -> Row:
    hidden = [f"^{oid}" for oid in known]
    return {
        "repo_id": "r",
        "batch_id": name,
        "location": str(history.repo.git_dir),
        "tips": [tip],
        "known_tips": known,
        "head_oid": tip,
        "commits": int(history.repo.git("rev-list", "--count", tip, *hidden)),
    }


def ranges(batches: list[Row]) -> list[GitRange]:
    found: list[GitRange] = []
    for one in batches:
        found += ranges_of(
            one,
            commits_per_range=3,
            most_ranges=9,
            first_index=len(found),
            with_tree=one is batches[-1],
        )
    return found


def read(spark: SparkSession, parts: list[GitRange]) -> DataFrame:
    schema = to_arrow_schema(SCHEMA)
    rows = [r for part in parts for b in read_range(part, CAPS, schema) for r in b.to_pylist()]
    return spark.createDataFrame(rows, SCHEMA)


def repos(spark: SparkSession, one: Row) -> DataFrame:
    row = ("r", "source", "name", True, None, one["head_oid"], one["tips"], False, one["batch_id"])
    return spark.createDataFrame([row], REPOS.struct)


def ingest(spark: SparkSession, batches: list[Row], present: Bronze | None) -> Bronze:
    nothing = spark.createDataFrame([], COMMITS.struct), spark.createDataFrame([], BLOBS.struct)
    had = (present.commits, present.blobs) if present else nothing
    return ingest_git(
        read(spark, ranges(batches)),
        repos(spark, batches[-1]),
        present_commits=had[0],
        present_blobs=had[1],
    )


def keys(frame: DataFrame, table: Table) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.select(*table.key).collect())


def fates(bronze: Bronze) -> dict[str, dict[str, Any]]:
    found = account(bronze.keys, bronze.used, bronze.rejects, bronze.known).collect()
    return {row["batch_id"]: row.asDict() for row in found}


def test_ranges_that_meet_the_same_text_keep_it_once(spark: SparkSession, history: History) -> None:
    one = batch(history, "b1", history.first_tip, [])
    bronze = ingest(spark, [one], None)
    texts = keys(bronze.blobs, BLOBS)
    assert len(texts) == len(set(texts)) == 2
    assert bronze.commits.count() == one["commits"] == 8
    assert bronze.file_changes.count() == 16
    assert keys(bronze.files, FILES) == [("r", "flip.txt"), ("r", "large.txt")]
    (sums,) = fates(bronze).values()
    assert sums["broken"] == 0, sums["example"]
    rejects = sorted(tuple(row) for row in bronze.rejects.select("key", "reason").collect())
    blobs = [key for key, reason in rejects if reason == "blob_too_large"]
    patches = [key for key, reason in rejects if reason == "patch_too_large"]
    assert (len(blobs), len(set(blobs)), len(patches)) == (2, 2, 8)
    tables = {
        REPOS: bronze.repos,
        COMMITS: bronze.commits,
        FILE_CHANGES: bronze.file_changes,
        BLOBS: bronze.blobs,
        FILES: bronze.files,
    }
    for table, frame in tables.items():
        require_schema(table, frame.schema)


def test_a_later_batch_brings_only_what_is_new(spark: SparkSession, history: History) -> None:
    """After a force-push the known tip is gone from the walk's end, but its texts are held."""
    first = ingest(spark, [batch(history, "b1", history.first_tip, [])], None)
    second = ingest(spark, [batch(history, "b2", history.repo.head, [history.first_tip])], first)
    assert keys(second.commits, COMMITS) == [("r", history.repo.head)]
    assert [row["text"] for row in second.blobs.select("text").collect()] == ["new\n"]
    (sums,) = fates(second).values()
    assert sums["broken"] == 0, sums["example"]
    known = second.known.select("key").collect()
    assert all(row["key"].startswith("blob ") for row in known)


def test_history_that_is_read_again_is_known(spark: SparkSession, history: History) -> None:
    first = ingest(spark, [batch(history, "b1", history.first_tip, [])], None)
    again = ingest(spark, [batch(history, "b2", history.repo.head, [])], first)
    assert keys(again.commits, COMMITS) == [("r", history.repo.head)]
    changed = {row["commit_oid"] for row in again.file_changes.select("commit_oid").collect()}
    assert changed == {history.repo.head}
    (sums,) = fates(again).values()
    assert sums["broken"] == 0, sums["example"]
    assert sums["merged"] >= 6


def test_batches_together_give_the_same_rows_as_one_after_the_other(
    spark: SparkSession, history: History
) -> None:
    batches = [
        batch(history, "b1", history.first_tip, []),
        batch(history, "b2", history.repo.head, [history.first_tip]),
    ]
    first = ingest(spark, batches[:1], None)
    second = ingest(spark, batches[1:], first)
    both = ingest(spark, batches, None)
    for table, name in ((COMMITS, "commits"), (FILE_CHANGES, "file_changes"), (BLOBS, "blobs")):
        apart = getattr(first, name).unionByName(getattr(second, name))
        together = getattr(both, name)
        columns = [f.col(c).cast("string") for c in table.struct.names]
        assert sorted(map(tuple, apart.select(*columns).collect())) == sorted(
            map(tuple, together.select(*columns).collect())
        )
    assert all(sums["broken"] == 0 for sums in fates(both).values())
