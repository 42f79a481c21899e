"""Task: find duplicates among all scored pairs, and choose the one that stands for each cluster.

A batch meets the others in `gold.band_index`: clusters that it cannot reach stay as they are, and
the result is that of a run over everything.
"""

from __future__ import annotations

from functools import reduce
from operator import and_

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.gold.link_duplicates import cluster_groups, group_sketches, sketch_pairs
from etl.jobs.context import Context, Unit, of_batches, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.score_pairs import PAIR_TASKS
from etl.jobs.whole_repositories import tiers_of
from etl.schemas.gold import BAND_INDEX, DUPLICATES, EVAL_PAIRS, SCORED_PAIRS
from etl.schemas.silver import PAIRS, REPO_PROFILES
from udfs.dedup.group_udf import GONE, KEPT, NEW

NAME = "link_duplicates"

_COMPARED = (
    *("pair_id", "repo_id", "batch_id", "origin", "instruction", "response", "context"),
    *("language", "licence", "tier", "author_time", "score", "below_bar"),
)


def units(context: Context) -> list[Unit]:
    """Every batch whose pairs have scores, and what is held out of each repository."""
    taken = {place: posted for task in PAIR_TASKS for place, posted in context.posted(task).items()}
    tiers = tiers_of(context)
    read = {
        (repo, batch): (taken[repo, batch].output_version, posted.output_version, tiers.get(repo))
        for (repo, batch), posted in context.posted("score_pairs").items()
        if (repo, batch) in taken
    }
    scored = [
        Unit(*place, version_of(version for version in versions if version))
        for place, versions in read.items()
    ]
    if not context.warehouse.exists(EVAL_PAIRS):
        return scored
    frozen = (
        _held_out(context)
        .groupBy("repo_id", "batch_id")
        .agg(f.sort_array(f.collect_list("pair_id")).alias("pairs"))
        .collect()
    )
    return scored + [
        Unit(row["repo_id"], row["batch_id"], version_of(row["pairs"])) for row in frozen
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The cluster of every pair that may have another one: it is kept, or merged into the kept."""

    def materialise(frame: DataFrame, name: str) -> DataFrame:
        return context.stage(f"{NAME}_{name}", frame)

    warehouse, params = context.warehouse, context.config.dedup
    due = {(unit.repo_id, unit.batch_id) for unit in todo}
    others = [unit for unit in units(context) if (unit.repo_id, unit.batch_id) not in due]
    pairs = _compared(context)
    origin = ("repo_id", "batch_id")
    sketches = materialise(
        sketch_pairs(pairs.where(of_batches(todo)), params, origin).withColumn(
            "rule_version", f.lit(version)
        ),
        "sketches",
    )
    index = sketches.select(*BAND_INDEX.struct.names)
    near: list[Unit] = []
    if others:
        known = warehouse.read(BAND_INDEX)
        clusters = warehouse.read(DUPLICATES).select("pair_id", "cluster_id")
        state = f.when(of_batches(others), KEPT).otherwise(GONE)
        met = known.withColumn("state", state).unionByName(sketches.withColumn("state", f.lit(NEW)))
        rows = known.count() + sketches.count()
        groups = group_sketches(met, pairs, rows, params, materialise, clusters)
        near = _holding(others, known.join(groups, "pair_id", "left_semi"))
    else:
        groups = group_sketches(sketches, pairs, sketches.count(), params, materialise)
    mine = pairs.where(of_batches([*todo, *near]))
    linked = (
        cluster_groups(mine, groups, params)
        .join(mine.select("pair_id", *origin), "pair_id")
        .withColumn("rule_version", f.lit(version))
        .select(*DUPLICATES.struct.names)
    )
    also: list[Unit] = []
    if near:
        # Most that share a bucket with a new pair are not like it: their batches stay as they are.
        linked = materialise(linked, "linked")
        before = warehouse.read(DUPLICATES)
        also = _holding(near, _changed(linked, before))
        rest = before.where(of_batches(also)).join(groups, "pair_id", "left_anti")
        linked = linked.where(of_batches([*todo, *also])).union(
            rest.select(*DUPLICATES.struct.names)
        )
        index = index.union(known.where(of_batches(also)).select(*BAND_INDEX.struct.names))
        mine = pairs.where(of_batches([*todo, *also]))
    staged = context.stage(NAME, linked)
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    return Outcome(
        tables={DUPLICATES: staged, BAND_INDEX: index},
        keys=mine.select(*origin, key),
        used=staged.where("is_kept").select(*origin, key),
        merged=staged.where("NOT is_kept").select(*origin, key),
        also=tuple(also),
    )


def _holding(units: list[Unit], rows: DataFrame) -> list[Unit]:
    """Those of some units that have one of the rows."""
    held = rows.where(of_batches(units)).select("repo_id", "batch_id").distinct().collect()
    places = {tuple(row) for row in held}
    return [unit for unit in units if (unit.repo_id, unit.batch_id) in places]


def _changed(rows: DataFrame, before: DataFrame) -> DataFrame:
    """The rows that are not what they were; new ones are not among them."""
    is_same = [f.col(f"new.{name}").eqNullSafe(f.col(f"old.{name}")) for name in rows.columns]
    return (
        rows.alias("new")
        .join(before.alias("old"), "pair_id")
        .where(~reduce(and_, is_same))
        .select("new.*")
    )


def _compared(context: Context) -> DataFrame:
    """Every pair that has a score or is held out."""
    scores = context.warehouse.read(SCORED_PAIRS).select("pair_id", "score", "below_bar")
    tiers = context.warehouse.read(REPO_PROFILES).select("repo_id", "tier")
    pairs = context.warehouse.read(PAIRS).join(f.broadcast(tiers), "repo_id", "left")
    scored = pairs.join(scores, "pair_id").select(*_COMPARED)
    if not context.warehouse.exists(EVAL_PAIRS):
        return scored
    return scored.unionByName(_held_out(context).select(*_COMPARED))


def _held_out(context: Context) -> DataFrame:
    """Pairs of evaluation sets that rules no longer give: no mix may come near these either."""
    known = context.warehouse.read(PAIRS).select("pair_id")
    gone = context.warehouse.read(EVAL_PAIRS).join(known, "pair_id", "left_anti")
    return (
        gone.groupBy("pair_id")
        .agg(f.min_by(f.struct(*gone.columns), "eval_version").alias("first"))
        .select("first.*")
        .withColumns(
            {
                "batch_id": f.concat(f.lit("held out of "), "repo_id"),
                "below_bar": f.lit(None).cast("string"),
            }
        )
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.gold.link_duplicates",),
        params=context.config.dedup,
        by_batch=True,
        units=units,
        derive=derive,
    )
