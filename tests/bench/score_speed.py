"""Measure how fast pairs are scored on one core: python -m tests.bench.score_speed REPOSITORY...

Takes git directories, makes pairs of a fair sample of their commits, and scores them as the task
does, without Spark. Prints pairs and megabytes a second of processor time, the median of five, for
the pairs and for four times as many: the same figure means linear. Not a test.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice

import numpy as np

from etl.config import conf_folder, read_config
from etl.jobs.commit_pairs import ChangeReader, by_chance
from tests.bench.score_truth import scores
from udfs.pairs import Pair

ROUNDS = 5


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", help="git directories")
    parser.add_argument("--most", type=int, default=250, help="pairs of each that are read")
    chosen = parser.parse_args()
    config = read_config(conf_folder())
    pairs: list[Pair] = []
    for location in chosen.repositories:
        reader = ChangeReader(location, config)
        made = (reader.pair(commit) for commit in by_chance(reader.log()))
        pairs += islice((pair for pair in made if pair is not None), chosen.most)
    sizes = [len(p.instruction + p.response + p.context + p.tests) for p in pairs]
    scores(pairs[:50], config)  # opens the model and the tables of characters
    for times in (1, 4):
        spent = []
        for _ in range(ROUNDS):
            started = time.process_time()
            scores(pairs * times, config)
            spent.append(time.process_time() - started)
        rate = len(pairs) * times / float(np.median(spent))
        print(
            f"{len(pairs) * times:,} pairs of {np.mean(sizes):,.0f} characters: "
            f"{rate:,.0f} pairs/s, {rate * float(np.mean(sizes)) / 1e6:.1f} MB/s"
        )


if __name__ == "__main__":
    main()
