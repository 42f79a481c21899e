"""Find benchmark problems where none are: python -m tests.bench.decontamination_false_hits ...

Takes files of problems (`--benchmark`, again for more) and git directories, makes pairs of a fair
sample of each repository's commits as the pipeline does, and searches them with the shipped
configuration. Prints every hit with its place, to be read by a person, and how many pairs were
searched in how much time of processor. Not a test.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice
from pathlib import Path

from etl.config import conf_folder, read_config
from etl.jobs.commit_pairs import ChangeReader, by_chance
from etl.jobs.decontaminate_dataset import named_benchmarks, read_problems
from udfs.decontamination.index import build_index
from udfs.decontamination.search import find_problems


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", help="git directories")
    parser.add_argument("--benchmark", action="append", type=Path, required=True)
    parser.add_argument("--most", type=int, default=2_000, help="pairs of each repository")
    chosen = parser.parse_args()
    config = read_config(conf_folder())
    problems = read_problems(named_benchmarks(chosen.benchmark))
    index = build_index(problems, config.decontamination.to_spec())
    searched, hit_pairs, spent = 0, 0, 0.0
    for location in chosen.repositories:
        reader = ChangeReader(location, config)
        made = ((commit.oid, reader.pair(commit)) for commit in by_chance(reader.log()))
        found = ((oid, pair) for oid, pair in made if pair is not None)
        number = 0
        for oid, pair in islice(found, chosen.most):
            fields = {
                "instruction": pair.instruction,
                "context": pair.context,
                "response": pair.response,
            }
            started = time.process_time()
            hits = find_problems(fields, pair.language, index)
            spent += time.process_time() - started
            number += 1
            hit_pairs += bool(hits)
            for hit in hits:
                text = fields[hit.field][hit.start : hit.end][:200]
                what = f"{hit.benchmark} {hit.problem_id} {hit.level}"
                print(f"{reader.name} {oid[:12]} {what}: {text!r}")
        searched += number
        print(f"{reader.name}: {number:,} pairs", flush=True)
    print(
        f"{searched:,} pairs against {len(problems):,} problems: {hit_pairs} with a hit, "
        f"{spent / max(1, searched) * 1000:.1f} ms a pair"
    )


if __name__ == "__main__":
    main()
