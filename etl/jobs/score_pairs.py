"""Task: score the pairs of each batch."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.gold.score_pairs import score_pairs
from etl.jobs.context import Context, Unit, of_batches
from etl.jobs.execute import Outcome, Task
from etl.schemas.gold import SCORED_PAIRS
from etl.schemas.silver import PAIRS

# The tasks that write pairs, each under batches of its own.
PAIR_TASKS = ("extract_pairs", "pair_issues", "pair_reviews", "pair_structure", "import_pairs")


def units(context: Context) -> list[Unit]:
    """Every batch that pairs were taken from."""
    return [
        Unit(repo, batch, posted.output_version)
        for task in PAIR_TASKS
        for (repo, batch), posted in context.posted(task).items()
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One score for every pair of the batches in work; the bar is noted, nothing is dropped."""
    pairs = context.warehouse.read(PAIRS).where(of_batches(todo))
    staged = context.stage(
        "score_pairs",
        score_pairs(pairs, context.config.score).withColumn("rule_version", f.lit(version)),
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    return Outcome(
        tables={SCORED_PAIRS: staged.select(*SCORED_PAIRS.struct.names)},
        keys=pairs.select(*unit, key),
        used=staged.select(*unit, key),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="score_pairs",
        rule=("etl.gold.score_pairs",),
        params=context.config.score,
        by_batch=True,
        units=units,
        derive=derive,
    )
