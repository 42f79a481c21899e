"""Each version of an object is one row, whichever file or order brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.bronze.ingest_collaboration import (
    DUMPS,
    READ,
    TABLE_OF,
    Chosen,
    choose_versions,
    file_path,
    read_archives,
    read_dumps,
    rows_of,
)
from etl.bronze.input_files import InputLimits
from etl.bronze.repo_names import UNKNOWN, input_batch, repo_id_of
from etl.bronze.survey_inputs import archive_events
from etl.checks.ledger import account
from etl.schemas import require_schema
from tests.collaboration import (
    TALLY,
    comment,
    encoded,
    event,
    issue,
    payload_files,
    pull,
    webhook,
    write_lines,
)
from udfs.collaboration import FIELDS

LIMITS = InputLimits(max_line_bytes=1_000_000, max_depth=64)
ISSUES = TABLE_OF["issue"]


def dumps(spark: SparkSession, *paths: Path) -> DataFrame:
    """What some files say; the name of a file stands for its SHA-256."""
    files = [(str(path), path.name) for path in paths]
    return read_dumps(spark.createDataFrame(files, DUMPS), {}, LIMITS)


def kept(spark: SparkSession, read: DataFrame) -> DataFrame:
    """Rows that need not be read again."""
    return spark.createDataFrame(read.collect(), READ)


def sums(chosen: Chosen) -> list[tuple[int, ...]]:
    found = account(chosen.keys, chosen.used, chosen.rejects, chosen.merged).collect()
    assert not [row["example"] for row in found if row["broken"]]
    names = ("input_keys", "used", "rejected", "merged")
    return sorted(tuple(row[name] for name in names) for row in found)


def issues(rows: DataFrame) -> list[tuple[Any, ...]]:
    columns = ISSUES.content_columns
    return sorted((tuple(r) for r in rows_of(rows, "issue").select(*columns).collect()), key=repr)


@pytest.mark.parametrize("kind", FIELDS)
def test_every_typed_field_has_its_column(kind: str) -> None:
    fields = {field.column for field in FIELDS[kind]}
    given = {"repo_id", "batch_id", "version", "number", "extra", "deleted", "completeness"}
    worked_out = {"is_pull", "event_id", "source_repository"}
    assert set(TABLE_OF[kind].struct.names) - worked_out == fields | given
    types = {"text": "string", "integer": "bigint", "boolean": "boolean", "time": "timestamp",
             "names": "array<string>"}  # fmt: skip
    columns = {c.name: c.dataType.simpleString() for c in TABLE_OF[kind].columns}
    assert {f.column: types[f.type] for f in FIELDS[kind]}.items() <= columns.items()


def test_files_in_any_order_give_the_same_rows(spark: SparkSession, tmp_path: Path) -> None:
    edited = issue(1, 5, title="Other")
    parts: dict[str, list[Any]] = {
        "a": [issue(1), issue(1), edited, b"{"],
        "b": [edited, issue(2), issue(3, title=4)],
        "c": [issue(1), webhook("deleted", issue=edited)],
    }
    reads = {
        name: kept(spark, dumps(spark, write_lines(tmp_path / name, lines)))
        for name, lines in parts.items()
    }
    everything = reads["a"].unionAll(reads["b"]).unionAll(reads["c"])
    together = issues(choose_versions(everything, None).rows)
    assert [row[1] for row in together] == [1, 1, 1, 2]
    for order in (("a", "b", "c"), ("c", "b", "a")):
        rows: DataFrame | None = None
        for name in order:
            new = kept(spark, choose_versions(reads[name], rows).rows)
            rows = new if rows is None else rows.unionAll(new)
        assert rows is not None
        assert issues(rows) == together


def test_every_object_has_one_fate(spark: SparkSession, tmp_path: Path) -> None:
    said = webhook("created", issue=issue(1), comment=comment(9, 1, body=3))
    path = write_lines(tmp_path / "x", [issue(1), said, said, b"{", issue(1, name="eve/noise")])
    chosen = choose_versions(dumps(spark, path), None)
    # The repository's line 1; of each payload the repository, the issue, and a wrong comment.
    assert sums(chosen) == [(1, 0, 1, 0), (1, 1, 0, 0), (7, 2, 2, 3)]
    rejects = {(r["repo_id"], r["batch_id"], r["key"]) for r in chosen.rejects.collect()}
    tally = repo_id_of(TALLY)
    assert rejects == {
        (tally, input_batch("x", tally), "line 2 comment"),
        (tally, input_batch("x", tally), "line 3 comment"),
        (UNKNOWN, input_batch("x", UNKNOWN), "line 4"),
    }


def test_archives_give_what_the_names_said(spark: SparkSession, tmp_path: Path) -> None:
    whole = event("PullRequestEvent", {"pull_request": pull(5)})
    lines = [
        whole,
        whole,
        event("IssuesEvent", {"issue": issue(1, name="eve/noise")}, "eve/noise"),
        event("IssuesEvent", {"issue": issue(8, name="ada/sums")}, "Ada/Sums"),
        encoded(whole).replace(b"Fix", b"\xff"),
        b"{",
        b"{",
    ]
    path = write_lines(tmp_path / "an hour%20.json", lines)
    events = archive_events(spark.read.option("lineSep", "\n").text(str(path)))
    known = {TALLY: "T", "ada/sums": "T"}
    chosen = choose_versions(
        kept(spark, read_archives(events, {str(path): "x"}, known, LIMITS)), None
    )
    assert sums(chosen) == [(2, 0, 2, 0), (4, 4, 0, 0)]
    found = {(row["repo_id"], row["kind"], row["batch_id"]) for row in chosen.rows.collect()}
    batch = input_batch("x", "T")
    assert found == {("T", kind, batch) for kind in ("repository", "pull", "issue")}


def test_rows_have_the_columns_of_their_table(spark: SparkSession) -> None:
    empty = spark.createDataFrame([], READ)
    for kind, table in TABLE_OF.items():
        require_schema(table, rows_of(empty, kind).schema)


def test_all_examples_of_webhooks_are_rows(spark: SparkSession) -> None:
    chosen = choose_versions(kept(spark, dumps(spark, *payload_files())), None)
    found = {row["kind"]: row["count"] for row in chosen.rows.groupBy("kind").count().collect()}
    assert found == {
        "repository": 1, "issue": 7, "pull": 9, "comment": 3, "review": 2, "review_comment": 2,
    }  # fmt: skip
    assert chosen.rejects.count() == 0
    titles = rows_of(chosen.rows, "issue").select("title", "deleted").distinct().collect()
    assert ("Spelling error in the README file", True) in [tuple(row) for row in titles]


def test_addresses_that_spark_gives_are_paths() -> None:
    assert file_path("file:///data/an%20hour%2520.json.gz") == "/data/an hour%20.json.gz"
    assert file_path("dbfs:/Volumes/main/ops/x.json.gz") == "/Volumes/main/ops/x.json.gz"
