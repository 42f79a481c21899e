"""Checksums and ledger after rows were removed: counted anew from the rows that are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.io.tables import Slice, checksums_of, quoted
from etl.jobs.context import Context
from etl.jobs.execute import output_version
from etl.jobs.extents import AUTHOR_REMOVED, READERS, STAGED, of_repositories
from etl.schemas import TABLES, Table
from etl.schemas.bronze import REPOS
from etl.schemas.gold import EVAL_PAIRS, MIX_PAIRS
from etl.schemas.ops import CHECKSUMS, REJECTS, ROW_LEDGER


def record_rejected(context: Context, rejected: DataFrame) -> None:
    """Say of what a person made what a reading after the removal says: its author was removed.

    Args:
        context: the surroundings.
        rejected: task, repo_id, batch_id, key.
    """
    unit = ("task", "repo_id", "batch_id")
    read = context.warehouse.read(ROW_LEDGER).select(*unit, "rule_version")
    rejects = rejected.join(read, list(unit)).select(
        *unit,
        "key",
        f.lit(AUTHOR_REMOVED).alias("reason"),
        f.lit(None).cast("string").alias("detail"),
        "rule_version",
    )
    context.warehouse.append(REJECTS, context.stage(f"{STAGED}_author_removed", rejects))


def recount_batches(context: Context, repos: Sequence[str]) -> None:
    """Bring checksums and the readers' ledger up to date with what is left of repositories."""
    if not repos:
        return
    warehouse, mine = context.warehouse, of_repositories(repos)
    recorded = (
        warehouse.read(CHECKSUMS)
        .where(mine & (f.col("kind") == "rows"))
        .select("artifact", "repo_id", "batch_id", "task")
        .collect()
    )
    writers = {tuple(row[:3]): row["task"] for row in recorded}
    # Rows of a run that was killed are not recorded yet: it will publish them again.
    tables = [TABLES[name] for name in sorted({row["artifact"] for row in recorded})]
    left = {table: warehouse.read(table).where(mine) for table in tables}
    sums = [
        {**row.asDict(), "task": writer}
        for row in (checksums_of(left).collect() if left else [])
        if (writer := writers.get((row["artifact"], row["repo_id"], row["batch_id"]))) is not None
    ]
    _publish_sums(context, sums, Slice(tuple(repos), (), "t.kind = 'rows'"))
    _recount_ledger(context, repos, sums)


def _publish_sums(context: Context, sums: list[dict[str, Any]], area: Slice) -> None:
    entries = [{**row, "kind": "rows", "recorded_at": datetime.now(UTC)} for row in sums]
    context.warehouse.publish(CHECKSUMS, context.warehouse.rows(CHECKSUMS, entries), area)


def _recount_ledger(context: Context, repos: Sequence[str], sums: list[dict[str, Any]]) -> None:
    """Count anew what the readers used and rejected in each batch that lost rows."""
    warehouse = context.warehouse
    read = of_repositories(repos) & f.col("task").isin(*READERS)
    unit = ("task", "repo_id", "batch_id")
    rejected = {
        tuple(row[name] for name in unit): row["keys"]
        for row in warehouse.read(REJECTS)
        .where(read)
        .groupBy(*unit)
        .agg(
            f.countDistinct("key").alias("keys"),
            f.max(f.col("reason") == AUTHOR_REMOVED).alias("is_hit"),
        )
        .where("is_hit")
        .collect()
    }
    written: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in sums:
        written.setdefault(tuple(row[name] for name in unit), []).append(row)
    changed: dict[str, list[dict[str, Any]]] = {}
    for entry in warehouse.read(ROW_LEDGER).where(read).collect():
        place = tuple(entry[name] for name in unit)
        if place not in rejected:
            continue
        mine = written.get(place, [])
        # A row stands for a key, but that of the repository itself.
        used = sum(row["row_count"] for row in mine if row["artifact"] != REPOS.full_name)
        counted = {
            "input_keys": used + rejected[place] + entry["merged"],
            "used": used,
            "rejected": rejected[place],
            "output_rows": sum(row["row_count"] for row in mine),
            "output_version": output_version(mine),
        }
        changed.setdefault(entry["task"], []).append({**entry.asDict(), **counted})
    for task, entries in changed.items():
        batches = quoted(entry["batch_id"] for entry in entries)
        area = f"t.task = '{task}' AND t.batch_id IN ({batches})"
        context.ledger.post(task, entries, Slice(tuple(repos), (), area))


def recount_mixes(context: Context, mixes: Iterable[str]) -> None:
    """Bring the checksums of mix versions up to date with what is left of them."""
    versions = sorted(mixes)
    if not versions:
        return
    left = context.warehouse.read(MIX_PAIRS).where(f.col("mix_version").isin(versions))
    batches = f" AND t.batch_id IN ({quoted(versions)})"
    _recount_versions(context, "build_mix", MIX_PAIRS, left, batches)


def recount_evaluations(context: Context) -> None:
    """Bring the checksums of evaluation sets up to date with what is left of them."""
    if context.warehouse.exists(EVAL_PAIRS):
        left = context.warehouse.read(EVAL_PAIRS)
        _recount_versions(context, "hold_out", EVAL_PAIRS, left, "")


def _recount_versions(
    context: Context, task: str, table: Table, left: DataFrame, batches: str
) -> None:
    sums = [{**row.asDict(), "task": task} for row in checksums_of({table: left}).collect()]
    where = f"t.kind = 'rows' AND t.artifact = '{table.full_name}'{batches}"
    _publish_sums(context, sums, Slice(("*",), (), where))
