"""Bronze tables from one reading of git history."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from etl.bronze.git_source import KINDS, SCHEMA
from etl.schemas.bronze import PULL_HEADS, REPOS


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
    commit_bytes: int = Field(gt=0)
    cache_bytes: int = Field(gt=0)


@dataclass(frozen=True)
class Present:
    """What earlier batches of the same repositories hold.

    Attributes:
        commits: repo_id, commit_oid.
        mainline: repo_id, commit_oid.
        blobs: repo_id, blob_oid.
        pull_heads: repo_id, number, head_oid.
    """

    commits: DataFrame
    mainline: DataFrame
    blobs: DataFrame
    pull_heads: DataFrame


@dataclass(frozen=True)
class Bronze:
    """The tables that one reading yields, and what it left out.

    Attributes:
        repos: rows of bronze.repos.
        commits: rows of bronze.commits.
        mainline: rows of bronze.mainline.
        pull_heads: rows of bronze.pull_heads.
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
    mainline: DataFrame
    pull_heads: DataFrame
    file_changes: DataFrame
    blobs: DataFrame
    files: DataFrame
    rejects: DataFrame
    known: DataFrame
    keys: DataFrame
    used: DataFrame


_PLACE = ("repo_id", "batch_id", "range_index")
_UNIT = ("repo_id", "batch_id", "key")
# How a row can be told to stand elsewhere: a change goes with its commit.
_MET = ("repo_id", "range_index", "of", "oid")


def list_met(read: DataFrame) -> DataFrame:
    """Everything that a reading met, by ids alone.

    A commit of the mainline is met twice: as a commit, and as one of the mainline.

    Args:
        read: staged rows of the git source.

    Returns:
        repo_id, batch_id, range_index, of (`commit`, `mainline`, `blob`; null for what cannot be
        met again), oid (likewise), key (as in rejects).
    """
    commit, blob, path = f.col("commit.commit_oid"), f.col("blob.blob_oid"), f.col("file.path")
    changed = f.col("change.commit_oid")

    def met(of: str | None, oid: Column, what: str, *key: Column) -> Column:
        return f.struct(
            f.lit(of).cast("string").alias("of"),
            oid.alias("oid"),
            f.concat_ws(" ", f.lit(what), *key).alias("key"),
        )

    as_commit, as_mainline = (met(of, commit, of, commit) for of in ("commit", "mainline"))
    kind = f.col("kind")
    found = (
        f.when(
            kind == "commit",
            f.when(f.col("commit.is_mainline"), f.array(as_commit, as_mainline)).otherwise(
                f.array(as_commit)
            ),
        )
        .when(
            kind == "change", f.array(met("commit", changed, "file", changed, f.col("change.path")))
        )
        .when(kind == "blob", f.array(met("blob", blob, "blob", blob)))
        .when(kind == "file", f.array(met(None, f.lit(None).cast("string"), "tree", path)))
    )
    return read.select(*_PLACE, f.explode(found).alias("met")).select(*_PLACE, "met.*")


def find_repeated(met: DataFrame, present: Present | None) -> DataFrame:
    """What a reading met that stands in another row: of an earlier range, or of an earlier batch.

    These are few, and staged: then the texts need no shuffle to leave them out.

    Args:
        met: what `list_met` gives.
        present: what earlier batches hold.

    Returns:
        repo_id, range_index, of, oid, in_batch (the row that stands is of the same batch).
    """
    identity = ["repo_id", "of", "oid"]
    met = met.where("of IS NOT NULL")
    found = met.groupBy(*identity).agg(
        (f.min("range_index") < f.max("range_index")).alias("is_repeated")
    )
    if present is None:
        found = found.withColumn("stands", f.lit(False))
    else:
        held = (
            present.commits.select("repo_id", f.lit("commit"), "commit_oid")
            .unionAll(present.mainline.select("repo_id", f.lit("mainline"), "commit_oid"))
            .unionAll(present.blobs.select("repo_id", f.lit("blob"), "blob_oid"))
            .toDF(*identity)
            .withColumn("stands", f.lit(True))
        )
        found = found.join(held, identity, "left").withColumn(
            "stands", f.coalesce("stands", f.lit(False))
        )
    # Where they were met is asked of the few that matter: to gather places is slow.
    found = (
        met.join(found.where("is_repeated OR stands"), identity)
        .groupBy(*identity, "stands")
        .agg(f.array_sort(f.collect_set(f.struct("range_index", "batch_id"))).alias("at"))
    )
    first = f.when(~f.col("stands"), f.col("at")[0]["batch_id"])
    rest = f.when(f.col("stands"), f.col("at")).otherwise(
        f.slice("at", f.lit(2), f.size("at"))  # an empty array, where there is one place alone
    )
    return (
        found.withColumn("first", first)
        .withColumn("at", f.explode(rest))
        .select(
            "repo_id",
            "at.range_index",
            "of",
            "oid",
            f.coalesce(f.col("first") == f.col("at.batch_id"), f.lit(False)).alias("in_batch"),
        )
    )


def ingest_git(
    read: DataFrame,
    met: DataFrame,
    repeated: DataFrame,
    batches: DataFrame,
    newest: DataFrame,
    present: Present | None,
) -> Bronze:
    """Split what the git source read into the bronze tables.

    A history that was rewritten may bring commits and texts that an earlier batch has: they stay
    there, and are known here. A commit that only a pull request had before and that has come to the
    mainline since is known too, and new to the mainline.

    Args:
        read: staged rows of the git source; columns beside those of its SCHEMA stay with the rows.
        met: what `list_met` gives.
        repeated: staged rows of `find_repeated`.
        batches: the rows of ops.batches that were read.
        newest: those of them that are the newest of their repository.
        present: what earlier batches of the same repositories hold; None if there are none.
    """
    more = [name for name in read.columns if name not in SCHEMA.names]

    def rows(kind: str) -> DataFrame:
        found = read.where(f.col("kind") == kind).select(*_PLACE, f"{kind}.*", *more)
        if kind != "file":
            oid = "blob_oid" if kind == "blob" else "commit_oid"
            lost = repeated.where(f.col("of") == ("blob" if kind == "blob" else "commit"))
            lost = lost.select("repo_id", "range_index", f.col("oid").alias(oid))
            found = found.join(lost, ["repo_id", "range_index", oid], "left_anti")
        return found.select(*KINDS[kind].struct.names, *more)

    new = met.join(repeated, list(_MET), "left_anti")
    known = met.join(repeated.where("NOT in_batch"), list(_MET), "left_semi")
    on_mainline = new.where("of = 'mainline'")
    heads, new_heads = _pull_heads(batches, present)
    rejects = (
        read.where("kind = 'reject'")
        .select("repo_id", "batch_id", "reject.*")
        .dropDuplicates([*_UNIT, "reason"])
    )
    return Bronze(
        repos=newest.select(*REPOS.struct.names),
        commits=rows("commit"),
        mainline=on_mainline.select("repo_id", f.col("oid").alias("commit_oid"), "batch_id"),
        pull_heads=new_heads.select(*PULL_HEADS.struct.names),
        file_changes=rows("change"),
        blobs=rows("blob"),
        files=rows("file"),
        rejects=rejects,
        known=known.select(*_UNIT).unionAll(
            heads.join(new_heads, [*PULL_HEADS.key, "batch_id"], "left_anti").select(*_UNIT)
        ),
        keys=met.select(*_UNIT).unionAll(heads.select(*_UNIT)).unionAll(rejects.select(*_UNIT)),
        used=new.select(*_UNIT).unionAll(new_heads.select(*_UNIT)),
    )


def _pull_heads(batches: DataFrame, present: Present | None) -> tuple[DataFrame, DataFrame]:
    """The heads of pull requests in some batches, and those that no earlier batch has."""
    key = f.concat_ws(" ", f.lit("pull"), "number", "head_oid").alias("key")
    heads = batches.select(
        "repo_id", "batch_id", "recorded_at", f.explode("pulls").alias("pull")
    ).select("repo_id", "batch_id", "recorded_at", "pull.*", key)
    new = heads.groupBy(*PULL_HEADS.key, "key").agg(
        f.min_by("batch_id", f.struct("recorded_at", "batch_id")).alias("batch_id")
    )
    if present is not None:
        new = new.join(present.pull_heads, list(PULL_HEADS.key), "left_anti")
    return heads, new
