"""Spark looks at files: a row a name, and of archives only what may hold an object."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from etl.bronze.ingest_collaboration import file_path
from etl.bronze.input_files import InputLimits
from etl.bronze.survey_inputs import FILES, archive_events, archive_names, survey_inputs
from tests.collaboration import encoded, event, issue, pull, write_lines

LIMITS = InputLimits(max_line_bytes=100_000, max_depth=20)


def test_a_row_a_name_and_one_a_file(spark: SparkSession, tmp_path: Path) -> None:
    whole = write_lines(tmp_path / "a b.jsonl", [issue(1), pull(2)])
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(b"no gzip")
    files = [(str(whole), "dump"), (str(damaged), "dump"), (str(whole), "archive")]
    found = survey_inputs(spark.createDataFrame(files, FILES), LIMITS).collect()
    assert sorted(
        (r["path"], r["format"], r["name"], r["github_id"], r["lines"]) for r in found
    ) == [
        (str(whole), "archive", "", 0, 2),
        (str(whole), "dump", "", 0, 2),
        (str(whole), "dump", "ada/tally", 11, 2),
        (str(damaged), "dump", "", 0, 0),
    ]
    assert [r["path"] for r in found if r["error"]] == [str(damaged)]


def test_events_that_hold_nothing_never_reach_python(spark: SparkSession, tmp_path: Path) -> None:
    kept = [
        event("IssuesEvent", {"issue": issue(1)}, "Ada/Tally"),
        event("PullRequestEvent", {"pull_request": pull(2)}),
        event("IssuesEvent", {"issue": issue(1)}) | {"repo": {"name": "ada/tally"}},
        event("IssuesEvent", {"issue": issue(1)}) | {"repo": {"id": "x", "name": "eve/noise"}},
        b'{"cut',
        b"",
        b'{"id": "4"}',
        encoded(event("IssuesEvent", {"issue": issue(1)})).replace(b"Total", b"\xff"),
    ]
    left_out = [event("PushEvent", {"commits": []}), event("WatchEvent", {}), {"type": "x"}]
    path = write_lines(tmp_path / "2024-01-01-15.json.gz", [*left_out, *kept])
    events = archive_events(spark.read.option("lineSep", "\n").text(str(path)))
    lines = {bytes(r[0]) for r in events.select(f.col("value").cast("binary")).collect()}
    assert lines == {line if isinstance(line, bytes) else encoded(line) for line in kept} - {b""}
    names = archive_names(events).collect()
    assert sorted((file_path(r["file"]), r["name"], r["github_id"]) for r in names) == [
        (str(path), "ada/tally", 0),
        (str(path), "ada/tally", 11),
        (str(path), "eve/noise", 0),
    ]
