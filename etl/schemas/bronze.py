"""Bronze: what the world said, undecided and unjudged."""

from __future__ import annotations

from pyspark.sql import types as t

from etl.schemas.table import Table, column

_STRING, _LONG, _INT, _BOOL = t.StringType(), t.LongType(), t.IntegerType(), t.BooleanType()
_BINARY, _TIME = t.BinaryType(), t.TimestampType()

REPO_ID = column(
    "repo_id", _STRING, "SHA-256 of the canonical source of the repository", nullable=False
)
BATCH_ID = column("batch_id", _STRING, "Batch that brought the row in", nullable=False)
COMMIT_OID = column("commit_oid", _STRING, "Object id of the commit, hexadecimal", nullable=False)

REPOS = Table(
    "bronze",
    "repos",
    "One repository and the state of its references when it was last read",
    ("repo_id",),
    (
        REPO_ID,
        column("source", _STRING, "Canonical source: normalised URL or path", nullable=False),
        column("name", _STRING, "Short name for people", nullable=False),
        column(
            "named",
            _BOOL,
            "Asked for by name (true) rather than taken from a list",
            nullable=False,
        ),
        column("head_ref", _STRING, "Reference that HEAD points at; null when detached"),
        column("head_oid", _STRING, "Commit that HEAD resolves to; null in an empty repository"),
        column(
            "tips",
            t.ArrayType(_STRING, False),
            "Object ids of the reference tips whose history has been read, sorted",
            nullable=False,
        ),
        column("is_shallow", _BOOL, "History is cut off (shallow clone)", nullable=False),
        BATCH_ID,
    ),
    scope=("repo_id",),
)


def _signature(role: str) -> tuple[t.StructField, ...]:
    return (
        column(f"{role}_name", _STRING, f"Name of the {role}, undecodable bytes escaped"),
        column(f"{role}_email", _STRING, f"E-mail of the {role}, undecodable bytes escaped"),
        column(f"{role}_time", _LONG, f"Time of the {role}, seconds since 1970 as recorded"),
        column(
            f"{role}_offset", _INT, f"Time zone of the {role}, minutes east of UTC; 0 if malformed"
        ),
    )


COMMITS = Table(
    "bronze",
    "commits",
    "One commit",
    ("repo_id", "commit_oid"),
    (
        REPO_ID,
        COMMIT_OID,
        column("tree_oid", _STRING, "Object id of the tree", nullable=False),
        column("parents", t.ArrayType(_STRING, False), "Object ids of the parents", nullable=False),
        *_signature("author"),
        *_signature("committer"),
        column("authored_at", _TIME, "Author time; null outside the years 1 to 9999"),
        column("message", _STRING, "Message up to a NUL, undecodable bytes escaped"),
        column("message_raw", _BINARY, "Message bytes where not valid UTF-8, or with a NUL"),
        column("files_changed", _INT, "Files changed against the first parent; 0 for a merge"),
        column("additions", _LONG, "Lines added, as git log --numstat counts them"),
        column("deletions", _LONG, "Lines deleted, as git log --numstat counts them"),
        BATCH_ID,
    ),
)

MAINLINE = Table(
    "bronze",
    "mainline",
    "One commit that the references of the history lead to, rather than a pull request alone",
    ("repo_id", "commit_oid"),
    (REPO_ID, COMMIT_OID, BATCH_ID),
)

PULL_HEADS = Table(
    "bronze",
    "pull_heads",
    "One commit that was the head of a pull request when the repository was read",
    ("repo_id", "number", "head_oid"),
    (
        REPO_ID,
        column("number", _INT, "Number of the pull request", nullable=False),
        column("head_oid", _STRING, "Object id of the commit", nullable=False),
        BATCH_ID,
    ),
)

FILE_CHANGES = Table(
    "bronze",
    "file_changes",
    "One file changed by one commit against its first parent (root: against nothing; merge: none)",
    ("repo_id", "commit_oid", "path"),
    (
        REPO_ID,
        COMMIT_OID,
        column("path", _STRING, "Path after the change (before it for a deletion)", nullable=False),
        column("path_raw", _BINARY, "Path bytes where they are not valid UTF-8"),
        column("old_path", _STRING, "Path before the change; null for an addition"),
        column("status", _STRING, "A added, M modified, D deleted, R renamed, C copied, T type"),
        column("old_oid", _STRING, "Object id before; null for an addition"),
        column("new_oid", _STRING, "Object id after; null for a deletion"),
        column("old_mode", _INT, "File mode before, as git's number"),
        column("new_mode", _INT, "File mode after, as git's number"),
        column("additions", _LONG, "Lines added; null where the texts were not compared"),
        column("deletions", _LONG, "Lines deleted; null where the texts were not compared"),
        column(
            "is_binary",
            _BOOL,
            "git calls the content binary, or it is too large to compare",
            nullable=False,
        ),
        column("encoding", _STRING, "Charset that the patch was decoded with; null for UTF-8"),
        column("patch", _STRING, "Unified diff; null when binary, over a cap or unreadable"),
        column("patch_raw", _BINARY, "Unified diff bytes where they are not valid UTF-8"),
        BATCH_ID,
    ),
)

BLOBS = Table(
    "bronze",
    "blobs",
    "One text, stored once per repository and object id",
    ("repo_id", "blob_oid"),
    (
        REPO_ID,
        column("blob_oid", _STRING, "Object id of the blob", nullable=False),
        column("size", _LONG, "Size in bytes", nullable=False),
        column("text", _STRING, "Content; null when binary"),
        column(
            "encoding",
            _STRING,
            "Charset that the text was decoded with, which gives the same bytes; null for UTF-8",
        ),
        column("raw", _BINARY, "Content of a text that is not valid UTF-8"),
        column(
            "odd_characters",
            t.ArrayType(_STRING, False),
            "Invisible ones in the text: bidi_control, zero_width; null if none",
        ),
        column("is_binary", _BOOL, "Holds a NUL byte in its first 8,000 bytes", nullable=False),
        BATCH_ID,
    ),
)

FILES = Table(
    "bronze",
    "files",
    "One file of the tree at HEAD",
    ("repo_id", "path"),
    (
        REPO_ID,
        column("path", _STRING, "Path in the tree", nullable=False),
        column("path_raw", _BINARY, "Path bytes where they are not valid UTF-8"),
        column("blob_oid", _STRING, "Object id", nullable=False),
        column("mode", _INT, "File mode, as git's number", nullable=False),
        column("size", _LONG, "Size in bytes; null for a submodule"),
        BATCH_ID,
    ),
    scope=("repo_id",),
)

BENCHMARKS = Table(
    "bronze",
    "benchmarks",
    "One problem of a benchmark that pairs must not give away",
    ("problem_hash",),
    (
        column("problem_hash", _STRING, "SHA-256 of the benchmark and all fields", nullable=False),
        column("benchmark", _STRING, "Name of the benchmark in the configuration", nullable=False),
        column("problem_id", _STRING, "Id of the problem as its file has it", nullable=False),
        column("prompt", _STRING, "What a model is asked", nullable=False),
        column("solution", _STRING, "Reference solution; null if the file has none"),
        column("tests", _STRING, "Tests of a solution; null if the file has none"),
        column("entry_point", _STRING, "Name that the tests call; null if unknown"),
        column("language", _STRING, "Language of the solution, lower case; null if unknown"),
        column("extra", _STRING, "All other fields of the record, canonical JSON", nullable=False),
        column("batch_id", _STRING, "Benchmark that brought the row in", nullable=False),
    ),
    scope=("batch_id",),
)

TABLES = (REPOS, COMMITS, MAINLINE, PULL_HEADS, FILE_CHANGES, BLOBS, FILES, BENCHMARKS)
