"""Task: turn the issues of kept repositories into pairs."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.newest import newest
from etl.jobs.context import Context, Unit
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import batches_of, discussed_units, reader
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, MAINLINE
from etl.schemas.collaboration import COMMENTS, ISSUES
from etl.schemas.silver import LINKS, PAIRS, REPO_PROFILES
from etl.silver.pair_issues import Bronze, PairIssuesParams, pair_issues

NAME = "pair_issues"
_READ = ("ingest_git", "ingest_collaboration", "link_changes")


def _params(context: Context) -> PairIssuesParams:
    config = context.config
    return PairIssuesParams(
        issues=config.issues, extract=config.extract, licences=config.profile.licences()
    )


def units(context: Context) -> list[Unit]:
    """Every profiled repository with issues; anew when anything that it has changes."""
    return discussed_units(context, NAME, ISSUES, "NOT is_pull", *_READ)


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One pair or one reason for every issue."""
    read, placed = reader(context, todo), batches_of(context, todo)
    issues = newest(read(ISSUES), ISSUES).where("NOT is_pull")
    decided = pair_issues(
        Bronze(
            issues=issues,
            comments=newest(read(COMMENTS), COMMENTS).where("NOT deleted"),
            commits=read(COMMITS),
            mainline=read(MAINLINE),
            changes=read(FILE_CHANGES),
            files=read(FILES),
            blobs=read(BLOBS),
            links=read(LINKS),
            profiles=read(REPO_PROFILES),
        ),
        _params(context),
        lambda frame, name: context.stage(f"{NAME}_{name}", frame),
    )
    staged = context.stage(
        NAME, decided.join(placed, "repo_id").withColumn("rule_version", f.lit(version))
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("issue "), "number").alias("key")
    found = staged.where("reason IS NULL")
    return Outcome(
        tables={PAIRS: found.select(*PAIRS.struct.names)},
        keys=issues.drop("batch_id").join(placed, "repo_id").select(*unit, key),
        used=found.select(*unit, key),
        rejects=staged.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.silver.pair_issues", "etl.bronze.newest"),
        params=_params(context),
        by_batch=False,
        units=units,
        derive=derive,
        own="t.origin = 'issue'",
    )
