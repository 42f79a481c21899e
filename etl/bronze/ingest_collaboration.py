"""Bronze tables from files with collaboration data: each object of each line, or what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from pydantic import BaseModel, ConfigDict
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.bronze.input_files import InputLimits, archive_key, line_key, read_input
from etl.bronze.repo_names import UNKNOWN, input_batch, repo_id_of
from etl.schemas.arrow import to_arrow_schema
from etl.schemas.collaboration import (
    COMMENTS,
    ISSUES,
    PULLS,
    REPO_NAMES,
    REVIEW_COMMENTS,
    REVIEWS,
    TIMELINE_EVENTS,
)
from etl.schemas.ops import FETCH_QUEUE
from etl.schemas.table import Table
from udfs.collaboration import Fault, Record, read_records
from udfs.collaboration.makers import record_makers

TABLE_OF: Mapping[str, Table] = {
    "issue": ISSUES,
    "pull": PULLS,
    "comment": COMMENTS,
    "review": REVIEWS,
    "review_comment": REVIEW_COMMENTS,
    "timeline_event": TIMELINE_EVENTS,
    "repository": REPO_NAMES,
    "trimmed": FETCH_QUEUE,
}
_PLACE = ("repo_id", "batch_id", "version")


def _struct(table: Table) -> t.StructType:
    return t.StructType(
        [t.StructField(c.name, c.dataType) for c in table.columns if c.name not in _PLACE]
    )


READ = t.StructType(
    [
        *(
            t.StructField(name, t.StringType())
            for name in ("repo_id", "batch_id", "key", "kind", "version", "reason", "detail")
        ),
        *(t.StructField(kind, _struct(table)) for kind, table in TABLE_OF.items()),
    ]
)
DUMPS = t.StructType([t.StructField(name, t.StringType()) for name in ("path", "sha256")])
_BATCH_ROWS = 500
_BATCH_BYTES = 4 << 20


class CollaborationParams(BaseModel):
    """Where collaboration data comes from besides what was fetched.

    Attributes:
        dumps: patterns of files with REST objects or webhook payloads.
        archives: patterns of GH Archive hours; only repositories of the home are taken.
        limits: caps of a line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dumps: tuple[str, ...]
    archives: tuple[str, ...]
    limits: InputLimits


@dataclass(frozen=True)
class Chosen:
    """What becomes a row, and the fate of every object.

    Attributes:
        rows: columns of READ; each version of an object once.
        keys: every object: repo_id, batch_id, key.
        used: objects that give a row.
        rejects: objects that cannot be taken: also reason, detail.
        merged: objects that say what another one says.
    """

    rows: DataFrame
    keys: DataFrame
    used: DataFrame
    rejects: DataFrame
    merged: DataFrame


def _columns(item: Record) -> tuple[str, dict[str, Any]]:
    """The table's columns, under the kind that they have in READ."""
    if item.is_trimmed:
        return "trimmed", {
            "name": item.repository,
            "kind": item.kind,
            "number": item.number,
            "reason": "trimmed_payload",
            "seen_at": item.seen_at,
            "object": item.extra,
        }
    values = {
        "name": item.repository,
        "number": item.number,
        "deleted": item.deleted,
        "completeness": item.completeness,
        "extra": item.extra,
        **item.fields,
    }
    return item.kind, {name: values[name] for name in _NAMES[item.kind]}


_NAMES = {kind: _struct(table).names for kind, table in TABLE_OF.items()}


def _row(
    item: Record | Fault, key: str, sha256: str, known: Mapping[str, str], removed: frozenset[str]
) -> dict[str, Any]:
    name = item.repository
    repo_id = UNKNOWN if name is None else known.get(name) or repo_id_of(name)
    row: dict[str, Any] = {
        "repo_id": repo_id,
        "batch_id": input_batch(sha256, repo_id),
        "key": key,
    }
    if isinstance(item, Fault):
        return row | {"kind": "reject", "reason": item.reason, "detail": item.detail}
    if removed and record_makers(item) & removed:
        return row | {"kind": "reject", "reason": "author_removed"}
    kind, columns = _columns(item)
    return row | {"kind": kind, "version": item.version, kind: columns}


def _batches(rows: Iterable[tuple[dict[str, Any], int]]) -> Iterator[pa.RecordBatch]:
    """Arrow batches of bounded size; each row comes with its bytes."""
    schema = to_arrow_schema(READ)
    held: list[dict[str, Any]] = []
    size = 0
    for row, length in rows:
        held.append(row)
        size += length
        if len(held) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield pa.RecordBatch.from_pylist(held, schema=schema)
            held, size = [], 0
    if held:
        yield pa.RecordBatch.from_pylist(held, schema=schema)


def _size(item: Record | Fault) -> int:
    if isinstance(item, Fault):
        return len(item.detail)
    texts = [item.extra, *item.fields.values()]
    return sum(len(text) for text in texts if isinstance(text, str))


def read_dumps(
    files: DataFrame,
    known: Mapping[str, str],
    limits: InputLimits,
    removed: frozenset[str] = frozenset(),
) -> DataFrame:
    """Every object of dumps and of what was fetched: columns of READ.

    Args:
        files: columns of DUMPS, a file a partition.
        known: repo_id by name, for names that do not stand for themselves.
        limits: caps of a line.
        removed: digests of people (udfs.authors) whose objects are rejected.
    """

    def rows(path: str, sha256: str) -> Iterator[tuple[dict[str, Any], int]]:
        for number, items in read_input(path, limits):
            for item in items:
                key = line_key(number, item.where)
                yield _row(item, key, sha256, known, removed), _size(item)

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for file in batch.to_pylist():
                yield from _batches(rows(file["path"], file["sha256"]))

    return files.mapInArrow(read, READ)


def file_path(address: str) -> str:
    """The path of a file whose address Spark gives."""
    return unquote(urlsplit(address).path)


def read_archives(
    events: DataFrame,
    digests: Mapping[str, str],
    known: Mapping[str, str],
    limits: InputLimits,
    removed: frozenset[str] = frozenset(),
) -> DataFrame:
    """Every object of GH Archive events that are about some names: columns of READ.

    Args:
        events: from `etl.bronze.survey_inputs.archive_events`.
        digests: SHA-256 by path of the archives.
        known: repo_id by name, of all names whose events are taken.
        limits: caps of a line.
        removed: digests of people (udfs.authors) whose objects are rejected.
    """
    wanted = f.col("name").isNull() | f.col("name").isin(*known)

    def rows(events: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], int]]:
        for event in events:
            line: bytes = event["line"]
            for item in _of_line(line, limits):
                key, sha256 = archive_key(line, item.where), digests[file_path(event["file"])]
                yield _row(item, key, sha256, known, removed), _size(item)

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from _batches(rows(batch.to_pylist()))

    # As bytes: a line need not be UTF-8, and then it is rejected here, not by Arrow.
    lines = events.where(wanted).select(f.col("value").cast("binary").alias("line"), "file")
    return lines.mapInArrow(read, READ)


def _of_line(line: bytes, limits: InputLimits) -> list[Record | Fault]:
    if len(line) > limits.max_line_bytes:
        return [Fault("", None, "line_too_large", f"over {limits.max_line_bytes} bytes")]
    return read_records(line, limits.max_depth)


def choose_versions(read: DataFrame, present: DataFrame | None) -> Chosen:
    """Keep each version of an object once: where it came first, unless an earlier batch has it.

    Which of several objects stands for the others changes no content: they say the same.

    Args:
        read: staged columns of READ.
        present: repo_id and version of what committed batches hold; None for nothing.
    """
    unit = ("repo_id", "batch_id", "key")
    said = read.where("kind != 'reject'")
    first = said.groupBy("repo_id", "kind", "version").agg(
        f.min(f.struct("batch_id", "key")).alias("first")
    )
    if present is not None:
        first = first.join(present, ["repo_id", "version"], "left_anti")
    winners = first.select("repo_id", "kind", "version", "first.batch_id", "first.key")
    place = [*unit, "kind", "version"]
    # The same line may stand twice in an archive.
    rows = said.join(winners, place, "left_semi").dropDuplicates(place)
    rejects = (
        read.where("kind = 'reject'")
        .select(*unit, "reason", "detail")
        .dropDuplicates([*unit, "reason"])
    )
    keys = said.select(*unit).distinct()
    used = winners.select(*unit)
    return Chosen(
        rows=rows,
        keys=keys.unionAll(rejects.select(*unit)),
        used=used,
        rejects=rejects,
        merged=keys.join(used, list(unit), "left_anti"),
    )


def rows_of(chosen: DataFrame, kind: str) -> DataFrame:
    """The rows of one table among the chosen ones."""
    table = TABLE_OF[kind]
    inside = {name: f.col(f"{kind}.{name}") for name in _NAMES[kind]}
    columns = [inside.get(name, f.col(name)).alias(name) for name in table.struct.names]
    return chosen.where(f.col("kind") == kind).select(*columns)
