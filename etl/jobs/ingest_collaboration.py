"""Task: read the planned files into the bronze tables of issues, pulls, reviews and comments."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.bronze.ingest_collaboration import (
    DUMPS,
    READ,
    TABLE_OF,
    choose_versions,
    read_archives,
    read_dumps,
    rows_of,
)
from etl.bronze.repo_names import repo_id_of
from etl.bronze.survey_inputs import archive_events
from etl.io.inputs import find_inputs
from etl.jobs.context import Context, Done, Unit, version_of
from etl.jobs.execute import Outcome, Task, execute
from etl.jobs.removals import removed_people
from etl.schemas.ops import INPUTS

NAME = "ingest_collaboration"


def _files(context: Context) -> set[tuple[str, int, int]]:
    """The files of this run: path, size, time."""
    params = context.config.collaboration
    found = find_inputs(context.home.landing, params.dumps, params.archives)
    return {(file.path, file.bytes, file.modified_ns) for file in found}


def _planned(context: Context) -> list[dict[str, Any]]:
    """Rows of ops.inputs, and whether their file is there as it was when it was planned."""
    there = _files(context)
    rows = [row.asDict() for row in context.warehouse.read(INPUTS).orderBy("path").collect()]
    return [
        row | {"is_there": (row["path"], row["bytes"], row["modified_ns"]) in there} for row in rows
    ]


def units(context: Context) -> list[Unit]:
    """What each file that is there says about each repository.

    What was read of a file that is gone stays as it is. A unit that no file has any more, since
    its names turned out to mean another repository, is done once more and comes out empty.
    """
    planned = _planned(context)
    names: dict[tuple[str, str], set[str]] = {}
    for row in planned:
        if row["is_there"]:
            names.setdefault((row["repo_id"], row["batch_id"]), set()).add(row["name"])
    listed = {(row["repo_id"], row["batch_id"]) for row in planned}
    moved = [unit for unit in context.posted(NAME) if unit not in listed]
    return [Unit(*unit, version_of(held)) for unit, held in names.items()] + [
        Unit(*unit, "moved") for unit in moved
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Every object of the units in work, once a version."""
    unit = ("repo_id", "batch_id")
    wanted = {(u.repo_id, u.batch_id) for u in todo}
    mine = context.spark.createDataFrame(sorted(wanted), "repo_id string, batch_id string")
    read = context.stage(NAME, _read(context, wanted).join(f.broadcast(mine), list(unit), "semi"))
    chosen = choose_versions(read, _present(context, wanted))
    rows = context.stage(f"{NAME}_rows", chosen.rows)
    kinds = {row["kind"] for row in rows.select("kind").distinct().collect()}
    # A table that never had a row is not made: most homes have but a few kinds.
    tables = {
        table: rows_of(rows, kind)
        for kind, table in TABLE_OF.items()
        if kind in kinds or context.warehouse.exists(table)
    }
    return Outcome(
        tables=tables,
        keys=chosen.keys,
        used=chosen.used,
        rejects=chosen.rejects,
        merged=chosen.merged,
    )


def _read(context: Context, wanted: set[tuple[str, str]]) -> DataFrame:
    """All objects of the files that hold what is wanted."""
    spark, limits = context.spark, context.config.collaboration.limits
    rows = [row for row in _planned(context) if row["is_there"]]
    digests = {row["sha256"]: row for row in rows if (row["repo_id"], row["batch_id"]) in wanted}
    known = {
        row["name"]: row["repo_id"]
        for row in rows
        if row["name"] and row["repo_id"] != repo_id_of(row["name"])
    }
    people = frozenset(removed_people(context))
    parts = [spark.createDataFrame([], READ)]
    dumps = [(r["path"], r["sha256"]) for r in digests.values() if r["format"] != "archive"]
    if dumps:
        frame = spark.createDataFrame(dumps, DUMPS).repartition(len(dumps), "path")
        parts.append(read_dumps(frame, known, limits, people))
    archives = {r["path"]: r["sha256"] for r in digests.values() if r["format"] == "archive"}
    if archives:
        named = {r["name"]: r["repo_id"] for r in rows if r["path"] in archives and r["name"]}
        lines = spark.read.option("lineSep", "\n").text(sorted(archives))
        parts.append(read_archives(archive_events(lines), archives, named, limits, people))
    return reduce(DataFrame.unionAll, parts)


def _present(context: Context, wanted: set[tuple[str, str]]) -> DataFrame | None:
    """Versions of the same repositories that other, finished batches hold."""
    repos = {repo for repo, _ in wanted}
    done = [
        batch
        for repo, batch in context.posted(NAME)
        if repo in repos and (repo, batch) not in wanted
    ]
    held = [table for table in TABLE_OF.values() if context.warehouse.exists(table)]
    if not done or not held:
        return None
    here = f.col("repo_id").isin(sorted(repos)) & f.col("batch_id").isin(sorted(done))
    versions = [
        context.warehouse.read(table).where(here).select("repo_id", "version") for table in held
    ]
    return reduce(DataFrame.unionAll, versions)


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.bronze.ingest_collaboration",),
        params=context.config.collaboration.limits,
        by_batch=True,
        units=units,
        derive=derive,
        keep_unlisted=True,
    )


def run(context: Context) -> Done:
    """Bring the tables up to date; nothing at all is asked of Spark where there are no files."""
    return execute(context, task(context)) if _files(context) else Done(0, {})
