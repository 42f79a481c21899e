"""Rows of a corpus become what git would have given, and every row has a fate."""

from __future__ import annotations

import random
from typing import Any

import pygit2
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from etl.bronze.ingest_corpus import (
    LAYOUTS,
    MAPPED,
    CorpusBronze,
    CorpusCaps,
    CorpusParams,
    corpus_versions,
    ingest_corpus,
    map_corpus,
    repository_id,
    repository_source,
)
from etl.bronze.sources import canonical_url, digest
from etl.checks.ledger import account
from etl.schemas import require_schema
from etl.schemas.bronze import BLOBS, FILES, REPOS
from udfs.texts import read_text

CAPS = CorpusCaps(blob_bytes=9000)
V2 = LAYOUTS["the-stack-v2"]
COMMIT = "c" * 40
CONTENTS = {
    "text.py": b"print(1)\n",
    "empty.py": b"",
    "umlaut.py": "# ä €\n".encode(),
    "latin1.py": b"# \xe4\n",
    "surrogate.py": b"\xed\xa0\x80",
    "crlf.py": b"a\r\nb",
    "nul.bin": b"a\0b",
    "late_nul.bin": b"a" * 8000 + b"\0",
    "large.txt": b"x" * 9001,
    "deep/folder/text.py": b"print(1)\n",
}
Row = tuple[str | None, str | None, bytes | None, str | None, str | None]


def oid(content: bytes) -> str:
    return str(pygit2.hash(content))


def row(path: str | None, content: bytes | None, name: str | None = "Ada/Tally") -> Row:
    return name, path, content, None if content is None else oid(content), COMMIT


ROWS: list[Row] = [
    *[row(path, content) for path, content in CONTENTS.items()],
    row("/text.py", b"print(1)\n"),  # The Stack v2 writes a slash; the same row twice
    row("crlf.py", b"another\n"),
    ("Ada/Tally", "claimed.py", b"x = 1\n", "F" * 40, COMMIT),
    ("Ada/Tally", "silent.py", b"y = 1\n", "", "d" * 40),
    row("../up.py", b"z = 1\n"),
    row(None, b"z = 1\n"),
    row("gone.py", None),
    row("a.py", b"a\n", "bob/tools.git"),
    row("a.py", b"a\n", "no name"),
    row("a.py", b"a\n", None),
]


def corpus(spark: SparkSession, rows: list[Row]) -> DataFrame:
    schema = "repo_name string, path string, content binary, blob_id string, revision_id string"
    return spark.createDataFrame(rows, schema)


def ingest(spark: SparkSession, rows: list[Row], caps: CorpusCaps = CAPS) -> CorpusBronze:
    params = CorpusParams(name="x", path="/x", format="parquet", named=False, layout="the-stack-v2")
    read = corpus(spark, rows)
    mapped = map_corpus(read, params, batch="corpus x ", nowhere="none", caps=caps)
    assert [(c.name, c.dataType) for c in mapped.schema] == [(c.name, c.dataType) for c in MAPPED]
    return ingest_corpus(spark.createDataFrame(mapped.collect(), MAPPED), caps)


@pytest.fixture(scope="module")
def bronze(spark: SparkSession) -> CorpusBronze:
    return ingest(spark, ROWS)


ADA = digest("repository", "github.com/ada/tally")
BOB = digest("repository", "github.com/bob/tools")


def test_texts_and_files_are_those_of_git(bronze: CorpusBronze) -> None:
    blobs = {b["blob_oid"]: b for b in bronze.blobs.where(f.col("repo_id") == ADA).collect()}
    files = {x["path"]: x for x in bronze.files.where(f.col("repo_id") == ADA).collect()}
    crlf = min(CONTENTS["crlf.py"], b"another\n", key=oid)  # whatever the order
    held = CONTENTS | {"crlf.py": crlf, "silent.py": b"y = 1\n"}
    assert {path: x["blob_oid"] for path, x in files.items()} == {
        path: oid(content) for path, content in held.items()
    }
    assert {(x["mode"], x["path_raw"]) for x in files.values()} == {(0o100644, None)}
    assert {oid(c) for c in held.values() if len(c) <= CAPS.blob_bytes} == blobs.keys()
    for content in held.values():
        if len(content) > CAPS.blob_bytes:
            continue
        blob, read = blobs[oid(content)], read_text(content)
        assert (blob["size"], blob["raw"]) == (len(content), content if read.encoding else None)
        assert {name: blob[name] for name in read._fields} == read._asdict()


def test_what_is_left_out_has_a_reason_and_the_ledger_closes(bronze: CorpusBronze) -> None:
    rejects = sorted(
        (r["repo_id"], r["key"], r["reason"], r["detail"]) for r in bronze.rejects.collect()
    )
    x = oid(b"x = 1\n")
    loser = max(CONTENTS["crlf.py"], b"another\n", key=oid)
    z, a = oid(b"z = 1\n"), oid(b"a\n")
    assert rejects == sorted(
        [
            (ADA, f"blob {oid(CONTENTS['large.txt'])}", "blob_too_large", "9001 bytes"),
            (ADA, f"duplicate crlf.py {oid(loser)}", "duplicate_path", None),
            (
                ADA,
                f"row Ada/Tally claimed.py {x} {'f' * 40}",
                "hash_mismatch",
                f"the corpus says {'f' * 40}, the content has {x}",
            ),
            (ADA, f"row Ada/Tally ../up.py {z} {z}", "no_path", None),
            (ADA, f"row Ada/Tally {z} {z}", "no_path", None),
            (ADA, "row Ada/Tally gone.py", "no_content", None),
            ("none", f"row no name a.py {a} {a}", "no_repository", "no name"),
            ("none", f"row a.py {a} {a}", "no_repository", None),
        ]
    )
    sums = {
        s["repo_id"]: s for s in account(bronze.keys, bronze.used, bronze.rejects, None).collect()
    }
    assert {s["broken"] for s in sums.values()} == {0}
    texts = len({c for c in CONTENTS.values() if len(c) <= CAPS.blob_bytes}) + 1
    assert sums[ADA]["used"] == len(CONTENTS) + 1 + texts
    assert (sums[BOB]["used"], sums["none"]["rejected"]) == (2, 2)


def test_a_repository_is_that_of_its_url_and_has_no_history(bronze: CorpusBronze) -> None:
    repos = {r["repo_id"]: r.asDict() for r in bronze.repos.collect()}
    assert repos.keys() == {ADA, BOB}
    ada = repos[ADA]
    assert (ada["source"], ada["name"]) == ("github.com/ada/tally", "ada/tally")
    assert (ada["named"], ada["tips"], ada["is_shallow"]) == (False, [], True)
    assert (ada["head_oid"], repos[BOB]["head_oid"]) == (None, COMMIT), "ada's rows name two"
    assert ada["batch_id"] == f"corpus x {ADA}"
    for table, frame in ((REPOS, bronze.repos), (FILES, bronze.files), (BLOBS, bronze.blobs)):
        require_schema(table, frame.schema)


NAMES = [
    "Owner/Name", "o/n.git", "/o/n/", "o/n.GIT", "a.b/c_d-e", "o/n.git.git",
    "o/", "o", "a/b/c", "", "../x", "x/..", "a b/c", "É/x", "o/.git", "https://github.com/o/n",
    None,
]  # fmt: skip


def test_names_are_those_of_github_or_none(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(name,) for name in NAMES], "name string")
    source = repository_source(f.col("name"))
    found = {
        r[0]: (r[1], r[2]) for r in frame.select("name", source, repository_id(source)).collect()
    }
    assert len(found) == len(NAMES)
    for name in NAMES[:6]:
        wanted = canonical_url(f"https://github.com/{name}")
        assert found[name] == (wanted, digest("repository", wanted)), name
    assert {found[name] for name in NAMES[6:]} == {(None, None)}


def versions(spark: SparkSession, rows: list[Row]) -> dict[str, tuple[Any, ...]]:
    found = corpus_versions(corpus(spark, rows), V2).collect()
    return {row["repo_id"]: (row["files"], row["checksum"]) for row in found}


def test_a_version_follows_the_rows_of_its_repository_alone(spark: SparkSession) -> None:
    before = versions(spark, ROWS)
    assert before.keys() == {ADA, BOB}
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    shuffled[shuffled.index(row("gone.py", None))] = row("gone.py", b"")
    after = versions(spark, shuffled)
    assert (after[BOB], after[ADA][0]) == (before[BOB], before[ADA][0])
    assert after[ADA] != before[ADA]


def test_the_order_of_rows_changes_nothing(spark: SparkSession, bronze: CorpusBronze) -> None:
    turned = ingest(spark, ROWS[::-1])
    for name in ("files", "rejects"):
        left, right = getattr(bronze, name), getattr(turned, name)
        assert sorted(map(repr, left.collect())) == sorted(map(repr, right.collect())), name


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown layout": ({"layout": "stack"}, "the-stack-v1"),
    "an unknown format": ({"format": "csv"}, "parquet"),
    "columns beside a preset": ({"columns": V2.model_dump()}, "layout: columns"),
    "no columns": ({"layout": "columns"}, "layout: columns"),
    "an unknown column": (
        {"layout": "columns", "columns": {**V2.model_dump(), "lang": "x"}},
        "lang",
    ),
}


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_the_configuration_is_named(change: dict[str, Any], words: str) -> None:
    right = {"name": "x", "path": "/x", "format": "parquet", "named": False}
    right["layout"] = "the-stack-v2"
    with pytest.raises(ValidationError, match=words):
        CorpusParams.model_validate(right | change)
