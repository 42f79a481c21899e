"""The learned weights of survival: a sum over facts about a change.

`survival_model.json` was written by `python -m etl.jobs.train_survival`, which says how; the
version of every rule that imports this module follows that file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

FORMAT: Final = 1
FARTHEST: Final = 3.0
"""Standard deviations from the mean beyond which a fact counts no more."""
_DECIMALS: Final = 4


@dataclass(frozen=True)
class SurvivalModel:
    """A weighted sum that gives the log-odds that a change stands.

    Attributes:
        features: names of what it sees, in order.
        mean: of each, over the changes that were learned from.
        scale: its standard deviation.
        weights: of each, in standard deviations.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]

    def log_odds(self, values: Sequence[float]) -> tuple[float, str]:
        """The sum, and the fact that has the greatest part in it; NaN counts as usual."""
        total = most = 0.0
        told = "nothing"
        rows = zip(values, self.mean, self.scale, self.weights, self.features, strict=True)
        for value, mean, scale, weight, name in rows:
            seen = (value - mean) / scale
            if not -FARTHEST <= seen <= FARTHEST:
                if math.isnan(seen):
                    continue
                seen = math.copysign(FARTHEST, seen)
            part = weight * seen
            total += part
            if abs(part) > most:
                most, told = abs(part), name
        return total, told

    def as_json(self) -> str:
        """The file's text, the same for the same weights."""
        rows = {
            name: [
                round(values[place], _DECIMALS) for values in (self.mean, self.scale, self.weights)
            ]
            for place, name in enumerate(self.features)
        }
        listed = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
        return f'{{\n"format": {FORMAT},\n"features": {{\n{listed}\n}}\n}}\n'


def read_model(text: str) -> SurvivalModel:
    """Read the text of a model.

    Raises:
        ValueError: it is of another format.
    """
    stored = json.loads(text)
    if stored["format"] != FORMAT:
        raise ValueError(f"format {stored['format']} of a model is not {FORMAT}: train it anew")
    rows = stored["features"]
    mean, scale, weights = (tuple(row[place] for row in rows.values()) for place in range(3))
    return SurvivalModel(tuple(rows), mean, scale, weights)


@cache
def default_model() -> SurvivalModel:
    """The model that comes with the package."""
    return read_model(
        files("udfs.quality").joinpath("survival_model.json").read_text(encoding="ascii")
    )
