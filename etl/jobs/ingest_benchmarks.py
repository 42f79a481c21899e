"""Task: read the problems of the benchmarks that the configuration names."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.ingest_benchmarks import FILES, UNREADABLE, ingest_benchmarks
from etl.errors import SourceError
from etl.io.files import content_digest, named_file
from etl.jobs.context import EVERYTHING, Context, Done, Unit
from etl.jobs.execute import Outcome, Task, execute
from etl.schemas.bronze import BENCHMARKS

NAME = "ingest_benchmarks"


def run(context: Context) -> Done:
    """Bring bronze.benchmarks up to date.

    Without benchmarks there is nothing to ask Spark: a home that never had any has no table, and
    one that had some finds them in the ledger and deletes them.
    """
    if not context.config.benchmarks and not context.warehouse.exists(BENCHMARKS):
        return Done(0, {})
    return execute(context, task())


def units(context: Context) -> list[Unit]:
    """One unit a file; done anew when its content or the way to read it differs."""
    return [
        Unit(
            EVERYTHING,
            benchmark.name,
            f"{content_digest(named_file(f'benchmarks.{benchmark.name}', benchmark.path))} "
            f"{benchmark.version()}",
        )
        for benchmark in context.config.benchmarks
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The problems of the files in work; a record that is none has a reason.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    names = {unit.batch_id for unit in todo}
    files = [
        (str(named_file(f"benchmarks.{one.name}", one.path)), one.model_dump_json())
        for one in context.config.benchmarks
        if one.name in names
    ]
    # A file a task: each is read once, from its beginning.
    frame = context.spark.createDataFrame(files, FILES).repartition(max(1, len(files)), "path")
    staged = context.stage(NAME, ingest_benchmarks(frame))
    failed = staged.where(f.col("reason") == UNREADABLE).orderBy("batch_id").collect()
    if failed:
        reasons = "; ".join(f"benchmarks.{row['batch_id']}: {row['detail']}" for row in failed)
        raise SourceError(
            f"Cannot read {reasons}. Nothing was written; bring the files again, or remove them "
            "from the configuration."
        )
    place = (f.lit(EVERYTHING).alias("repo_id"), "batch_id", "key")
    found = staged.where("reason IS NULL")
    refused = staged.where("reason IS NOT NULL").groupBy("batch_id", "key", "reason")
    return Outcome(
        tables={
            BENCHMARKS: found.select(*BENCHMARKS.struct.names).dropDuplicates(["problem_hash"])
        },
        keys=staged.select(*place),
        used=found.select(*place),
        rejects=refused.agg(f.min("detail").alias("detail")).select(*place, "reason", "detail"),
    )


def task() -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.bronze.ingest_benchmarks",),
        params=None,
        by_batch=True,
        units=units,
        derive=derive,
    )
