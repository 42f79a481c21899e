"""Task: read the planned batches into bronze."""

from __future__ import annotations

import json

from pyspark.sql import functions as f

from etl.bronze.git_source import GitDataSource, GitRange, encode_ranges, ranges_of
from etl.bronze.ingest_git import ingest_git
from etl.errors import LedgerError
from etl.jobs.context import Context, Unit
from etl.jobs.execute import Outcome, Task
from etl.jobs.removals import removed_authors
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, REPOS
from etl.schemas.ops import BATCHES


def units(context: Context) -> list[Unit]:
    """Every planned batch; its id says what it reads."""
    rows = context.warehouse.read(BATCHES).select("repo_id", "batch_id").collect()
    return [Unit(row[0], row[1], row[1]) for row in rows]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Read the batches' commits, files and texts in one walk each."""
    warehouse, plan = context.warehouse, context.config.plan
    ids, repos = [u.batch_id for u in todo], sorted({u.repo_id for u in todo})
    batches = warehouse.read(BATCHES).where(f.col("batch_id").isin(ids))
    planned = sorted(batches.collect(), key=lambda b: (b["recorded_at"], b["batch_id"]))
    newest = {batch["repo_id"]: batch["batch_id"] for batch in planned}
    ranges: list[GitRange] = []
    for batch in planned:
        ranges += ranges_of(
            batch.asDict(),
            commits_per_range=plan.commits_per_range,
            most_ranges=plan.most_ranges,
            first_index=len(ranges),
            with_tree=newest[batch["repo_id"]] == batch["batch_id"],
        )
    context.spark.dataSource.register(GitDataSource)
    options = {
        "ranges": encode_ranges(ranges),
        "caps": context.config.ingest.model_dump_json(),
        "removed": json.dumps(removed_authors(context)),
    }
    read = context.stage("ingest_git", context.spark.read.format("git").options(**options).load())
    done = context.posted("ingest_git")
    committed = [batch for repo, batch in done if repo in repos and batch not in ids]
    still_planned = warehouse.read(BATCHES).select("batch_id")
    here = f.col("repo_id").isin(repos) & f.col("batch_id").isin(committed)
    bronze = ingest_git(
        read,
        batches.where(f.col("batch_id").isin(list(newest.values()))),
        present_commits=warehouse.read(COMMITS).where(here).join(still_planned, "batch_id", "semi"),
        present_blobs=warehouse.read(BLOBS).where(here).join(still_planned, "batch_id", "semi"),
    )
    found = read.where(
        "kind = 'commit' OR (kind = 'reject' AND reject.key LIKE 'commit %')"
    ).count()
    expected = sum(batch["commits"] for batch in planned)
    if found != expected:
        raise LedgerError(
            f"ingest_git: {expected} commits were planned, but {found} were read. Was a repository "
            "rewritten meanwhile? Nothing was published; run again."
        )
    return Outcome(
        tables={
            REPOS: bronze.repos,
            COMMITS: bronze.commits,
            FILE_CHANGES: bronze.file_changes,
            BLOBS: bronze.blobs,
            FILES: bronze.files,
        },
        keys=bronze.keys,
        used=bronze.used,
        rejects=bronze.rejects,
        merged=bronze.known,
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
