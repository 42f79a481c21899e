"""States that only a kill at the wrong moment leaves, built on purpose and run again."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from etl.jobs.run import run_task
from etl.schemas import TABLES
from tests.e2e import compare
from tests.e2e.homes import Place
from tests.repositories import RepositoryBuilder, sample_project


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    return sample_project(tmp_path_factory.mktemp("interrupted") / "tally", commits=4)


def ingest(place: Place) -> None:
    context = place.context()
    for name in ("plan_history", "ingest_git"):
        run_task(context, name)


def test_history_that_was_announced_but_not_written_is_read_when_the_repository_grew(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path
) -> None:
    """Killed after bronze.repos was published, and before bronze.commits was."""
    place = Place(spark, tmp_path / "home", named=(repo.path,))
    ingest(place)
    for table in ("ops.row_ledger", "bronze.commits", "bronze.file_changes", "bronze.blobs"):
        spark.sql(f"DELETE FROM spark_catalog.{table}")
    repo.write("tally/more.py", "MORE = 1\n")
    repo.commit("Add one more constant")
    ingest(place)
    commits = compare.read_rows(place.root, TABLES["bronze.commits"])
    assert {row["commit_oid"] for row in commits} == set(repo.git("rev-list", "HEAD").split())
    assert {row["batch_id"] for row in commits} == {
        row["batch_id"] for row in compare.read_rows(place.root, TABLES["ops.batches"])
    }


@pytest.mark.parametrize("rest", ["", ".00000000000000000000.json.7.tmp"], ids=["empty", "part"])
def test_a_table_whose_creation_was_killed_is_created(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path, rest: str
) -> None:
    place = Place(spark, tmp_path / "home", named=(repo.path,))
    table = TABLES["bronze.commits"]
    context = place.context()
    log = context.warehouse.location(table) / "_delta_log"
    log.mkdir(parents=True)
    if rest:
        (log / rest).write_text("{", encoding="utf-8")
    assert not context.warehouse.exists(table)
    assert context.warehouse.read(table).count() == 0


def test_a_folder_that_holds_data_but_no_log_is_never_removed(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path
) -> None:
    place = Place(spark, tmp_path / "home", named=(repo.path,))
    context = place.context()
    data = context.warehouse.location(TABLES["bronze.commits"]) / "part-00000.parquet"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"rows")
    with pytest.raises(Exception, match="not empty"):
        context.warehouse.read(TABLES["bronze.commits"])
    assert data.read_bytes() == b"rows"


def test_a_listed_source_that_cannot_be_read_is_written_down_once_and_forgotten_when_it_can(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    (broken / "objects").mkdir(parents=True)
    (broken / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
    place = Place(spark, tmp_path / "home", named=(repo.path,), listed=(broken,))
    ingest(place)
    rejects = compare.read_rows(place.root, TABLES["ops.rejects"])
    assert [(r["task"], r["reason"]) for r in rejects if r["task"] == "plan_history"] == [
        ("plan_history", "source_unreadable")
    ]
    before = compare.delta_versions(place.root)
    ingest(place)
    assert compare.delta_versions(place.root) == before
    repo.git("init", "--quiet", "--bare", str(broken))
    ingest(place)
    rejects = compare.read_rows(place.root, TABLES["ops.rejects"])
    assert [row for row in rejects if row["task"] == "plan_history"] == []
