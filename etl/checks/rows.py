"""The promises of a table about its rows: unique keys, required columns."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.errors import CheckError
from etl.schemas import Table


def require_sound(table: Table, rows: DataFrame) -> None:
    """Raise CheckError when staged rows break a promise of their table.

    Checked: no two rows share the key; no required column is null.
    """
    nulls = [f.sum(f.col(c).isNull().cast("int")).alias(c) for c in table.required]
    twice = rows.groupBy(*table.key).count().where("count > 1").limit(1).collect()
    if twice:
        values = ", ".join(f"{k}={twice[0][k]}" for k in table.key)
        raise CheckError(f"{table.full_name}: the key {values} occurs {twice[0]['count']} times.")
    found = rows.agg(*nulls).first()
    missing = [name for name in table.required if found and found[name]]
    if missing:
        raise CheckError(f"{table.full_name}: null in {', '.join(missing)}, which are required.")
