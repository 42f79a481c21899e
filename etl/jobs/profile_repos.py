"""Task: profile every repository from its newest state."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.jobs.context import Context, Unit, of_repositories, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import read_by
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, MAINLINE, REPOS
from etl.schemas.collaboration import PULLS, REVIEWS
from etl.schemas.silver import REPO_PROFILES
from etl.silver.count_reviews import count_reviews
from etl.silver.profile_repos import profile_repos


def repository_units(context: Context, *extra: str) -> list[Unit]:
    """One unit a repository: its newest batch, and everything that bronze holds of it."""
    held = read_by(context, "ingest_git", "ingest_corpus")
    rows = context.warehouse.read(REPOS).select("repo_id", "batch_id").collect()
    return [
        Unit(row[0], row[1], version_of([*held.get(row[0], []), *extra]))
        for row in rows
        if row[0] in held
    ]


def units(context: Context) -> list[Unit]:
    """Every repository, judged anew on another day and when more is known of its pulls."""
    said = read_by(context, "ingest_collaboration")
    return [
        unit._replace(input_version=version_of([unit.input_version, *said[unit.repo_id]]))
        if unit.repo_id in said
        else unit
        for unit in repository_units(context, context.as_of.isoformat())
    ]


def known_reviews(context: Context, repos: set[str]) -> DataFrame | None:
    """What is known of reviews; nothing is read where nothing came for these repositories."""
    if not repos & {repo for repo, _ in context.posted("ingest_collaboration")}:
        return None
    mine = f.col("repo_id").isin(sorted(repos))
    pulls, reviews = (context.warehouse.read(table).where(mine) for table in (PULLS, REVIEWS))
    return count_reviews(pulls, reviews)


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Profiles of the repositories in work; each ends as one row, kept or rejected."""
    warehouse = context.warehouse
    mine = of_repositories(todo)
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
            reviews=known_reviews(context, {u.repo_id for u in todo}),
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
        rule=("etl.silver.profile_repos", "etl.silver.count_reviews"),
        params=context.config.profile,
        by_batch=False,
        units=units,
        derive=derive,
    )
