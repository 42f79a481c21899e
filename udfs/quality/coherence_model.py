"""The learned weights of coherence: how rare words are, and one hidden layer.

`coherence_model.json` was written by `python -m etl.jobs.train_coherence`, which says how; the
version of every rule that imports this module follows that file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

FORMAT: Final = 1
FARTHEST: Final = 4.0
"""Standard deviations from the mean beyond which a feature counts no more."""
_DECIMALS: Final = 4


@dataclass(frozen=True)
class CoherenceModel:
    """A network that gives the log-odds that a pair is a true one.

    Attributes:
        features: names of what it sees, in order.
        rarity: weight of the stems that many repositories use: -log of the share of texts.
        unknown: weight of any other stem.
        mean: of each feature.
        scale: its standard deviation.
        hidden: weights, of shape (features, units).
        offsets: of the units.
        output: weights of the units.
        start: log-odds where all units are 0.
    """

    features: tuple[str, ...]
    rarity: Mapping[str, float]
    unknown: float
    mean: Array
    scale: Array
    hidden: Array
    offsets: Array
    output: Array
    start: float

    def log_odds(self, values: Sequence[float] | Array) -> Array:
        """Log-odds at one false pair for each true one; a row of values each, or one row."""
        seen = (np.asarray(values) - self.mean) / self.scale
        seen = np.minimum(np.maximum(seen, -FARTHEST), FARTHEST)
        odds: Array = np.tanh(seen @ self.hidden + self.offsets) @ self.output + self.start
        return odds

    def as_json(self) -> str:
        """The file's text, the same for the same weights."""
        rows = {
            name: [*map(_rounded, (self.mean[i], self.scale[i])), *map(_rounded, self.hidden[i])]
            for i, name in enumerate(self.features)
        }
        rarity = {stem: round(weight, 2) for stem, weight in sorted(self.rarity.items())}
        lines = [
            f'"format": {FORMAT}',
            f'"start": {_rounded(self.start)}',
            f'"offsets": {json.dumps([*map(_rounded, self.offsets)])}',
            f'"output": {json.dumps([*map(_rounded, self.output)])}',
            f'"features": {{\n{_entries(rows)}\n}}',
            f'"unknown": {round(self.unknown, 2)}',
            f'"rarity": {{\n{_entries(rarity)}\n}}',
        ]
        return "{\n" + ",\n".join(lines) + "\n}\n"


def _rounded(value: float) -> float:
    return round(float(value), _DECIMALS)


def _entries(values: Mapping[str, Any]) -> str:
    return ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())


def read_model(text: str) -> CoherenceModel:
    """Read the text of a model.

    Raises:
        ValueError: it is of another format.
    """
    stored = json.loads(text)
    if stored["format"] != FORMAT:
        raise ValueError(f"format {stored['format']} of a model is not {FORMAT}: train it anew")
    rows = np.array(list(stored["features"].values()), dtype=np.float64)
    return CoherenceModel(
        features=tuple(stored["features"]),
        rarity=stored["rarity"],
        unknown=stored["unknown"],
        mean=rows[:, 0],
        scale=rows[:, 1],
        hidden=rows[:, 2:],
        offsets=np.array(stored["offsets"]),
        output=np.array(stored["output"]),
        start=stored["start"],
    )


@cache
def default_model() -> CoherenceModel:
    """The model that comes with the package."""
    return read_model(
        files("udfs.quality").joinpath("coherence_model.json").read_text(encoding="ascii")
    )
