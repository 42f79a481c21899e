"""A context over a home of its own, in the one Spark session."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.io.home import Home
from etl.io.tables import Warehouse
from etl.jobs.context import Context
from etl.jobs.ledger import Ledger
from etl.schemas import TABLES


def _silent(name: str) -> AbstractContextManager[None]:
    return nullcontext()


def open_home(spark: SparkSession, root: Path) -> Context:
    """A context over a home, with the shipped configuration and no sources.

    The names of tables belong to the session, so they are pointed at this home first; the tables of
    another home stay where they are.
    """
    for table in TABLES.values():
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS spark_catalog.{table.schema}")
        spark.sql(f"DROP TABLE IF EXISTS spark_catalog.{table.full_name}")
    home = Home(root)
    home.prepare()
    warehouse = Warehouse(spark, str(home.warehouse), str(home.staging))
    return Context(
        spark=spark,
        warehouse=warehouse,
        ledger=Ledger(warehouse),
        home=home,
        conf=conf_folder(),
        config=read_config(conf_folder()),
        as_of=date(2026, 1, 1),
        sources=(),
        mix="default",
        meter=_silent,
    )
