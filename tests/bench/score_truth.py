"""Measure the score of pairs against what is known of them: python -m tests.bench.score_truth LIST.

LIST is a file with a git directory a line: name repositories that nothing was learned from or tuned
on. Of each, pairs are made of a fair sample of its commits as the pipeline makes them, and printed:

- coherence: AUC of the part between true pairs and pairs whose change is another's of the same
  repository and category; beside it the overlap of words weighed by their inverse document
  frequency among the pairs of the repository.
- survival: AUC of the score between commits that lived and those that the repository took back or
  corrected within 30 days and says so (`Revert "…"`, `Fixes: <id>`, `fixup!`); beside it the part
  that foresees it, and the sizes of the change and of the instruction alone, small ones first.
- degraded: the share of copies made worse in one way that score lower than their originals.
- by eye: AUC of the score between pairs that people found good and those that they found vague,
  mismatched, trivial or broken, and the share of good ones by fifth of the score.

Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from etl.config import Config, conf_folder, read_config
from etl.io.lists import read_list
from etl.jobs.commit_pairs import ChangeReader, Logged, by_chance
from etl.jobs.train_coherence import change_of, rematch
from etl.jobs.train_survival import taken_back
from etl.jobs.training import auc
from udfs.pairs import Pair
from udfs.quality.score_udf import INPUTS, score_frame
from udfs.quality.tokens import content_words, stems, words

SPOT_CHECKS = Path("tests/golden/spot_checks.csv")
_BAD = ("vague", "mismatch", "trivial", "broken")


def scores(
    pairs: Sequence[Pair], config: Config, earlier: Sequence[int] | None = None
) -> pd.DataFrame:
    """The parts and the score of each pair, by the numbers of the configuration.

    Args:
        pairs: the pairs.
        config: weights and bars.
        earlier: how many commits their authors had made before; None where nobody knows.
    """
    known = ("category", "instruction", "response", "context", "tests_touched", "paths")
    rows = [
        {name: getattr(pair, name) for name in known}
        | {"tests": pair.tests or None, "health": pair.health and asdict(pair.health)}
        for pair in pairs
    ]
    frame = pd.DataFrame(rows, columns=list(INPUTS))
    if earlier is not None:
        frame["author_commits"] = list(earlier)
    return score_frame(frame, config.score.to_spec())


def overlaps(pairs: Sequence[Pair], places: Iterable[tuple[int, int]]) -> list[float]:
    """The baseline: share of the instruction's words that the change has, by rarity."""
    asked = [stems(content_words(words(pair.instruction))) for pair in pairs]
    given = []
    for pair in pairs:
        change = change_of(pair)
        given.append(stems(change.words) | change.name_stems | change.folder_stems)
    counts = Counter(stem for one, other in zip(asked, given, strict=True) for stem in one | other)
    rarity = {stem: math.log(len(pairs) / count) for stem, count in counts.items()}
    found = []
    for one, other in places:
        whole = math.fsum(rarity[stem] for stem in asked[one])
        met = math.fsum(rarity[stem] for stem in asked[one] & given[other])
        found.append(met / whole if whole else 0.0)
    return found


def torn(pairs: Sequence[Pair], name: str) -> tuple[list[Pair], list[tuple[int, int]]]:
    """The true pairs, then the false ones, and from which pairs both were taken."""
    places = [(place, place) for place in range(len(pairs))] + rematch(pairs, name)
    made = [replace(pairs[given], instruction=pairs[asked].instruction) for asked, given in places]
    return made, places


def degraded(pairs: Sequence[Pair]) -> dict[str, list[tuple[Pair, Pair]]]:
    """Each pair beside its worse copy, by what was done to it."""
    found: dict[str, list[tuple[Pair, Pair]]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        text = pair.instruction.split()
        if len(text) > 3:
            short = replace(pair, instruction=" ".join(text[: len(text) // 2]))
            found["instruction cut in half"].append((pair, short))
        other = pairs[(place + 1) % len(pairs)]
        if not set(other.paths) & set(pair.paths):
            wider = replace(
                pair,
                response=pair.response + other.response,
                paths=(*pair.paths, *other.paths),
            )
            found["unrelated change added"].append((pair, wider))
        if pair.tests:
            bare = replace(pair, tests="", test_paths=(), tests_touched=False)
            found["tests removed"].append((pair, bare))
        found["names obfuscated"].append((pair, replace(pair, response=obfuscated(pair.response))))
    return found


def obfuscated(patch: str) -> str:
    """The patch with the names in its changed lines moved thirteen letters on."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    table = str.maketrans(
        letters + letters.upper(),
        "".join((half[13:] + half[:13]) for half in (letters, letters.upper())),
    )
    return "\n".join(
        line[0] + line[1:].translate(table)
        if line[:1] in ("+", "-") and not line.startswith(("+++ ", "--- "))
        else line
        for line in patch.split("\n")
    )


def checked(path: Path) -> dict[str, dict[str, str]]:
    """Verdicts by commit, by the repository's name as its folder has it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["repository"].replace("/", "+")][row["commit"]] = row["verdict"]
    return found


def _sizes(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    return [(pair.additions + pair.deletions, len(pair.instruction)) for pair in pairs]


def _within(groups: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """AUC over pairs of one repository each, so that repositories are not told apart."""
    usable = [(truth, found) for truth, found in groups if 0 < truth.sum() < len(truth)]
    weights = [float(truth.sum() * (len(truth) - truth.sum())) for truth, _ in usable]
    if not usable:
        return ""
    values = [auc(truth, found) for truth, found in usable]
    return f"{np.average(values, weights=weights):.3f}"


class Figures:
    """What was found in each repository, to be printed together."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.loose = config.model_copy(update={"extract": config.extract.of_any_category()})
        self.coherence = Table("repository", "pairs", "AUC", "overlap", title="coherence")
        self.aucs: list[tuple[float, float]] = []
        self.survival: list[tuple[np.ndarray, ...]] = []
        self.worse: dict[str, list[bool]] = defaultdict(list)
        self.seen: list[tuple[str, float]] = []

    def add(self, location: str, most: int, verdicts: dict[str, dict[str, str]]) -> None:
        """Measure one repository."""
        reader = ChangeReader(location, self.config)
        log = list(reader.log())
        pairs: dict[str, Pair] = {}
        for commit in by_chance(iter(log))[: 20 * most]:
            pair = reader.pair(commit)
            if pair is not None:
                pairs[commit.oid] = pair
            if len(pairs) == most:
                break
        listed = list(pairs.values())
        self._coherence(reader.name, listed)
        self._survival(reader, log, pairs)
        for kind, copies in degraded(listed).items():
            before = scores([pair for pair, _ in copies], self.config)["score"].to_numpy()
            after = scores([copy for _, copy in copies], self.config)["score"].to_numpy()
            self.worse[kind] += (after < before).tolist()
        self._by_eye(location, log, verdicts.get(reader.name, {}))

    def _coherence(self, name: str, pairs: Sequence[Pair]) -> None:
        made, places = torn(pairs, name)
        truth = np.array([float(asked == given) for asked, given in places])
        ours = auc(truth, scores(made, self.config)["coherence"].to_numpy())
        baseline = auc(truth, np.array(overlaps(pairs, places)))
        self.aucs.append((ours, baseline))
        self.coherence.add_row(name, f"{len(pairs):,}", f"{ours:.3f}", f"{baseline:.3f}")

    def _survival(self, reader: ChangeReader, log: list[Logged], pairs: dict[str, Pair]) -> None:
        back = taken_back(log)
        found = {oid: pair for oid, pair in pairs.items() if oid not in back}
        lost: dict[str, Pair] = {}
        for commit in log:
            if commit.oid in back:
                pair = pairs.get(commit.oid) or reader.pair(commit)
                if pair is not None:
                    lost[commit.oid] = pair
        listed = [*found.values(), *lost.values()]
        truth = np.array([1.0] * len(found) + [0.0] * len(lost))
        sizes = np.array(_sizes(listed), dtype=float).reshape(-1, 2)
        known = reader.earlier()
        seen = scores(listed, self.config, [known[oid] for oid in (*found, *lost)])
        total, part = seen["score"].to_numpy(), seen["survival"].to_numpy()
        self.survival.append((truth, total, part, -sizes[:, 0], -sizes[:, 1]))

    def _by_eye(self, location: str, log: list[Logged], verdicts: dict[str, str]) -> None:
        reader = ChangeReader(location, self.loose)
        made = [(verdicts[c.oid], reader.pair(c)) for c in log if c.oid in verdicts]
        found = [(verdict, pair) for verdict, pair in made if pair is not None]
        total = scores([pair for _, pair in found], self.config)["score"].tolist()
        self.seen += zip([verdict for verdict, _ in found], total, strict=True)

    def show(self) -> None:
        """Print everything."""
        console = Console(width=100)
        means = np.mean(self.aucs, axis=0)
        self.coherence.add_row("mean", "", f"{means[0]:.3f}", f"{means[1]:.3f}")
        console.print(self.coherence)
        columns = ("taken back", "lived", "score", "survival", "size", "message")
        table = Table(*columns, title="survival: AUC")
        truths = [truth for truth, *_ in self.survival]
        table.add_row(
            f"{sum(int((1 - truth).sum()) for truth in truths):,}",
            f"{sum(int(truth.sum()) for truth in truths):,}",
            *(_within([(row[0], row[place]) for row in self.survival]) for place in (1, 2, 3, 4)),
        )
        console.print(table)
        table = Table("copy", "n", "score lower", title="degraded")
        for kind, lower in sorted(self.worse.items()):
            table.add_row(kind, f"{len(lower):,}", f"{np.mean(lower):.3f}")
        console.print(table)
        judged = [(verdict in _BAD, score) for verdict, score in self.seen if verdict != "category"]
        if judged:
            good = np.array([float(not bad) for bad, _ in judged])
            found = np.array([score for _, score in judged])
            fifths = np.array_split(good[np.argsort(found, kind="stable")], 5)
            table = Table("n", "AUC", "good, by fifth of the score", title="by eye")
            shares = " ".join(f"{fifth.mean():.2f}" for fifth in fifths if len(fifth))
            table.add_row(f"{len(judged):,}", f"{auc(good, found):.3f}", shares)
            console.print(table)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", help="file with a git directory a line")
    parser.add_argument("--most", type=int, default=200, help="pairs of each that are read")
    parser.add_argument("--spot-checks", type=Path, default=SPOT_CHECKS)
    chosen = parser.parse_args()
    config = read_config(conf_folder())
    verdicts = checked(chosen.spot_checks)
    figures = Figures(config)
    for location in read_list(chosen.list, config.fetch, print):
        figures.add(location, chosen.most, verdicts)
        print(f"{location}: coherence {figures.aucs[-1][0]:.3f}", flush=True)
    figures.show()


if __name__ == "__main__":
    main()
