"""A search that misses what was planted is broken: nothing it says is published."""

from __future__ import annotations

from collections.abc import Mapping

from etl.errors import CheckError


def require_found(
    task: str, found: Mapping[tuple[str, str], tuple[int, int]], least: float
) -> None:
    """Raise CheckError when a level misses too much of what it claims to find.

    Args:
        task: whose search it is.
        found: by kind of canary and level, how many were claimed and how many of them found.
        least: share that must be found, 0 to 1.
    """
    missed = [
        f"{level} found {hits} of {claimed} {kind}"
        for (kind, level), (claimed, hits) in sorted(found.items())
        if hits < least * claimed
    ]
    if missed:
        raise CheckError(
            f"{task}: planted problems were missed: {', '.join(missed)}; {least:.0%} must be "
            "found. Nothing was published. Set back the section `decontamination`, or take out the "
            "benchmark whose records are read wrongly."
        )
