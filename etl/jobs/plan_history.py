"""Task: find what every source has that is new, and write it down as batches."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.plan_history import SOURCES, plan_history
from etl.errors import SourceError
from etl.io.tables import Slice
from etl.jobs.context import Context, Done
from etl.jobs.file_checksums import file_checksums
from etl.jobs.rule_version import rule_version
from etl.schemas.bronze import REPOS
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
    with context.meter(NAME):
        sources = context.spark.createDataFrame(
            [(s.address, s.is_url, s.named) for s in context.sources], SOURCES
        )
        # A source a task, so that one slow clone does not hold up the others.
        sources = sources.repartition(max(1, len(context.sources)), "address")
        planned_before = warehouse.read(BATCHES).where(f.col("rule_version") == version)
        known = warehouse.read(REPOS).join(
            planned_before.select("repo_id").distinct(), "repo_id", "left_semi"
        )
        found = context.stage(
            NAME,
            plan_history(
                sources,
                known.select("repo_id", "tips", "named"),
                cache=str(context.home.clones),
                params=config.plan,
                rule_version=version,
            ),
        )
        failed = found.where("error IS NOT NULL").orderBy("source").collect()
        named = [row for row in failed if row["named"]]
        if named:
            reasons = "; ".join(f"{row['source']}: {row['error']}" for row in named)
            raise SourceError(f"Cannot read {reasons}. Nothing was written.")
        batches = found.where("error IS NULL").drop("error").select(*BATCHES.struct.names)
        repos = [row["repo_id"] for row in batches.select("repo_id").distinct().collect()]
        rejects = found.where("error IS NOT NULL").select(
            f.lit(NAME).alias("task"),
            "repo_id",
            "batch_id",
            f.col("source").alias("key"),
            f.lit("source_unreadable").alias("reason"),
            f.col("error").alias("detail"),
            "rule_version",
        )
        tried = [row["repo_id"] for row in failed] + repos
        if tried:
            mine = f"t.task = '{NAME}'"
            warehouse.publish(REJECTS, rejects, Slice(tuple(sorted(tried)), where=mine))
            files = file_checksums(context, NAME, [REJECTS])
            if files is not None:
                warehouse.append(CHECKSUMS, files)
        if repos:
            warehouse.publish(
                BATCHES, batches, Slice(tuple(sorted(repos)), _ingested(context, version))
            )
        commits = batches.agg(f.sum("commits")).first()
    return Done(
        len(repos),
        {
            "sources": len(context.sources),
            "new commits": int(commits[0] or 0) if commits else 0,
            "rejected": len(failed),
        },
    )


def _ingested(context: Context, version: str) -> tuple[str, ...]:
    """Batches that were planned under this rule and read: they stay."""
    read = context.warehouse.read(ROW_LEDGER).where("task = 'ingest_git'").select("batch_id")
    planned = context.warehouse.read(BATCHES).where(f.col("rule_version") == version)
    return tuple(
        sorted(row[0] for row in planned.join(read, "batch_id").select("batch_id").collect())
    )
