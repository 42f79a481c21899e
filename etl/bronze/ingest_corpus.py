"""Bronze files and texts from a table of files that others prepared, such as The Stack.

Objects get the ids that git gives them, and repositories the identity of their URL, so a text or a
repository is the same wherever it was read. A corpus holds one state and no history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.bronze import BLOBS, FILES, REPOS
from udfs.texts_udf import text_of

_HOST = "github.com"
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789._-"
_REGULAR_FILE = 0o100644  # a corpus does not say which files are executable

MAPPED = t.StructType(
    [
        t.StructField("repo_id", t.StringType()),
        t.StructField("batch_id", t.StringType()),
        t.StructField("source", t.StringType()),
        t.StructField("path", t.StringType()),
        t.StructField("blob_oid", t.StringType()),
        t.StructField("size", t.LongType()),
        t.StructField("text", t.StringType()),
        t.StructField("encoding", t.StringType()),
        t.StructField("raw", t.BinaryType()),
        t.StructField("odd_characters", t.ArrayType(t.StringType())),
        t.StructField("is_binary", t.BooleanType()),
        t.StructField("commit_oid", t.StringType()),
        t.StructField("named", t.BooleanType()),
        t.StructField("key", t.StringType()),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)


class CorpusColumns(BaseModel):
    """Which columns of a corpus hold what.

    Attributes:
        repository: `owner/name` on GitHub.
        path: path in the repository.
        content: the text, or its bytes.
        blob_oid: object id that the corpus claims for the content.
        commit_oid: commit that the file was taken from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    path: str
    content: str
    blob_oid: str | None = None
    commit_oid: str | None = None


# Kocetkov et al. 2022; Lozhkov et al. 2024, whose contents are brought from Software Heritage.
LAYOUTS: Mapping[str, CorpusColumns] = MappingProxyType(
    {
        "the-stack-v1": CorpusColumns(
            repository="max_stars_repo_name",
            path="max_stars_repo_path",
            content="content",
            blob_oid="hexsha",
            commit_oid="max_stars_repo_head_hexsha",
        ),
        "the-stack-v2": CorpusColumns(
            repository="repo_name",
            path="path",
            content="content",
            blob_oid="blob_id",
            commit_oid="revision_id",
        ),
    }
)


class CorpusParams(BaseModel):
    """One corpus.

    Attributes:
        name: what it is called; each name once. A repository that several hold is read from the
            first.
        path: folder or address of the table.
        format: how the table is stored.
        named: its choice of repositories is the user's: as with one that is named, activity does
            not reject it. Otherwise all are rejected, since a corpus shows no activity.
        layout: what its columns are called; `columns` says it here.
        columns: which column holds what, for the layout `columns`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    path: str
    format: Literal["parquet", "delta"]
    named: bool
    layout: Literal["the-stack-v1", "the-stack-v2", "columns"]
    columns: CorpusColumns | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> CorpusParams:
        if (self.layout == "columns") != (self.columns is not None):
            raise ValueError("`columns` goes with `layout: columns`, and with no other")
        return self

    def mapping(self) -> CorpusColumns:
        """Which column holds what."""
        return self.columns or LAYOUTS[self.layout]


class CorpusCaps(BaseModel):
    """Caps of what is read from a corpus, as in etl.bronze.git_objects.Caps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blob_bytes: int = Field(gt=0)


@dataclass(frozen=True)
class CorpusBronze:
    """The tables that a corpus yields, and what it left out.

    Attributes:
        repos: rows of bronze.repos.
        files: rows of bronze.files.
        blobs: rows of bronze.blobs.
        rejects: repo_id, batch_id, key, reason, detail.
        keys: everything that was read: repo_id, batch_id, key.
        used: what became a row: repo_id, batch_id, key.
    """

    repos: DataFrame
    files: DataFrame
    blobs: DataFrame
    rejects: DataFrame
    keys: DataFrame
    used: DataFrame


def _nul() -> Column:
    return f.unhex(f.lit("00"))


def repository_source(name: Column) -> Column:
    """`github.com/owner/name`, as etl.bronze.sources.canonical_url has it; null for other texts."""
    bare = f.trim(name, f.lit("/"))
    short = f.when(bare.endswith(".git"), f.left(bare, f.length(bare) - 4)).otherwise(bare)
    plain = f.lower(short)
    owner, last = (f.split_part(plain, f.lit("/"), f.lit(part)) for part in (1, 2))
    is_name = (f.translate(plain, _NAME_CHARACTERS, "") == "/") & ~plain.endswith("/")
    is_name &= ~owner.isin(".", "..") & ~last.isin(".", "..")
    return f.when(is_name, f.concat(f.lit(f"{_HOST}/"), plain))


def repository_id(source: Column) -> Column:
    """Identity of a repository, as etl.bronze.plan_history gives it to a clone of the same URL."""
    return f.sha2(f.concat(f.lit("repository\0"), source, f.lit("\0")).cast("binary"), 256)


def blob_id(content: Column) -> Column:
    """The object id that git gives to some bytes."""
    header = f.concat(f.lit("blob "), f.octet_length(content).cast("string"))
    return f.sha1(f.concat(header.cast("binary"), _nul(), content))


def _optional(name: str | None) -> Column:
    return f.nullif(f.col(name), f.lit("")) if name else f.lit(None).cast("string")


def _path(name: str) -> Column:
    """A relative path, or null where no tree can hold it; The Stack v2 puts a slash before it."""
    given = f.col(name)
    path = f.when(given.startswith("/"), f.substr(given, f.lit(2))).otherwise(given)
    odd = f.array(*[f.lit(part) for part in ("", ".", "..")])
    return f.when(~f.arrays_overlap(f.split(path, "/"), odd), path)


def corpus_versions(read: DataFrame, columns: CorpusColumns) -> DataFrame:
    """What a corpus holds of each repository, in one pass that moves no content.

    Args:
        read: the corpus.
        columns: which column holds what.

    Returns:
        repo_id, files (rows), checksum (decimal sum of 64-bit row hashes).
    """
    parts = (columns.path, columns.content, columns.blob_oid, columns.commit_oid)
    names = [name for name in parts if name]
    nulls = f.array(*[f.col(name).isNull() for name in names])
    return (
        read.select(
            repository_id(repository_source(f.col(columns.repository))).alias("repo_id"),
            f.xxhash64(*names, nulls).cast("decimal(38,0)").alias("_hash"),
        )
        .where("repo_id IS NOT NULL")
        .groupBy("repo_id")
        .agg(
            f.count(f.lit(1)).alias("files"),
            f.sum("_hash").cast("string").alias("checksum"),
        )
    )


def map_corpus(
    read: DataFrame, corpus: CorpusParams, *, batch: str, nowhere: str, caps: CorpusCaps
) -> DataFrame:
    """The rows of a corpus in our own columns, with the reason where a row cannot be taken.

    Args:
        read: its rows.
        corpus: which column holds what, and whether its choice counts.
        batch: what batch ids start with; the repository follows.
        nowhere: repo_id for rows that name no repository.
        caps: a longer text is not kept.

    Returns:
        Columns of MAPPED; `key` names the row where it has a reason.
    """
    columns = corpus.mapping()
    taken = read.select(
        f.col(columns.repository).alias("name"),
        repository_source(f.col(columns.repository)).alias("source"),
        _path(columns.path).alias("path"),
        f.col(columns.path).alias("given_path"),
        f.col(columns.content).cast("binary").alias("content"),
        f.lower(_optional(columns.blob_oid)).alias("claimed"),
        _optional(columns.commit_oid).alias("commit_oid"),
    )
    content = f.col("content")
    measured = taken.withColumns(
        {
            "repo_id": f.coalesce(repository_id(f.col("source")), f.lit(nowhere)),
            "size": f.octet_length(content).cast("long"),
            "blob_oid": blob_id(content),
        }
    )
    # What is over the cap is no row of bronze.blobs, so its text is not looked at.
    small = f.when(f.col("size") <= caps.blob_bytes, content)
    measured = measured.withColumn("read", text_of(small))
    is_other = f.col("claimed") != f.col("blob_oid")
    reason = (
        f.when(f.col("source").isNull(), "no_repository")
        .when(f.col("path").isNull(), "no_path")
        .when(content.isNull(), "no_content")
        .when(is_other, "hash_mismatch")
    )
    detail = f.when(
        reason == "hash_mismatch",
        f.concat(f.lit("the corpus says "), "claimed", f.lit(", the content has "), "blob_oid"),
    ).when(reason == "no_repository", f.col("name"))
    return measured.select(
        "repo_id",
        f.concat(f.lit(batch), "repo_id").alias("batch_id"),
        "source",
        "path",
        "blob_oid",
        "size",
        "read.text",
        "read.encoding",
        f.when(f.col("read.encoding").isNotNull(), content).alias("raw"),
        "read.odd_characters",
        "read.is_binary",
        "commit_oid",
        f.lit(corpus.named).alias("named"),
        f.concat_ws(" ", f.lit("row"), "name", "given_path", "blob_oid", "claimed").alias("key"),
        reason.alias("reason"),
        detail.alias("detail"),
    )


def _keys(rows: DataFrame, kind: str, *columns: str) -> DataFrame:
    return rows.select("repo_id", "batch_id", f.concat_ws(" ", f.lit(kind), *columns).alias("key"))


def ingest_corpus(mapped: DataFrame, caps: CorpusCaps) -> CorpusBronze:
    """Split the staged rows of a corpus into the bronze tables.

    Of two contents for one path the one with the smaller object id stands, whatever the order.

    Args:
        mapped: columns of MAPPED.
        caps: a longer text is not kept.
    """
    unit = ["repo_id", "batch_id"]
    sound = mapped.where("reason IS NULL")
    files = (
        sound.groupBy(*unit, "path")
        .agg(f.min(f.struct("blob_oid", "size")).alias("first"))
        .select(*unit, "path", "first.*")
        .withColumn("path_raw", f.lit(None).cast("binary"))
        .withColumn("mode", f.lit(_REGULAR_FILE))
    )
    texts = sound.join(files.select(*unit, "blob_oid").distinct(), [*unit, "blob_oid"], "semi")
    blobs = texts.dropDuplicates([*unit, "blob_oid"])
    is_small = f.col("size") <= caps.blob_bytes
    large = blobs.where(~is_small).select(
        *unit,
        f.concat(f.lit("blob "), "blob_oid").alias("key"),
        f.lit("blob_too_large").alias("reason"),
        f.concat(f.col("size").cast("string"), f.lit(" bytes")).alias("detail"),
    )
    twice = (
        sound.join(files.select(*unit, "path", "blob_oid"), [*unit, "path", "blob_oid"], "anti")
        .select(*unit, f.concat_ws(" ", f.lit("duplicate"), "path", "blob_oid").alias("key"))
        .distinct()
        .select("*", f.lit("duplicate_path").alias("reason"), f.lit(None).alias("detail"))
    )
    odd = (
        mapped.where("reason IS NOT NULL")
        .groupBy(*unit, "key", "reason")
        .agg(f.min("detail").alias("detail"))
    )
    rejects = odd.unionAll(large).unionAll(twice)
    small = blobs.where(is_small)
    used = _keys(files, "tree", "path").unionAll(_keys(small, "blob", "blob_oid"))
    commit = f.when(f.min("commit_oid") == f.max("commit_oid"), f.min("commit_oid"))
    repos = (
        sound.groupBy(*unit, "named")
        .agg(f.min("source").alias("source"), commit.alias("head_oid"))
        .withColumn("name", f.substr("source", f.lit(len(_HOST) + 2)))
        .withColumn("head_ref", f.lit(None).cast("string"))
        .withColumn("tips", f.array().cast("array<string>"))
        .withColumn("is_shallow", f.lit(True))
    )
    return CorpusBronze(
        repos=repos.select(*REPOS.struct.names),
        files=files.select(*FILES.struct.names),
        blobs=small.select(*BLOBS.struct.names),
        rejects=rejects,
        keys=used.unionAll(rejects.select(*unit, "key")),
        used=used,
    )
