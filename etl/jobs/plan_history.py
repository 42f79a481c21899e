"""Task: find what every source has that is new, and write it down as batches."""

from __future__ import annotations

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.bronze.plan_history import SOURCES, plan_history
from etl.bronze.sources import digest
from etl.errors import SourceError
from etl.io.tables import Slice
from etl.jobs.context import Context, Done
from etl.jobs.file_checksums import file_checksums
from etl.jobs.forget import finish_interrupted
from etl.jobs.removals import removed_repositories
from etl.jobs.rule_version import rule_version
from etl.schemas.ops import BATCHES, CHECKSUMS, REJECTS, ROW_LEDGER

NAME = "plan_history"


def run(context: Context) -> Done:
    """Plan the sources of this run.

    Raises:
        SourceError: a source that was named one by one cannot be read. A listed one that cannot be
            read is rejected, and the others go on.
    """
    config, warehouse = context.config, context.warehouse
    version = rule_version(("etl.bronze.plan_history",), config.plan)
    finish_interrupted(context)
    with context.meter(NAME):
        sources = context.spark.createDataFrame(
            [(s.address, s.is_url, s.named) for s in context.sources], SOURCES
        )
        # A source a task, so that one slow clone does not hold up the others.
        sources = sources.repartition(max(1, len(context.sources)), "address")
        known = _read_before(context, version)
        found = context.stage(
            NAME,
            plan_history(
                sources,
                known,
                cache=str(context.home.clones),
                params=config.plan,
                rule_version=version,
                removed=removed_repositories(context),
            ),
        )
        failed = found.where("error IS NOT NULL").orderBy("source").collect()
        named = [row for row in failed if row["named"]]
        if named:
            reasons = "; ".join(f"{row['source']}: {row['error']}" for row in named)
            raise SourceError(f"Cannot read {reasons}. Nothing was written.")
        batches = found.where("error IS NULL").select(*BATCHES.struct.names)
        repos = [row["repo_id"] for row in batches.select("repo_id").distinct().collect()]
        _publish_rejects(context, found.where("error IS NOT NULL"), failed)
        if repos:
            area = Slice(tuple(sorted(repos)), _ingested(context, version, repos))
            warehouse.publish(BATCHES, batches, area)
        commits = batches.agg(f.sum("commits")).first()
    return Done(
        len(repos),
        {
            "sources": len(context.sources),
            "new commits": int(commits[0] or 0) if commits else 0,
            "rejected": len(failed),
        },
    )


def _publish_rejects(context: Context, unreadable: DataFrame, failed: list[Row]) -> None:
    """Write down which sources cannot be read, and forget those that can be again."""
    warehouse = context.warehouse
    tried = {digest("repository", source.address) for source in context.sources}
    mine = f.col("task") == NAME
    held = warehouse.read(REJECTS).where(mine & f.col("repo_id").isin(sorted(tried)))
    names = ("repo_id", "key", "detail", "rule_version")
    now = {(row["repo_id"], row["source"], row["error"], row["rule_version"]) for row in failed}
    if now == {tuple(row) for row in held.select(*names).collect()}:
        return
    rejects = unreadable.select(
        f.lit(NAME).alias("task"),
        "repo_id",
        "batch_id",
        f.col("source").alias("key"),
        "reason",
        f.col("error").alias("detail"),
        "rule_version",
    )
    warehouse.publish(REJECTS, rejects, Slice(tuple(sorted(tried)), where=f"t.task = '{NAME}'"))
    files = file_checksums(context, NAME, [REJECTS])
    warehouse.append(CHECKSUMS, warehouse.rows(CHECKSUMS, files))


def _read_before(context: Context, version: str) -> DataFrame:
    """Newest batch of each repository that was planned under this rule and read to its end.

    Not bronze.repos: a run that was killed may have published that row before the commits.
    """
    read = context.warehouse.read(ROW_LEDGER).where("task = 'ingest_git'")
    return (
        context.warehouse.read(BATCHES)
        .where(f.col("rule_version") == version)
        .join(read.select("repo_id", "batch_id"), ["repo_id", "batch_id"], "left_semi")
        .groupBy("repo_id")
        .agg(f.max_by(f.struct("tips", "named"), f.struct("recorded_at", "batch_id")).alias("last"))
        .select("repo_id", "last.*")
    )


def _ingested(context: Context, version: str, repos: list[str]) -> tuple[str, ...]:
    """Batches of some repositories that were planned under this rule and read: they stay."""
    mine = f.col("repo_id").isin(repos)
    read = (
        context.warehouse.read(ROW_LEDGER)
        .where(mine & (f.col("task") == "ingest_git"))
        .select("batch_id")
    )
    planned = context.warehouse.read(BATCHES).where(mine & (f.col("rule_version") == version))
    return tuple(
        sorted(row[0] for row in planned.join(read, "batch_id").select("batch_id").collect())
    )
