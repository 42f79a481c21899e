"""What was removed, as later runs see it: sources and people to refuse, mixes to withhold."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from etl.errors import RemovedError
from etl.io.tables import Slice, quoted
from etl.jobs.context import Context
from etl.schemas.ops import REMOVALS

REPOSITORY, AUTHOR = "repository", "author"


class Removal(NamedTuple):
    """One row of ops.removals.

    Attributes:
        kind: `repository` or `author`.
        subject: its digest.
        repo_ids: repositories that lost rows; of a removed one also those of its other names.
        removed: rows removed, by table.
        mixes: pairs lost, by mix version.
        is_finished: nothing of it is left to remove.
        recorded_at: when it began.
    """

    kind: str
    subject: str
    repo_ids: tuple[str, ...]
    removed: dict[str, int]
    mixes: dict[str, int]
    is_finished: bool
    recorded_at: datetime

    def as_row(self) -> dict[str, Any]:
        """The values of its row by column."""
        return {
            **self._asdict(),
            "repo_ids": list(self.repo_ids),
            "removed": sorted(self.removed.items()),
            "mixes": sorted(self.mixes.items()),
        }

    def as_json(self) -> dict[str, Any]:
        """Plain values for programs."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "repositories": len(self.repo_ids),
            "removed": self.removed,
            "mixes": self.mixes,
            "recorded_at": self.recorded_at.isoformat(),
        }


def removals(context: Context) -> list[Removal]:
    """Every removal, the oldest first; the table is not made before there is one."""
    if not context.warehouse.exists(REMOVALS):
        return []
    rows = context.warehouse.read(REMOVALS).orderBy("recorded_at", "subject").collect()
    return [
        Removal(
            row["kind"],
            row["subject"],
            tuple(row["repo_ids"]),
            {x["table"]: x["rows"] for x in row["removed"]},
            {x["mix_version"]: x["pairs"] for x in row["mixes"]},
            row["is_finished"],
            row["recorded_at"],
        )
        for row in rows
    ]


def record_removal(context: Context, removal: Removal) -> None:
    """Write a removal down, in place of an earlier one of the same subject."""
    place = f"t.kind = {quoted([removal.kind])} AND t.subject = {quoted([removal.subject])}"
    row = context.warehouse.rows(REMOVALS, [removal.as_row()])
    context.warehouse.publish(REMOVALS, row, Slice(where=place))


def removed_repositories(context: Context) -> dict[str, str]:
    """Repositories that are not read again: repo_id, and the day of the removal."""
    return {
        repo: removal.recorded_at.date().isoformat()
        for removal in removals(context)
        if removal.kind == REPOSITORY
        for repo in removal.repo_ids
    }


def removed_people(context: Context) -> list[str]:
    """Digests of the people whose commits and words are not read again, sorted."""
    return sorted(x.subject for x in removals(context) if x.kind == AUTHOR)


def require_whole(context: Context, version: str) -> None:
    """Refuse a mix version that lost pairs: what is left of it is not that version.

    Raises:
        RemovedError: a removal took pairs from it.
    """
    for removal in removals(context):
        lost = removal.mixes.get(version)
        if lost:
            raise RemovedError(
                f"Mix version {version[:12]} is not whole: on "
                f"{removal.recorded_at.date().isoformat()} the removal of "
                f"{'an author' if removal.kind == AUTHOR else 'a repository'} "
                f"(subject {removal.subject[:12]}) took {lost:,} of its pairs. "
                "Build a new version with `sluice run`, or name one that lost nothing: --version."
            )
