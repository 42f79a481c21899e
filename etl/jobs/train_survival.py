"""Learn the weights of survival: python -m etl.jobs.train_survival LIST.

LIST is a file with a git directory a line. Of each repository, commits that it took back or
corrected within 30 days, and says so, stand beside a sample of its other ones; a weighted sum of
facts about a change learns to tell them apart within a repository, and is written to
`udfs/quality/survival_model.json`. How well it does on repositories that it did not learn from is
measured by folds over repositories, beside the size of the change and the length of its message
alone, logged to MLflow, and printed.

Commits are chosen by their ids, and nothing is drawn by chance: the same repositories and version
of the code give the same file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from etl.config import Config, conf_folder, read_config
from etl.errors import SourceError
from etl.io.lists import read_list
from etl.jobs.commit_pairs import ChangeReader, Logged, by_chance
from etl.jobs.training import FOLDS, auc, fold_of, keep, read_arguments
from udfs.instruction import clean_message
from udfs.links.commits import FOLLOWS_UP, REVERTS, SUBJECT, commit_references
from udfs.links.references import COMMIT
from udfs.pairs.files import file_kind, text_missing
from udfs.quality.change import Change
from udfs.quality.coherence_model import Array
from udfs.quality.instruction import Instruction
from udfs.quality.parts import Known
from udfs.quality.survival import FEATURES, features
from udfs.quality.survival_model import FARTHEST, SurvivalModel

TARGET = Path("udfs/quality/survival_model.json")
DAYS = 30
# Of one repository: more would make the large ones speak for all.
MOST_LOST = 60
STOOD_FOR_ONE = 3
LEAST_STOOD = 20
# Chosen by folds over the repositories that were learned from: with 0.02 the AUC is 0.02 lower.
PULL = 0.3
ROUNDS = 200
_SHOWN = ("source", "test")
_PLACES = {"size": FEATURES.index("added"), "message": FEATURES.index("body words")}


@dataclass(frozen=True)
class Told:
    """What the model sees of a commit, and whether it stood."""

    instruction: str
    response: str
    tests: str
    earlier: int
    stood: bool


@dataclass(frozen=True)
class Sample:
    """Commits of one repository: those that it took back, and some that stood."""

    repository: str
    told: tuple[Told, ...]

    @property
    def lost(self) -> int:
        """How many it took back."""
        return sum(not told.stood for told in self.told)


def taken_back(log: Sequence[Logged]) -> set[str]:
    """Ids of the commits that a later one of at most 30 days takes back or corrects."""
    by_subject: dict[str, list[Logged]] = defaultdict(list)
    by_id: dict[str, list[Logged]] = defaultdict(list)
    for commit in log:
        by_subject[_subject(commit)].append(commit)
        by_id[commit.oid[:7]].append(commit)
    found = set()
    for later in log:
        subject = _subject(later)
        meant: list[Logged] = []
        if subject.lower().startswith('revert "') and subject.endswith('"'):
            meant += by_subject[subject[8:-1]]
        for reference in commit_references(later.message):
            if reference.relation not in (REVERTS, FOLLOWS_UP):
                continue
            if reference.kind == SUBJECT:
                meant += by_subject[reference.target]
            elif reference.kind == COMMIT:
                named = by_id[reference.target[:7]]
                meant += [commit for commit in named if commit.oid.startswith(reference.target)]
        for commit in meant:
            if 0 < later.time - commit.time <= DAYS * 86_400:
                found.add(commit.oid)
    return found


def _subject(commit: Logged) -> str:
    return commit.message.split("\n", 1)[0].strip()


def read_sample(location: str, config: Config) -> Sample:
    """Read commits of a repository that were taken back, and some that stood."""
    reader = ChangeReader(location, config)
    log = list(reader.log())
    back = taken_back(log)
    if not back:
        return Sample(reader.name, ())
    known = reader.earlier()
    chosen = by_chance(iter(log))
    most = config.extract.max_changed_lines

    def read(commits: Iterable[Logged], stood: bool, wanted: int) -> list[Told]:
        made = (_told(reader, commit, known.get(commit.oid, 0), stood, most) for commit in commits)
        return list(islice((told for told in made if told is not None), wanted))

    lost = read((commit for commit in chosen if commit.oid in back), False, MOST_LOST)
    wanted = max(LEAST_STOOD, STOOD_FOR_ONE * len(lost)) if lost else 0
    stood = read((commit for commit in chosen if commit.oid not in back), True, wanted)
    return Sample(reader.name, (*lost, *stood))


def _told(
    reader: ChangeReader, commit: Logged, earlier: int, stood: bool, most: int
) -> Told | None:
    """A commit as a pair would show it, but for its context, which takes most of the time."""
    instruction = clean_message(commit.message)
    if instruction.reason is not None:
        return None
    change = reader.change(commit.oid, commit.message, commit.author)
    if change is None or change.is_bot or change.is_assistant:
        return None
    kinds = [(file_kind(file), file) for file in change.files]
    code = [file for kind, file in kinds if kind == "source"]
    if any(text_missing(file) and not file.patch for kind, file in kinds if kind in _SHOWN):
        return None
    response = "".join(file.diff() for file in code)
    if not code or not 0 < sum(len(file.patch.split("\n")) for file in code) <= 2 * most:
        return None
    tests = "".join(file.diff() for kind, file in kinds if kind == "test")
    return Told(instruction.text, response, tests, earlier, stood)


def rows(sample: Sample) -> tuple[Array, Array]:
    """Features of the changes of a repository, and which of them stood."""
    values = [
        features(
            Instruction(told.instruction),
            Change(told.response, (), "", told.tests),
            Known(earlier=told.earlier),
        )
        for told in sample.told
    ]
    return np.array(values), np.array([float(told.stood) for told in sample.told])


def learn(tables: Sequence[tuple[Array, Array]]) -> SurvivalModel:
    """Fit the weights: logistic loss, within repositories, both kinds weighing the same in each."""
    together = np.vstack([values for values, _ in tables])
    mean, scale = np.round(together.mean(axis=0), 4), np.round(together.std(axis=0), 4) + 1e-4
    seen, importance, signs = [], [], []
    for values, stood in tables:
        lost = len(stood) - stood.sum()
        scaled = np.clip((values - mean) / scale, -FARTHEST, FARTHEST)
        seen.append(scaled - 0.5 * sum(scaled[stood == kind].mean(axis=0) for kind in (0.0, 1.0)))
        importance.append(np.where(stood == 1.0, lost / stood.sum(), 1.0))
        signs.append(2.0 * stood - 1.0)
    x, sign = np.vstack(seen), np.concatenate(signs)
    weight = np.concatenate(importance) / np.concatenate(importance).sum()

    def loss(weights: Array) -> tuple[float, Array]:
        odds = sign * (x @ weights)
        slope = -weight * sign / (1.0 + np.exp(odds))
        value = (weight * np.logaddexp(0.0, -odds)).sum() + 0.5 * PULL * (weights**2).sum()
        return float(value), x.T @ slope + PULL * weights

    fitted = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}
    ).x
    return SurvivalModel(FEATURES, *(tuple(map(float, each)) for each in (mean, scale, fitted)))


def train(samples: Sequence[Sample]) -> tuple[SurvivalModel, dict[str, float]]:
    """The model of all samples, and AUCs within the repositories left out of its folds.

    Raises:
        SourceError: too few repositories say what they took back.
    """
    usable = {s.repository: rows(s) for s in samples if 0 < s.lost < len(s.told)}
    if len({fold_of(name) for name in usable}) < FOLDS:
        raise SourceError(
            f"{len(usable)} repositories say what they took back; each fold needs one. Name more."
        )
    found: dict[str, list[float]] = defaultdict(list)
    pairs = []
    for fold in range(FOLDS):
        model = learn([table for name, table in usable.items() if fold_of(name) != fold])
        for values, stood in (usable[name] for name in usable if fold_of(name) == fold):
            odds = np.array([model.log_odds(row)[0] for row in values])
            found["auc"].append(auc(stood, odds))
            for name, place in _PLACES.items():
                found[f"auc of {name} alone"].append(auc(stood, -values[:, place]))
            pairs.append(float(stood.sum() * (len(stood) - stood.sum())))
    figures = {name: float(np.average(each, weights=pairs)) for name, each in found.items()}
    figures["taken back"] = float(sum((1 - stood).sum() for _, stood in usable.values()))
    return learn([*usable.values()]), figures


def main() -> None:
    """Entry point."""
    chosen = read_arguments(__doc__, TARGET)
    config = read_config(conf_folder())
    samples = []
    for location in read_list(chosen.list, config.fetch, print):
        samples.append(read_sample(location, config))
        print(
            f"{samples[-1].repository}: {samples[-1].lost} of {len(samples[-1].told)} were lost",
            flush=True,
        )
    model, figures = train(samples)
    params = {"repositories": str(len(samples)), "pull": str(PULL)}
    keep("survival", model.as_json(), chosen, params, figures)


if __name__ == "__main__":
    main()
