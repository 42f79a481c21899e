"""Task: write the evaluation set that the configuration names, once, and guard it from then on."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.errors import ConfigError, IntegrityError
from etl.gold.hold_out import EvaluationParams, hold_out
from etl.io.tables import checksums_of, quoted
from etl.jobs.build_mix import flaws_of
from etl.jobs.context import EVERYTHING, Context, Done, Unit, version_of
from etl.jobs.execute import Outcome, Task, execute, output_version
from etl.mix.bar_pairs import bar_pairs
from etl.schemas.gold import CONTAMINATION, DUPLICATES, EVAL_PAIRS, SCORED_PAIRS
from etl.schemas.ops import CHECKSUMS
from etl.schemas.silver import PAIRS, REPO_PROFILES

NAME = "hold_out"
_NOTHING = output_version([])


def run(context: Context) -> Done:
    """Write the set of this version, or verify that it is still what was written.

    A version without any pair is not frozen: it is tried again when there are other pairs.

    Raises:
        ConfigError: the configuration asks for something else under the version's name.
        IntegrityError: the rows are not those that were written.
    """
    params = context.config.evaluation
    if params is None:
        return Done(0, {})
    posted = context.posted(NAME).get((EVERYTHING, params.version))
    if posted is None or posted.output_version == _NOTHING:
        if context.warehouse.exists(EVAL_PAIRS):  # of a run that was killed before it was written
            mine = f"eval_version IN ({quoted([params.version])})"
            context.warehouse.delete(EVAL_PAIRS, mine)
        return execute(context, _task(params))
    if posted.input_version.split()[0] != params.digest():
        raise ConfigError(
            f"evaluation.version `{params.version}` is written and stays as it is, but the section "
            "`evaluation` asks for other pairs. Set the values back, or name another version."
        )
    _verify(context, params.version)
    return Done(0, {})


def _verify(context: Context, version: str) -> None:
    mine = f.col("eval_version") == version
    rows = {EVAL_PAIRS: context.warehouse.read(EVAL_PAIRS).where(mine)}
    found = [(row["row_count"], row["checksum"]) for row in checksums_of(rows).collect()]
    recorded = (
        context.warehouse.read(CHECKSUMS)
        .where((f.col("kind") == "rows") & (f.col("artifact") == EVAL_PAIRS.full_name))
        .where(f.col("batch_id") == version)
        .select("row_count", "checksum")
    )
    if found != [tuple(row) for row in recorded.collect()]:
        raise IntegrityError(
            f"The evaluation set {version} in {EVAL_PAIRS.full_name} is not what was written. "
            "Restore the table from a copy, or name another version in evaluation.version."
        )


def _task(params: EvaluationParams) -> Task:
    def units(context: Context) -> list[Unit]:
        versions = [
            f"{name} {repo} {posted.output_version}"
            for name in ("profile_repos", "score_pairs", "link_duplicates", "decontaminate")
            for (repo, _), posted in context.posted(name).items()
        ]
        input_version = f"{params.digest()} {version_of(versions)}"
        return [Unit(EVERYTHING, params.version, input_version)] if versions else []

    def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
        warehouse = context.warehouse
        pairs, duplicates = warehouse.read(PAIRS), warehouse.read(DUPLICATES)
        contamination = warehouse.read(CONTAMINATION) if warehouse.exists(CONTAMINATION) else None
        decided = context.stage(
            NAME,
            hold_out(
                pairs,
                warehouse.read(SCORED_PAIRS),
                duplicates,
                warehouse.read(REPO_PROFILES),
                bar_pairs(duplicates, contamination, None, flaws_of(context, pairs)),
                params,
            ),
        )
        chosen = decided.where("reason IS NULL")
        name = f.lit(params.version)
        unit = (f.lit(EVERYTHING).alias("repo_id"), name.alias("batch_id"))
        key = f.concat(f.lit("pair "), "pair_id").alias("key")
        return Outcome(
            tables={
                EVAL_PAIRS: chosen.withColumn("eval_version", name).select(*EVAL_PAIRS.struct.names)
            },
            keys=decided.select(*unit, key),
            used=chosen.select(*unit, key),
            rejects=decided.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
        )

    return Task(
        name=NAME,
        rule=("etl.gold.hold_out", "etl.gold.known_flaws", "etl.mix.bar_pairs"),
        params=params,
        by_batch=True,
        units=units,
        derive=derive,
        keep_unlisted=True,
    )
