"""Learn the weights of coherence: python -m etl.jobs.train_coherence LIST.

LIST is a file with a git directory a line. The pairs that their commits give are true; each
instruction beside the changes of other commits of its repository and category gives the false
ones. A small network learns to tell them by where the words of the instruction are met, and is
written to `udfs/quality/coherence_model.json`. How well it does on repositories that it did not
learn from is measured by folds over repositories, logged to MLflow, and printed.

Commits are chosen by their ids and all chance is seeded: the same repositories and version of the
code give the same file.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from etl.config import Config, conf_folder, read_config
from etl.errors import SourceError
from etl.io.lists import read_list
from etl.jobs.commit_pairs import ChangeReader, by_chance
from etl.jobs.training import FOLDS, auc, fold_of, keep, read_arguments
from udfs.pairs import Pair
from udfs.quality.change import Change
from udfs.quality.coherence import FEATURES, features, read_instruction
from udfs.quality.coherence_model import FARTHEST, Array, CoherenceModel
from udfs.quality.instruction import Instruction
from udfs.quality.tokens import stems, vocabulary

TARGET = Path("udfs/quality/coherence_model.json")
SEED = 1
# Of one repository: more would make the large ones speak for all.
MOST_COMMITS = 2000
MOST_PAIRS = 250
FALSE_PAIRS = 3  # of each true one
# A stem has a weight of its own when so many repositories and texts have it: not a project's names.
LEAST_REPOSITORIES = 6
LEAST_TEXTS = 10
# Chosen on eight repositories that were left out: 24 units, or a third of the pull, did no better.
UNITS = 12
PULL = 3e-3
ROUNDS = 150


@dataclass(frozen=True)
class Sample:
    """The pairs of one repository."""

    repository: str
    pairs: tuple[Pair, ...]


def read_sample(location: str, config: Config) -> Sample:
    """Read the first pairs of a repository, of any confidence in their category."""
    loose = config.extract.of_any_category().model_copy(update={"redact": False})
    reader = ChangeReader(location, config.model_copy(update={"extract": loose}))
    found: list[Pair] = []
    for commit in by_chance(reader.log())[:MOST_COMMITS]:
        pair = reader.pair(commit)
        if pair is not None:
            found.append(pair)
        if len(found) == MOST_PAIRS:
            break
    return Sample(reader.name, tuple(found))


def change_of(pair: Pair) -> Change:
    """What the network sees of a pair besides its instruction."""
    return Change(pair.response, pair.paths, pair.context, pair.tests)


def rematch(pairs: Sequence[Pair], name: str, most: int = FALSE_PAIRS) -> list[tuple[int, int]]:
    """Places of an instruction and of another pair's change, of the same category each."""
    by_category: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        by_category[pair.category].append(place)
    drawn = random.Random(f"{SEED} {name}")
    found = []
    for place, pair in enumerate(pairs):
        others = [
            other
            for other in by_category[pair.category]
            if pairs[other].response != pair.response
            and pairs[other].instruction != pair.instruction
        ]
        found += [(place, other) for other in drawn.sample(others, min(most, len(others)))]
    return found


class Material:
    """The samples, taken apart once for all folds."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = {sample.repository: sample for sample in samples}
        self.changes = {s.repository: [change_of(pair) for pair in s.pairs] for s in samples}
        self._counts = {name: self._count(name) for name in self.samples}

    def _count(self, name: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for pair, change in zip(self.samples[name].pairs, self.changes[name], strict=True):
            counts.update(stems(change.words))
            counts.update(stems(vocabulary(pair.instruction)))
        return counts

    def rarity(self, names: Sequence[str]) -> tuple[dict[str, float], float]:
        """-log of the share of texts with a stem, by stem; and of a stem that is not listed."""
        texts = 2 * sum(len(self.samples[name].pairs) for name in names)
        counts: Counter[str] = Counter()
        repositories: Counter[str] = Counter()
        for name in names:
            counts.update(self._counts[name])
            repositories.update(self._counts[name].keys())
        weights = {
            stem: round(math.log((texts + 10) / (count + 1)), 2)
            for stem, count in sorted(counts.items())
            if repositories[stem] >= LEAST_REPOSITORIES and count >= LEAST_TEXTS and stem.isascii()
        }
        return weights, round(math.log((texts + 10) / 6), 2)

    def rows(self, name: str, rarity: Mapping[str, float], unknown: float) -> tuple[Array, Array]:
        """Features of the true and the false pairs of a repository, and which are true."""
        pairs, changes = self.samples[name].pairs, self.changes[name]
        wanted = [
            read_instruction(Instruction(pair.instruction), rarity, unknown) for pair in pairs
        ]
        places = [(place, place) for place in range(len(pairs))] + rematch(pairs, name)
        found = [features(wanted[asked], changes[given])[0] for asked, given in places]
        truth = [float(asked == given) for asked, given in places]
        return np.array(found), np.array(truth)


def learn(material: Material, names: Sequence[str]) -> CoherenceModel:
    """Fit the network on some of the repositories."""
    rarity, unknown = material.rarity(names)
    rows = [material.rows(name, rarity, unknown) for name in names]
    values, truth = np.vstack([row[0] for row in rows]), np.concatenate([row[1] for row in rows])
    mean, scale = np.round(values.mean(axis=0), 4), np.round(values.std(axis=0), 4) + 1e-4
    seen = np.clip((values - mean) / scale, -FARTHEST, FARTHEST)
    hidden, offsets, output, start = fit(seen, truth)
    return CoherenceModel(FEATURES, rarity, unknown, mean, scale, hidden, offsets, output, start)


def fit(seen: Array, truth: Array) -> tuple[Array, Array, Array, float]:
    """Logistic loss of one hidden layer of tanh, true and false weighing the same, by L-BFGS.

    Returns:
        Weights of the hidden units, their offsets, the weights of the output, its offset.
    """
    width = seen.shape[1]
    importance = np.where(truth == 1.0, 0.5 / truth.sum(), 0.5 / (1.0 - truth).sum())
    sign = 2.0 * truth - 1.0
    drawn = np.random.default_rng(SEED)
    begin = np.concatenate(
        [
            drawn.normal(0, width**-0.5, width * UNITS),
            np.zeros(UNITS),
            drawn.normal(0, UNITS**-0.5, UNITS),
            [0.0],
        ]
    )

    def parts(flat: Array) -> tuple[Array, Array, Array, float]:
        hidden, offsets, output, start = np.split(flat, np.cumsum([width * UNITS, UNITS, UNITS]))
        return hidden.reshape(width, UNITS), offsets, output, float(start[0])

    def loss(flat: Array) -> tuple[float, Array]:
        hidden, offsets, output, start = parts(flat)
        active = np.tanh(seen @ hidden + offsets)
        odds = active @ output + start
        slope = importance * (1.0 / (1.0 + np.exp(-odds)) - truth)
        back = np.outer(slope, output) * (1.0 - active * active)
        value = (importance * np.logaddexp(0.0, -sign * odds)).sum()
        value += 0.5 * PULL * ((hidden * hidden).sum() + (output * output).sum())
        gradient = np.concatenate(
            [
                (seen.T @ back + PULL * hidden).ravel(),
                back.sum(axis=0),
                active.T @ slope + PULL * output,
                [slope.sum()],
            ]
        )
        return float(value), gradient

    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return parts(found.x)


def left_out(material: Material) -> dict[str, float]:
    """AUC on each repository of what was learned without its fold."""
    found = {}
    for fold in range(FOLDS):
        inside = [name for name in material.samples if fold_of(name) == fold]
        model = learn(material, [name for name in material.samples if fold_of(name) != fold])
        for name in inside:
            values, truth = material.rows(name, model.rarity, model.unknown)
            found[name] = auc(truth, model.log_odds(values))
    return found


def main() -> None:
    """Entry point."""
    chosen = read_arguments(__doc__, TARGET)
    config = read_config(conf_folder())
    samples = []
    for location in read_list(chosen.list, config.fetch, print):
        samples.append(read_sample(location, config))
        print(f"{samples[-1].repository}: {len(samples[-1].pairs)} pairs", flush=True)
    model, figures = train(samples)
    params = {
        "repositories": str(len(samples)),
        "pairs": str(sum(len(sample.pairs) for sample in samples)),
        "seed": str(SEED),
        "units": str(UNITS),
        "pull": str(PULL),
    }
    keep("coherence", model.as_json(), chosen, params, figures)


def train(samples: Sequence[Sample]) -> tuple[CoherenceModel, dict[str, float]]:
    """The model of all samples, and how it does on those left out of its folds.

    Raises:
        SourceError: there are too few repositories to leave some out.
    """
    usable = [sample for sample in samples if len(sample.pairs) > FALSE_PAIRS]
    if len({fold_of(sample.repository) for sample in usable}) < FOLDS:
        raise SourceError(
            f"{len(usable)} repositories with pairs do not fill {FOLDS} folds: name more of them, "
            "25 or more for weights that hold elsewhere."
        )
    material = Material(usable)
    found = left_out(material)
    figures = {
        f"left_out_auc/{name.replace('+', '/')}": value for name, value in sorted(found.items())
    }
    figures["left_out_auc"] = float(np.mean(list(found.values())))
    return learn(material, [sample.repository for sample in usable]), figures


if __name__ == "__main__":
    main()
