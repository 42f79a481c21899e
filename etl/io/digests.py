"""SHA-256 of files, computed on the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

DIGESTS = t.StructType(
    [t.StructField("file", t.StringType(), False), t.StructField("sha256", t.StringType(), False)]
)


def digests_on_disk(spark: SparkSession, paths: list[str], *, skip_damaged: bool) -> DataFrame:
    """SHA-256 of files that every worker can open, however large they are.

    Args:
        spark: the session.
        paths: plain paths of the files.
        skip_damaged: give no row for a file that the file system refuses, instead of failing.

    Returns:
        Columns of DIGESTS: the name of the file without its folder, and the digest.
    """

    def digest(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            rows = []
            for path in frame["path"]:
                try:
                    with Path(path).open("rb") as file:
                        found = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError:
                    if not skip_damaged:
                        raise
                    continue
                rows.append((Path(path).name, found))
            yield pd.DataFrame(rows, columns=DIGESTS.names)

    listed = spark.createDataFrame([(path,) for path in paths], "path string")
    return listed.mapInPandas(digest, DIGESTS)


def digests_in_catalog(spark: SparkSession, paths: list[str], *, skip_damaged: bool) -> DataFrame:
    """As `digests_on_disk`, for files that only Spark can open; it holds each of them whole."""
    return (
        spark.read.format("binaryFile")
        .option("ignoreCorruptFiles", str(skip_damaged).lower())
        .load(paths)
        .select(
            f.element_at(f.split("path", "/"), -1).alias("file"),
            f.sha2("content", 256).alias("sha256"),
        )
    )
