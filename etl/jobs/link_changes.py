"""Task: link the commits, pulls, issues and reviews of kept repositories."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.newest import newest
from etl.jobs.context import Context, Unit, of_repositories, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import batches_of, read_by
from etl.schemas.bronze import COMMITS, MAINLINE, PULL_HEADS, REPOS
from etl.schemas.collaboration import (
    COMMENTS,
    ISSUES,
    PULLS,
    REPO_NAMES,
    REVIEW_COMMENTS,
    REVIEWS,
    TIMELINE_EVENTS,
)
from etl.schemas.silver import LINKS, REPO_PROFILES
from etl.silver.link_changes import History, link_changes

NAME = "link_changes"
_TALK = (ISSUES, PULLS, COMMENTS, REVIEWS, REVIEW_COMMENTS, TIMELINE_EVENTS)


def units(context: Context) -> list[Unit]:
    """Every kept repository with a history, with all that was read of it and said about it."""
    held = read_by(context, "ingest_git", "ingest_collaboration")
    with_history = {repo for repo, _ in context.posted("ingest_git")}
    rows = context.warehouse.read(REPO_PROFILES).where("keep").select("repo_id", "batch_id")
    return [
        Unit(repo, batch, version_of(held[repo]))
        for repo, batch in rows.collect()
        if repo in with_history
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The links of the repositories in work; a reference that leads nowhere has a reason."""
    warehouse = context.warehouse
    mine = of_repositories(todo)
    git = History(
        warehouse.read(REPOS).where(mine),
        warehouse.read(COMMITS).where(mine),
        warehouse.read(MAINLINE).where(mine),
        warehouse.read(PULL_HEADS).where(mine),
    )
    talk = {
        table: newest(warehouse.read(table).where(mine), table).where("NOT deleted")
        for table in _TALK
        if warehouse.exists(table)
    }
    if warehouse.exists(REPO_NAMES):
        talk[REPO_NAMES] = warehouse.read(REPO_NAMES).where(mine)
    staged = context.stage(
        NAME,
        link_changes(git, talk, context.config.links)
        .join(batches_of(context, todo), "repo_id")
        .withColumn("rule_version", f.lit(version)),
    )
    unit = ("repo_id", "batch_id")
    said = staged.select(*unit, "reason", f.explode("said").alias("key")).distinct()
    return Outcome(
        tables={LINKS: staged.where("reason IS NULL").select(*LINKS.struct.names)},
        keys=said.select(*unit, "key").distinct(),
        used=said.where("reason IS NULL").select(*unit, "key"),
        rejects=said.where("reason IS NOT NULL").withColumn("detail", f.lit(None).cast("string")),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.silver.link_changes", "etl.bronze.newest"),
        params=context.config.links,
        by_batch=False,
        units=units,
        derive=derive,
    )
