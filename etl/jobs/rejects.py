"""Rejects of tasks that derive nothing: what could not be asked for, opened or read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from etl.io.tables import Slice
from etl.jobs.context import Context
from etl.jobs.file_checksums import file_checksums
from etl.schemas.ops import CHECKSUMS, REJECTS


def replace_rejects(
    context: Context, task: str, area: Slice, entries: Sequence[Mapping[str, Any]]
) -> None:
    """Write down what was left out this time, and forget what was not; no change writes nothing.

    Args:
        context: the surroundings.
        task: whose rejects they are.
        area: what was tried, which names the task.
        entries: rows of ops.rejects, but for the task.
    """
    warehouse = context.warehouse
    names = REJECTS.struct.names
    rows = [{"task": task, **entry} for entry in entries]
    held = warehouse.read(REJECTS).alias("t").where(area.repositories()).select(*names)
    if {tuple(row) for row in held.collect()} == {tuple(row[n] for n in names) for row in rows}:
        return
    written = warehouse.publish(REJECTS, warehouse.rows(REJECTS, rows), area)
    files = file_checksums(context, task, {REJECTS: written})
    warehouse.append(CHECKSUMS, warehouse.rows(CHECKSUMS, files))
