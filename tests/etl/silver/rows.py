"""Rows of any table for transforms, of which a test gives only the columns that it is about."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.schemas import Table

_EMPTY: dict[str, Any] = {
    "boolean": False,
    "int": 0,
    "bigint": 0,
    "double": 1.0,
    "string": "",
    "array<string>": [],
}


def rows(spark: SparkSession, table: Table, *given: dict[str, Any]) -> DataFrame:
    """Rows of a table of the repository `tally`; what is required and not given is empty."""
    blank = {
        c.name: None if c.nullable else _EMPTY.get(c.dataType.simpleString()) for c in table.columns
    }
    values = [{**blank, "repo_id": "tally", **row} for row in given]
    names = table.struct.names
    return spark.createDataFrame([tuple(row[name] for name in names) for row in values],
                                 table.struct)  # fmt: skip
