"""Damage of each kind is found, and told as table, batch and file."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.jobs.verify import Fault, Verification, verify_all
from etl.schemas.bronze import BLOBS
from tests.contexts import open_home
from tests.etl.jobs.toy import Params, Toy


@pytest.fixture(scope="module")
def context(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Context:
    made = open_home(spark, tmp_path_factory.mktemp("verify") / "a home")
    toy = Toy(made, {("r", "b1"): ["one", "two"], ("s", "b2"): ["three", "x"]})
    execute(made, toy.task(Params(shortest=2)))
    return made


def test_sound_tables_have_no_faults(context: Context) -> None:
    found = verify_all(context)
    assert found.faults == ()
    assert found.files >= 2
    assert "match their checksums" in found.text()


def test_rows_that_another_program_changed_are_told_by_batch(context: Context) -> None:
    name = context.warehouse.name(BLOBS)
    context.spark.sql(f"UPDATE {name} SET text = 'other' WHERE blob_oid = 'one'")
    faults = verify_all(context).faults
    assert faults
    assert {fault.table for fault in faults} == {"bronze.blobs"}
    assert any("b1" in fault.batch_id for fault in faults)


def test_the_text_names_table_batch_and_file() -> None:
    faults = (
        Fault("silver.pairs", "b1, b2", "part-0.parquet", "the file is missing"),
        Fault("gold.mixes", "m1", None, "3 rows are gone"),
    )
    text = Verification(5, 2, faults).text()
    assert text.startswith("2 artifacts do not match")
    for part in ("table silver.pairs, batch b1, b2", "file part-0.parquet: the file is missing",
                 "table gold.mixes, batch m1", "3 rows are gone", "Restore"):  # fmt: skip
        assert part in text
    assert Verification(5, 2, faults).as_dict()["faults"][1]["file"] is None
