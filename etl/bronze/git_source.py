"""`spark.read.format("git")`: git history as a Python data source.

A partition is a range of commits of one repository, or the tree at its HEAD. The rows of all
bronze tables come out of one walk, told apart by `kind`, because a patch and the texts around it
are read together. Which ranges to read is decided before, by `plan_history`, and handed over in
the option `ranges`; the driver opens no repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from pyspark.sql import types as t
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import to_arrow_schema

from etl.bronze.git_objects import (
    Caps,
    Rejected,
    Row,
    open_repository,
    read_blob,
    read_commit,
    read_tree,
    walk,
)
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES
from etl.schemas.table import Table

_BATCH_ROWS, _BATCH_CHARACTERS = 1000, 8_000_000


def _content(table: Table) -> t.StructType:
    fields = [c for c in table.columns if c.name not in ("repo_id", "batch_id")]
    return t.StructType([t.StructField(c.name, c.dataType, True) for c in fields])


REJECT = t.StructType(
    [
        t.StructField("key", t.StringType()),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)
SCHEMA = t.StructType(
    [
        t.StructField("repo_id", t.StringType(), False),
        t.StructField("batch_id", t.StringType(), False),
        t.StructField("range_index", t.IntegerType(), False),
        t.StructField("kind", t.StringType(), False),
        t.StructField("commit", _content(COMMITS)),
        t.StructField("change", _content(FILE_CHANGES)),
        t.StructField("blob", _content(BLOBS)),
        t.StructField("file", _content(FILES)),
        t.StructField("reject", REJECT),
    ]
)


@dataclass
class GitRange(InputPartition):
    """One task: commits `offset` to `offset + limit` of a planned walk, or the tree at HEAD."""

    repo_id: str
    batch_id: str
    location: str
    index: int
    tips: list[str]
    known_tips: list[str]
    head_oid: str | None
    offset: int
    limit: int
    is_tree: bool


def ranges_of(
    batch: Row, *, commits_per_range: int, most_ranges: int, first_index: int, with_tree: bool
) -> list[GitRange]:
    """Cut one planned batch into tasks: commit ranges of equal length, and one for the tree.

    Each range walks the history up to its end again, so a batch has at most `most_ranges` of them.
    """
    commits = int(batch["commits"])
    length = max(commits_per_range, -(-commits // most_ranges))
    spans = [(offset, length, False) for offset in range(0, commits, length)]
    if with_tree:
        spans.append((0, 0, True))
    return [
        GitRange(
            repo_id=batch["repo_id"],
            batch_id=batch["batch_id"],
            location=batch["location"],
            index=first_index + number,
            tips=list(batch["tips"]),
            known_tips=list(batch["known_tips"]),
            head_oid=batch["head_oid"],
            offset=offset,
            limit=limit,
            is_tree=is_tree,
        )
        for number, (offset, limit, is_tree) in enumerate(spans)
    ]


def encode_ranges(ranges: list[GitRange]) -> str:
    """The `ranges` option for some ranges."""
    return json.dumps([asdict(part) for part in ranges])


def _rows(part: GitRange, caps: Caps, removed: frozenset[str]) -> Iterator[tuple[str, Row]]:
    repository = open_repository(part.location)
    if part.is_tree:
        if part.head_oid is not None:
            for found in read_tree(repository, part.head_oid, caps):
                if isinstance(found, Rejected):
                    yield "reject", asdict(found)
                else:
                    yield "file", found
        return
    emitted: set[str] = set()
    history = walk(repository, part.tips, part.known_tips)
    for oid in islice(history, part.offset, part.offset + part.limit):
        for kind, item in read_commit(repository, oid, caps, removed):
            if isinstance(item, Rejected):
                yield "reject", asdict(item)
            elif kind == "wanted":
                if item["oid"] in emitted:
                    continue
                emitted.add(item["oid"])
                blob = read_blob(repository, item["oid"], caps)
                if isinstance(blob, Rejected):
                    yield "reject", asdict(blob)
                else:
                    yield "blob", blob
            else:
                yield kind, item


def _length(item: Row) -> int:
    return sum(len(v) for v in item.values() if isinstance(v, (str, bytes)))


def read_range(
    part: GitRange, caps: Caps, schema: pa.Schema, removed: frozenset[str] = frozenset()
) -> Iterator[pa.RecordBatch]:
    """The rows of one range as Arrow batches of bounded size."""
    rows: list[dict[str, Any]] = []
    characters = 0
    for kind, item in _rows(part, caps, removed):
        rows.append(
            {
                "repo_id": part.repo_id,
                "batch_id": part.batch_id,
                "range_index": part.index,
                "kind": kind,
                kind: item,
            }
        )
        characters += _length(item)
        if len(rows) >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
            rows, characters = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=schema)


class GitReader(DataSourceReader):
    """Reads planned ranges of git history."""

    def __init__(self, options: dict[str, str]) -> None:
        self._ranges = [GitRange(**one) for one in json.loads(options["ranges"])]
        self._caps = Caps(**json.loads(options["caps"]))
        self._removed = frozenset(json.loads(options.get("removed", "[]")))

    def partitions(self) -> list[InputPartition]:
        """One partition a range."""
        return list(self._ranges)

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Arrow batches with the columns of SCHEMA."""
        assert isinstance(partition, GitRange)
        return read_range(partition, self._caps, to_arrow_schema(SCHEMA), self._removed)


class GitDataSource(DataSource):
    """Git history.

    Options: `ranges` (from `encode_ranges`), `caps` (JSON of Caps), and where authors were removed
    `removed` (JSON list of their digests): their commits are not read.
    """

    @classmethod
    def name(cls) -> str:
        """The name for `spark.read.format`."""
        return "git"

    def schema(self) -> t.StructType:
        """Columns repo_id, batch_id, range_index, kind, and one struct a kind."""
        return SCHEMA

    def reader(self, schema: t.StructType) -> DataSourceReader:
        """A reader of the planned ranges."""
        return GitReader(dict(self.options))
