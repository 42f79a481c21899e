"""Measure what a publish of 1,000 rows costs into a small and a large table of one kind.

Builds bronze.commits (1,000 commits a repository) and gold.mix_pairs (5,000 pairs a version) in
both sizes, then takes the median of several publishes: of a repository that is there (a tenth of
its rows changed, one in a hundred gone, as many new), of a new one, and of a new version of a mix.
Prints a table of seconds. Not a test: the figures are for people, and depend on the machine.

    python -m tests.bench.merge_cost --rows 100000 10000000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from etl.io.spark import build_session
from etl.io.tables import Slice, Warehouse
from etl.schemas import Table
from etl.schemas.bronze import COMMITS
from etl.schemas.gold import MIX_PAIRS

A_REPOSITORY = 1_000
A_VERSION = 5_000
BATCH = 1_000


def _digest(prefix: str, number: Column) -> Column:
    return f.sha2(f.concat(f.lit(prefix), number.cast("string")), 256)


def _shaped(table: Table, numbers: DataFrame, **given: Column) -> DataFrame:
    """Rows of a table with some columns given; the others are null, or nothing where required."""
    columns = [
        given.get(c.name, f.lit(None).cast(c.dataType)).cast(c.dataType).alias(c.name)
        for c in table.columns
    ]
    return numbers.select(*columns)


def commits(numbers: DataFrame, *, changed: Column | None = None) -> DataFrame:
    """bronze.commits by number; a thousand that follow each other are one repository."""
    number = f.col("id")
    repository = f.floor(number / A_REPOSITORY)
    edited = f.lit(False) if changed is None else changed
    return _shaped(
        COMMITS,
        numbers,
        repo_id=_digest("repository", repository),
        batch_id=_digest("batch", repository),
        commit_oid=f.sha1(number.cast("string")),
        tree_oid=f.sha1(f.concat(f.lit("tree"), number.cast("string"))),
        parents=f.array(f.sha1((number - 1).cast("string"))),
        author_email=f.concat(f.lit("a"), number % 50, f.lit("@example.org")),
        author_time=number,
        message=f.concat(f.lit("Fix the case of "), number, f.when(edited, "!").otherwise("")),
        files_changed=(number % 9).cast("int"),
    )


def mix_pairs(numbers: DataFrame) -> DataFrame:
    """gold.mix_pairs by number; five thousand that follow each other are one version."""
    number = f.col("id")
    return _shaped(
        MIX_PAIRS,
        numbers,
        mix_version=_digest("version", f.floor(number / A_VERSION)),
        pair_id=_digest("pair", number % 1_000_000),
        repo_id=_digest("repository", number % 1_000),
        category=f.lit("bug_fix"),
        position=number % A_VERSION,
        weight=f.lit(1.0),
    )


def _repository(spark: SparkSession, number: int) -> str:
    row = spark.range(1).select(_digest("repository", f.lit(number))).first()
    assert row is not None
    return str(row[0])


def _timed(action: Callable[[int], None], times: int) -> float:
    """Median seconds of an action that is told how often it was done before."""
    seconds = []
    for turn in range(times):
        started = time.monotonic()
        action(turn)
        seconds.append(time.monotonic() - started)
    return median(seconds)


def measure(spark: SparkSession, folder: Path, rows: int, times: int) -> dict[str, float]:
    """Seconds by what was done, in a warehouse of its own.

    Args:
        spark: the session.
        folder: of the warehouse.
        rows: rows of each of the two tables; at least 100,000.
        times: publishes of each kind.
    """
    for table in (COMMITS, MIX_PAIRS):
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS spark_catalog.{table.schema}")
        spark.sql(f"DROP TABLE IF EXISTS spark_catalog.{table.full_name}")
    warehouse = Warehouse(spark, str(folder / "tables"), str(folder / "staging"))
    found: dict[str, float] = {}
    started = time.monotonic()
    warehouse.publish(COMMITS, commits(spark.range(rows)), Slice())
    warehouse.publish(MIX_PAIRS, mix_pairs(spark.range(rows)), Slice())
    found["build both"] = time.monotonic() - started
    repositories = rows // A_REPOSITORY

    def again(turn: int) -> None:
        number = (turn + 1) * repositories // (times + 2)
        first = number * A_REPOSITORY
        kept = spark.range(first + BATCH // 100, first + BATCH)
        batch = commits(kept, changed=f.col("id") % 10 == 0).unionByName(
            # New commits of the same repository and batch.
            commits(spark.range(first, first + BATCH // 100)).withColumn(
                "commit_oid", f.sha1(f.concat(f.lit("new"), "commit_oid"))
            )
        )
        warehouse.publish(COMMITS, batch, Slice((_repository(spark, number),), ("other",)))

    def anew(turn: int) -> None:
        number = repositories + turn
        batch = commits(spark.range(number * A_REPOSITORY, number * A_REPOSITORY + BATCH))
        warehouse.publish(COMMITS, batch, Slice((_repository(spark, number),)))

    def version(turn: int) -> None:
        first = rows + turn * A_VERSION
        warehouse.publish(MIX_PAIRS, mix_pairs(spark.range(first, first + BATCH)), Slice())

    found["known repository"] = _timed(again, times)
    found["new repository"] = _timed(anew, times)
    found["append"] = _timed(version, times)
    return found


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 10_000_000])
    parser.add_argument("--times", type=int, default=5, help="publishes of each kind")
    parser.add_argument("--folder", type=Path, help="where to build; default: a temporary one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="merge-cost-", dir=chosen.folder) as temporary:
        place = Path(temporary)
        spark = build_session(place / "spark", cores=2, memory="4g", shuffle_partitions=8)
        # What is loaded and compiled once is no part of a figure.
        measure(spark, place / "warm", 2 * A_VERSION * (chosen.times + 2), 1)
        kinds = ("build both", "known repository", "new repository", "append")
        print(datetime.now(UTC).isoformat(timespec="seconds"), "seconds, median of", chosen.times)
        print(f"{'rows':>12}", *(f"{kind:>18}" for kind in kinds))
        for rows in chosen.rows:
            found = measure(spark, place / str(rows), rows, chosen.times)
            print(f"{rows:>12,}", *(f"{found[kind]:>18.2f}" for kind in kinds), flush=True)
        spark.stop()


if __name__ == "__main__":
    main()
