"""Task: profile every repository from its newest state."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.jobs.context import Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, MAINLINE, REPOS
from etl.schemas.silver import REPO_PROFILES
from etl.silver.profile_repos import profile_repos


def repository_units(context: Context, *extra: str) -> list[Unit]:
    """One unit a repository: its newest batch, and everything that bronze holds of it."""
    held: dict[str, list[str]] = {}
    for task in ("ingest_git", "ingest_corpus"):
        for (repo, batch), posted in context.posted(task).items():
            held.setdefault(repo, []).append(f"{batch} {posted.output_version}")
    rows = context.warehouse.read(REPOS).select("repo_id", "batch_id").collect()
    return [
        Unit(row[0], row[1], version_of([*held.get(row[0], []), *extra]))
        for row in rows
        if row[0] in held
    ]


def units(context: Context) -> list[Unit]:
    """Every repository, judged anew on another day."""
    return repository_units(context, context.as_of.isoformat())


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Profiles of the repositories in work; each ends as one row, kept or rejected."""
    warehouse = context.warehouse
    mine = f.col("repo_id").isin(sorted({u.repo_id for u in todo}))
    repos = warehouse.read(REPOS).where(mine)
    staged = context.stage(
        "profile_repos",
        profile_repos(
            repos,
            warehouse.read(COMMITS)
            .where(mine)
            .join(warehouse.read(MAINLINE).where(mine), list(MAINLINE.key), "left_semi"),
            warehouse.read(FILE_CHANGES).where(mine),
            warehouse.read(FILES).where(mine),
            warehouse.read(BLOBS).where(mine),
            as_of=context.as_of,
            params=context.config.profile,
        ).withColumn("rule_version", f.lit(version)),
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("repository "), "repo_id").alias("key")
    return Outcome(
        tables={REPO_PROFILES: staged.select(*REPO_PROFILES.struct.names)},
        keys=repos.select(*unit, key),
        used=staged.select(*unit, key),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="profile_repos",
        rule=("etl.silver.profile_repos",),
        params=context.config.profile,
        by_batch=False,
        units=units,
        derive=derive,
    )
