"""Task: find what every source has that is new, and write it down as batches."""

from __future__ import annotations

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.bronze.identify_sources import NAMES
from etl.bronze.plan_history import SOURCES, plan_history
from etl.bronze.repo_names import HOST, find_renamed
from etl.bronze.sources import digest
from etl.errors import SourceError
from etl.io.tables import Slice
from etl.jobs.context import Context, Done
from etl.jobs.forget import finish_interrupted
from etl.jobs.rejects import replace_rejects
from etl.jobs.removals import removed_repositories
from etl.jobs.repo_ids import repo_ids
from etl.jobs.rule_version import rule_version
from etl.schemas.collaboration import REPO_NAMES
from etl.schemas.ops import BATCHES, ROW_LEDGER

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
                context.spark.createDataFrame(sorted(_names(context).items()), NAMES),
                cache=str(context.home.clones),
                params=config.plan,
                rule_version=version,
                removed=removed_repositories(context),
            ),
        )
        rows = found.select(
            "repo_id",
            "batch_id",
            "source",
            "error",
            "reason",
            "named",
            "commits",
            "rule_version",
        ).collect()
        failed = sorted((row for row in rows if row["error"]), key=lambda row: str(row["source"]))
        named = [row for row in failed if row["named"]]
        if named:
            reasons = "; ".join(f"{row['source']}: {row['error']}" for row in named)
            raise SourceError(f"Cannot read {reasons}. Nothing was written.")
        batches = found.where("error IS NULL").select(*BATCHES.struct.names)
        planned = [row for row in rows if not row["error"]]
        repos = {row["repo_id"] for row in planned}
        _publish_rejects(context, failed)
        if repos:
            warehouse.publish(
                BATCHES, batches, Slice(tuple(sorted(repos)), _ingested(context, version))
            )
    return Done(
        len(repos),
        {
            "sources": len(context.sources),
            "new commits": sum(row["commits"] for row in planned),
            "rejected": len(failed),
        },
    )


def _publish_rejects(context: Context, failed: list[Row]) -> None:
    """Write down which sources cannot be read, and forget those that can be again."""
    tried = {digest("repository", source.address) for source in context.sources}
    entries = [
        {
            "repo_id": row["repo_id"],
            "batch_id": row["batch_id"],
            "key": row["source"],
            "reason": row["reason"],
            "detail": row["error"],
            "rule_version": row["rule_version"],
        }
        for row in failed
    ]
    area = Slice(tuple(sorted(tried)), where=f"t.task = '{NAME}'")
    replace_rejects(context, NAME, area, entries)


def _read_before(context: Context, version: str) -> DataFrame:
    """Newest batch of each repository that was planned under this rule and read to its end.

    Not bronze.repos: a run that was killed may have published that row before the commits.
    """
    read = context.warehouse.read(ROW_LEDGER).where("task = 'ingest_git'")
    newest = f.struct("recorded_at", "batch_id")
    return (
        context.warehouse.read(BATCHES)
        .where(f.col("rule_version") == version)
        .join(read.select("repo_id", "batch_id"), ["repo_id", "batch_id"], "left_semi")
        .groupBy("repo_id")
        .agg(
            f.max_by(f.struct("batch_id", "source", "tips", "pulls", "named"), newest).alias("last")
        )
        .select("repo_id", "last.*")
    )


def _names(context: Context) -> dict[str, str]:
    """The repositories of this home by canonical source: what they are called, and were."""
    warehouse, home = context.warehouse, repo_ids(context)
    if not warehouse.exists(REPO_NAMES):
        return home
    rows = warehouse.read(REPO_NAMES).select("name", "github_id").distinct().collect()
    said = [(row["name"], row["github_id"]) for row in rows]
    at_github = {
        source.removeprefix(HOST): repo_id
        for source, repo_id in home.items()
        if source.startswith(HOST)
    }
    return home | {HOST + name: repo for name, repo in find_renamed(said, at_github).items()}


def _ingested(context: Context, version: str) -> tuple[str, ...]:
    """Batches that were planned under this rule and read: they stay."""
    read = context.warehouse.read(ROW_LEDGER).where("task = 'ingest_git'").select("batch_id")
    planned = context.warehouse.read(BATCHES).where(f.col("rule_version") == version)
    return tuple(
        sorted(row[0] for row in planned.join(read, "batch_id").select("batch_id").collect())
    )
