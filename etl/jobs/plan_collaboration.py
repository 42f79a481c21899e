"""Task: find the files with collaboration data that are new, and whom they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.bronze.ingest_collaboration import file_path
from etl.bronze.repo_names import HOST, UNKNOWN, ids_of_home, input_batch, resolve_names
from etl.bronze.survey_inputs import FILES, archive_events, archive_names, survey_inputs
from etl.io.inputs import InputFile, find_inputs
from etl.io.tables import Slice, quoted
from etl.jobs.context import EVERYTHING, Context, Done, version_of
from etl.jobs.rejects import replace_rejects
from etl.jobs.removals import removed_repositories
from etl.jobs.repo_ids import repo_ids
from etl.jobs.rule_version import rule_version
from etl.schemas.ops import INPUTS

NAME = "plan_collaboration"

Row = dict[str, Any]


def run(context: Context) -> Done:
    """Write down the files of this run, and the repositories that each one names.

    A file that was seen with the same path, size and time is not read again. One that cannot be
    read is rejected, and the others go on. What it says of a repository that was removed is not
    taken.

    Raises:
        SourceError: a pattern of the configuration matches no file.
    """
    params = context.config.collaboration
    files = find_inputs(context.home.landing, params.dumps, params.archives)
    if not files:
        return Done(0, {})
    with context.meter(NAME):
        version = rule_version(("etl.bronze.survey_inputs",), params.limits)
        held = [row.asDict() for row in context.warehouse.read(INPUTS).collect()]
        known = {_place(row) for row in held if row["rule_version"] == version}
        fresh = [file for file in files if _place(file._asdict()) not in known]
        found, failed = _survey(context, fresh, version)
        current = {_place(file._asdict()) for file in files}
        # What a file held before it was written anew was said too, and stays.
        again = {(row["path"], row["sha256"]) for row in found}
        rows = [row for row in held if (row["path"], row["sha256"]) not in again] + found
        home = _home(context)
        rows = _resolved(_searched(context, rows, home, current), home)
        removed = removed_repositories(context)
        rows = [row for row in rows if row["repo_id"] not in removed]
        changed = _changed(held, rows)
        if changed:
            mine = [row for row in rows if row["path"] in changed]
            area = Slice(None, where=f"t.path IN ({quoted(changed)})")
            context.warehouse.publish(INPUTS, context.warehouse.rows(INPUTS, mine), area)
        _publish_rejects(context, {file.path for file in files}, failed, version)
    repos = {row["repo_id"] for row in rows if row["path"] in changed} - {UNKNOWN}
    counts = {"files": len(fresh) - len(failed), "repositories": len(repos)}
    return Done(len(changed), counts | {"rejected": len(failed)})


def _place(row: Row) -> tuple[str, int, int]:
    return row["path"], row["bytes"], row["modified_ns"]


def _home(context: Context) -> dict[str, str]:
    """Repositories of this home that are at GitHub: repo_id by owner/name."""
    return {
        source.removeprefix(HOST): repo_id
        for source, repo_id in repo_ids(context).items()
        if source.startswith(HOST)
    }


def _survey(
    context: Context, files: list[InputFile], version: str
) -> tuple[list[Row], dict[str, str]]:
    """Rows of ops.inputs of new files, still without a repository; errors by path."""
    if not files:
        return [], {}
    frame = context.spark.createDataFrame([(file.path, file.format) for file in files], FILES)
    # A file a task, so that one large file does not hold up the others.
    surveyed = survey_inputs(
        frame.repartition(len(files), "path"), context.config.collaboration.limits
    ).collect()
    by_path = {file.path: file for file in files}
    now = datetime.now(UTC)
    rows = [
        by_path[row["path"]]._asdict()
        | {name: row[name] for name in ("sha256", "lines", "name", "github_id")}
        | {"looked_for": None, "rule_version": version, "recorded_at": now}
        for row in surveyed
        if row["error"] is None
    ]
    return rows, {row["path"]: row["error"] for row in surveyed if row["error"] is not None}


def _said(rows: Iterable[Row]) -> list[tuple[str, int]]:
    return [(row["name"], row["github_id"]) for row in rows if row["name"]]


def _searched(
    context: Context,
    rows: list[Row],
    home: dict[str, str],
    current: set[tuple[str, int, int]],
) -> list[Row]:
    """The rows, with the archives searched for the repositories of this home.

    They are searched again when the home has a new repository, or a new id of one: under that id
    a repository may stand in an archive by another name.
    """
    archives = {
        row["path"]: row
        for row in rows
        if row["format"] == "archive" and not row["name"] and _place(row) in current
    }
    if not archives:
        return rows
    ids = ids_of_home(_said(rows), home)
    scan = _outdated(archives, home, ids)
    if not scan:
        return rows
    pairs = _pairs(context, f"{NAME}_new", scan)
    beside = pairs.where(f.col("name").isin(*home)).select("github_id").distinct().collect()
    ids |= {row["github_id"] for row in beside if row["github_id"]}
    if more := [path for path in _outdated(archives, home, ids) if path not in scan]:
        pairs = pairs.unionAll(_pairs(context, f"{NAME}_more", more))
    wanted = f.col("name").isin(*home) | f.col("github_id").isin(*ids)
    named = pairs.where(wanted).collect()
    looked_for, now = _looked_for(home, ids), datetime.now(UTC)
    told = [(path, "", 0) for path in (*scan, *more)]
    told += [(file_path(row["file"]), row["name"], row["github_id"]) for row in named]
    return [row for row in rows if row["path"] not in {*scan, *more}] + [
        archives[path]
        | {"name": name, "github_id": github_id, "looked_for": looked_for, "recorded_at": now}
        for path, name, github_id in told
    ]


def _pairs(context: Context, name: str, paths: list[str]) -> DataFrame:
    lines = context.spark.read.option("lineSep", "\n").text(paths)
    return context.stage(name, archive_names(archive_events(lines)))


def _outdated(archives: dict[str, Row], home: dict[str, str], ids: set[int]) -> list[str]:
    looked_for = _looked_for(home, ids)
    return [path for path, row in archives.items() if row["looked_for"] != looked_for]


def _looked_for(home: dict[str, str], ids: set[int]) -> str:
    return version_of([*home, *map(str, ids)])


def _resolved(rows: list[Row], home: dict[str, str]) -> list[Row]:
    """The rows with their repository, and the batch of what their file says about that one."""
    known = resolve_names(_said(rows), home) | {"": UNKNOWN}
    return [
        row
        | {
            "repo_id": known[row["name"]],
            "batch_id": input_batch(row["sha256"], known[row["name"]]),
        }
        for row in rows
    ]


def _changed(held: list[Row], rows: list[Row]) -> set[str]:
    """Paths whose rows differ from those that are held."""

    def by_path(some: list[Row]) -> dict[str, set[tuple[Any, ...]]]:
        found: dict[str, set[tuple[Any, ...]]] = {}
        for row in some:
            content = tuple(row[name] for name in INPUTS.struct.names if name != "recorded_at")
            found.setdefault(row["path"], set()).add(content)
        return found

    before, after = by_path(held), by_path(rows)
    return {path for path in after if before.get(path) != after[path]}


def _publish_rejects(
    context: Context, tried: set[str], failed: dict[str, str], version: str
) -> None:
    """Write down which files cannot be read, and forget those that can be again."""
    entries = [
        {
            "repo_id": UNKNOWN,
            "batch_id": EVERYTHING,
            "key": path,
            "reason": "input_unreadable",
            "detail": error,
            "rule_version": version,
        }
        for path, error in sorted(failed.items())
    ]
    area = Slice((UNKNOWN,), where=f"t.task = '{NAME}' AND t.key IN ({quoted(tried)})")
    replace_rejects(context, NAME, area, entries)
