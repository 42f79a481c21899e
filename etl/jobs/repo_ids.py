"""What the repositories of a home are called now; a renamed one keeps the id of its first name."""

from __future__ import annotations

from etl.jobs.context import Context
from etl.schemas.bronze import REPOS


def repo_ids(context: Context) -> dict[str, str]:
    """The repositories that were read: repo_id by canonical source."""
    rows = context.warehouse.read(REPOS).select("source", "repo_id").collect()
    return {row["source"]: row["repo_id"] for row in rows}
