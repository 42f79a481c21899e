"""Measure the categories of commits against their prefixes: python -m tests.bench.category_truth.

Takes git directories whose commits carry conventional prefixes (feat, fix, refactor), hides the
prefixes, classifies a fair sample of the commits that would make pairs, and prints for each
repository: commits, macro-F1 over bug fix, feature and refactor without abstention, the share whose
confidence reaches `extract.min_confidence`, and the precision of those; the same with as many
refactors, features and fixes each (`balanced`); and the milliseconds of a commit, parsing left out.
Beside it stands a baseline that is trained on the other repositories of the list: TF-IDF of the
message and sizes of the diff in a logistic regression, keeping the same share. Name repositories
that the weights were not learned from. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from etl.config import conf_folder, read_config
from etl.jobs.labelled_changes import LabelledRepository
from etl.jobs.train_category import Array, macro_f1
from udfs.category import INTENTS, classify
from udfs.change_features import Change


@dataclass(frozen=True)
class Judged:
    """A commit: what its author says it is, and what was found without that."""

    repository: str
    declared: int
    found: int
    confidence: float
    milliseconds: float
    words: tuple[str, ...]
    sizes: tuple[float, ...]


def judge(repository: LabelledRepository, most: int) -> list[Judged]:
    """Classify the first commits of a repository's fair sample."""
    judged = []
    for commit in repository.commits[:most]:
        change = repository.read(commit)
        if change is None:
            continue
        for source in (*change.before.values(), *change.after.values()):
            _ = source.parsed, source.outline  # a pair needs them anyway
        started = time.perf_counter()
        found = classify(change)
        milliseconds = 1000 * (time.perf_counter() - started)
        judged.append(
            Judged(
                repository.name,
                INTENTS.index(commit.intent),
                INTENTS.index(found.intent),
                found.probabilities[INTENTS.index(found.intent)],
                milliseconds,
                tuple(commit.message.lower().split()),
                _sizes(change),
            )
        )
    return judged


def _sizes(change: Change) -> tuple[float, ...]:
    marks = Counter(mark for file in change.files for hunk in file.hunks for mark, _ in hunk.lines)
    counts = (len(change.files), marks["+"], marks["-"], marks["+"] - marks["-"])
    return tuple(math.copysign(math.log1p(abs(count)), count) for count in counts)


def baseline(learned: Sequence[Judged], asked: Sequence[Judged]) -> Array:
    """Shares of the intents by TF-IDF and sizes in a logistic regression."""
    documents = Counter(word for item in learned for word in set(item.words))
    places = {w: i for i, w in enumerate(sorted(w for w, n in documents.items() if n >= 3))}
    idf = np.array([math.log((1 + len(learned)) / (1 + documents[w])) + 1 for w in places])

    def matrix(items: Sequence[Judged]) -> csr_matrix:
        ends, columns, values = [0], [], []
        for item in items:
            counts = Counter(places[word] for word in item.words if word in places)
            weighed = {place: n * idf[place] for place, n in sorted(counts.items())}
            length = math.sqrt(sum(x * x for x in weighed.values())) or 1.0
            columns += list(weighed)
            values += [x / length for x in weighed.values()]
            ends.append(len(columns))
        texts = csr_matrix((values, columns, ends), shape=(len(items), len(places)))
        sizes = np.array([(*item.sizes, 1.0) for item in items])
        return hstack([texts, csr_matrix(sizes)]).tocsr()

    known, wanted = matrix(learned), np.eye(3)[[item.declared for item in learned]]

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(-1, 3)
        given = _softmax(known @ weights)
        value = -np.log((given * wanted).sum(axis=1) + 1e-12).mean() + 1e-4 * (flat * flat).sum()
        slope = known.T @ (given - wanted) / len(learned) + 2e-4 * weights
        return float(value), slope.ravel()

    start = np.zeros(known.shape[1] * 3)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return _softmax(matrix(asked) @ found.x.reshape(-1, 3))


def _softmax(scores: Array) -> Array:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def _cells(items: Sequence[Judged], rival: Array, thresholds: Array) -> list[str]:
    declared = np.array([item.declared for item in items])
    found = np.array([item.found for item in items])
    confidence = np.array([item.confidence for item in items])
    kept = confidence >= thresholds[found]
    right = (found == declared)[kept]
    best = rival.argmax(axis=1)
    surest = np.argsort(-rival.max(axis=1), kind="stable")[: int(kept.sum())]
    return [
        f"{len(items):,}",
        f"{macro_f1(declared, found):.3f}",
        f"{macro_f1(declared, found, balanced=True):.3f}",
        f"{kept.mean():.2f}",
        f"{right.mean():.3f}" if len(right) else "",
        f"{np.median([item.milliseconds for item in items]):.1f}",
        f"{macro_f1(declared, best):.3f}",
        f"{(best == declared)[surest].mean():.3f}" if len(surest) else "",
    ]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", help="git directories; two or more")
    parser.add_argument("--most", type=int, default=600, help="commits of each that are tried")
    chosen = parser.parse_args()
    config = read_config(conf_folder())
    judged = {}
    for location in chosen.repositories:
        repository = LabelledRepository(location, config)
        judged[repository.name] = judge(repository, chosen.most)
    least = config.extract.min_confidence.model_dump()
    thresholds = np.array([least[intent] for intent in INTENTS])
    table = Table("repository", "n", "macro-F1", "balanced", "kept", "precision", "ms")
    table.add_column("baseline: macro-F1")
    table.add_column("precision")
    rivals = []
    for name, items in judged.items():
        others = [item for other, found in judged.items() if other != name for item in found]
        rivals.append(baseline(others, items))
        table.add_row(name, *_cells(items, rivals[-1], thresholds))
    everything = [item for items in judged.values() for item in items]
    together = _cells(everything, np.vstack(rivals), thresholds)
    table.add_row("together", *together)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
