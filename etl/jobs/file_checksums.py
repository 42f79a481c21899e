"""SHA-256 of every data file that a task wrote, kept with the batches that are in it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.io.tables import batch_columns
from etl.jobs.context import Context
from etl.schemas import Table
from etl.schemas.ops import CHECKSUMS


def file_digests(context: Context, paths: list[str], *, skip_damaged: bool = False) -> DataFrame:
    """SHA-256 per file, computed on the workers: columns file (name), sha256.

    Args:
        context: the surroundings.
        paths: addresses of the files.
        skip_damaged: give no row for a file that the file system refuses, instead of failing.
    """
    return (
        context.spark.read.format("binaryFile")
        .option("ignoreCorruptFiles", str(skip_damaged).lower())
        .load(paths)
        .select(
            f.element_at(f.split("path", "/"), -1).alias("file"),
            f.sha2("content", 256).alias("sha256"),
        )
    )


def file_checksums(context: Context, task: str, tables: list[Table]) -> list[dict[str, Any]]:
    """Rows of ops.checksums for the files of some tables that have none yet."""
    known = {
        row["artifact"]
        for row in context.warehouse.read(CHECKSUMS)
        .where("kind = 'file'")
        .select("artifact")
        .distinct()
        .collect()
    }
    held: list[DataFrame] = []
    paths: list[str] = []
    for table in tables:
        fresh = {
            name: path
            for path in context.warehouse.data_files(table)
            if f"{table.full_name}/{(name := path.rpartition('/')[2])}" not in known
        }
        if not fresh:
            continue
        paths += fresh.values()
        held.append(
            context.warehouse.read(table)
            .select(f.col("_metadata.file_name").alias("file"), *batch_columns(table))
            .where(f.col("file").isin(list(fresh)))
            .groupBy("file", "repo_id", "batch_id")
            .agg(f.count(f.lit(1)).alias("row_count"))
            .withColumn("artifact", f.concat(f.lit(f"{table.full_name}/"), "file"))
        )
    if not held:
        return []
    found = reduce(DataFrame.unionByName, held).join(file_digests(context, paths), "file")
    return [
        {
            "kind": "file",
            "artifact": row["artifact"],
            "task": task,
            "repo_id": row["repo_id"],
            "batch_id": row["batch_id"],
            "row_count": row["row_count"],
            "checksum": row["sha256"],
            "recorded_at": datetime.now(UTC),
        }
        for row in found.collect()
    ]
