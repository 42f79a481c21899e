"""The ledger as the tasks of one run see it: read once a task, kept up to date while posting."""

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

    def posted(self, task: str) -> dict[tuple[str, str], Posted]:
        """Everything that is done of a task."""
        if task not in self._known:
            rows = (
                self._warehouse.read(ROW_LEDGER)
                .where(f"task = '{task}'")
                .select("repo_id", "batch_id", "rule_version", "input_version", "output_version")
                .collect()
            )
            self._known[task] = {(r[0], r[1]): Posted(r[2], r[3], r[4]) for r in rows}
        return self._known[task]

    def post(self, task: str, entries: Sequence[dict[str, Any]], area: Slice) -> None:
        """Replace the entries of a slice: from here on these units count as done."""
        self._warehouse.publish(ROW_LEDGER, self._warehouse.rows(ROW_LEDGER, entries), area)
        self._known.pop(task, None)
