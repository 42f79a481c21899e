"""Task: find the problems of the configured benchmarks in the pairs of each batch."""

from __future__ import annotations

from collections import defaultdict

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.checks.canaries import require_found
from etl.gold.decontaminate import INPUTS, decontaminate
from etl.jobs import ingest_benchmarks
from etl.jobs.context import Context, Done, Unit, of_batches, version_of
from etl.jobs.execute import Outcome, Task, execute
from etl.jobs.score_pairs import PAIR_TASKS
from etl.mix.bar_pairs import CONTAMINATED
from etl.schemas.bronze import BENCHMARKS
from etl.schemas.gold import CONTAMINATION
from etl.schemas.silver import PAIRS
from udfs.decontamination.canaries import Canary, count_found, make_canaries
from udfs.decontamination.index import build_index
from udfs.decontamination.model import Problem

NAME = "decontaminate"
_PLANTED = "*"  # repository of the canaries


def run(context: Context) -> Done:
    """Bring gold.contamination up to date; without benchmarks there is nothing to ask Spark."""
    if not context.config.benchmarks and not context.warehouse.exists(CONTAMINATION):
        return Done(0, {})
    return execute(context, task(context))


def units(context: Context) -> list[Unit]:
    """Every batch that pairs were taken from, while there are benchmarks."""
    benchmarks = [
        posted.output_version for posted in context.posted(ingest_benchmarks.NAME).values()
    ]
    if not benchmarks:
        return []
    return [
        Unit(repo, batch, version_of([posted.output_version, version_of(benchmarks)]))
        for name in PAIR_TASKS
        for (repo, batch), posted in context.posted(name).items()
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The hits in the pairs of the batches in work; a pair without any is used.

    Problems are planted beside the pairs, and searched for in the same pass.

    Raises:
        CheckError: a level does not find the planted problems that it claims to find.
    """
    params = context.config.decontamination
    pairs = context.warehouse.read(PAIRS).where(of_batches(todo))
    problems = read_problems(context)
    index = build_index(problems, params.to_spec())
    canaries = make_canaries(problems, index, params.canaries.problems)
    searched = pairs.select(*INPUTS)
    planted = context.spark.createDataFrame(
        [_as_pair(number, canary) for number, canary in enumerate(canaries)], searched.schema
    )
    staged = context.stage(NAME, decontaminate(searched.unionByName(planted), index))
    counts = _require_sound(context, canaries, staged)
    hits = staged.where(f.col("repo_id") != _PLANTED)
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    what = f.concat_ws(" ", "benchmark", "problem_id", "level")
    given_away = hits.groupBy(*unit, "pair_id").agg(f.min(what).alias("detail"))
    return Outcome(
        tables={
            CONTAMINATION: hits.withColumn("rule_version", f.lit(version)).select(
                *CONTAMINATION.struct.names
            )
        },
        keys=pairs.select(*unit, key),
        used=pairs.join(given_away, "pair_id", "left_anti").select(*unit, key),
        rejects=given_away.select(*unit, key, f.lit(CONTAMINATED).alias("reason"), "detail"),
        counts=counts,
    )


def read_problems(context: Context) -> list[Problem]:
    """The problems that the home holds."""
    names = ("benchmark", "problem_id", "prompt", "solution", "language")
    return [Problem(*row) for row in context.warehouse.read(BENCHMARKS).select(*names).collect()]


def _as_pair(number: int, canary: Canary) -> tuple[str, ...]:
    texts = (canary.language, canary.instruction, canary.context, canary.response)
    return (str(number), _PLANTED, _PLANTED, *texts)


def _require_sound(context: Context, canaries: list[Canary], staged: DataFrame) -> dict[str, int]:
    seen: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
    names = ("pair_id", "benchmark", "problem_id", "level")
    for number, *hit in (
        staged.where(f.col("repo_id") == _PLANTED).select(*names).distinct().collect()
    ):
        seen[int(number)].add((hit[0], hit[1], hit[2]))
    found = count_found(canaries, seen)
    require_found(NAME, found.claimed, context.config.decontamination.canaries.least_found)
    return {"planted": len(canaries), "rewritten_missed": found.missed["rewritten"]}


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.gold.decontaminate", "udfs.decontamination.canaries"),
        params=context.config.decontamination,
        by_batch=True,
        units=units,
        derive=derive,
    )
