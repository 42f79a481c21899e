"""Verdicts on who wrote commits, by year: python -m tests.bench.authorship_by_year GIT_DIR [...].

Prints a table of the commits on the default branches, merges left out, and with `--read N` as many
drawn commits of each verdict, to be read. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

import pygit2

from etl.config import conf_folder, read_config
from udfs.authorship import Signed, authorship

VERDICTS = ("human", "unknown", "ai_assisted", "bot")


def signed(commit: pygit2.Commit) -> Signed:
    """What bronze.commits holds of a commit."""
    author, committer = commit.author, commit.committer
    return Signed(
        (author.name, author.email),
        (committer.name, committer.email),
        author.time,
        committer.time,
        commit.raw_message.decode("utf-8", "replace"),
    )


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--read", type=int, default=0, help="commits of each verdict to show")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    since = read_config(conf_folder()).extract.authorship.assistants_since
    years: Counter[tuple[int, str]] = Counter()
    marks: Counter[str] = Counter()
    drawn: dict[str, list[str]] = {}
    seconds = 0.0
    for path in chosen.repositories:
        repository = pygit2.Repository(str(path))
        for commit in repository.walk(repository.head.target):
            if len(commit.parents) > 1:
                continue
            said = signed(commit)
            started = time.perf_counter()
            found = authorship(said, since)
            seconds += time.perf_counter() - started
            years[time.gmtime(said.committed_at).tm_year, found.verdict] += 1
            marks.update(found.evidence)
            drawn.setdefault(found.verdict, []).append(
                f"{path.parent.name} {str(commit.id)[:10]} {found.evidence}\n"
                f"{said.author} {said.committer}\n{said.message.strip()[:1500]}\n"
            )
    print(f"{'year':<6}" + "".join(f"{verdict:>13}" for verdict in VERDICTS))
    for year in sorted({year for year, _ in years}):
        print(f"{year:<6}" + "".join(f"{years[year, verdict]:>13,}" for verdict in VERDICTS))
    total = sum(years.values())
    print(f"{total:,} commits, {1e6 * seconds / max(total, 1):.0f} microseconds each")
    for mark, count in marks.most_common():
        print(f"{count:>8,}  {mark}")
    for verdict, texts in sorted(drawn.items()):
        texts = random.Random(chosen.seed).sample(texts, min(chosen.read, len(texts)))
        print("".join(f"\n--- {verdict}: {text}" for text in texts))


if __name__ == "__main__":
    main()
