"""How extraction grows with a history: python -m tests.bench.extract_speed GIT_DIR.

A tenth of the history and all of it go through plan_history, ingest_git, profile_repos and
extract_pairs in one session, which has done the same for a tiny repository before. Prints what
extract_pairs took, and all four, by commit and by pair. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table

from etl.config import conf_folder, read_config
from etl.io.spark import build_session
from tests.bench.git_ingest import count, shortened
from tests.e2e.homes import Place
from tests.repositories import sample_project

TASKS = ("plan_history", "ingest_git", "profile_repos", "extract_pairs")


def extract(spark: SparkSession, home: Path, repository: str) -> tuple[dict[str, float], int]:
    """Seconds by task, and the pairs that came of a repository."""
    place = Place(spark, home, named=(Path(repository),))
    seconds = {}
    for task in TASKS:
        started = time.perf_counter()
        done = place.run_tasks(task)
        seconds[task] = time.perf_counter() - started
    return seconds, done["extract_pairs"].counts["silver.pairs"]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="git directory or work tree")
    parser.add_argument("--shares", type=float, nargs="*", default=[0.1, 1.0])
    parser.add_argument("--cores", type=int, default=2)
    chosen = parser.parse_args()
    table = Table(title=f"{chosen.path}, {chosen.cores} cores")
    for heading in (
        "commits",
        "pairs",
        "extract s",
        "ms/commit",
        "ms/pair",
        "all four s",
        "ms/pair",
    ):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory(prefix="extract-speed-") as temporary:
        folder = Path(temporary)
        session = read_config(conf_folder()).session
        spark = build_session(
            folder / "scratch",
            cores=chosen.cores,
            memory=session.memory,
            shuffle_partitions=session.shuffle_partitions,
        )
        extract(spark, folder / "warm", str(sample_project(folder / "tiny").path))
        for share in chosen.shares:
            repository = shortened(chosen.path, share, folder)
            seconds, pairs = extract(spark, folder / f"home-{share}", repository)
            commits, alone, whole = (
                count(repository),
                seconds["extract_pairs"],
                sum(seconds.values()),
            )
            table.add_row(
                *(f"{commits:,}", f"{pairs:,}", f"{alone:.1f}", f"{1000 * alone / commits:.2f}"),
                *(f"{1000 * alone / pairs:.1f}", f"{whole:.1f}", f"{1000 * whole / pairs:.1f}"),
            )
        spark.stop()
    Console().print(table)


if __name__ == "__main__":
    main()
