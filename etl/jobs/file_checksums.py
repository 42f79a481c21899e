"""SHA-256 of every data file that a task wrote, kept with the batches that are in it."""

from __future__ import annotations

from datetime import UTC, datetime

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


def file_checksums(context: Context, task: str, tables: list[Table]) -> DataFrame | None:
    """Rows of ops.checksums for the files of some tables that have none yet; None for no file."""
    known = {
        row[0]
        for row in context.warehouse.read(CHECKSUMS)
        .where("kind = 'file'")
        .select("artifact")
        .distinct()
        .collect()
    }
    entries: DataFrame | None = None
    paths: list[str] = []
    for table in tables:
        fresh = [
            path
            for path in context.warehouse.data_files(table)
            if f"{table.full_name}/{path.rpartition('/')[2]}" not in known
        ]
        if not fresh:
            continue
        paths += fresh
        repo, batch = batch_columns(table)
        names = [path.rpartition("/")[2] for path in fresh]
        held = (
            context.warehouse.read(table)
            .select(f.col("_metadata.file_name").alias("file"), repo, batch)
            .where(f.col("file").isin(names))
            .groupBy("file", "repo_id", "batch_id")
            .agg(f.count(f.lit(1)).alias("row_count"))
            .withColumn("artifact", f.concat(f.lit(f"{table.full_name}/"), "file"))
        )
        entries = held if entries is None else entries.unionByName(held)
    if entries is None:
        return None
    return entries.join(file_digests(context, paths), "file").select(
        f.lit("file").alias("kind"),
        "artifact",
        f.lit(task).alias("task"),
        "repo_id",
        "batch_id",
        "row_count",
        f.col("sha256").alias("checksum"),
        f.lit(datetime.now(UTC)).cast("timestamp").alias("recorded_at"),
    )
