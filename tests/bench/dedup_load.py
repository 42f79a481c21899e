"""Load deduplication with made-up short pairs: python -m tests.bench.dedup_load [--rows N].

Texts of 40 words come from hashes of their numbers, so no file is read and every run has the same.
Of each 50 rows the last is a near copy of the one before it (one word differs); 40% of all rows are
of one repository, whose texts begin with the same twelve words. Printed are the wall, Spark's jobs,
the bytes shuffled and spilled, and how many of the planted copies share a cluster with their
original. Not a test.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from rich.console import Console

from etl.gold.link_duplicates import PlainTextParams, as_pairs
from tests.bench.dedup_runs import link, open_session, timed, work

_EVERY = 50
_WORDS = 40
_NOTICE = " ".join(f"notice{i}" for i in range(12))


def made_up(session: SparkSession, rows: int, parts: int) -> DataFrame:
    """The rows: id, content."""
    number = f.col("number")
    is_copy = number % _EVERY == _EVERY - 1
    source = f.when(is_copy, number - 1).otherwise(number)
    words = f.transform(
        f.sequence(f.lit(1), f.lit(_WORDS)),
        lambda i: f.concat(f.lit("w"), f.pmod(f.xxhash64(source, i), f.lit(50_000))),
    )
    end = f.when(is_copy, f.lit("copy")).otherwise(f.lit("original"))
    notice = f.when(f.floor(number / _EVERY) % 5 < 2, f.lit(_NOTICE)).otherwise(f.lit(""))
    return (
        session.range(0, rows, 1, parts)
        .toDF("number")
        .select(
            f.sha2(number.cast("string"), 256).alias("id"),
            f.concat_ws(" ", notice, f.concat_ws(" ", words), end).alias("content"),
            "number",
        )
    )


def main() -> None:
    """Measure one size."""
    params = PlainTextParams()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--most-in-one-task", type=int, default=params.most_in_one_task)
    arguments = parser.parse_args()
    console = Console()
    params = params.model_copy(update={"most_in_one_task": arguments.most_in_one_task})
    with tempfile.TemporaryDirectory() as folder:
        session, start = open_session(Path(folder), arguments.cores, arguments.memory)
        console.print(f"Spark starts in {start:.1f} s")
        place = f"{folder}/texts"
        parts = max(arguments.cores, arguments.rows // 100_000)
        seconds, _ = timed(lambda: made_up(session, arguments.rows, parts).write.parquet(place))
        console.print(f"{arguments.rows:,} texts made in {seconds:.1f} s")
        texts = session.read.parquet(place)
        before = work(session)
        seconds, rows = timed(
            lambda: link(
                session,
                as_pairs(texts, f.col("id"), f.col("content")),
                Path(folder),
                params,
                "load",
            )
        )
        done = work(session).since(before)
        named = rows.join(texts.select(f.col("id").alias("pair_id"), "number"), "pair_id")
        of_two = named.select(
            "cluster_id",
            f.floor(f.col("number") / _EVERY).alias("block"),
            (f.col("number") % _EVERY).alias("rest"),
        )
        copies = of_two.where(f.col("rest") == _EVERY - 1)
        originals = of_two.where(f.col("rest") == _EVERY - 2)
        found = copies.join(originals, ["block", "cluster_id"], "left_semi").count()
        planted = arguments.rows // _EVERY
        wrong = rows.where("NOT is_kept").count() - found
        console.print(
            f"{seconds:.1f} s, {arguments.rows / seconds:,.0f} rows/s; {done.jobs} jobs, "
            f"{done.shuffled / 1e6:,.0f} MB shuffled ({done.shuffled / arguments.rows:,.0f} bytes "
            f"a row), {done.spilled / 1e6:,.0f} MB spilled; {found:,} of {planted:,} planted "
            f"copies found, {wrong:,} others merged"
        )
        session.stop()


if __name__ == "__main__":
    main()
