"""Learn the weights of `udfs/change_model.json`: python -m etl.jobs.train_category LIST.

LIST is a file with a git directory a line. Their commits that carry a conventional prefix (feat,
fix, refactor) label themselves; the prefix is taken away and the rest is learned from, in two
steps: the words of many messages first, then messages, diffs and symbols of fewer commits, whose
weights are drawn towards those of the first step. Only what several repositories have in common
is given a weight. By folds over repositories the last step finds, on those that were not learned
from, the scale of the weights with which the softmax is the share that is right, and where the
scores begin so that the best of them has the best macro-F1. What it found there is printed, for the
thresholds of `extract.min_confidence`.

The commits read are chosen by their ids, and nothing is drawn by chance: the same repositories and
version of the code give the same file.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.io.lists import read_list
from etl.jobs.labelled_changes import LabelledRepository
from etl.jobs.training import FOLDS, fold_of
from udfs.category import INTENTS
from udfs.change_features import change_features, message_features
from udfs.change_model import ChangeModel, Scores
from udfs.instruction import clean_message

Array = np.ndarray[Any, np.dtype[np.float64]]

TARGET = Path("udfs/change_model.json")
# Of one repository: more would make the large ones speak for all.
MOST_MESSAGES = 2000
MOST_CHANGES = 220
MORE_REFACTORS = 50  # refactors are rare, so that some are read beyond the sample
# A fact has a weight when so many repositories and commits have it. The names in the code and paths
# of a project are many and its own.
LEAST = (10, 40)
LEAST_OF_CODE = (15, 120)
_CODE = ("adds:", "removes:", "path:")
# Strength of the pull towards nothing, and towards the weights of the first step: chosen by folds
# over the repositories that were learned from.
PULL_OF_MESSAGES = 8e-3
PULL = 2.5e-2
ROUNDS = 60
# A smaller weight moves no share by one in a hundred.
LEAST_WEIGHT = 0.02
STARTS = np.linspace(-1.0, 1.0, 21)


@dataclass(frozen=True)
class Sample:
    """A commit: of which repository, which of `INTENTS`, what holds; part of the fair sample?"""

    repository: str
    intent: int
    facts: frozenset[str]
    is_fair: bool = True


def read_samples(repository: LabelledRepository, name: str) -> tuple[list[Sample], list[Sample]]:
    """Read the samples of the first step, which are messages, and of the second, whole changes."""
    messages = []
    for commit in repository.commits[:MOST_MESSAGES]:
        instruction = clean_message(commit.message)
        if instruction.reason is None:
            facts = frozenset(message_features(instruction, commit.message))
            messages.append(Sample(name, INTENTS.index(commit.intent), facts))
    rest = [c for c in repository.commits[MOST_CHANGES:] if c.intent == "refactor"]
    changes = []
    for place, commit in enumerate((*repository.commits[:MOST_CHANGES], *rest[:MORE_REFACTORS])):
        change = repository.read(commit)
        if change is not None:
            facts = change_features(change)
            intent = INTENTS.index(commit.intent)
            changes.append(Sample(name, intent, facts, is_fair=place < MOST_CHANGES))
    return messages, changes


def vocabulary(samples: Iterable[Sample]) -> list[str]:
    """The facts that enough repositories and commits have, sorted."""
    repositories: dict[str, set[str]] = defaultdict(set)
    commits: Counter[str] = Counter()
    for sample in samples:
        commits.update(sample.facts)
        for fact in sample.facts:
            repositories[fact].add(sample.repository)
    kept = []
    for fact, count in commits.items():
        least = LEAST_OF_CODE if fact.startswith(_CODE) else LEAST
        if len(repositories[fact]) >= least[0] and count >= least[1]:
            kept.append(fact)
    return sorted(kept)


def _matrix(samples: Sequence[Sample], places: dict[str, int]) -> Any:
    rows = [sorted(places[fact] for fact in s.facts if fact in places) for s in samples]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for row in rows for column in row], dtype=np.int64)
    shape = (len(samples), len(places))
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=shape)


def _importance(samples: Sequence[Sample]) -> Array:
    """Weigh samples by the square root of how rare their intent and repository are."""
    intents = Counter(s.intent for s in samples)
    repositories = Counter(s.repository for s in samples)
    found = [(intents[s.intent] * repositories[s.repository]) ** -0.5 for s in samples]
    importance: Array = np.array(found) / np.sum(found)
    return importance


def fit(samples: Sequence[Sample], places: dict[str, int], pull: float, towards: Array) -> Array:
    """Multinomial logistic regression by L-BFGS.

    Args:
        samples: what is learned from.
        places: column of each fact.
        pull: strength of the squared penalty on the distance from `towards`.
        towards: weights, of shape (3, facts + 1); the last column is the start, which is free.

    Returns:
        Weights of the same shape.
    """
    matrix = _matrix(samples, places)
    transposed = matrix.T.tocsr()
    intents = np.array([s.intent for s in samples])
    wanted = np.eye(len(INTENTS))[intents]
    importance = _importance(samples)
    strength = np.append(np.full(len(places), pull), 0.0)

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(towards.shape)
        given = _softmax(matrix @ np.ascontiguousarray(weights[:, :-1].T) + weights[:, -1])
        away = weights - towards
        likelihood = np.log(given[np.arange(len(samples)), intents] + 1e-12)
        slope = (given - wanted) * importance[:, None]
        gradient = strength * away
        gradient[:, :-1] += (transposed @ slope).T
        gradient[:, -1] += slope.sum(axis=0)
        value = 0.5 * (strength * away * away).sum() - (importance * likelihood).sum()
        return float(value), gradient.ravel()

    found = minimize(
        loss, towards.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}
    )
    weights: Array = found.x.reshape(towards.shape)
    return weights


def _softmax(scores: Array) -> Array:
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def learn(messages: Sequence[Sample], changes: Sequence[Sample]) -> tuple[list[str], Array]:
    """The two steps: the facts, and their weights with the start in the last column."""
    facts = sorted({*vocabulary(messages), *vocabulary(changes)})
    places = {fact: place for place, fact in enumerate(facts)}
    nothing = np.zeros((len(INTENTS), len(facts) + 1))
    of_messages = fit(messages, places, PULL_OF_MESSAGES, nothing)
    return facts, fit(changes, places, PULL, of_messages)


def left_out_scores(
    messages: Sequence[Sample], changes: Sequence[Sample]
) -> tuple[Array, list[Sample]]:
    """Scores of the fair sample, each by what was learned without its fold of repositories."""
    scores: list[Array] = []
    seen: list[Sample] = []
    for fold in range(FOLDS):
        inside = [s for s in changes if fold_of(s.repository) == fold and s.is_fair]
        facts, weights = learn(
            [s for s in messages if fold_of(s.repository) != fold],
            [s for s in changes if fold_of(s.repository) != fold],
        )
        if inside:
            matrix = _matrix(inside, {fact: place for place, fact in enumerate(facts)})
            scores.append(matrix @ weights[:, :-1].T + weights[:, -1])
            seen += inside
    return np.vstack(scores), seen


def calibrate(scores: Array, samples: Sequence[Sample]) -> Array:
    """The scale of the scores, and what to add to each, that make their softmax most likely."""
    intents = np.array([s.intent for s in samples])

    def loss(values: Array) -> float:
        given = _softmax(values[0] * scores + np.array([values[1], values[2], 0.0]))
        return -float(np.log(given[np.arange(len(samples)), intents] + 1e-12).mean())

    found: Array = minimize(loss, np.array([1.0, 0.0, 0.0]), method="Nelder-Mead").x
    return found


def macro_f1(declared: Array, found: Array, *, balanced: bool = False) -> float:
    """Mean F1 of the intents; balanced as if each were as frequent."""
    counts = Counter(declared.tolist())
    weights = np.array([1 / counts[x] if balanced else 1.0 for x in declared])
    scores = []
    for intent in range(len(INTENTS)):
        hit = weights[(declared == intent) & (found == intent)].sum()
        both = weights[declared == intent].sum() + weights[found == intent].sum()
        scores.append(2 * hit / both if both else 0.0)
    return float(np.mean(scores))


def best_start(scores: Array, samples: Sequence[Sample]) -> Array:
    """What to add to scores so that the best of each commit has the best macro-F1 together."""
    declared = np.array([s.intent for s in samples])
    starts = [np.array([a, b, 0.0]) for a in STARTS for b in STARTS]
    return max(starts, key=lambda start: macro_f1(declared, (scores + start).argmax(axis=1)))


def report(
    scores: Array, samples: Sequence[Sample], frequency: Array, least: Sequence[float]
) -> str:
    """What would be found by scores that begin right: macro-F1, and what reaches `least`."""
    declared, found = np.array([s.intent for s in samples]), scores.argmax(axis=1)
    sure = _softmax(scores + frequency)[np.arange(len(found)), found]
    kept = sure >= np.array(least)[found]
    lines = [f"left out: {len(found)} commits, macro-F1 {macro_f1(declared, found):.3f}"]
    for name, rows in (
        ("together", kept),
        *((intent, kept & (found == index)) for index, intent in enumerate(INTENTS)),
    ):
        right = (declared == found)[rows].mean() if rows.any() else 0.0
        lines.append(f"  {name}: kept {rows.mean():.3f} of all, right {right:.3f}")
    return "\n".join(lines)


def make_model(
    facts: Sequence[str], weights: Array, calibration: Array, start: Array
) -> ChangeModel:
    """The calibrated model without the weights that hardly count."""
    scaled = weights * calibration[0]
    scaled[:, -1] += start
    scaled -= scaled.mean(axis=0)
    kept = {
        fact: _scores(row)
        for fact, row in zip(facts, scaled[:, :-1].T, strict=True)
        if abs(row).max() >= LEAST_WEIGHT
    }
    frequency = np.array([calibration[1], calibration[2], 0.0]) - start
    return ChangeModel(_scores(scaled[:, -1]), _scores(frequency), kept)


def _scores(row: Array) -> Scores:
    return float(row[0]), float(row[1]), float(row[2])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", help="file with a git directory a line")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    chosen = parser.parse_args()
    config = read_config(conf_folder())
    messages: list[Sample] = []
    changes: list[Sample] = []
    locations = read_list(chosen.list, config.fetch, print)
    for location in locations:
        repository = LabelledRepository(location, config)
        found = read_samples(repository, repository.name)
        print(f"{repository.name}: {len(found[0])} messages, {len(found[1])} changes", flush=True)
        messages += found[0]
        changes += found[1]
    folds = {fold_of(sample.repository) for sample in changes}
    if len(folds) < FOLDS:
        raise SourceError(
            f"{len(locations)} repositories fill {len(folds)} of {FOLDS} folds: name more of them, "
            "25 or more for weights that hold elsewhere."
        )
    scores, seen = left_out_scores(messages, changes)
    calibration = calibrate(scores, seen)
    start = best_start(calibration[0] * scores, seen)
    model = make_model(*learn(messages, changes), calibration, start)
    least = config.extract.min_confidence.model_dump()
    began = calibration[0] * scores + start
    print(report(began, seen, np.array(model.frequency), [least[intent] for intent in INTENTS]))
    chosen.output.write_text(model.as_json(), encoding="ascii")
    print(f"{chosen.output}: {len(model.weights)} weights from {len(locations)} repositories")


if __name__ == "__main__":
    main()
