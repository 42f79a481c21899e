"""The promises of a table about its rows: unique keys, required columns."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.errors import CheckError
from etl.schemas import Table


def require_sound(table: Table, rows: DataFrame, sums: Sequence[Row]) -> None:
    """Raise CheckError when staged rows break a promise of their table.

    Args:
        table: whose promises.
        rows: the staged rows; read only to name an example.
        sums: per batch: row_count, keys (distinct ones), nulls (in required columns).
    """
    if any(row["row_count"] != row["keys"] for row in sums):
        twice = rows.groupBy(*table.key).count().where("count > 1").limit(1).collect()
        for row in twice:
            values = ", ".join(f"{k}={row[k]}" for k in table.key)
            raise CheckError(f"{table.full_name}: the key {values} occurs {row['count']} times.")
    if any(row["nulls"] for row in sums):
        counts = [f.sum(f.col(c).isNull().cast("int")).alias(c) for c in table.required]
        found = rows.agg(*counts).collect()[0]
        missing = [name for name in table.required if found[name]]
        raise CheckError(f"{table.full_name}: null in {', '.join(missing)}, which are required.")
