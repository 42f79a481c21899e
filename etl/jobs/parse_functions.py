"""Task: parse the files at HEAD of the kept repositories into functions."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.jobs.context import Context, Unit, of_repositories
from etl.jobs.execute import Outcome, Task
from etl.jobs.profile_repos import repository_units
from etl.schemas.bronze import BLOBS, FILES
from etl.schemas.silver import FUNCTIONS, REPO_PROFILES
from etl.silver.parse_functions import parse_functions


def units(context: Context) -> list[Unit]:
    """Every repository; parsed anew when its files or its verdict change."""
    profiles = context.warehouse.read(REPO_PROFILES).select("repo_id", "keep").collect()
    verdict = {row[0]: str(row[1]) for row in profiles}
    return [
        unit._replace(input_version=f"{unit.input_version} {verdict[unit.repo_id]}")
        for unit in repository_units(context)
        if unit.repo_id in verdict
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Functions of the files in work; a file without any has a reason."""
    warehouse = context.warehouse
    mine = of_repositories(todo)
    files = warehouse.read(FILES).where(mine)
    staged = context.stage(
        "parse_functions",
        parse_functions(
            files,
            warehouse.read(BLOBS).where(mine),
            warehouse.read(REPO_PROFILES).where(mine),
            context.config.parse,
        ).withColumn("rule_version", f.lit(version)),
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("tree "), "path").alias("key")
    found = staged.where("reason IS NULL")
    return Outcome(
        tables={FUNCTIONS: found.select(*FUNCTIONS.struct.names)},
        keys=files.select(*unit, key),
        used=found.select(*unit, key),
        rejects=staged.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="parse_functions",
        rule=("etl.silver.parse_functions",),
        params=context.config.parse,
        by_batch=False,
        units=units,
        derive=derive,
    )
