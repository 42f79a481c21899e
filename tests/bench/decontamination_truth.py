"""How much of what is planted is found: python -m tests.bench.decontamination_truth FILE [...].

Each FILE holds problems (HumanEval, MBPP, HumanEvalPack or LiveCodeBench, by its fields). Every
problem is planted in every disguise, and searched for with the shipped configuration. Prints a line
a disguise: of how many problems each level, and any of them, finds it, and how many claims were
broken; then the time. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from etl.config import conf_folder, read_config
from etl.jobs.decontaminate_dataset import named_benchmarks, read_problems
from udfs.decontamination.canaries import KINDS, make_canaries
from udfs.decontamination.index import build_index
from udfs.decontamination.model import LEVELS
from udfs.decontamination.search import find_problems


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=1 << 30, help="problems of each benchmark")
    chosen = parser.parse_args()
    problems = read_problems(named_benchmarks(chosen.files))
    began = time.process_time()
    index = build_index(problems, read_config(conf_folder()).decontamination.to_spec())
    built = time.process_time()
    canaries = make_canaries(problems, index, chosen.most)
    planted: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    claimed: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    characters, searching = 0, time.process_time()
    for canary in canaries:
        fields = {
            "instruction": canary.instruction,
            "context": canary.context,
            "response": canary.response,
        }
        place = (canary.benchmark, canary.problem_id)
        hits = find_problems(fields, canary.language or None, index)
        levels = {hit.level for hit in hits if (hit.benchmark, hit.problem_id) == place}
        planted[canary.kind] += 1
        found.update((canary.kind, level) for level in levels | ({"any"} if levels else set()))
        claimed[canary.kind] += len(canary.claims)
        broken[canary.kind] += len(set(canary.claims) - levels)
        characters += sum(map(len, fields.values()))
    spent = time.process_time() - searching
    print("disguise     planted " + "".join(f"{level:>10}" for level in (*LEVELS, "any")), end="")
    print("  broken claims")
    for kind in KINDS:
        shares = (found[kind, level] / max(1, planted[kind]) for level in (*LEVELS, "any"))
        print(
            f"{kind:<12} {planted[kind]:>7} " + "".join(f"{share:>10.1%}" for share in shares),
            end="",
        )
        print(f"  {broken[kind]} of {claimed[kind]}")
    covered = index.by_problem()
    for level in LEVELS:
        known = sum(bool(covered[level, p.benchmark, p.problem_id]) for p in problems)
        print(f"{level}: covers {known} of {len(problems)} problems")
    print(f"index of {len(problems)} problems: {built - began:.1f} s")
    print(f"search: {spent / len(canaries) * 1000:.1f} ms a canary", end="")
    print(f", {spent / characters * 1e6:.2f} µs a character")


if __name__ == "__main__":
    main()
