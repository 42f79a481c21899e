"""Write, audit, publish: only what changed is derived again, and nothing broken is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from etl.errors import CheckError, LedgerError, SchemaError, SluiceError
from etl.jobs.execute import Outcome, execute
from etl.schemas import Table
from etl.schemas.bronze import BLOBS
from etl.schemas.ops import CHECKSUMS, REJECTS, ROW_LEDGER
from tests.contexts import open_home
from tests.etl.jobs.toy import Params, Toy

Rows = list[tuple[Any, ...]]


@pytest.fixture
def toy(spark: SparkSession, tmp_path: Path) -> Toy:
    texts = {("r", "b1"): ["one", "three"], ("r", "b2"): ["four"], ("s", "b3"): ["x", "seven"]}
    return Toy(open_home(spark, tmp_path / "home"), texts)


def rows(toy: Toy, table: Table, *columns: str) -> Rows:
    found = toy.context.warehouse.read(table).select(*columns).collect()
    return sorted(tuple(row) for row in found)


def blobs(toy: Toy) -> Rows:
    return rows(toy, BLOBS, "repo_id", "batch_id", "blob_oid")


def run(toy: Toy, shortest: int = 2) -> int:
    return execute(toy.context, toy.task(Params(shortest=shortest))).units


def test_a_task_over_its_life(toy: Toy) -> None:
    """First run, second run, one changed batch, another rule, a batch that is no more."""
    done = execute(toy.context, toy.task(Params(shortest=2)))
    assert (done.units, done.counts) == (3, {"bronze.blobs": 4, "rejected": 1, "merged": 0})
    assert blobs(toy) == [
        ("r", "b1", "one"),
        ("r", "b1", "three"),
        ("r", "b2", "four"),
        ("s", "b3", "seven"),
    ]
    rejects = rows(toy, REJECTS, "task", "batch_id", "key", "reason", "detail")
    assert rejects == [("toy", "b3", "x", "too_short", "1")]
    sums = ("batch_id", "input_keys", "used", "rejected", "merged", "output_rows")
    assert rows(toy, ROW_LEDGER, *sums) == [
        ("b1", 2, 2, 0, 0, 2),
        ("b2", 1, 1, 0, 0, 1),
        ("b3", 2, 1, 1, 0, 1),
    ]
    recorded = toy.context.warehouse.read(CHECKSUMS).where("kind = 'rows'")
    assert {(r["batch_id"], r["row_count"]) for r in recorded.collect()} == {
        ("b1", 2),
        ("b2", 1),
        ("b3", 1),
    }

    before = toy.context.warehouse.version(BLOBS)
    assert run(toy) == 0
    assert len(toy.derived) == 1
    assert toy.context.warehouse.version(BLOBS) == before

    toy.texts["r", "b1"] = ["one", "two"]
    assert run(toy) == 1
    assert toy.derived[-1] == [("r", "b1")]
    assert blobs(toy) == [
        ("r", "b1", "one"),
        ("r", "b1", "two"),
        ("r", "b2", "four"),
        ("s", "b3", "seven"),
    ]

    assert run(toy, shortest=4) == 3
    assert blobs(toy) == [("r", "b2", "four"), ("s", "b3", "seven")]
    assert {row[1] for row in rows(toy, REJECTS, "task", "key")} == {"one", "two", "x"}

    del toy.texts["s", "b3"]
    assert run(toy, shortest=4) == 1
    assert blobs(toy) == [("r", "b2", "four")]
    assert {row[1] for row in rows(toy, REJECTS, "task", "key")} == {"one", "two"}
    assert {row[1] for row in rows(toy, ROW_LEDGER, "task", "batch_id")} == {"b1", "b2"}


def twice(found: Outcome) -> Outcome:
    frame = found.tables[BLOBS]
    return replace(found, tables={BLOBS: frame.unionAll(frame)})


def nulled(found: Outcome) -> Outcome:
    frame = found.tables[BLOBS].withColumn("size", f.lit(None).cast("long"))
    return replace(found, tables={BLOBS: frame})


SPOILED: dict[str, tuple[Callable[[Outcome], Outcome], type[SluiceError], str]] = {
    "a key lost": (lambda o: replace(o, used=o.used.where("key != 'two'")), LedgerError, "two 1 0"),
    "a key with two fates": (
        lambda o: replace(o, merged=o.used.where("key = 'two'")),
        LedgerError,
        "two 1 1 0 1",
    ),
    "a key made up": (
        lambda o: replace(o, keys=o.keys.where("key != 'two'")),
        LedgerError,
        "two 0 1",
    ),
    "a row doubled": (twice, CheckError, "occurs 2 times"),
    "a null": (nulled, CheckError, "null in size"),
    "a column lost": (
        lambda o: replace(o, tables={BLOBS: o.tables[BLOBS].drop("text")}),
        SchemaError,
        "text is missing",
    ),
}


def test_what_is_broken_is_refused_and_everything_stays(toy: Toy) -> None:
    run(toy)
    tables = (BLOBS, REJECTS, ROW_LEDGER, CHECKSUMS)
    before = [toy.context.warehouse.version(table) for table in tables]
    toy.texts["r", "b1"] = ["one", "two"]
    for name, (spoil, error, words) in SPOILED.items():
        toy.spoil = spoil
        with pytest.raises(error, match=words):
            run(toy)
        assert [toy.context.warehouse.version(table) for table in tables] == before, name
    toy.spoil = None
    assert run(toy) == 1, "the unit is still to be done"
