"""Staged rows that break a promise of their table are named and never published."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as t

from etl.checks.rows import require_sound
from etl.errors import CheckError
from etl.io.tables import checksums_of
from etl.schemas.bronze import FILES

LOOSE = t.StructType([t.StructField(c.name, c.dataType, True) for c in FILES.columns])
GOOD = [
    ("r", "a.py", None, "1" * 40, 33188, 10, "b1"),
    ("r", "b.py", None, "2" * 40, 33188, None, "b1"),
    ("s", "a.py", None, "1" * 40, 33188, 10, "b2"),
]
Row = tuple[str | int | None, ...]


def check(spark: SparkSession, rows: list[Row]) -> None:
    frame = spark.createDataFrame(rows, LOOSE)
    require_sound(FILES, frame, checksums_of({FILES: frame}).collect())


def test_sound_rows_pass(spark: SparkSession) -> None:
    check(spark, [*GOOD])
    check(spark, [])


def test_a_key_that_comes_twice_is_named(spark: SparkSession) -> None:
    again = ("r", "b.py", None, "3" * 40, 33188, 5, "b1")
    with pytest.raises(CheckError, match=r"bronze\.files: the key repo_id=r, path=b\.py occurs 2"):
        check(spark, [*GOOD, again])


def test_a_key_that_comes_in_two_batches_is_named(spark: SparkSession) -> None:
    again = ("r", "a.py", None, "1" * 40, 33188, 10, "b2")
    with pytest.raises(CheckError, match=r"path=a\.py occurs 2 times"):
        check(spark, [*GOOD, again])


def test_every_required_column_with_a_null_is_named(spark: SparkSession) -> None:
    with pytest.raises(CheckError, match=r"bronze\.files: null in blob_oid, mode, which"):
        check(spark, [*GOOD, ("r", "c.py", None, None, None, None, "b1")])


def test_a_null_in_an_optional_column_is_fine(spark: SparkSession) -> None:
    check(spark, [("r", "c.py", None, "1" * 40, 33188, None, "b1")])
