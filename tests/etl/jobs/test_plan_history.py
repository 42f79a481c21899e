"""A home that knows a repository by its old name takes the new one for the same repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyspark.sql import SparkSession

from etl.bronze.repo_names import repo_id_of
from etl.bronze.sources import find_sources
from etl.io.tables import Slice
from etl.jobs import plan_history
from etl.jobs.context import Context
from etl.schemas.bronze import REPOS
from etl.schemas.collaboration import REPO_NAMES
from etl.schemas.ops import BATCHES
from tests.contexts import open_home
from tests.repositories import RepositoryBuilder

TALLY = repo_id_of("ada/tally")


def called(repo: RepositoryBuilder, name: str) -> None:
    repo.git("config", "remote.origin.url", f"git@github.com:{name}.git")


def said(context: Context, names: Iterable[tuple[str, int]]) -> None:
    """What a file with issues said: names beside GitHub's ids."""
    rows = [
        {"repo_id": repo_id_of(name), "name": name, "version": f"{name} {github_id}",
         "github_id": github_id, "batch_id": "b"}
        for name, github_id in names
    ]  # fmt: skip
    context.warehouse.publish(REPO_NAMES, context.warehouse.rows(REPO_NAMES, rows), Slice())


def read(context: Context) -> None:
    """Publish what ingest_git would of the planned batches, but for their commits."""
    batches = context.warehouse.read(BATCHES).orderBy("recorded_at").collect()
    context.warehouse.publish(
        REPOS, context.warehouse.rows(REPOS, [batches[-1].asDict()]), Slice((TALLY,))
    )
    sums = ("input_keys", "used", "rejected", "merged", "output_rows")
    entries = [
        {"task": "ingest_git", "repo_id": batch["repo_id"], "batch_id": batch["batch_id"],
         "rule_version": "v", "input_version": batch["batch_id"], "output_version": "",
         "recorded_at": batch["recorded_at"], **dict.fromkeys(sums, 0)}
        for batch in batches
    ]  # fmt: skip
    context.ledger.post("ingest_git", entries, Slice((TALLY,)))


def test_a_renamed_repository_keeps_its_history(spark: SparkSession, tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path / "work")
    repo.write("a.py", "A = 1\n")
    repo.commit("first")
    home = open_home(spark, tmp_path / "home")
    context = replace(home, sources=tuple(find_sources([str(repo.path)], [], tmp_path)))
    called(repo, "ada/tally")
    plan_history.run(context)
    read(context)
    said(context, [("ada/tally", 7), ("ada/sums", 7), ("eve/tally", 9)])

    called(repo, "Ada/Sums")
    repo.write("a.py", "A = 2\n")
    repo.commit("second")
    assert plan_history.run(context).counts["new commits"] == 1
    batches = context.warehouse.read(BATCHES).orderBy("recorded_at").collect()
    assert [row["source"] for row in batches] == ["github.com/ada/tally", "github.com/ada/sums"]
    assert {row["repo_id"] for row in batches} == {TALLY}
    assert batches[1]["known_tips"] == batches[0]["tips"]
