"""Task: turn the commits of kept repositories into pairs."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.jobs.context import Context, Unit, of_batches, of_repositories, version_of
from etl.jobs.execute import Outcome, Task
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, MAINLINE
from etl.schemas.silver import PAIRS, REPO_PROFILES
from etl.silver.extract_pairs import PairParams, extract_pairs


def _params(context: Context) -> PairParams:
    config = context.config
    return PairParams(extract=config.extract, licences=config.profile.licences())


def units(context: Context) -> list[Unit]:
    """Every batch of a profiled repository; done anew when verdict, licence or name change."""
    rows = context.warehouse.read(REPO_PROFILES).select("repo_id", "keep", "licence", "name")
    profile = {row[0]: f"{row[1]} {row[2]} {row[3]}" for row in rows.collect()}
    return [
        Unit(repo, batch, version_of([posted.output_version, profile[repo]]))
        for (repo, batch), posted in context.posted("ingest_git").items()
        if repo in profile
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One pair or one reason for every commit that the batches in work brought to the mainline."""
    warehouse = context.warehouse
    repos = of_repositories(todo)
    # A commit may have come with an earlier batch, when only a pull request had it.
    mainline = warehouse.read(MAINLINE).where(of_batches(todo))
    history = warehouse.read(COMMITS).where(repos)
    commits = history.drop("batch_id").join(mainline, list(MAINLINE.key))
    staged = context.stage(
        "extract_pairs",
        extract_pairs(
            commits,
            warehouse.read(FILE_CHANGES).where(repos),
            warehouse.read(BLOBS).where(repos),
            warehouse.read(REPO_PROFILES).where(repos),
            _params(context),
            history=history,
            files=warehouse.read(FILES).where(repos),
        ).withColumn("rule_version", f.lit(version)),
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("commit "), "commit_oid").alias("key")
    found = staged.where("reason IS NULL")
    return Outcome(
        tables={PAIRS: found.select(*PAIRS.struct.names)},
        keys=mainline.select(*unit, key),
        used=found.select(*unit, key),
        rejects=staged.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="extract_pairs",
        rule=("etl.silver.extract_pairs",),
        params=_params(context),
        by_batch=True,
        units=units,
        derive=derive,
        own="t.origin = 'commit'",
    )
