"""Bronze frames of real repositories, read directly and without a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.io.tables import Slice
from etl.jobs.context import Context
from etl.schemas import Table
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, PULL_HEADS, REPOS
from etl.schemas.collaboration import PULLS, REVIEW_COMMENTS, REVIEWS
from etl.schemas.silver import REPO_PROFILES
from etl.silver import pair_reviews
from tests import batches
from tests.batches import batch_of, read_directly
from tests.collaboration import encoded, landed
from tests.contexts import open_home
from tests.etl.silver.rows import rows
from tests.repositories import RepositoryBuilder
from tests.reviewed import NUMBER, Reviewed
from udfs.collaboration import Record, read_records

CAPS = replace(
    batches.CAPS,
    blob_bytes=1 << 20,
    patch_bytes=1 << 20,
    diff_bytes=1 << 20,
    diff_entries=100_000,
    tree_entries=9999,
    tree_depth=99,
    rename_files=99,
)


@dataclass(frozen=True)
class Bronze:
    """The bronze tables of some repositories."""

    repos: DataFrame
    commits: DataFrame
    changes: DataFrame
    files: DataFrame
    blobs: DataFrame

    def repartitioned(self, parts: int) -> Bronze:
        """The same rows otherwise spread."""
        return replace(
            self, **{name: frame.repartition(parts) for name, frame in vars(self).items()}
        )


def read_bronze(
    spark: SparkSession,
    repositories: Mapping[str, RepositoryBuilder],
    *,
    named: bool = True,
    pulls: tuple[str, ...] = (),
) -> Bronze:
    """Frames of repositories by their repo_id, which is their name too; `pulls` are heads."""
    read: dict[str, list[dict[str, Any]]] = {
        kind: [] for kind in ("commit", "change", "blob", "file", "reject")
    }
    repos = []
    for repo_id, repo in repositories.items():
        batch = batch_of(repo, repo_id=repo_id, batch_id=f"batch of {repo_id}", pulls=pulls)
        for row in read_directly([batch], CAPS):
            place = {"repo_id": repo_id, "batch_id": batch.batch_id}
            read[row["kind"]].append(row[row["kind"]] | place)
        state = ("src", repo_id, named, None, repo.head, [repo.head], False, batch.batch_id)
        repos.append((repo_id, *state))
    assert not read["reject"]

    def frame(kind: str, table: Table) -> DataFrame:
        names = table.struct.names
        return spark.createDataFrame(
            [tuple(row[name] for name in names) for row in read[kind]], table.struct
        )

    return Bronze(
        repos=spark.createDataFrame(repos, REPOS.struct),
        commits=frame("commit", COMMITS),
        changes=frame("change", FILE_CHANGES),
        files=frame("file", FILES),
        blobs=frame("blob", BLOBS),
    )


def profiles(spark: SparkSession, keep: Mapping[str, bool]) -> DataFrame:
    """The columns of silver.repo_profiles that other transforms read."""
    return spark.createDataFrame(
        [(repo_id, repo_id, "MIT", kept) for repo_id, kept in keep.items()],
        "repo_id string, name string, licence string, keep boolean",
    )


def said(table: Table, kind: str, objects: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows of a table of collaboration, read from what GitHub sends."""
    found = []
    for item in objects:
        read = read_records(encoded(landed(kind, item, NUMBER)), 64)
        (record,) = [x for x in read if isinstance(x, Record) and x.kind == kind]
        row = {
            "repo_id": "tally", "batch_id": "b", "version": record.version, "number": NUMBER,
            "deleted": record.deleted, "completeness": record.completeness, "extra": record.extra,
            **record.fields,
        }  # fmt: skip
        found.append(tuple(row[name] for name in table.struct.names))
    return found


def reviewed_bronze(spark: SparkSession, project: Reviewed) -> pair_reviews.Bronze:
    """What is known of a reviewed repository, which has the repo_id `tally`."""
    tip = project.repo.git("rev-parse", "mean")
    git = read_bronze(spark, {"tally": project.repo}, pulls=(tip,))

    def frame(table: Table, kind: str, objects: list[dict[str, Any]]) -> DataFrame:
        return spark.createDataFrame(said(table, kind, objects), table.struct)

    head = [("tally", NUMBER, tip, "b")]
    return pair_reviews.Bronze(
        comments=frame(REVIEW_COMMENTS, "review_comment", project.comments),
        pulls=frame(PULLS, "pull", [project.pull]),
        reviews=frame(REVIEWS, "review", [project.review]),
        heads=spark.createDataFrame(head, PULL_HEADS.struct),
        commits=git.commits,
        changes=git.changes,
        files=git.files,
        blobs=git.blobs,
        profiles=profiles(spark, {"tally": True}),
    )


def open_reviewed_home(spark: SparkSession, project: Reviewed, root: Path) -> Context:
    """A home that holds what is known of a reviewed repository, and its profile."""
    known = reviewed_bronze(spark, project)
    opened = open_home(spark, root)
    profile = {"name": "tally", "licence": "MIT", "keep": True, "as_of": date(2026, 1, 1)}
    frames: dict[Table, DataFrame] = {
        REVIEW_COMMENTS: known.comments,
        PULLS: known.pulls,
        REVIEWS: known.reviews,
        PULL_HEADS: known.heads,
        COMMITS: known.commits,
        FILE_CHANGES: known.changes,
        FILES: known.files,
        BLOBS: known.blobs,
        REPO_PROFILES: rows(spark, REPO_PROFILES, profile),
    }
    for table, frame in frames.items():
        opened.warehouse.publish(table, frame, Slice())
    return opened
