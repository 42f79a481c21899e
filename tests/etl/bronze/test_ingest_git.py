"""Bronze rows come once, however often ranges and batches meet them, and every key has a fate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StructType

from etl.bronze.git_source import SCHEMA, GitBatch
from etl.bronze.ingest_git import Bronze, Present, find_repeated, ingest_git, list_met
from etl.checks.ledger import account
from etl.schemas import Table, require_schema
from etl.schemas.bronze import (
    BLOBS,
    COMMITS,
    FILE_CHANGES,
    FILES,
    MAINLINE,
    PULL_HEADS,
    REPOS,
)
from etl.schemas.ops import BATCHES
from tests import batches
from tests.batches import batch_of, read_directly
from tests.repositories import RepositoryBuilder

CAPS = replace(
    batches.CAPS,
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


def batch(
    history: History, name: str, tip: str, known: tuple[str, ...] = (), *, newest: bool = True
) -> GitBatch:
    return batch_of(history.repo, tip=tip, known=known, length=3, batch_id=name, with_tree=newest)


def ingest(
    spark: SparkSession,
    batches: list[GitBatch],
    present: Bronze | None,
    pulls: dict[str, list[tuple[int, str]]] | None = None,
) -> Bronze:
    """Ingest batches of one repository, whose pull requests have heads by batch."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    planned = [
        Row(
            repo_id="r", batch_id=one.batch_id, source="source", name="name", named=True,
            head_ref=None, head_oid=one.tips[0], tips=list(one.tips), is_shallow=False,
            pulls=(pulls or {}).get(one.batch_id, []),
            recorded_at=moment + timedelta(hours=place),
        )
        for place, one in enumerate(batches)
    ]  # fmt: skip
    names = {*REPOS.struct.names, "pulls", "recorded_at"}
    shape = StructType([field for field in BATCHES.columns if field.name in names])
    rows = spark.createDataFrame([tuple(row[n] for n in shape.names) for row in planned], shape)
    read = spark.createDataFrame(read_directly(batches, CAPS), SCHEMA)
    had = None
    if present is not None:
        had = Present(present.commits, present.mainline, present.blobs, present.pull_heads)
    met = list_met(read)
    newest = rows.where(f.col("batch_id") == batches[-1].batch_id)
    return ingest_git(read, met, find_repeated(met, had), rows, newest, had)


def keys(frame: DataFrame, table: Table) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.select(*table.key).collect())


def fates(bronze: Bronze) -> dict[str, dict[str, Any]]:
    found = account(bronze.keys, bronze.used, bronze.rejects, bronze.known).collect()
    return {row["batch_id"]: row.asDict() for row in found}


def test_ranges_that_meet_the_same_text_keep_it_once(spark: SparkSession, history: History) -> None:
    one = batch(history, "b1", history.first_tip)
    bronze = ingest(spark, [one], None)
    texts = keys(bronze.blobs, BLOBS)
    assert len(texts) == len(set(texts)) == 2
    assert bronze.commits.count() == one.cuts[-1] == 8
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
        MAINLINE: bronze.mainline,
        PULL_HEADS: bronze.pull_heads,
        FILE_CHANGES: bronze.file_changes,
        BLOBS: bronze.blobs,
        FILES: bronze.files,
    }
    for table, frame in tables.items():
        require_schema(table, frame.schema)


def test_a_later_batch_brings_only_what_is_new(spark: SparkSession, history: History) -> None:
    """After a force-push the known tip is gone from the walk's end, but its texts are held."""
    first = ingest(spark, [batch(history, "b1", history.first_tip)], None)
    second = ingest(spark, [batch(history, "b2", history.repo.head, (history.first_tip,))], first)
    assert keys(second.commits, COMMITS) == [("r", history.repo.head)]
    assert [row["text"] for row in second.blobs.select("text").collect()] == ["new\n"]
    (sums,) = fates(second).values()
    assert sums["broken"] == 0, sums["example"]
    known = second.known.select("key").collect()
    assert all(row["key"].startswith("blob ") for row in known)


def test_history_that_is_read_again_is_known(spark: SparkSession, history: History) -> None:
    first = ingest(spark, [batch(history, "b1", history.first_tip)], None)
    again = ingest(spark, [batch(history, "b2", history.repo.head)], first)
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
        batch(history, "b1", history.first_tip, newest=False),
        batch(history, "b2", history.repo.head, (history.first_tip,)),
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


def test_a_commit_of_a_pull_request_that_lands_is_new_to_the_mainline_alone(
    spark: SparkSession, history: History
) -> None:
    base = history.repo.git("rev-parse", f"{history.first_tip}~3")
    head = history.repo.git("rev-parse", f"{history.first_tip}~1")
    one = batch_of(history.repo, tip=base, pulls=(head,), length=3, batch_id="b1")
    first = ingest(spark, [one], None, {"b1": [(7, head)]})
    assert first.commits.count() == first.mainline.count() + 2
    assert keys(first.pull_heads, PULL_HEADS) == [("r", 7, head)]
    two = batch_of(
        history.repo,
        tip=history.first_tip,
        known=(base,),
        pulls=(head,),
        known_pulls=(head,),
        batch_id="b2",
    )
    second = ingest(spark, [two], first, {"b2": [(7, head), (9, base)]})
    assert keys(second.commits, COMMITS) == [("r", history.first_tip)]
    assert second.mainline.count() == 3
    assert keys(second.pull_heads, PULL_HEADS) == [("r", 9, base)]
    for sums in (*fates(first).values(), *fates(second).values()):
        assert sums["broken"] == 0, sums["example"]
