"""Bronze tables from one reading of git history."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, REPOS
from etl.schemas.table import Table


class IngestParams(BaseModel):
    """Caps of what is read; see etl.bronze.git_objects.Caps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blob_bytes: int = Field(gt=0)
    patch_bytes: int = Field(gt=0)
    diff_bytes: int = Field(gt=0)
    diff_entries: int = Field(gt=0)
    tree_entries: int = Field(gt=0)
    tree_depth: int = Field(gt=0)
    rename_files: int = Field(gt=0)


@dataclass(frozen=True)
class Bronze:
    """The tables that one reading yields, and what it left out.

    Attributes:
        repos: rows of bronze.repos.
        commits: rows of bronze.commits.
        file_changes: rows of bronze.file_changes.
        blobs: rows of bronze.blobs.
        files: rows of bronze.files.
        rejects: repo_id, batch_id, key, reason, detail.
        known: commits that an earlier batch has already: repo_id, batch_id, key.
        keys: everything that was read: repo_id, batch_id, key (as in rejects).
        used: what became a row: repo_id, batch_id, key.
    """

    repos: DataFrame
    commits: DataFrame
    file_changes: DataFrame
    blobs: DataFrame
    files: DataFrame
    rejects: DataFrame
    known: DataFrame
    keys: DataFrame
    used: DataFrame


def _rows(read: DataFrame, kind: str, table: Table) -> DataFrame:
    return read.where(f.col("kind") == kind).select(
        "repo_id", "batch_id", "range_index", f"{kind}.*"
    )


def _keys(rows: DataFrame, kind: str, *columns: str) -> DataFrame:
    return rows.select("repo_id", "batch_id", f.concat_ws(" ", f.lit(kind), *columns).alias("key"))


def _history_keys(commits: DataFrame, changes: DataFrame, blobs: DataFrame) -> DataFrame:
    return (
        _keys(commits, "commit", "commit_oid")
        .unionAll(_keys(changes, "file", "commit_oid", "path"))
        .unionAll(_keys(blobs, "blob", "blob_oid"))
    )


def _first(rows: DataFrame, key: tuple[str, ...], present: DataFrame) -> DataFrame:
    place = [*key, "range_index"]
    first = rows.groupBy(*key).agg(f.min("range_index").alias("range_index"))
    wanted = first.join(present, list(key), "left_anti")
    return rows.join(wanted, place, "left_semi")


def ingest_git(
    read: DataFrame,
    newest: DataFrame,
    *,
    present_commits: DataFrame,
    present_blobs: DataFrame,
) -> Bronze:
    """Split what the git source read into the bronze tables.

    A history that was rewritten may bring commits and texts that an earlier batch has: they stay
    there, and are known here.

    Args:
        read: staged rows of the git source.
        newest: the newest row of ops.batches of each repository.
        present_commits: bronze.commits of the same repositories' committed batches.
        present_blobs: bronze.blobs of the same.
    """
    # Two ranges may meet the same text, two batches the same commit: the earlier one's row stands.
    commits = _rows(read, "commit", COMMITS)
    changes = _rows(read, "change", FILE_CHANGES)
    blobs = _rows(read, "blob", BLOBS)
    files = _rows(read, "file", FILES)
    had_commits, had_blobs = present_commits.select(*COMMITS.key), present_blobs.select(*BLOBS.key)
    new_commits = _first(commits, COMMITS.key, had_commits)
    place = [*COMMITS.key, "range_index"]
    new_changes = changes.join(new_commits.select(*place), place, "left_semi")
    new_blobs = _first(blobs, BLOBS.key, had_blobs)
    rejects = (
        read.where("kind = 'reject'")
        .select("repo_id", "batch_id", "reject.*")
        .dropDuplicates(["repo_id", "batch_id", "key", "reason"])
    )
    unit = ["repo_id", "batch_id", "key"]
    tree = _keys(files, "tree", "path")
    seen = _history_keys(commits, changes, blobs).distinct()
    used = _history_keys(new_commits, new_changes, new_blobs)
    return Bronze(
        repos=newest.select(*REPOS.struct.names),
        commits=new_commits.select(*COMMITS.struct.names),
        file_changes=new_changes.select(*FILE_CHANGES.struct.names),
        blobs=new_blobs.select(*BLOBS.struct.names),
        files=files.select(*FILES.struct.names),
        rejects=rejects,
        known=seen.join(used, unit, "left_anti"),
        keys=seen.unionAll(tree).unionAll(rejects.select(*unit)),
        used=used.unionAll(tree),
    )
