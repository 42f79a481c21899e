"""Task: find duplicates among all scored pairs, and choose the one that stands for each cluster."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.gold.link_duplicates import link_duplicates
from etl.jobs.context import EVERYTHING, Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.score_pairs import PAIR_TASKS
from etl.schemas.gold import DUPLICATES, EVAL_PAIRS, SCORED_PAIRS
from etl.schemas.silver import PAIRS

_COMPARED = (
    *("pair_id", "repo_id", "batch_id", "instruction", "response"),
    *("tests_touched", "author_time", "score", "below_bar"),
)


def units(context: Context) -> list[Unit]:
    """One unit: everything, since any pair may be the duplicate of any other."""
    versions = [
        f"{task} {repo} {posted.output_version}"
        for task in (*PAIR_TASKS, "score_pairs")
        for (repo, _), posted in context.posted(task).items()
    ]
    return [Unit(EVERYTHING, EVERYTHING, version_of(versions))] if versions else []


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The cluster of every pair: a pair is kept, or merged into the one that is."""

    def materialise(frame: DataFrame, name: str) -> DataFrame:
        return context.stage(f"link_duplicates_{name}", frame)

    pairs = context.warehouse.read(PAIRS)
    scored = pairs.join(
        context.warehouse.read(SCORED_PAIRS).select("pair_id", "score", "below_bar"), "pair_id"
    ).select(*_COMPARED)
    origin = pairs.select("pair_id", "repo_id", "batch_id")
    if context.warehouse.exists(EVAL_PAIRS):
        frozen = _frozen(context.warehouse.read(EVAL_PAIRS), pairs)
        scored = scored.unionByName(frozen)
        origin = origin.unionByName(frozen.select(*origin.columns))
    linked = link_duplicates(scored, context.config.dedup, materialise)
    staged = context.stage(
        "link_duplicates",
        linked.join(origin, "pair_id").withColumn("rule_version", f.lit(version)),
    )
    everything = (f.lit(EVERYTHING).alias("repo_id"), f.lit(EVERYTHING).alias("batch_id"))
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    return Outcome(
        tables={DUPLICATES: staged.select(*DUPLICATES.struct.names)},
        keys=origin.select(*everything, key),
        used=staged.where("is_kept").select(*everything, key),
        merged=staged.where("NOT is_kept").select(*everything, key),
    )


def _frozen(held_out: DataFrame, pairs: DataFrame) -> DataFrame:
    """Pairs of evaluation sets that rules no longer give: no mix may come near these either."""
    gone = held_out.join(pairs.select("pair_id"), "pair_id", "left_anti")
    return gone.dropDuplicates(["pair_id"]).select(
        "pair_id",
        "repo_id",
        f.col("eval_version").alias("batch_id"),
        "instruction",
        "response",
        f.col("tests").isNotNull().alias("tests_touched"),
        "author_time",
        "score",
        f.lit(None).cast("string").alias("below_bar"),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="link_duplicates",
        rule=("etl.gold.link_duplicates",),
        params=context.config.dedup,
        by_batch=False,
        units=units,
        derive=derive,
    )
