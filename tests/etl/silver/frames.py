"""Bronze frames of real repositories, read directly and without a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.schemas import Table
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, REPOS
from tests import batches
from tests.batches import batch_of, read_directly
from tests.repositories import RepositoryBuilder

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
    rows: dict[str, list[dict[str, Any]]] = {
        kind: [] for kind in ("commit", "change", "blob", "file", "reject")
    }
    repos = []
    for repo_id, repo in repositories.items():
        batch = batch_of(repo, repo_id=repo_id, batch_id=f"batch of {repo_id}", pulls=pulls)
        for row in read_directly([batch], CAPS):
            place = {"repo_id": repo_id, "batch_id": batch.batch_id}
            rows[row["kind"]].append(row[row["kind"]] | place)
        state = ("src", repo_id, named, None, repo.head, [repo.head], False, batch.batch_id)
        repos.append((repo_id, *state))
    assert not rows["reject"]

    def frame(kind: str, table: Table) -> DataFrame:
        names = table.struct.names
        return spark.createDataFrame(
            [tuple(row[name] for name in names) for row in rows[kind]], table.struct
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
