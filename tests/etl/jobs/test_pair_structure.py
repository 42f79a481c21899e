"""Pairs from structure are made only where they are asked for, and go when they no longer are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from etl.io.tables import Slice
from etl.jobs import pair_structure
from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.schemas.bronze import BLOBS, FILES, REPOS
from etl.schemas.ops import REJECTS
from etl.schemas.silver import FUNCTIONS, PAIRS, REPO_PROFILES
from etl.silver.parse_functions import parse_functions
from tests.contexts import open_home
from tests.etl.silver.frames import profiles, read_bronze
from tests.etl.silver.rows import rows
from tests.repositories import MIT, RepositoryBuilder
from tests.udfs.structure.repository import TEXTS
from udfs.structure import Kind


def asking(context: Context, *kinds: Kind) -> Context:
    structure = context.config.structure.model_copy(update={"kinds": kinds})
    return replace(context, config=context.config.model_copy(update={"structure": structure}))


def test_pairs_from_structure_over_their_life(spark: SparkSession, tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path / "tally")
    repo.write("LICENSE", MIT)
    for path, text in TEXTS.items():
        repo.write(path, text)
    head = repo.commit("Add it all")
    bronze = read_bronze(spark, {"tally": repo})
    opened = open_home(spark, tmp_path / "home")
    assert execute(opened, pair_structure.task(opened)).units == 0
    assert not opened.warehouse.exists(REPO_PROFILES), "nothing was asked of Spark"

    profile = {"name": "tally", "licence": "MIT", "keep": True, "as_of": date(2026, 1, 1)}
    parsed = parse_functions(
        bronze.files, bronze.blobs, profiles(spark, {"tally": True}), opened.config.parse
    )
    functions = parsed.where("reason IS NULL").selectExpr("*", "'v' AS rule_version")
    for table, frame in {
        REPOS: bronze.repos,
        FILES: bronze.files,
        BLOBS: bronze.blobs,
        FUNCTIONS: functions.select(*FUNCTIONS.struct.names),
        REPO_PROFILES: rows(spark, REPO_PROFILES, profile),
    }.items():
        opened.warehouse.publish(table, frame, Slice())
    context = asking(opened, "docstring_to_body", "docs_to_code")
    done = execute(context, pair_structure.task(context))
    assert done.counts == {"silver.pairs": 4, "rejected": 6, "merged": 0}
    found = context.warehouse.read(PAIRS).collect()
    assert {row["commit_oid"] for row in found} == {head}
    assert {row["origin"] for row in found} == {"structure"}
    assert execute(context, pair_structure.task(context)).units == 0

    silent = asking(opened)
    assert execute(silent, pair_structure.task(silent)).units == 1
    assert silent.warehouse.read(PAIRS).isEmpty() and silent.warehouse.read(REJECTS).isEmpty()
