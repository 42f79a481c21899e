"""`spark.read.format("git")`: git history as a Python data source.

A partition is a range of commits of one repository, or the tree at its HEAD. The rows of all
bronze tables come out of one walk, told apart by `kind`, because a patch and the texts around it
are read together. What to read is decided before, by `plan_history`, and handed over in the option
`batches`; the driver opens no repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pyarrow as pa
from pyspark.sql import types as t
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from etl.bronze.git_objects import (
    Caps,
    Rejected,
    Row,
    open_repository,
    read_blob,
    read_commit,
    read_fast,
    read_tree,
)
from etl.bronze.history import History, list_history
from etl.schemas.arrow import to_arrow_schema
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES
from etl.schemas.table import Table

_BATCH_ROWS, _BATCH_CHARACTERS = 1000, 8_000_000


def _content(table: Table, *more: t.StructField) -> t.StructType:
    fields = [c for c in table.columns if c.name not in ("repo_id", "batch_id")]
    return t.StructType([t.StructField(c.name, c.dataType, True) for c in (*fields, *more)])


# The kinds of rows, but for `reject`, and the tables that they are for.
KINDS = {"commit": COMMITS, "change": FILE_CHANGES, "blob": BLOBS, "file": FILES}
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
        t.StructField("commit", _content(COMMITS, t.StructField("is_mainline", t.BooleanType()))),
        t.StructField("change", _content(FILE_CHANGES)),
        t.StructField("blob", _content(BLOBS)),
        t.StructField("file", _content(FILES)),
        t.StructField("reject", REJECT),
    ]
)


@dataclass(frozen=True)
class GitBatch:
    """What is read of one repository: see the columns of ops.batches.

    Attributes:
        repo_id: the repository.
        batch_id: the batch.
        location: git directory.
        tips: commits whose history is the mainline.
        known_tips: tips that were read before.
        pulls: heads of pull requests.
        known_pulls: heads that were read before.
        head_oid: commit whose tree is listed; None lists none.
        cuts: places in the history at which a range ends; the last one is its length, and an empty
            history has none.
    """

    repo_id: str
    batch_id: str
    location: str
    tips: tuple[str, ...]
    known_tips: tuple[str, ...]
    pulls: tuple[str, ...]
    known_pulls: tuple[str, ...]
    head_oid: str | None
    cuts: tuple[int, ...]


@dataclass
class GitRange(InputPartition):
    """One task: commits `start` to `end` of a batch's history, or the tree at HEAD.

    Attributes:
        batch: place of the batch among those that are read.
        index: place among all ranges; where two ranges have the same text, the first one brings it.
        start: first commit.
        end: commit after the last one; equal to `start` for the tree.
    """

    batch: int
    index: int
    start: int
    end: int


def ranges_of(batches: Sequence[GitBatch]) -> list[GitRange]:
    """The tasks of some batches: ranges of about equal work, and one for the tree at HEAD."""
    found: list[GitRange] = []
    for place, batch in enumerate(batches):
        spans = list(pairwise((0, *batch.cuts)))
        if batch.head_oid is not None:
            spans.append((0, 0))
        for start, end in spans:
            found.append(GitRange(place, len(found), start, end))
    return found


def encode_batches(batches: Sequence[GitBatch]) -> str:
    """The `batches` option for some batches."""
    return json.dumps([asdict(batch) for batch in batches])


def decode_batches(text: str) -> list[GitBatch]:
    """The batches of a `batches` option."""
    found: list[dict[str, Any]] = [
        {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
        for one in json.loads(text)
    ]
    return [GitBatch(**one) for one in found]


@lru_cache(maxsize=2)
def _history(batch: GitBatch) -> History:
    """A batch's history, listed once in each process that reads ranges of it."""
    return list_history(
        open_repository(batch.location),
        batch.tips,
        batch.known_tips,
        batch.pulls,
        batch.known_pulls,
    )


def _rows(
    batch: GitBatch, part: GitRange, caps: Caps, removed: frozenset[str]
) -> Iterator[tuple[str, Row]]:
    repository = open_repository(batch.location)
    if part.start == part.end:
        assert batch.head_oid is not None
        for found in read_tree(repository, batch.head_oid, caps):
            if isinstance(found, Rejected):
                yield "reject", asdict(found)
            else:
                yield "file", found
        return
    emitted: set[str] = set()
    history = _history(batch)
    read_fast(caps)
    for place in range(part.start, part.end):
        for kind, item in read_commit(repository, history[place], caps, removed):
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
            elif kind == "commit":
                yield kind, item | {"is_mainline": place < history.mainline}
            else:
                yield kind, item


def _length(item: Row) -> int:
    return sum(len(v) for v in item.values() if isinstance(v, (str, bytes)))


def read_range(
    batch: GitBatch,
    part: GitRange,
    caps: Caps,
    schema: pa.Schema,
    removed: frozenset[str] = frozenset(),
) -> Iterator[pa.RecordBatch]:
    """The rows of one range as Arrow batches of bounded size."""
    rows: dict[str, list[Row]] = {}
    count = characters = 0
    for kind, item in _rows(batch, part, caps, removed):
        rows.setdefault(kind, []).append(item)
        count += 1
        characters += _length(item)
        if count >= _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield _arrow(batch, part, rows, schema)
            rows, count, characters = {}, 0, 0
    if rows:
        yield _arrow(batch, part, rows, schema)


def _arrow(
    batch: GitBatch, part: GitRange, rows: dict[str, list[Row]], schema: pa.Schema
) -> pa.RecordBatch:
    """One Arrow batch: the rows of each kind stand together, the structs of the others are null."""
    counts = {kind: len(items) for kind, items in rows.items()}
    total = sum(counts.values())
    constant = {"repo_id": batch.repo_id, "batch_id": batch.batch_id, "range_index": part.index}
    columns = []
    for field in schema:
        if field.name in constant:
            columns.append(pa.repeat(pa.scalar(constant[field.name], field.type), total))
        elif field.name == "kind":
            columns.append(pa.array([kind for kind in rows for _ in rows[kind]], field.type))
        else:
            parts = [
                _structs(items, field.type)
                if kind == field.name
                else pa.nulls(len(items), field.type)
                for kind, items in rows.items()
            ]
            columns.append(pa.concat_arrays(parts))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _structs(items: list[Row], kind: pa.StructType) -> pa.StructArray:
    fields = [kind.field(number) for number in range(kind.num_fields)]
    values = [pa.array([item[field.name] for item in items], field.type) for field in fields]
    return pa.StructArray.from_arrays(values, fields=fields)


class GitReader(DataSourceReader):
    """Reads planned batches of git history."""

    def __init__(self, options: dict[str, str]) -> None:
        self._batches = decode_batches(options["batches"])
        self._caps = Caps(**json.loads(options["caps"]))
        self._removed = frozenset(json.loads(options.get("removed", "[]")))

    def partitions(self) -> list[InputPartition]:
        """One partition a range."""
        return list(ranges_of(self._batches))

    def read(self, partition: InputPartition | None) -> Iterator[pa.RecordBatch]:
        """Arrow batches with the columns of SCHEMA."""
        # Where there is no range Spark asks for one task: without a partition or with an empty one.
        if not isinstance(partition, GitRange):
            return iter(())
        batch = self._batches[partition.batch]
        return read_range(batch, partition, self._caps, to_arrow_schema(SCHEMA), self._removed)


class GitDataSource(DataSource):
    """Git history.

    Options: `batches` (from `encode_batches`), `caps` (JSON of Caps), and where people were removed
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
        """A reader of the planned batches."""
        return GitReader(dict(self.options))
