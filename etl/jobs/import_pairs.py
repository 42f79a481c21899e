"""Task and command: take in the pairs that a team's own experts wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import functions as f

from etl.bronze.sources import digest
from etl.config import Config
from etl.errors import SourceError
from etl.io.home import Home
from etl.io.pair_files import land_file, landed_files
from etl.jobs.context import Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.removals import removed_people
from etl.jobs.whole_repositories import decided_by_key
from etl.silver.extract_pairs import PairParams
from etl.silver.import_pairs import (
    EXPERTS,
    FILES,
    ORIGIN,
    decide_line,
    import_pairs,
    lines_of,
)

NAME = "import_pairs"
_MOST_TOLD = 20


def _params(config: Config) -> PairParams:
    return PairParams(extract=config.extract, licences=config.profile.licences())


def land_pairs(home: Home, config: Config, file: Path) -> dict[str, Any]:
    """Check the lines of a file, and keep it for the next run.

    Returns:
        Where it is kept, whether it is new, the pairs in it, and the lines that will be rejected.

    Raises:
        SourceError: it cannot be read, or none of its lines is a pair.
    """
    params = _params(config)
    may_learn = params.licences.predicate()
    pairs, rejected = 0, []
    try:
        content = file.read_bytes()
        for number, line in lines_of(file):
            found = decide_line(line, params, may_learn)
            if "reason" in found:
                rejected.append({"line": number, **found})
            else:
                pairs += 1
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}.") from error
    if not pairs:
        raise SourceError(
            f"{file} holds no pair. {'; '.join(_told(rejected)) or 'It is empty'}. Each line must "
            "be an object with instruction, response, category, language, licence and author."
        )
    place, is_new = land_file(home.landing, content)
    return {"file": str(place), "is_new": is_new, "pairs": pairs, "rejected": rejected}


def _told(rejected: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"line {x['line']}: {x['reason']}" + (f": {x['detail']}" if x.get("detail") else "")
        for x in rejected[:_MOST_TOLD]
    ]
    more = len(rejected) - _MOST_TOLD
    return [*lines, f"and {more:,} more lines"] if more > 0 else lines


def landed_text(report: dict[str, Any]) -> str:
    """What a file holds, for a terminal."""
    known = "" if report["is_new"] else ", which were imported before"
    lines = [f"{report['pairs']:,} pairs{known}"]
    if report["rejected"]:
        lines.append(f"{len(report['rejected']):,} lines are left out:")
        lines += [f"  {line}" for line in _told(report["rejected"])]
    lines.append("The next `sluice run` scores them and offers them to the mix.")
    return "\n".join(lines)


def units(context: Context) -> list[Unit]:
    """All files together, since a pair may stand in several; none without a file."""
    files = landed_files(context.home.landing)
    if not files:
        return []
    version = version_of([*(file.name for file in files), *removed_people(context)])
    return [Unit(EXPERTS, digest(NAME, EXPERTS), version)]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One pair or one reason for every line."""
    paths = [(str(file),) for file in landed_files(context.home.landing) if todo]
    frame = context.spark.createDataFrame(paths, FILES).repartition(max(1, len(paths)), "path")
    batch = f.lit(digest(NAME, EXPERTS)).alias("batch_id")
    staged = context.stage(
        NAME,
        import_pairs(frame, _params(context.config), removed_people(context))
        .withColumn("repo_id", f.lit(EXPERTS))
        .select("*", batch, f.lit(version).alias("rule_version")),
    )
    return decided_by_key(staged)


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.silver.import_pairs",),
        params=_params(context.config),
        by_batch=False,
        units=units,
        derive=derive,
        own=f"t.origin = '{ORIGIN}'",
    )
