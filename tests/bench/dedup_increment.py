"""What a small batch costs against a large index: python -m tests.bench.dedup_increment.

The index is made up: random hashes and bands, as those of texts that are not alike. The batch is
new pairs, half of them with a band of a pair of the index. Said are the seconds, the rows read, the
bytes shuffled, and how many pairs came out to be clustered again: in one task, then as for an index
that is too large for that. Not a test.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from rich.console import Console

from etl.gold.link_duplicates import PlainTextParams, group_sketches
from tests.bench.dedup_runs import open_session, timed, work
from udfs.dedup.group_udf import KEPT, NEW


def made_up(session: SparkSession, first: int, rows: int, state: str, bands: int) -> DataFrame:
    """Sketches of pairs by their numbers; each other new pair shares a band with an old one."""
    number = f.col("number")
    old = f.when((f.lit(state) == NEW) & (number % 2 == 0), number - first).otherwise(number)
    keys = f.transform(
        f.sequence(f.lit(1), f.lit(bands)),
        lambda i: f.xxhash64(f.when(i == 7, old).otherwise(number), i),
    )
    name = f.sha2(number.cast("string"), 256)
    return session.range(first, first + rows).toDF("number").select(
        name.alias("pair_id"),
        f.md5(name).alias("exact_hash"),
        f.lit(None).cast("string").alias("structure"),
        f.lit(300).alias("size"),
        keys.alias("bands"),
        f.lit(state).alias("state"),
    )  # fmt: skip


def main() -> None:
    """Measure some sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    console, params, number = Console(), PlainTextParams(), itertools.count()
    bands = params.sketch_spec().bands
    with tempfile.TemporaryDirectory() as folder:
        session, _ = open_session(Path(folder), arguments.cores, "2g")

        def materialise(frame: DataFrame, stage: str) -> DataFrame:
            path = f"{folder}/{next(number)}_{stage}"
            frame.write.parquet(path)
            return session.read.schema(frame.schema).parquet(path)

        batch = arguments.batch
        for rows in arguments.rows:
            index = materialise(made_up(session, 0, rows, KEPT, bands), "index")
            new = materialise(made_up(session, rows, batch, NEW, bands), "new")
            met = index.unionByName(new)
            clusters = index.select("pair_id", f.col("pair_id").alias("cluster_id"))
            for most in (params.most_in_one_task, 10 * batch):
                chosen = params.model_copy(update={"most_in_one_task": most})
                before = work(session)
                run = partial(group_sketches, met, new, rows + batch, chosen, materialise, clusters)
                seconds, groups = timed(run)
                done = work(session).since(before)
                console.print(
                    f"{rows:,} pairs, {batch} new, at most {most:,} in one task: {seconds:.1f} s, "
                    f"{done.read:,} rows read, {done.shuffled / 1e6:.2f} MB shuffled, "
                    f"{groups.count()} pairs to cluster"
                )
        session.stop()


if __name__ == "__main__":
    main()
