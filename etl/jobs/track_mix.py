"""Task: log the mix version as one MLflow run."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

from pyspark.sql import functions as f

from etl.config import read_mix
from etl.io.spark import on_databricks
from etl.io.tables import Slice
from etl.io.tracking import MixRun, TableVersion, log_mix
from etl.jobs.build_mix import current_version
from etl.jobs.context import EVERYTHING, Context, Done
from etl.mix.build_mix import Fill
from etl.mix.report import draw_mix, manifest, pair_as_markdown
from etl.schemas import Table
from etl.schemas.gold import (
    CONTAMINATION,
    DUPLICATES,
    EVAL_PAIRS,
    MIX_PAIRS,
    MIXES,
    SCORED_PAIRS,
)
from etl.schemas.silver import PAIRS, REPO_PROFILES

NAME = "track_mix"
INPUTS: tuple[Table, ...] = (REPO_PROFILES, PAIRS, SCORED_PAIRS, DUPLICATES, MIXES, MIX_PAIRS)
APART: tuple[Table, ...] = (CONTAMINATION, EVAL_PAIRS)  # where the configuration asks for them
SAMPLE_ROWS = 20
SAMPLE = "sample.md"  # the one artifact that holds text of pairs


def run(context: Context) -> Done:
    """Log the current version of the mix, unless it has been."""
    with context.meter(NAME):
        version = current_version(context)
        if version is None or (EVERYTHING, version) in context.posted(NAME):
            return Done(0, {})
        run_id = _log(context, version)
        _post(context, version, run_id)
    return Done(1, {"runs": 1})


def _log(context: Context, version: str) -> str:
    warehouse = context.warehouse
    row = warehouse.read(MIXES).where(f.col("mix_version") == version).collect()[0]
    found = [Fill(c["category"], c["target"], c["taken"], c["weight"]) for c in row["categories"]]
    pairs = (
        warehouse.read(MIX_PAIRS)
        .where(f.col("mix_version") == version)
        .select("pair_id", "position")
        .join(warehouse.read(PAIRS), "pair_id")
        .join(warehouse.read(SCORED_PAIRS).select("pair_id", "score"), "pair_id")
    )
    licences = {r[0]: r[1] for r in pairs.groupBy("licence").count().collect()}
    scores = [r[0] for r in pairs.orderBy("position").select("score").collect()]
    sample = pairs.orderBy("position").limit(SAMPLE_ROWS).collect()
    read = [*INPUTS, *(table for table in APART if warehouse.exists(table))]
    tables = {table.full_name: warehouse.version(table) for table in read}
    folder = context.home.staging / NAME
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mix = read_mix(context.conf, context.mix)
    text = manifest(context.mix, version, mix, found, tables, licences)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    pages = "\n".join(pair_as_markdown(pair.asDict()) for pair in sample)
    (folder / SAMPLE).write_text(pages, encoding="utf-8")
    draw_mix(context.mix, found, scores, folder / "mix.png")
    metrics: dict[str, float] = {"rows": row["rows"]}
    for fill in found:
        metrics[f"{fill.category}.taken"] = fill.taken
        metrics[f"{fill.category}.missing"] = fill.missing
    if scores:
        metrics["score.mean"] = sum(scores) / len(scores)
        metrics["score.min"] = min(scores)
    metrics["repositories"] = pairs.select("repo_id").distinct().count()
    params = {
        "mix": context.mix,
        "min_score": str(mix.min_score),
        "as_of": context.as_of.isoformat(),
        **{f"target.{fill.category}": str(fill.target) for fill in found},
        **{f"weight.{fill.category}": str(fill.weight) for fill in found},
    }
    inputs = tuple(
        TableVersion(table.full_name, _address(context, table), tables[table.full_name])
        for table in read
    )
    managed = on_databricks()
    return log_mix(
        MixRun(context.mix, version, params, metrics, inputs, folder),
        tracking_uri="databricks" if managed else context.home.tracking_uri,
        artifact_location=None if managed else context.home.artifacts,
    )


def _address(context: Context, table: Table) -> str:
    if context.warehouse.root:
        return str(context.warehouse.location(table))
    return context.warehouse.name(table)


def _post(context: Context, version: str, run_id: str) -> None:
    entry = {
        "task": NAME,
        "repo_id": EVERYTHING,
        "batch_id": version,
        "rule_version": "",
        "input_version": version,
        "input_keys": 1,
        "used": 1,
        "rejected": 0,
        "merged": 0,
        "output_rows": 0,
        "output_version": run_id,
        "recorded_at": datetime.now(UTC),
    }
    context.ledger.post(
        NAME, [entry], Slice(None, (), f"t.task = '{NAME}' AND t.batch_id = '{version}'")
    )


def run_id_of(context: Context, version: str) -> str | None:
    """The MLflow run of a mix version; None when it has not been logged."""
    posted = context.posted(NAME).get((EVERYTHING, version))
    return posted.output_version if posted else None
