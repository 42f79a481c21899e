"""SHA-256 of every data file that a task wrote, kept with the batches that are in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.io.digests import digests_in_catalog, digests_on_disk
from etl.io.tables import batch_columns, local_path
from etl.jobs.context import Context
from etl.schemas import Table
from etl.schemas.ops import CHECKSUMS


def file_digests(context: Context, paths: list[str], *, skip_damaged: bool = False) -> DataFrame:
    """SHA-256 per data file of the tables: columns file (name), sha256.

    Args:
        context: the surroundings.
        paths: addresses of the files, as Spark gives them.
        skip_damaged: give no row for a file that the file system refuses, instead of failing.
    """
    if context.warehouse.root:
        local = [str(local_path(path)) for path in paths]
        return digests_on_disk(context.spark, local, skip_damaged=skip_damaged)
    plain = [unquote(path) for path in paths]
    return digests_in_catalog(context.spark, plain, skip_damaged=skip_damaged)


def file_checksums(
    context: Context, task: str, written: Mapping[Table, str]
) -> list[dict[str, Any]]:
    """Rows of ops.checksums for the files of some tables that have none yet.

    Args:
        context: the surroundings.
        task: who wrote them.
        written: by table a SQL condition on its rows `t` that finds its new files, as
            `Warehouse.publish` returns it.
    """
    held = [_files(context, table, where) for table, where in written.items() if where != "false"]
    if not held:
        return []
    known = context.warehouse.read(CHECKSUMS).where("kind = 'file'").select("artifact")
    found = reduce(DataFrame.unionAll, held).join(known, "artifact", "left_anti").collect()
    paths = sorted({row["path"] for row in found})
    if not paths:
        return []
    digests = {row["file"]: row["sha256"] for row in file_digests(context, paths).collect()}
    return [
        {
            "kind": "file",
            "artifact": row["artifact"],
            "task": task,
            "repo_id": row["repo_id"],
            "batch_id": row["batch_id"],
            "row_count": row["row_count"],
            "checksum": digests[row["artifact"].rpartition("/")[2]],
            "recorded_at": datetime.now(UTC),
        }
        for row in found
    ]


def _files(context: Context, table: Table, where: str) -> DataFrame:
    """The files that hold some rows of a table, and the batches of those rows."""
    return (
        context.warehouse.read(table)
        .alias("t")
        .where(where)
        .select(
            f.concat(f.lit(f"{table.full_name}/"), "_metadata.file_name").alias("artifact"),
            f.col("_metadata.file_path").alias("path"),
            *batch_columns(table),
        )
        .groupBy("artifact", "path", "repo_id", "batch_id")
        .agg(f.count(f.lit(1)).alias("row_count"))
    )
