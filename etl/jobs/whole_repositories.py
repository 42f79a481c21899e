"""What tasks have in common whose unit is all that was read of a repository.

What was said of a change may come in several batches, and the change in others: so a repository is
one unit, and its rows stand under a batch of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.bronze.sources import digest
from etl.jobs.context import Context, Unit, of_repositories, version_of
from etl.jobs.execute import Outcome
from etl.schemas import Table
from etl.schemas.silver import PAIRS, REPO_PROFILES
from etl.silver.pair_terms import without_repeats


def read_by(context: Context, *tasks: str) -> dict[str, list[str]]:
    """What some tasks read of each repository: a line a batch, which changes with its rows."""
    found: dict[str, list[str]] = {}
    for task in tasks:
        for (repo, batch), posted in context.posted(task).items():
            found.setdefault(repo, []).append(f"{task} {batch} {posted.output_version}")
    return found


def discussed_units(
    context: Context, name: str, table: Table, about: str, *tasks: str
) -> list[Unit]:
    """Every profiled repository of which a table of collaboration holds something.

    Args:
        context: the surroundings.
        name: the task that does the units.
        table: the table; no query is sent where it was never written.
        about: SQL condition on its rows.
        tasks: those whose rows it reads: a unit is done anew when they changed.
    """
    if not context.warehouse.exists(table):
        return []
    discussed = context.warehouse.read(table).where(about).select("repo_id").distinct()
    rows = (
        context.warehouse.read(REPO_PROFILES)
        .join(discussed, "repo_id", "left_semi")
        .select("repo_id", "keep", "licence", "name")
    )
    read = read_by(context, *tasks)
    return [
        Unit(
            repo,
            digest(name, repo),
            version_of([f"{keep} {licence} {known_as}", *read.get(repo, [])]),
        )
        for repo, keep, licence, known_as in rows.collect()
    ]


def tiers_of(context: Context) -> dict[str, str]:
    """The tier of each profiled repository that has one."""
    rows = context.warehouse.read(REPO_PROFILES).where("tier IS NOT NULL")
    return {row["repo_id"]: row["tier"] for row in rows.select("repo_id", "tier").collect()}


def reader(context: Context, todo: Iterable[Unit]) -> Callable[[Table], DataFrame]:
    """A function that gives the rows of a table that are of the repositories in work."""
    mine = of_repositories(todo)

    def read(table: Table) -> DataFrame:
        # A table of collaboration that never had a row is not made.
        if not context.warehouse.exists(table):
            return context.warehouse.rows(table, [])
        return context.warehouse.read(table).where(mine)

    return read


def batches_of(context: Context, todo: Iterable[Unit]) -> DataFrame:
    """The batch of each repository in work, to be joined: repo_id, batch_id."""
    return f.broadcast(
        context.spark.createDataFrame(
            [(u.repo_id, u.batch_id) for u in todo], "repo_id string, batch_id string"
        )
    )


def decided_by_key(staged: DataFrame) -> Outcome:
    """What became of staged rows that each have a `key`, and a pair or a reason."""
    kept, merged = without_repeats(staged)
    place = ("repo_id", "batch_id", "key")
    return Outcome(
        tables={PAIRS: kept.select(*PAIRS.struct.names)},
        keys=staged.select(*place),
        used=kept.select(*place),
        rejects=staged.where("reason IS NOT NULL").select(*place, "reason", "detail"),
        merged=merged.select(*place),
    )
