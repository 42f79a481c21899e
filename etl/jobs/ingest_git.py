"""Task: read the planned batches into bronze."""

from __future__ import annotations

import json

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.bronze.git_source import KINDS, GitBatch, GitDataSource, encode_batches
from etl.bronze.ingest_git import Present, find_repeated, ingest_git, list_met
from etl.errors import LedgerError
from etl.io.tables import HASH, NULLS, hashes
from etl.jobs.context import Context, Unit
from etl.jobs.execute import Outcome, Task
from etl.jobs.removals import removed_people
from etl.schemas import Table
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


def units(context: Context) -> list[Unit]:
    """Every planned batch; its id says what it reads."""
    rows = context.warehouse.read(BATCHES).select("repo_id", "batch_id").collect()
    return [Unit(row[0], row[1], row[1]) for row in rows]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Read the batches' commits, files and texts in one walk each."""
    warehouse = context.warehouse
    ids, repos = [u.batch_id for u in todo], sorted({u.repo_id for u in todo})
    batches = warehouse.read(BATCHES).where(f.col("batch_id").isin(ids))
    planned = sorted(batches.collect(), key=lambda b: (b["recorded_at"], b["batch_id"]))
    newest = {batch["repo_id"]: batch["batch_id"] for batch in planned}
    context.spark.dataSource.register(GitDataSource)
    reader = (
        context.spark.read.format("git")
        .option("batches", encode_batches([_to_read(batch, newest) for batch in planned]))
        .option("caps", context.config.ingest.model_dump_json())
        .option("removed", json.dumps(removed_people(context)))
    )
    read = context.stage("ingest_git", _hashed(reader.load()))
    _require_all(read, planned)
    done = context.posted("ingest_git")
    committed = [batch for repo, batch in done if repo in repos and batch not in ids]
    present = _present(context, repos, committed) if committed else None
    met = list_met(read)
    bronze = ingest_git(
        read,
        met,
        context.stage("ingest_git_repeated", find_repeated(met, present)),
        batches,
        batches.where(f.col("batch_id").isin(list(newest.values()))),
        present,
    )
    return Outcome(
        tables={
            REPOS: bronze.repos,
            COMMITS: bronze.commits,
            MAINLINE: bronze.mainline,
            PULL_HEADS: bronze.pull_heads,
            FILE_CHANGES: bronze.file_changes,
            BLOBS: bronze.blobs,
            FILES: bronze.files,
        },
        keys=bronze.keys,
        used=bronze.used,
        rejects=bronze.rejects,
        merged=bronze.known,
    )


def _to_read(batch: Row, newest: dict[str, str]) -> GitBatch:
    return GitBatch(
        repo_id=batch["repo_id"],
        batch_id=batch["batch_id"],
        location=batch["location"],
        tips=tuple(batch["tips"]),
        known_tips=tuple(batch["known_tips"]),
        pulls=tuple(pull["head_oid"] for pull in batch["pulls"]),
        known_pulls=tuple(batch["known_pulls"]),
        # The tree of an older batch that is read again is not that of the repository any more.
        head_oid=batch["head_oid"] if newest[batch["repo_id"]] == batch["batch_id"] else None,
        cuts=tuple(batch["cuts"]),
    )


def _hashed(read: DataFrame) -> DataFrame:
    """The reading with the hash of each row, made while its texts are at hand."""
    hashed = {
        kind: hashes(
            table,
            {
                name: f.col(name) if name == "repo_id" else f.col(f"{kind}.{name}")
                for name in table.content_columns
            },
        )
        for kind, table in KINDS.items()
    }
    columns = []
    for place, name in enumerate((HASH, NULLS)):
        pairs = [(f.col("kind") == kind, made[place]) for kind, made in hashed.items()]
        chosen = f.when(*pairs[0])
        for condition, value in pairs[1:]:
            chosen = chosen.when(condition, value)
        columns.append(chosen.alias(name))
    return read.select("*", *columns)


def _require_all(read: DataFrame, planned: list[Row]) -> None:
    found = read.where(
        "kind = 'commit' OR (kind = 'reject' AND reject.key LIKE 'commit %')"
    ).count()
    expected = sum(batch["commits"] + batch["pull_commits"] for batch in planned)
    if found != expected:
        raise LedgerError(
            f"ingest_git: {expected} commits were planned, but {found} were read. Was a repository "
            "rewritten meanwhile? Nothing was published; run again."
        )


def _present(context: Context, repos: list[str], committed: list[str]) -> Present:
    """What the committed batches of some repositories hold, if they are still planned."""
    planned = context.warehouse.read(BATCHES).select("batch_id")

    def held(table: Table) -> DataFrame:
        here = f.col("repo_id").isin(repos) & f.col("batch_id").isin(committed)
        found = context.warehouse.read(table).where(here).join(planned, "batch_id", "left_semi")
        return found.select(*table.key)

    return Present(
        commits=held(COMMITS),
        mainline=held(MAINLINE),
        blobs=held(BLOBS),
        pull_heads=held(PULL_HEADS),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="ingest_git",
        rule=("etl.bronze.ingest_git", "etl.bronze.git_source"),
        params=context.config.ingest,
        by_batch=True,
        units=units,
        derive=derive,
    )
