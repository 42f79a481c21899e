"""Load the tables with made-up short pairs: python -m tests.bench.dedup_load [--rows N].

Texts of some 40 words come from hashes of their numbers, so no file is read and every run has the
same. Of each 50 pairs the last is a near copy of the one before it (one word differs); 40% of all
are of one repository, whose texts begin with the same twelve words. All but the last hundredth come
at once, and are written, scored (by a made-up score), and linked by the job's own task, with audit,
ledger and checksums; then come the others, which a MERGE brings into the tables and whose copies
are of pairs that are there. Printed is what each step cost, and how many of the planted copies
share a cluster with their original. Not a test.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t
from rich.console import Console

from etl.jobs import link_duplicates
from etl.jobs.context import Context, Unit, of_batches
from etl.jobs.execute import Outcome, Task, execute
from etl.schemas import Table
from etl.schemas.gold import DUPLICATES, SCORED_PAIRS
from etl.schemas.silver import PAIRS
from tests.bench.dedup_runs import open_session, timed, work
from tests.contexts import open_home

_EVERY = 50
_WORDS = 40
_NOTICE = " ".join(f"notice{i}" for i in range(12))
_REPOSITORIES = 8
_BATCH = 50_000  # numbers of one batch of every repository
_EMPTY = {t.StringType: "''", t.BooleanType: "false", t.ArrayType: "array()"}


def _pair_id(number: Column) -> Column:
    return f.sha2(number.cast("string"), 256)


def _numbers(context: Context, rows: int) -> DataFrame:
    """Every number with the pair's repo_id and batch_id, and source: what it is a copy of."""
    number = f.col("number")
    block = f.floor(number / _EVERY)
    repo = f.when(block % 5 < 2, 0).otherwise(1 + block % (_REPOSITORIES - 1))
    # What comes late copies what is in the middle of the others.
    back = rows // 2 // _EVERY * _EVERY + 1
    source = number - f.when(number < _late(rows), 1).otherwise(back)
    batch = f.when(number < _late(rows), f.floor(number / _BATCH)).otherwise(f.lit(-1))
    parts = max(context.spark.sparkContext.defaultParallelism, rows // 100_000)
    return (
        context.spark.range(0, rows, 1, parts)
        .toDF("number")
        .withColumn("repo_id", f.concat(f.lit("r"), repo))
        .withColumn("batch_id", f.concat("repo_id", f.lit(" "), batch))
        .withColumn("source", f.when(number % _EVERY == _EVERY - 1, source))
    )


def _late(rows: int) -> int:
    """The first number that comes late."""
    return rows * 99 // 100


def _units(rows: int, late: bool) -> list[Unit]:
    batches = range(-1 if late else 0, 1 + (_late(rows) - 1) // _BATCH)
    return [
        Unit(f"r{repo}", f"r{repo} {batch}", "made up")
        for repo in range(_REPOSITORIES)
        for batch in batches
    ]


def _pairs() -> dict[str, Column]:
    of = f.coalesce("source", "number")
    words = f.transform(
        f.sequence(f.lit(1), f.lit(_WORDS)),
        lambda i: f.concat(f.lit("w"), f.pmod(f.xxhash64(of, i), f.lit(50_000))),
    )
    lines = [f.array_join(f.slice(words, 9 + 8 * line, 8), " ") for line in range(4)]
    notice = f.when(f.col("repo_id") == "r0", _NOTICE).otherwise(f.lit(""))
    end = f.when(f.col("source").isNull(), "original").otherwise("copy")
    code = f.concat_ws("\n+", f.concat(f.lit("+"), notice), *lines, end)
    head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -3,0 +4,6 @@\n"
    return {
        "pair_id": _pair_id(f.col("number")),
        "origin": f.lit("commit"),
        "category": f.lit("bug_fix"),
        "language": f.lit("python"),
        "licence": f.lit("MIT"),
        "instruction": f.array_join(f.slice(words, 1, 8), " "),
        "response": f.concat(f.lit(head), code, f.lit("\n")),
    }


def _scores() -> dict[str, Column]:
    return {
        "pair_id": _pair_id(f.col("number")),
        "category": f.lit("bug_fix"),
        "score": f.pmod(f.xxhash64("number"), f.lit(100)) / 100,
    }


def _filled(numbers: DataFrame, table: Table, known: Mapping[str, Column]) -> DataFrame:
    """Rows of a table: what is known, and something empty in the other columns."""
    own = {name: f.col(name) for name in ("repo_id", "batch_id")} | dict(known)
    return numbers.select(
        *(
            own.get(column.name, f.expr(_nothing(column))).cast(column.dataType).alias(column.name)
            for column in table.columns
        )
    )


def _nothing(column: t.StructField) -> str:
    if column.nullable:
        return "null"
    if isinstance(column.dataType, t.StructType):
        return f"named_struct({', '.join(f'{name!r}, null' for name in column.dataType.names)})"
    return _EMPTY.get(type(column.dataType), "0")


def made_up(name: str, table: Table, known: Mapping[str, Column], rows: int, late: bool) -> Task:
    """The task of some name, with made-up rows of its table in the place of its own."""

    def derive(context: Context, todo: list[Unit], _: str) -> Outcome:
        mine = _numbers(context, rows).where(of_batches(todo))
        staged = context.stage(name, _filled(mine, table, known))
        keys = staged.select("repo_id", "batch_id", f.col("pair_id").alias("key"))
        return Outcome(tables={table: staged}, keys=keys, used=keys)

    def units(_: Context) -> list[Unit]:
        return _units(rows, late)

    return Task(name=name, rule=(), params=None, by_batch=True, units=units, derive=derive)


def found(context: Context, rows: int) -> str:
    """How many of the planted copies that are there share a cluster with their original."""
    pair_id = _pair_id(f.col("number")).alias("pair_id")
    numbers = _numbers(context, rows).select("number", "source", pair_id)
    clusters = context.warehouse.read(DUPLICATES).join(numbers, "pair_id")
    copies = clusters.where("source IS NOT NULL").selectExpr("source AS number", "cluster_id")
    originals = clusters.select("number", "cluster_id")
    planted, right = copies.count(), copies.join(originals, ["number", "cluster_id"]).count()
    wrong = clusters.where("NOT is_kept").count() - right
    return f"{right:,} of {planted:,} planted copies found, {wrong:,} others merged"


def main() -> None:
    """Measure one size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    arguments = parser.parse_args()
    rows, console = arguments.rows, Console()
    with tempfile.TemporaryDirectory() as folder:
        session, start = open_session(Path(folder), arguments.cores, arguments.memory)
        console.print(f"Spark starts in {start:.1f} s")
        context = open_home(session, Path(folder) / "home")
        for late in (False, True):
            tasks = (
                made_up("extract_pairs", PAIRS, _pairs(), rows, late),
                made_up("score_pairs", SCORED_PAIRS, _scores(), rows, late),
                link_duplicates.task(context),
            )
            for task in tasks:
                before = work(session)
                seconds, done = timed(partial(execute, context, task))
                cost = work(session).since(before)
                context.warehouse.clear_staging(task.name)
                console.print(
                    f"{task.name}: {next(iter(done.counts.values())):,} pairs in {seconds:,.1f} s, "
                    f"{cost.jobs} jobs, {cost.shuffled / 1e6:,.0f} MB shuffled, "
                    f"{cost.spilled / 1e6:,.0f} MB spilled",
                    soft_wrap=True,
                )
            console.print(found(context, rows))
        session.stop()


if __name__ == "__main__":
    main()
