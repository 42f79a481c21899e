"""The promises of a table about its rows: unique keys, required columns."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.errors import CheckError
from etl.schemas import Table


def require_sound(table: Table, rows: DataFrame, *, may_repeat: bool, nulls: int) -> None:
    """Raise CheckError when staged rows break a promise of their table.

    Args:
        table: whose promises.
        rows: the staged rows; read only where something is suspected.
        may_repeat: a key may occur twice.
        nulls: how many nulls there are in required columns.
    """
    if may_repeat:
        twice = rows.groupBy(*table.key).count().where("count > 1").limit(1).collect()
        for row in twice:
            values = ", ".join(f"{k}={row[k]}" for k in table.key)
            raise CheckError(f"{table.full_name}: the key {values} occurs {row['count']} times.")
    if nulls:
        counts = [f.sum(f.col(c).isNull().cast("int")).alias(c) for c in table.required]
        found = rows.agg(*counts).collect()[0]
        missing = [name for name in table.required if found[name]]
        raise CheckError(f"{table.full_name}: null in {', '.join(missing)}, which are required.")
