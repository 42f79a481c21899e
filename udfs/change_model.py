"""The learned weights of facts about a change: a multinomial logistic regression.

`change_model.json` was written by `python -m etl.jobs.train_category`, which says how; the
version of every rule that imports this module follows that file.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Scores = tuple[float, float, float]
FORMAT = 1
_UNIT = 100  # weights are stored in hundredths


@dataclass(frozen=True, slots=True)
class ChangeModel:
    """Log-odds for (bug fix, feature, refactor).

    Attributes:
        start: where the scores of all changes begin.
        frequency: how much more frequent each is than where it was learned, as far as that is
            known. The best score decides without it, or the rare would hardly ever be found; the
            confidence is the share with it.
        weights: what each fact adds to the scores.
    """

    start: Scores
    frequency: Scores
    weights: Mapping[str, Scores]

    def scores(self, facts: Iterable[str]) -> Scores:
        """Sum what holds; facts that the model does not know count nothing."""
        # Summed in one order: a sum of floats depends on it.
        known = [self.weights[fact] for fact in sorted(facts) if fact in self.weights]
        fix, feature, refactor = (
            math.fsum((self.start[index], *(weight[index] for weight in known)))
            for index in range(3)
        )
        return fix, feature, refactor

    def as_json(self) -> str:
        """The file's text, the same for the same weights."""
        entries = [
            f"{json.dumps(name, ensure_ascii=True)}: {_hundredths(weight)}"
            for name, weight in sorted(self.weights.items())
        ]
        body = ",\n".join(entries)
        head = (
            f'"format": {FORMAT},\n"start": {_hundredths(self.start)},\n'
            f'"frequency": {_hundredths(self.frequency)},\n"weights": {{\n'
        )
        return f"{{\n{head}{body}\n}}\n}}\n"


def _hundredths(scores: Scores) -> str:
    return json.dumps([round(score * _UNIT) for score in scores], separators=(",", ":"))


def _scores(hundredths: list[int]) -> Scores:
    fix, feature, refactor = (value / _UNIT for value in hundredths)
    return fix, feature, refactor


def read_model(text: str) -> ChangeModel:
    """Read the text of a model.

    Raises:
        ValueError: it is of another format.
    """
    stored = json.loads(text)
    if stored["format"] != FORMAT:
        raise ValueError(f"format {stored['format']} of a model is not {FORMAT}: train it anew")
    weights = {name: _scores(values) for name, values in stored["weights"].items()}
    return ChangeModel(_scores(stored["start"]), _scores(stored["frequency"]), weights)


@cache
def default_model() -> ChangeModel:
    """The model that comes with the package."""
    return read_model(files("udfs").joinpath("change_model.json").read_text(encoding="ascii"))


def shares(scores: Scores) -> Scores:
    """The softmax."""
    highest = max(scores)
    exponents = [math.exp(score - highest) for score in scores]
    fix, feature, refactor = (exponent / sum(exponents) for exponent in exponents)
    return fix, feature, refactor
