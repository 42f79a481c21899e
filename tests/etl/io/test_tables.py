"""Tables as an independent Delta reader sees them after publishes of all kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t

from etl.errors import QueryError, SchemaError
from etl.io.tables import Slice, Warehouse, checksums_of, quoted, row_hash
from etl.schemas.gold import MIXES
from etl.schemas.ops import REJECTS
from etl.schemas.table import Table, column

STRING = t.StringType()
NOTES = Table(
    "silver",
    "test_notes",
    "One note, which isn't long",
    ("note_id",),
    (
        column("note_id", STRING, "Key", nullable=False),
        column("repo_id", STRING, "Repository", nullable=False),
        column("text", STRING, "What it says: it's free text"),
        column("batch_id", STRING, "Batch", nullable=False),
    ),
)
BY_REPO = Table(
    "silver", "test_states", "One state", ("repo_id",), NOTES.columns[1:], scope=("repo_id",)
)
LOG = Table(
    "gold", "test_log", "One entry", ("note_id",), NOTES.columns, scope=(), append_only=True
)
Note = tuple[str | None, ...]


@pytest.fixture(scope="module")
def shared(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("it's a warehouse")
    for table in (NOTES, BY_REPO, LOG, REJECTS, MIXES):  # names are the session's: take them over
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS spark_catalog.{table.schema}")
        spark.sql(f"DROP TABLE IF EXISTS spark_catalog.{table.full_name}")
    return Warehouse(spark, str(folder / "tables"), str(folder / "staging"))


def frame(warehouse: Warehouse, rows: Iterable[Note], table: Table = NOTES) -> DataFrame:
    return warehouse.spark.createDataFrame(list(rows), table.struct)


def rows_of(warehouse: Warehouse, table: Table) -> list[tuple[Any, ...]]:
    """All rows, sorted, read by another implementation of Delta."""
    found = DeltaTable(str(warehouse.location(table))).to_pyarrow_table().to_pylist()
    return sorted(tuple(row[name] for name in table.struct.names) for row in found)


@pytest.fixture
def notes(shared: Warehouse) -> Warehouse:
    """A table with two repositories, and two batches in one of them."""
    rows: list[Note] = [
        ("a1", "A", "one", "b1"),
        ("a2", "A", None, "b1"),
        ("a3", "A", "three", "b2"),
        ("c1", "C", "other", "b3"),
    ]
    shared.publish(NOTES, frame(shared, rows), Slice())
    assert rows_of(shared, NOTES) == sorted(rows, key=str)
    return shared


def test_a_publish_replaces_its_slice_and_nothing_else(notes: Warehouse) -> None:
    rows: list[Note] = [("a1", "A", "changed", "b1"), ("a4", "A", "new", "b1")]
    notes.publish(NOTES, frame(notes, rows), Slice(("A",), keep_batches=("b2",)))
    assert rows_of(notes, NOTES) == [
        ("a1", "A", "changed", "b1"),
        ("a3", "A", "three", "b2"),
        ("a4", "A", "new", "b1"),
        ("c1", "C", "other", "b3"),
    ]


def test_a_null_becomes_a_value_and_back(notes: Warehouse) -> None:
    area = Slice(("A",), keep_batches=("b2",))
    notes.publish(NOTES, frame(notes, [("a1", "A", None, "b1"), ("a2", "A", "", "b1")]), area)
    assert rows_of(notes, NOTES)[:2] == [("a1", "A", None, "b1"), ("a2", "A", "", "b1")]


def test_the_same_rows_again_change_no_row(notes: Warehouse) -> None:
    rows: list[Note] = [("a1", "A", "one", "b1"), ("a2", "A", None, "b1"), ("a3", "A", "x", "b2")]
    notes.publish(NOTES, frame(notes, rows), Slice(("A",)))
    before = rows_of(notes, NOTES)
    notes.publish(NOTES, frame(notes, reversed(rows)).repartition(3), Slice(("A",)))
    assert rows_of(notes, NOTES) == before
    metrics = DeltaTable(str(notes.location(NOTES))).history(1)[0]["operationMetrics"]
    for change in ("Inserted", "Updated", "Deleted"):
        assert metrics[f"numTargetRows{change}"] == "0"


def test_no_rows_empty_the_slice(notes: Warehouse) -> None:
    notes.publish(NOTES, frame(notes, []), Slice(("A",), keep_batches=("b2",)))
    assert [row[0] for row in rows_of(notes, NOTES)] == ["a3", "c1"]


def test_a_table_by_repository_forgets_the_batch_before(shared: Warehouse) -> None:
    area = Slice(("A", "C"))
    shared.publish(
        BY_REPO,
        frame(shared, [("A", "x", "b1"), ("C", "y", "b1")], BY_REPO),
        area,
    )
    again = Slice(("A",), keep_batches=("b1",))
    shared.publish(BY_REPO, frame(shared, [("A", "z", "b2")], BY_REPO), again)
    assert rows_of(shared, BY_REPO) == [("A", "z", "b2"), ("C", "y", "b1")]


def test_a_shared_table_keeps_the_rows_of_other_tasks(shared: Warehouse) -> None:
    def reject(task: str, key: str) -> tuple[str, ...]:
        return (task, "A", "b1", key, "no_reason", "detail", "v1")

    def publish(task: str, keys: list[str]) -> None:
        rows = shared.spark.createDataFrame([reject(task, k) for k in keys], REJECTS.struct)
        shared.publish(REJECTS, rows, Slice(("A",), (), f"t.task = {quoted([task])}"))

    publish("parse", ["k1", "k2"])
    publish("extract", ["k1"])
    publish("parse", ["k3"])
    assert [(row[0], row[3]) for row in rows_of(shared, REJECTS)] == [
        ("extract", "k1"),
        ("parse", "k3"),
    ]


def test_an_append_only_table_only_grows(shared: Warehouse) -> None:
    first: list[Note] = [("n1", "A", "one", "b1")]
    shared.publish(LOG, frame(shared, first, LOG), Slice())
    files = shared.data_files(LOG)
    shared.publish(LOG, frame(shared, [("n1", "A", "late", "b2")], LOG), Slice())
    assert rows_of(shared, LOG) == first
    assert shared.data_files(LOG) == files
    shared.publish(LOG, frame(shared, [("n2", "A", "two", "b2")], LOG), Slice())
    assert [row[0] for row in rows_of(shared, LOG)] == ["n1", "n2"]


def test_wrong_columns_are_all_named_and_nothing_is_written(notes: Warehouse) -> None:
    before = rows_of(notes, NOTES)
    wrong = notes.spark.createDataFrame([(1, "x")], "note_id long, extra string")
    with pytest.raises(SchemaError) as caught:
        notes.publish(NOTES, wrong, Slice())
    message = str(caught.value)
    assert "silver.test_notes" in message
    for part in ("note_id is bigint, expected string", "repo_id is missing", "text is missing",
                 "batch_id is missing", "extra is not expected"):  # fmt: skip
        assert part in message
    assert rows_of(notes, NOTES) == before


def test_a_null_in_a_required_column_is_never_written(notes: Warehouse) -> None:
    before = rows_of(notes, NOTES)
    loose = t.StructType([t.StructField(c.name, c.dataType, True) for c in NOTES.columns])
    rows = notes.spark.createDataFrame([("a9", None, "x", "b1")], loose)
    with pytest.raises(Exception, match=r"(?i)null"):
        notes.publish(NOTES, rows, Slice())
    assert rows_of(notes, NOTES) == before


def test_comments_reach_the_table(notes: Warehouse) -> None:
    schema = DeltaTable(str(notes.location(NOTES)))
    assert schema.metadata().description == NOTES.comment
    comments = {f.name: f.metadata.get("comment") for f in schema.schema().fields}
    assert comments == {c.name: c.metadata["comment"] for c in NOTES.columns}
    assert {f.name: f.nullable for f in schema.schema().fields}["note_id"] is False


def test_data_files_are_there(notes: Warehouse) -> None:
    files = notes.data_files(NOTES)
    assert files
    assert all(notes.file_exists(path) for path in files)
    assert not notes.file_exists(files[0].replace(".parquet", ".gone"))


def test_the_version_counts_commits(notes: Warehouse) -> None:
    before = notes.version(NOTES)
    notes.publish(NOTES, frame(notes, [("z", "Z", "new", "b9")]), Slice(("Z",)))
    assert notes.version(NOTES) == before + 1
    assert DeltaTable(str(notes.location(NOTES))).version() == before + 1


def test_staged_rows_come_back_as_they_were(shared: Warehouse) -> None:
    rows: list[Note] = [("n1", "A", "line\nbreak 'quote' \\ é", "b1"), ("n2", "A", None, "b1")]
    staged = shared.stage("notes", frame(shared, rows))
    assert sorted(tuple(row) for row in staged.collect()) == rows
    assert staged.schema.names == NOTES.struct.names
    again = shared.stage("notes", frame(shared, rows[:1]))
    assert again.count() == 1
    shared.stage("other", frame(shared, rows))
    shared.clear_staging("notes")
    assert [path.name for path in Path(shared.staging).iterdir()] == ["other"]
    shared.clear_staging("notes")


def test_queries_use_names_of_two_parts(notes: Warehouse) -> None:
    # Only tables of the catalogue are announced, so publish one of those.
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    row: tuple[Any, ...] = ("v", "default", "{}", 0, [], moment)
    notes.publish(MIXES, notes.spark.createDataFrame([row], MIXES.struct), Slice())
    fresh = Warehouse(notes.spark, notes.root, notes.staging)
    assert fresh.query("select mix_name from gold.mixes").collect() == [("default",)]


@pytest.mark.parametrize(
    "text",
    ["select nothing from gold.nowhere", "select nothing from silver.test_notes", "selec", ""],
)
def test_a_query_that_cannot_run_names_the_tables(
    notes: Warehouse, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(QueryError) as caught:
        notes.query(text)
    message = str(caught.value)
    assert "silver.test_notes" in message
    assert "\tat " not in message
    assert "JVM" not in message
    assert capfd.readouterr().err == "", "Spark says nothing besides"


def test_checksums_do_not_depend_on_order_or_batch(shared: Warehouse) -> None:
    rows: list[Note] = [(f"n{i}", "A", str(i) if i % 3 else None, "b1") for i in range(20)]

    def sums(found: list[Note], partitions: int) -> list[dict[str, Any]]:
        data = frame(shared, found).repartition(partitions)
        return [row.asDict() for row in checksums_of({NOTES: data}).collect()]

    (one,) = sums(rows, 1)
    assert [one] == sums(rows[::-1], 5)
    assert (one["artifact"], one["repo_id"], one["batch_id"]) == (NOTES.full_name, "A", "b1")
    assert one["row_count"] == 20
    assert one["nulls"] == 0
    (doubled,) = sums([*rows, rows[0], rows[0]], 2)
    assert doubled["checksum"] != one["checksum"]
    assert doubled["row_count"] == 22


def test_checksums_of_two_tables_are_those_of_each(shared: Warehouse) -> None:
    notes = frame(shared, [("n1", "A", "one", "b1"), ("n2", "B", "two", "b1")])
    logged = frame(shared, [("n1", "A", "one", "b1")], LOG)
    apart = [*checksums_of({NOTES: notes}).collect(), *checksums_of({LOG: logged}).collect()]
    together = checksums_of({NOTES: notes, LOG: logged}).collect()
    assert sorted(together) == sorted(apart)
    assert len(together) == 3


def test_a_null_and_its_neighbour_hash_apart(shared: Warehouse) -> None:
    data = shared.spark.createDataFrame(
        [("x", None), (None, "x"), ("", "x"), ("x", "")], "a string, b string"
    )
    hashes = [row[0] for row in data.select(row_hash({"a": data["a"], "b": data["b"]})).collect()]
    assert len(set(hashes)) == 4


def test_a_publish_leaves_the_files_of_other_repositories_alone(notes: Warehouse) -> None:
    others = set(notes.data_files(NOTES))
    rows: list[Note] = [("q1", "Q", "one", "b3"), ("q2", "Q", "two", "b3")]
    notes.publish(NOTES, frame(notes, rows), Slice(("Q",)))
    changed: list[Note] = [("q1", "Q", "other", "b3"), ("q3", "Q", "new", "b3")]
    notes.publish(NOTES, frame(notes, changed), Slice(("Q",)))
    assert [row for row in rows_of(notes, NOTES) if row[1] == "Q"] == changed
    assert others <= set(notes.data_files(NOTES))


def test_the_log_keeps_no_text_of_the_rows(shared: Warehouse) -> None:
    rows: list[Note] = [("z1", "Z", "quincunx", "b9"), ("z2", "Z", "other", "b9")]
    shared.publish(NOTES, frame(shared, rows), Slice(("Z",)))
    log = [path for path in (shared.location(NOTES) / "_delta_log").iterdir() if path.is_file()]
    assert log
    assert not [path.name for path in log if b"quincunx" in path.read_bytes()]


def test_a_purge_leaves_neither_files_nor_log_of_what_was_deleted(notes: Warehouse) -> None:
    folder = notes.location(NOTES)
    kept = [row for row in rows_of(notes, NOTES) if row[1] != "C"]
    notes.delete_keys(NOTES, frame(notes, [("c1", "C", None, "b3")]))
    notes.delete(NOTES, "repo_id = 'C'")
    for _ in range(2):  # killed and repeated
        notes.purge(NOTES)
        assert rows_of(notes, NOTES) == kept
        there = [x for x in folder.rglob("*.parquet") if x.parent.name != "_delta_log"]
        files = sorted(path.name for path in there)  # no change data is among them
        assert files == sorted(path.rpartition("/")[2] for path in notes.data_files(NOTES))
    assert not (folder / "_delta_log" / "00000000000000000000.json").exists()
    notes.publish(NOTES, frame(notes, [("c1", "C", "again", "b4")]), Slice(("C",)))
    assert rows_of(notes, NOTES) == sorted([*kept, ("c1", "C", "again", "b4")])


def older(warehouse: Warehouse, *columns: str, properties: str = "") -> Table:
    """A table that another version of the code wrote with one row, and the one of this version."""
    table = replace(NOTES, name=f"test_old_{len(columns)}{len(properties)}")
    name, place = warehouse.name(table), warehouse.location(table)
    warehouse.spark.sql(f"DROP TABLE IF EXISTS {name}")
    path = str(place).replace("'", "\\'")
    warehouse.spark.sql(
        f"CREATE TABLE {name} ({', '.join(columns)}) USING DELTA LOCATION '{path}' {properties}"
    )
    names = [column.split()[0] for column in columns]
    values = ", ".join(f"'old {name}' AS {name}" for name in names)
    warehouse.spark.sql(f"INSERT INTO {name} BY NAME SELECT {values}")
    return table


def test_a_table_that_lacks_a_nullable_column_gets_it(shared: Warehouse) -> None:
    table = older(
        shared, "note_id STRING NOT NULL", "repo_id STRING NOT NULL", "batch_id STRING NOT NULL"
    )
    assert shared.read(table).columns == NOTES.struct.names
    shared.publish(table, frame(shared, [("n", "R", "new", "b")]), Slice(("R",)))
    assert rows_of(shared, table) == [
        ("n", "R", "new", "b"),
        ("old note_id", "old repo_id", None, "old batch_id"),
    ]
    stored = DeltaTable(str(shared.location(table)))
    assert stored.schema().fields[2].metadata["comment"] == "What it says: it's free text"
    settings = stored.metadata().configuration
    assert settings["codesluice.version"] == "1"
    assert settings["codesluice.writer"]
    assert settings["delta.dataSkippingStatsColumns"] == "note_id,repo_id,batch_id"
    version = shared.version(table)
    shared.spark.sql(f"DROP TABLE {shared.name(table)}")
    assert Warehouse(shared.spark, shared.root, shared.staging).version(table) == version


def test_a_table_of_a_newer_version_is_refused_unchanged(shared: Warehouse) -> None:
    table = older(
        shared,
        *("note_id STRING NOT NULL", "repo_id STRING NOT NULL", "text STRING", "mood STRING"),
        properties="TBLPROPERTIES ('codesluice.version' = '2', 'codesluice.writer' = '9.1.0')",
    )
    before = DeltaTable(str(shared.location(table))).version()
    with pytest.raises(SchemaError, match=r"newer version of Codesluice \(9\.1\.0.*mood"):
        shared.read(table)
    assert DeltaTable(str(shared.location(table))).version() == before


texts = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12
) | st.text(alphabet="'\\\"%;-${}n", max_size=8)


@settings(max_examples=30)
@given(values=st.lists(texts, max_size=5))
@example(values=["${0}", "${spark.app.name}", "\\${x}'", "\\u0024"])
def test_quoted_values_are_nothing_but_values(spark: SparkSession, values: list[str]) -> None:
    expression = f"array({quoted(values)})"
    row = spark.range(1).selectExpr(f"{expression} AS found").first()
    assert row is not None
    assert row["found"] == (sorted(set(values)) or [""])
