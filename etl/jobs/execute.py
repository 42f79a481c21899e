"""Write, audit, publish: how every derived table is brought up to date.

1. Find the units whose input or rule differs from what the ledger says.
2. Stage the rows once; check their schema, keys and the ledger's sums.
3. Publish the tables, then rejects and checksums, and the ledger last: a unit counts as done only
   when its ledger row is there. A run that was killed anywhere repeats the unit and ends in the
   same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.checks.ledger import account, find_fates, require_closed
from etl.checks.rows import require_sound
from etl.io.tables import HASH, NULLS, Slice, checksums_of, quoted, repeated_keys
from etl.jobs.context import EVERYTHING, Context, Done, Unit, version_of
from etl.jobs.file_checksums import file_checksums
from etl.jobs.rule_version import rule_version
from etl.schemas import Table, require_schema
from etl.schemas.ops import CHECKSUMS, REJECTS


@dataclass(frozen=True)
class Outcome:
    """What a task derived for its units, all of it read from staged rows.

    Attributes:
        tables: rows of each output table; they may bring HASH and NULLS of etl.io.tables along.
        keys: every input key: repo_id, batch_id, key.
        used: keys that gave a row.
        rejects: keys left out: also reason, detail; None for a rule that leaves nothing out.
        merged: keys that another key stands for.
        version: version of what was derived, where it has one of its own.
        also: units that were up to date and whose rows changed with those of the units in work;
            their rows and keys are among the others.
        counts: further figures for the summary.
    """

    tables: Mapping[Table, DataFrame]
    keys: DataFrame
    used: DataFrame
    rejects: DataFrame | None = None
    merged: DataFrame | None = None
    version: str | None = None
    also: tuple[Unit, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One derived step of the job.

    Attributes:
        name: its name in the job file.
        rule: modules whose code decides the rows.
        params: config that the rule reads; None where a unit's version carries it.
        by_batch: a unit is a batch (else a repository, or everything).
        keep_unlisted: units that `units` does not list stay as they are (other mixes); else what
            they gave is deleted.
        own: SQL condition that a row `t` of its tables is its own, where another task writes too.
        units: all units as they should be.
        derive: rows for some units under a rule version.
    """

    name: str
    rule: tuple[str, ...]
    params: BaseModel | None
    by_batch: bool
    units: Callable[[Context], list[Unit]]
    derive: Callable[[Context, list[Unit], str], Outcome]
    keep_unlisted: bool = False
    own: str = "true"


def pending_units(
    context: Context, task: Task, version: str
) -> tuple[list[Unit], list[tuple[str, str]], Slice]:
    """The units to do, those that are gone, and the slice of the tables that both replace."""
    wanted = task.units(context)
    posted = context.posted(task.name)
    todo = [
        unit
        for unit in wanted
        if (found := posted.get((unit.repo_id, unit.batch_id))) is None
        or (found.rule_version, found.input_version) != (version, unit.input_version)
    ]
    listed = {(unit.repo_id, unit.batch_id) for unit in wanted}
    unlisted = [place for place in posted if place not in listed]
    gone = [] if task.keep_unlisted else unlisted
    return todo, gone, _area(task, wanted, todo, gone, unlisted)


def _area(
    task: Task,
    wanted: Sequence[Unit],
    todo: Sequence[Unit],
    gone: Sequence[tuple[str, str]],
    unlisted: Sequence[tuple[str, str]],
) -> Slice:
    repos = {unit.repo_id for unit in todo} | {repo for repo, _ in gone}
    again = {(unit.repo_id, unit.batch_id) for unit in todo}
    keep = [
        unit.batch_id
        for unit in wanted
        if unit.repo_id in repos and (unit.repo_id, unit.batch_id) not in again
    ]
    if task.keep_unlisted:
        keep += [batch for _, batch in unlisted]
    everything = repos == {EVERYTHING}
    return Slice(
        repo_ids=None if everything else tuple(sorted(repos)),
        keep_batches=tuple(sorted(keep)) if task.by_batch else (),
        where=task.own,
    )


def _withdraw(context: Context, task: Task, also: Sequence[Unit]) -> None:
    """Let units count as not done, so that a run that is killed from here on does them again."""
    batches = quoted(unit.batch_id for unit in also)
    where = f"t.task = {quoted([task.name])} AND t.batch_id IN ({batches})"
    context.ledger.post(task.name, [], Slice(tuple(sorted({u.repo_id for u in also})), (), where))


def execute(context: Context, task: Task) -> Done:
    """Bring one task's tables up to date.

    Raises:
        LedgerError: an input key has no fate, or two.
        CheckError: staged rows break a promise of their table.
    """
    version = rule_version(task.rule, task.params)
    with context.meter(task.name):
        todo, gone, area = pending_units(context, task, version)
        if not todo and not gone:
            return Done(0, {})
        outcome = task.derive(context, todo, version)
        checksums = _audit(task, outcome)
        fates = find_fates(outcome.keys, outcome.used, outcome.rejects, outcome.merged)
        sums = account(fates).collect()
        require_closed(task.name, fates, sums)
        if outcome.also:
            _withdraw(context, task, outcome.also)
            todo = [*todo, *outcome.also]
            area = _area(task, task.units(context), todo, gone, [])
        written: dict[Table, str] = {}
        has_rows = {found["artifact"] for found in checksums}
        for table, rows in outcome.tables.items():
            if table.append_only:
                context.warehouse.retract(table, _recorded(context, table))
            new = rows.drop(HASH, NULLS) if table.full_name in has_rows else None
            written[table] = context.warehouse.publish(table, new, area)
        _publish_ops(context, task, version, todo, area, outcome, written, checksums, sums)
    totals = {name: sum(row[name] for row in sums) for name in ("used", "rejected", "merged")}
    rows_of = {
        table.full_name: sum(r["row_count"] for r in checksums if r["artifact"] == table.full_name)
        for table in outcome.tables
    }
    done = len(todo) or len(gone)
    fates_of = {k: v for k, v in totals.items() if k != "used"}
    return Done(done, {**rows_of, **fates_of, **outcome.counts})


def _recorded(context: Context, table: Table) -> list[str]:
    """Batches of a table whose checksums are kept, so that they are known to be complete."""
    rows = (
        context.warehouse.read(CHECKSUMS)
        .where((f.col("kind") == "rows") & (f.col("artifact") == table.full_name))
        .select("batch_id")
    )
    return [row["batch_id"] for row in rows.collect()]


def _audit(task: Task, outcome: Outcome) -> list[dict[str, Any]]:
    """Check the staged rows of every table; return the checksum of each batch in them."""
    for table, rows in outcome.tables.items():
        require_schema(table, rows.drop(HASH, NULLS).schema)
    if not outcome.tables:
        return []
    sums = checksums_of(outcome.tables).collect()
    suspected = {row["artifact"] for row in repeated_keys(outcome.tables).collect()}
    for table, rows in outcome.tables.items():
        name = table.full_name
        nulls = sum(row["nulls"] for row in sums if row["artifact"] == name)
        require_sound(table, rows, may_repeat=name in suspected, nulls=nulls)
    return [
        {
            "kind": "rows",
            "artifact": row["artifact"],
            "task": task.name,
            "repo_id": row["repo_id"],
            "batch_id": row["batch_id"],
            "row_count": row["row_count"],
            "checksum": row["checksum"],
            "recorded_at": datetime.now(UTC),
        }
        for row in sums
    ]


def _publish_ops(
    context: Context,
    task: Task,
    version: str,
    todo: list[Unit],
    area: Slice,
    outcome: Outcome,
    written: Mapping[Table, str],
    checksums: list[dict[str, Any]],
    sums: list[Row],
) -> None:
    warehouse = context.warehouse
    mine = Slice(area.repo_ids, area.keep_batches, f"t.task = {quoted([task.name])}")
    rejected = {}
    if outcome.rejects is not None:
        rejects = outcome.rejects.select(
            f.lit(task.name).alias("task"),
            "repo_id",
            "batch_id",
            "key",
            "reason",
            "detail",
            f.lit(version).alias("rule_version"),
        )
        has_rows = any(row["rejected"] for row in sums)
        rejected = {REJECTS: warehouse.publish(REJECTS, rejects if has_rows else None, mine)}
    whole = [x.full_name for x in outcome.tables if "batch_id" not in x.scope]
    grown = [x.full_name for x in outcome.tables if x.append_only]
    rows_only = Slice(
        area.repo_ids,
        area.keep_batches,
        f"{mine.where} AND t.kind = 'rows' AND t.artifact NOT IN ({quoted(grown)})",
        regardless=f"t.artifact IN ({quoted(whole)})",
    )
    kept = [*checksums, *file_checksums(context, task.name, {**written, **rejected})]
    warehouse.publish(CHECKSUMS, warehouse.rows(CHECKSUMS, kept), rows_only)
    entries = _entries(task, version, todo, outcome, checksums, sums)
    context.ledger.post(task.name, entries, mine)


def _entries(
    task: Task,
    version: str,
    todo: list[Unit],
    outcome: Outcome,
    checksums: list[dict[str, Any]],
    sums: list[Row],
) -> list[dict[str, Any]]:
    """The ledger's rows for the units that were done."""
    fates = {(row["repo_id"], row["batch_id"]): row for row in sums}
    written: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for checksum in checksums:
        written.setdefault((checksum["repo_id"], checksum["batch_id"]), []).append(checksum)
    entries = []
    for unit in todo:
        key = (unit.repo_id, unit.batch_id)
        row = fates.get(key)
        # A single unit over everything wrote whatever was written, under whatever batch.
        is_all = unit.repo_id == EVERYTHING and len(todo) == 1
        mine = checksums if is_all else written.get(key, [])
        entries.append(
            {
                "task": task.name,
                "repo_id": unit.repo_id,
                "batch_id": unit.batch_id,
                "rule_version": version,
                "input_version": unit.input_version,
                **{
                    name: row[name] if row else 0
                    for name in ("input_keys", "used", "rejected", "merged")
                },
                "output_rows": sum(c["row_count"] for c in mine),
                "output_version": outcome.version or output_version(mine),
                "recorded_at": datetime.now(UTC),
            }
        )
    return entries


def output_version(checksums: list[dict[str, Any]]) -> str:
    """Version of what a unit wrote, from the checksums of its rows."""
    names = ("artifact", "repo_id", "batch_id", "row_count", "checksum")
    return version_of(" ".join(str(c[name]) for name in names) for c in checksums)
