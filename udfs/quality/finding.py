"""What a part of a score is: a value and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_LONGEST_LISTED: Final = 4


class Finding(NamedTuple):
    """A value from 0 (bad) to 1 (good) and a short text that says why."""

    value: float
    why: str


NOT_APPLICABLE: Final = Finding(1.0, "does not apply")
"""Of a part that says nothing about a pair: it passes every bar and counts in no score."""


def some(items: Sequence[str]) -> str:
    """The first few of a list, for people."""
    shown = ", ".join(items[:_LONGEST_LISTED])
    return shown + ", …" if len(items) > _LONGEST_LISTED else shown
