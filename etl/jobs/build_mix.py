"""Task: choose the pairs of the mix and write its version."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from etl.checks.mixes import require_apart
from etl.config import read_mix
from etl.gold.known_flaws import known_flaws
from etl.jobs.context import EVERYTHING, Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.mix.bar_pairs import bar_pairs
from etl.mix.build_mix import MixParams, choose_pairs, content_digest, fills, mix_version
from etl.schemas.bronze import COMMITS, FILE_CHANGES
from etl.schemas.gold import (
    CONTAMINATION,
    DUPLICATES,
    EVAL_PAIRS,
    MIX_PAIRS,
    MIXES,
    SCORED_PAIRS,
)
from etl.schemas.silver import PAIRS


def _mix(context: Context) -> MixParams:
    return read_mix(context.conf, context.mix)


def units(context: Context) -> list[Unit]:
    """One unit: the mix that was asked for."""
    versions = [
        f"{task} {repo} {posted.output_version}"
        for task in ("score_pairs", "link_duplicates", "decontaminate", "hold_out")
        for (repo, _), posted in context.posted(task).items()
    ]
    return [Unit(EVERYTHING, context.mix, version_of(versions))] if versions else []


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The mix's rows; every kept pair is in it or has a reason.

    Raises:
        CheckError: a pair is in it that no mix may hold.
    """
    warehouse, mix = context.warehouse, _mix(context)
    duplicates = warehouse.read(DUPLICATES)
    contamination, held_out = (
        warehouse.read(table) if warehouse.exists(table) else None
        for table in (CONTAMINATION, EVAL_PAIRS)
    )
    pairs = warehouse.read(PAIRS)
    barred = bar_pairs(duplicates, contamination, held_out, flaws_of(context, pairs))
    decided = context.stage(
        "build_mix", choose_pairs(pairs, warehouse.read(SCORED_PAIRS), duplicates, mix, barred)
    )
    chosen = decided.where("reason IS NULL")
    name = mix_version(content_digest(decided), mix)
    # pair_id is a SHA-256, so its order is as good as shuffled, and the same everywhere.
    members = context.stage(
        "build_mix_pairs",
        chosen.select(
            f.lit(name).alias("mix_version"),
            "pair_id",
            "repo_id",
            "category",
            (f.row_number().over(Window.orderBy("pair_id")) - 1).cast("long").alias("position"),
            "weight",
        ),
    )
    require_apart(members, duplicates, contamination, held_out)
    found = fills(decided, mix)
    row = (
        name,
        context.mix,
        mix.canonical(),
        sum(fill.taken for fill in found),
        [(x.category, x.target, x.taken, x.weight) for x in found],
        datetime.now(UTC),
    )
    unit = (f.lit(EVERYTHING).alias("repo_id"), f.lit(context.mix).alias("batch_id"))
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    return Outcome(
        tables={MIX_PAIRS: members, MIXES: context.spark.createDataFrame([row], MIXES.struct)},
        keys=decided.select(*unit, key),
        used=chosen.select(*unit, key),
        rejects=decided.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
        version=name,
    )


def flaws_of(context: Context, pairs: DataFrame) -> DataFrame | None:
    """The pairs that brought what was mended as a vulnerability; None without commits."""
    warehouse = context.warehouse
    if not warehouse.exists(COMMITS):
        return None
    return known_flaws(pairs, warehouse.read(COMMITS), warehouse.read(FILE_CHANGES))


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="build_mix",
        rule=("etl.mix.build_mix", "etl.mix.bar_pairs", "etl.gold.known_flaws"),
        params=_mix(context),
        by_batch=True,
        units=units,
        derive=derive,
        keep_unlisted=True,
    )


def current_version(context: Context) -> str | None:
    """Version of the mix as it was last built; None before the first."""
    posted = context.posted("build_mix").get((EVERYTHING, context.mix))
    return posted.output_version if posted else None
