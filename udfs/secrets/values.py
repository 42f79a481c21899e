"""Redaction of a row: all its strings, however deep, under one numbering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from udfs.secrets.redaction import redact_all


def redact_values(values: list[Any]) -> tuple[list[Any], Counter[str]]:
    """Redact the strings in values of lists, tuples and dicts.

    Returns:
        The values of the same shape and order, and how many places of each kind were replaced.
        Names of fields stay.
    """
    found = redact_all(list(_strings(values)))
    counts: Counter[str] = Counter()
    for one in found:
        counts.update(one.counts)
    if not counts:
        return values, counts
    texts = iter([one.text for one in found])
    return [_with_strings(value, texts) for value in values], counts


def _strings(values: list[Any]) -> Iterator[str]:
    pending = [values]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list | tuple):
            pending.extend(reversed(value))


def _with_strings(value: Any, texts: Iterator[str]) -> Any:
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, list | tuple):
        return type(value)(_with_strings(item, texts) for item in value)
    if isinstance(value, dict):
        return {name: _with_strings(item, texts) for name, item in value.items()}
    return value
