"""What a part of a score is: a value and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_LONGEST_LISTED: Final = 4


class Finding(NamedTuple):
    """A value from 0 (bad) to 1 (good), or None, and a short text that says why.

    A part without a value says nothing about a pair: it passes every bar and counts in no score.
    """

    value: float | None
    why: str


NOT_APPLICABLE: Final = Finding(None, "does not apply")
NOT_KNOWN: Final = Finding(None, "not known")


def some(items: Sequence[str]) -> str:
    """The first few of a list, for people."""
    shown = ", ".join(items[:_LONGEST_LISTED])
    return shown + ", …" if len(items) > _LONGEST_LISTED else shown


def ramp(value: float, good: float, bad: float, least: float) -> float:
    """1 up to ``good``, ``least`` from ``bad`` on, a straight line between."""
    return 1.0 - (1.0 - least) * min(1.0, max(0.0, (value - good) / (bad - good)))
