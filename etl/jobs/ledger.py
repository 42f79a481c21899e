"""The ledger as the tasks of one run see it: read once, and anew for a task that posted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from etl.io.tables import Slice, Warehouse
from etl.schemas.ops import ROW_LEDGER


class Posted(NamedTuple):
    """What the ledger says about a unit that is done."""

    rule_version: str
    input_version: str
    output_version: str


class Ledger:
    """ops.row_ledger by task and unit (repo_id, batch_id)."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Open the ledger of a warehouse."""
        self._warehouse = warehouse
        self._known: dict[str, dict[tuple[str, str], Posted]] = {}
        self._changed: set[str] = set()
        self._is_read = False

    def posted(self, task: str) -> dict[tuple[str, str], Posted]:
        """Everything that is done of a task."""
        if not self._is_read:  # one query for all tasks: it costs about as much as for one
            self._read("true")
            self._is_read = True
        elif task in self._changed:
            self._known.pop(task, None)
            self._read(f"task = '{task}'")
        self._changed.discard(task)
        return self._known.setdefault(task, {})

    def _read(self, where: str) -> None:
        rows = (
            self._warehouse.read(ROW_LEDGER)
            .where(where)
            .select(
                "task", "repo_id", "batch_id", "rule_version", "input_version", "output_version"
            )
            .collect()
        )
        for task, repo, batch, *versions in rows:
            self._known.setdefault(task, {})[repo, batch] = Posted(*versions)

    def post(self, task: str, entries: Sequence[dict[str, Any]], area: Slice) -> None:
        """Replace the entries of a slice: from here on these units count as done."""
        self._warehouse.publish(ROW_LEDGER, self._warehouse.rows(ROW_LEDGER, entries), area)
        self._changed.add(task)

    def refresh(self) -> None:
        """Read everything anew when it is next asked for: rows were deleted beside the ledger."""
        self._known.clear()
        self._changed.clear()
        self._is_read = False
