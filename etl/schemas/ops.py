"""Ops: what happened. Nothing here is needed to read a mix."""

from __future__ import annotations

from pyspark.sql import types as t

from etl.schemas.bronze import BATCH_ID, REPO_ID
from etl.schemas.table import Table, column

_STRING, _LONG, _INT, _BOOL = t.StringType(), t.LongType(), t.IntegerType(), t.BooleanType()

TASK = column("task", _STRING, "Task of the job graph", nullable=False)
RULE_VERSION = column(
    "rule_version",
    _STRING,
    "Hash of the code and the config keys that the rule reads",
    nullable=False,
)
RECORDED_AT = column("recorded_at", t.TimestampType(), "When the row was written", nullable=False)

# An ordinary reason is short; the detail is for people.
REASON = column("reason", _STRING, "Reason code, snake_case", nullable=False)

PULLS = t.ArrayType(
    t.StructType([t.StructField("number", _INT, False), t.StructField("head_oid", _STRING, False)]),
    False,
)
BATCHES = Table(
    "ops",
    "batches",
    "One batch: what a repository had that was new when its history was planned",
    ("repo_id", "batch_id"),
    (
        REPO_ID,
        BATCH_ID,
        column("source", _STRING, "Canonical source of the repository", nullable=False),
        column("name", _STRING, "Short name for people", nullable=False),
        column("named", _BOOL, "Asked for by name rather than from a list", nullable=False),
        column("location", _STRING, "Git directory to read", nullable=False),
        column("head_ref", _STRING, "Reference that HEAD points at"),
        column("head_oid", _STRING, "Commit that HEAD resolves to"),
        column("tips", t.ArrayType(_STRING, False), "Tips to read, sorted", nullable=False),
        column(
            "known_tips", t.ArrayType(_STRING, False), "Tips already read, sorted", nullable=False
        ),
        column(
            "pulls", PULLS, "Heads of pull requests (refs/pull/*/head), by number", nullable=False
        ),
        column(
            "known_pulls", t.ArrayType(_STRING, False), "Heads already read, sorted", nullable=False
        ),
        column("is_shallow", _BOOL, "History is cut off", nullable=False),
        column("commits", _LONG, "Commits reachable from tips and not from known tips"),
        column("pull_commits", _LONG, "Commits reachable only from heads of pull requests"),
        column(
            "cuts",
            t.ArrayType(_LONG, False),
            "Places in the walk over both at which a reading task ends",
        ),
        RULE_VERSION,
        column("recorded_at", t.TimestampType(), "When the batch was planned", nullable=False),
    ),
)

ROW_LEDGER = Table(
    "ops",
    "row_ledger",
    "The sums of one task over one batch: input keys = used + rejected + merged",
    ("task", "repo_id", "batch_id"),
    (
        TASK,
        REPO_ID,
        column("batch_id", _STRING, "Batch that the sums are for", nullable=False),
        RULE_VERSION,
        column("input_version", _STRING, "Hash of what the task read", nullable=False),
        column("input_keys", _LONG, "Distinct keys read", nullable=False),
        column("used", _LONG, "Keys that gave at least one output row", nullable=False),
        column("rejected", _LONG, "Keys in ops.rejects", nullable=False),
        column("merged", _LONG, "Keys merged into another, named key", nullable=False),
        column("output_rows", _LONG, "Rows written over all output tables", nullable=False),
        column("output_version", _STRING, "Hash of what the task wrote", nullable=False),
        RECORDED_AT,
    ),
    scope=("task", "repo_id", "batch_id"),
)

REJECTS = Table(
    "ops",
    "rejects",
    "One input key that a task left out, and why",
    ("task", "repo_id", "batch_id", "key", "reason"),
    (
        TASK,
        REPO_ID,
        column("batch_id", _STRING, "Batch of the key", nullable=False),
        column(
            "key", _STRING, "Key of the input row (its parts joined by a space)", nullable=False
        ),
        REASON,
        column("detail", _STRING, "What exactly, for people"),
        RULE_VERSION,
    ),
    scope=("task", "repo_id", "batch_id"),
)

CHECKSUMS = Table(
    "ops",
    "checksums",
    "Checksum of one artifact: the rows of a batch in a table, or a data file",
    ("artifact", "kind", "repo_id", "batch_id"),
    (
        column("kind", _STRING, "`rows` or `file`", nullable=False),
        column("artifact", _STRING, "Table, or table and file name", nullable=False),
        column("task", _STRING, "Task that wrote it", nullable=False),
        column("repo_id", _STRING, "Repository of the rows; * for a file", nullable=False),
        column("batch_id", _STRING, "Batch of the rows; * for a file", nullable=False),
        column("row_count", _LONG, "Rows; for a file all rows in it", nullable=False),
        column(
            "checksum",
            _STRING,
            "Rows: decimal sum of 64-bit row hashes; file: SHA-256",
            nullable=False,
        ),
        RECORDED_AT,
    ),
    scope=("kind", "artifact", "repo_id", "batch_id"),
)

INPUTS = Table(
    "ops",
    "inputs",
    "A repository that a file with collaboration data names; each file also has a row without one",
    ("batch_id", "path", "name", "github_id"),
    (
        REPO_ID,
        BATCH_ID,
        column("path", _STRING, "File", nullable=False),
        column("format", _STRING, "landing, dump or archive", nullable=False),
        column("bytes", _LONG, "Size of the file", nullable=False),
        column("modified_ns", _LONG, "Time of change, nanoseconds since 1970", nullable=False),
        column("sha256", _STRING, "SHA-256 of the file", nullable=False),
        column("lines", _LONG, "Lines in it, unpacked", nullable=False),
        column("name", _STRING, "owner/name as the file has it; empty for none", nullable=False),
        column("github_id", _LONG, "GitHub's id beside the name; 0 for none", nullable=False),
        column("looked_for", _STRING, "Hash of the names that an archive was searched for"),
        RULE_VERSION,
        RECORDED_AT,
    ),
)

FETCH_QUEUE = Table(
    "ops",
    "fetch_queue",
    "An object that came without its text and is to be fetched by REST",
    ("repo_id", "kind", "version"),
    (
        REPO_ID,
        BATCH_ID,
        column("name", _STRING, "owner/name as the file has it", nullable=False),
        column("kind", _STRING, "issue, pull, comment, review, review_comment", nullable=False),
        column("number", _LONG, "Issue or pull that it is or belongs to"),
        column("version", _STRING, "SHA-256 of what came", nullable=False),
        REASON,
        column("seen_at", t.TimestampType(), "When the event happened that held it"),
        column("object", _STRING, "Canonical JSON of what came", nullable=False),
    ),
)

REMOVALS = Table(
    "ops",
    "removals",
    "One repository or author that was removed with `sluice forget`",
    ("kind", "subject"),
    (
        column("kind", _STRING, "`repository` or `author`", nullable=False),
        column(
            "subject",
            _STRING,
            "repo_id, or SHA-256 of an author's e-mail or @login in lower case",
            nullable=False,
        ),
        column(
            "repo_ids",
            t.ArrayType(_STRING, False),
            "Repositories that lost rows, and other names of a removed one, sorted",
            nullable=False,
        ),
        column(
            "removed",
            t.ArrayType(
                t.StructType(
                    [t.StructField("table", _STRING, False), t.StructField("rows", _LONG, False)]
                ),
                False,
            ),
            "Rows removed, per table",
            nullable=False,
        ),
        column(
            "mixes",
            t.ArrayType(
                t.StructType(
                    [
                        t.StructField("mix_version", _STRING, False),
                        t.StructField("pairs", _LONG, False),
                    ]
                ),
                False,
            ),
            "Mix versions that lost pairs, and how many",
            nullable=False,
        ),
        column("is_finished", _BOOL, "Nothing of it is left to remove", nullable=False),
        column("recorded_at", t.TimestampType(), "When the removal began", nullable=False),
    ),
    scope=("kind", "subject"),
)

TABLES = (BATCHES, ROW_LEDGER, REJECTS, CHECKSUMS, INPUTS, FETCH_QUEUE, REMOVALS)
