"""Task: make pairs of what kept repositories hold at HEAD, if the configuration asks for any."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.sources import digest
from etl.jobs.context import Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import batches_of, decided_by_key, read_by, reader
from etl.schemas.bronze import BLOBS, FILES, REPOS
from etl.schemas.silver import FUNCTIONS, REPO_PROFILES
from etl.silver.pair_structure import ORIGIN, PairStructureParams, pair_structure

NAME = "pair_structure"


def _params(context: Context) -> PairStructureParams:
    config = context.config
    return PairStructureParams(
        structure=config.structure, extract=config.extract, licences=config.profile.licences()
    )


def units(context: Context) -> list[Unit]:
    """Every kept repository, anew when its files change; none where no kind is asked for."""
    if not context.config.structure.kinds:
        return []
    read = read_by(context, "ingest_git", "ingest_corpus", "parse_functions")
    kept = context.warehouse.read(REPO_PROFILES).where("keep").select("repo_id", "licence", "name")
    return [
        Unit(repo, digest(NAME, repo), version_of([f"{licence} {name}", *read.get(repo, [])]))
        for repo, licence, name in kept.collect()
    ]


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One pair or one reason for everything that may be asked for."""
    read = reader(context, todo)
    decided = pair_structure(
        read(FILES),
        read(BLOBS),
        read(FUNCTIONS),
        read(REPOS),
        read(REPO_PROFILES),
        _params(context),
    )
    staged = context.stage(
        NAME,
        decided.join(batches_of(context, todo), "repo_id").withColumn(
            "rule_version", f.lit(version)
        ),
    )
    return decided_by_key(staged)


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.silver.pair_structure",),
        params=_params(context),
        by_batch=False,
        units=units,
        derive=derive,
        own=f"t.origin = '{ORIGIN}'",
    )
