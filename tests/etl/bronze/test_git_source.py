"""Ranges cover a history exactly once, and Spark reads what a direct reading gives."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from etl.bronze.git_objects import Caps
from etl.bronze.git_source import (
    SCHEMA,
    GitBatch,
    GitDataSource,
    GitReader,
    decode_batches,
    encode_batches,
    ranges_of,
    read_range,
)
from etl.schemas.arrow import to_arrow_schema
from tests.batches import batch_of, read_directly
from tests.etl.bronze.reading import CAPS
from tests.repositories import RepositoryBuilder, sample_project


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = sample_project(tmp_path_factory.mktemp("source") / "tally")
    made.write("huge.txt", "x" * 200_000)
    made.commit("A text over the cap")
    return made


def direct(batch: GitBatch, caps: Caps = CAPS) -> list[dict[str, Any]]:
    return read_directly([batch], caps)


def content(rows: list[dict[str, Any]]) -> set[str]:
    """Rows without the range that they came in, once each: two ranges may meet one text."""
    return {
        json.dumps({k: v for k, v in row.items() if k != "range_index"}, default=repr)
        for row in rows
    }


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 600), min_size=1, max_size=9), st.booleans()), max_size=5
    )
)
def test_ranges_cover_every_commit_exactly_once(shapes: list[tuple[list[int], bool]]) -> None:
    batches = [
        GitBatch("r", "b", "/l", (), (), (), (), "head" if tree else None, tuple(accumulate(cuts)))
        for cuts, tree in shapes
    ]
    ranges = ranges_of(batches)
    assert [part.index for part in ranges] == list(range(len(ranges)))
    for place, (cuts, tree) in enumerate(shapes):
        mine = [part for part in ranges if part.batch == place]
        covered = [n for part in mine for n in range(part.start, part.end)]
        assert covered == list(range(sum(cuts)))
        assert sum(part.start == part.end for part in mine) == tree


@pytest.mark.parametrize("length", [1, 3, 7, 1000])
def test_the_length_of_ranges_does_not_matter(repo: RepositoryBuilder, length: int) -> None:
    batch = batch_of(repo, length=length)
    rows, whole = direct(batch), direct(batch_of(repo))
    assert content(rows) == content(whole)
    commits = [row["commit"]["commit_oid"] for row in rows if row["kind"] == "commit"]
    assert len(commits) == len(set(commits)) == int(repo.git("rev-list", "--count", "HEAD"))


def test_only_what_is_new_is_read(repo: RepositoryBuilder) -> None:
    old = repo.git("rev-parse", "HEAD~4")
    rows = direct(batch_of(repo, known=(old,), length=2))
    found = {row["commit"]["commit_oid"] for row in rows if row["kind"] == "commit"}
    assert found == set(repo.git("rev-list", "HEAD", f"^{old}").split())


def test_a_batch_without_new_commits_lists_the_tree_once(repo: RepositoryBuilder) -> None:
    """A branch was deleted, or HEAD points elsewhere: the tree is news, the history is not."""
    rows = direct(batch_of(repo, known=(repo.head,)))
    listed = [row["file"]["path"] for row in rows if row["kind"] == "file"]
    assert sorted(listed) == sorted(repo.git("ls-tree", "-r", "--name-only", "HEAD").splitlines())
    assert {row["kind"] for row in rows} == {"file"}


def test_each_row_holds_the_struct_of_its_kind_alone(repo: RepositoryBuilder) -> None:
    kinds = {"commit", "change", "blob", "file", "reject"}
    rows = direct(batch_of(repo))
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
    caps = replace(CAPS, blob_bytes=10**7, patch_bytes=10**7, diff_bytes=10**7)
    batch = batch_of(big, with_tree=False)
    (part,) = ranges_of([batch])
    sizes = [b.num_rows for b in read_range(batch, part, caps, to_arrow_schema(SCHEMA))]
    assert len(sizes) > 2
    assert sum(sizes) == 1 + 3 + 3


def test_batches_survive_the_option_they_travel_in(repo: RepositoryBuilder) -> None:
    batches = [batch_of(repo, length=10), batch_of(repo, known=(repo.head,), with_tree=False)]
    assert decode_batches(encode_batches(batches)) == batches
    options = {"batches": encode_batches(batches), "caps": json.dumps(asdict(CAPS))}
    assert GitReader(options).partitions() == ranges_of(batches)


def test_commits_of_pull_requests_come_after_those_of_the_mainline(
    repo: RepositoryBuilder, tmp_path: Path
) -> None:
    """What a pull request has and the mainline has not is read once, and told apart."""
    work = RepositoryBuilder(tmp_path / "pulls")
    work.write("a.py", "A = 1\n")
    base = work.commit("base")
    heads = []
    for number in range(2):
        work.write("a.py", f"A = {number + 2}\n")
        heads.append(work.commit(f"step {number}"))
    work.git("reset", "--quiet", "--hard", base)
    work.write("b.py", "B = 1\n")
    landed = work.commit("landed otherwise")

    def found(batch: GitBatch) -> dict[str, bool]:
        commits = (row["commit"] for row in direct(batch) if row["kind"] == "commit")
        return {commit["commit_oid"]: commit["is_mainline"] for commit in commits}

    whole = {base: True, landed: True, heads[0]: False, heads[1]: False}
    for length in (1, 2, 9):
        assert found(batch_of(work, pulls=(heads[1], heads[0], landed), length=length)) == whole
    later = batch_of(work, known=(landed,), pulls=(heads[1],), known_pulls=(heads[0],))
    assert found(later) == {heads[1]: False}


def test_spark_reads_what_a_direct_reading_gives(
    spark: SparkSession, repo: RepositoryBuilder
) -> None:
    batch = batch_of(repo, length=10)
    spark.dataSource.register(GitDataSource)
    frame = (
        spark.read.format("git")
        .option("batches", encode_batches([batch]))
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

    assert plain(found) == plain(direct(batch))
    empty = encode_batches([batch_of(repo, known=(repo.head,), with_tree=False)])
    nothing = spark.read.format("git").options(batches=empty, caps=json.dumps(asdict(CAPS)))
    assert nothing.load().collect() == []


def test_a_repository_that_went_away_fails_the_read(
    repo: RepositoryBuilder, tmp_path: Path
) -> None:
    batch = replace(batch_of(repo), location=str(tmp_path / "gone"))
    with pytest.raises(Exception, match="gone"):
        direct(batch)
