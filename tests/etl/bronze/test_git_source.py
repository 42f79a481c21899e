"""Ranges cover a history exactly once, and Spark reads what a direct reading gives."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from etl.bronze.git_objects import Caps, Row
from etl.bronze.git_source import (
    SCHEMA,
    GitDataSource,
    GitRange,
    GitReader,
    encode_ranges,
    ranges_of,
    read_range,
)
from tests.repositories import RepositoryBuilder, sample_project

CAPS = Caps(
    blob_bytes=100_000,
    patch_bytes=100_000,
    diff_bytes=1_000_000,
    diff_entries=100_000,
    tree_entries=1000,
    tree_depth=20,
    rename_files=100,
)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = sample_project(tmp_path_factory.mktemp("source") / "tally")
    made.write("huge.txt", "x" * 200_000)
    made.commit("A text over the cap")
    return made


def batch_of(repo: RepositoryBuilder, known: list[str]) -> Row:
    hidden = [f"^{oid}" for oid in known]
    return {
        "repo_id": "r" * 64,
        "batch_id": "b" * 64,
        "location": str(repo.git_dir),
        "tips": [repo.head],
        "known_tips": known,
        "head_oid": repo.head,
        "commits": int(repo.git("rev-list", "--count", "HEAD", *hidden)),
    }


def cut(batch: Row, length: int, most: int = 64) -> list[GitRange]:
    return ranges_of(
        batch, commits_per_range=length, most_ranges=most, first_index=0, with_tree=True
    )


def direct(ranges: list[GitRange], caps: Caps = CAPS) -> list[dict[str, Any]]:
    schema = to_arrow_schema(SCHEMA)
    return [row for part in ranges for b in read_range(part, caps, schema) for row in b.to_pylist()]


def content(rows: list[dict[str, Any]]) -> set[str]:
    """Rows without the range that they came in, once each: two ranges may meet one text."""
    return {
        json.dumps({k: v for k, v in row.items() if k != "range_index"}, default=repr)
        for row in rows
    }


@given(
    commits=st.integers(0, 5000),
    length=st.integers(1, 600),
    most=st.integers(1, 100),
    first=st.integers(0, 50),
    tree=st.booleans(),
)
def test_ranges_cover_every_commit_exactly_once(
    commits: int, length: int, most: int, first: int, tree: bool
) -> None:
    batch: Row = {
        "repo_id": "r", "batch_id": "b", "location": "/l", "tips": [], "known_tips": [],
        "head_oid": None, "commits": commits,
    }  # fmt: skip
    ranges = ranges_of(
        batch, commits_per_range=length, most_ranges=most, first_index=first, with_tree=tree
    )
    spans = [part for part in ranges if not part.is_tree]
    covered = [n for part in spans for n in range(part.offset, part.offset + part.limit)]
    assert covered[:commits] == list(range(commits))
    assert all(part.offset < commits for part in spans)
    assert len(spans) <= most
    assert [part.index for part in ranges] == list(range(first, first + len(ranges)))
    assert sum(part.is_tree for part in ranges) == tree


@pytest.mark.parametrize("length", [1, 3, 7, 1000])
def test_the_length_of_ranges_does_not_matter(repo: RepositoryBuilder, length: int) -> None:
    batch = batch_of(repo, [])
    rows, whole = direct(cut(batch, length)), direct(cut(batch, 500))
    assert content(rows) == content(whole)
    commits = [row["commit"]["commit_oid"] for row in rows if row["kind"] == "commit"]
    assert len(commits) == len(set(commits)) == batch["commits"]


def test_only_what_is_new_is_read(repo: RepositoryBuilder) -> None:
    old = repo.git("rev-parse", "HEAD~4")
    batch = batch_of(repo, [old])
    rows = direct(cut(batch, 2))
    found = {row["commit"]["commit_oid"] for row in rows if row["kind"] == "commit"}
    assert found == set(repo.git("rev-list", "HEAD", f"^{old}").split())


def test_each_row_holds_the_struct_of_its_kind_alone(repo: RepositoryBuilder) -> None:
    kinds = {"commit", "change", "blob", "file", "reject"}
    rows = direct(cut(batch_of(repo, []), 500))
    assert {row["kind"] for row in rows} == kinds
    for row in rows:
        assert {name for name in kinds if row[name] is not None} == {row["kind"]}
    huge = repo.git("rev-parse", "HEAD:huge.txt")
    rejects = {(row["reject"]["key"], row["reject"]["reason"]) for row in rows if row["reject"]}
    assert rejects == {
        (f"blob {huge}", "blob_too_large"),
        (f"patch {repo.head} huge.txt", "patch_too_large"),
    }


def test_large_histories_come_in_many_batches(repo: RepositoryBuilder) -> None:
    """A batch closes by its size, so that memory does not follow the history."""
    big = RepositoryBuilder(repo.path.parent / "big")
    for number in range(3):
        big.write(f"{number}.txt", f"{number}" * 5_000_000)
    big.commit("Three large texts")
    caps = Caps(
        blob_bytes=10_000_000,
        patch_bytes=10_000_000,
        diff_bytes=10_000_000,
        diff_entries=100_000,
        tree_entries=9,
        tree_depth=9,
        rename_files=9,
    )
    (part,) = [p for p in cut(batch_of(big, []), 10) if not p.is_tree]
    sizes = [b.num_rows for b in read_range(part, caps, to_arrow_schema(SCHEMA))]
    assert len(sizes) > 2
    assert sum(sizes) == 1 + 3 + 3


def test_ranges_survive_the_option_they_travel_in(repo: RepositoryBuilder) -> None:
    ranges = cut(batch_of(repo, [repo.git("rev-parse", "HEAD~3")]), 10)
    options = {"ranges": encode_ranges(ranges), "caps": json.dumps(asdict(CAPS))}
    found = GitReader(options).partitions()
    assert found == ranges


def test_spark_reads_what_a_direct_reading_gives(
    spark: SparkSession, repo: RepositoryBuilder
) -> None:
    ranges = cut(batch_of(repo, []), 10)
    spark.dataSource.register(GitDataSource)
    frame = (
        spark.read.format("git")
        .option("ranges", encode_ranges(ranges))
        .option("caps", json.dumps(asdict(CAPS)))
        .load()
    )
    assert frame.schema == SCHEMA
    found = [row.asDict(recursive=True) for row in frame.collect()]

    def plain(rows: list[dict[str, Any]]) -> list[str]:
        """Times as numbers, bytes as such: the two readers differ in their Python types."""
        for row in rows:
            if row["commit"]:
                row["commit"]["authored_at"] = None
            for part in ("commit", "change", "blob", "file"):
                for name, value in (row[part] or {}).items():
                    if isinstance(value, bytearray):
                        row[part][name] = bytes(value)
        return sorted(json.dumps(row, default=repr) for row in rows)

    assert plain(found) == plain(direct(ranges))


def test_a_repository_that_went_away_fails_the_read(
    repo: RepositoryBuilder, tmp_path: Path
) -> None:
    batch = batch_of(repo, []) | {"location": str(tmp_path / "gone")}
    with pytest.raises(Exception, match="gone"):
        direct(cut(batch, 100))
