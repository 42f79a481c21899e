"""Silver: what a history says of each commit: the licences then, and its author's earlier work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from udfs.experience import author_key, earlier_commits
from udfs.licence import (
    LicenceFinding,
    PathChange,
    detect,
    expression_of,
    is_permissive,
    terms_of,
    texts_in_force,
)
from udfs.paths import is_vendored_path


class LicenceParams(BaseModel):
    """Under what a repository may stand.

    Attributes:
        permissive: SPDX identifiers of licences whose code may be learned from.
        max_licence_bytes: a longer licence file or manifest is not read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    permissive: tuple[str, ...] = Field(min_length=1)
    max_licence_bytes: int = Field(gt=0)

    def licences(self) -> LicenceParams:
        """These alone, where they are part of more."""
        return LicenceParams(permissive=self.permissive, max_licence_bytes=self.max_licence_bytes)

    def predicate(self) -> Callable[[str], bool]:
        """Whether what stands under an expression may be learned from; each is judged once."""
        return cache(lambda expression: is_permissive(expression, self.permissive)[0])


FOLDERS = t.ArrayType(
    t.StructType(
        [t.StructField("folder", t.StringType()), t.StructField("licence", t.StringType())]
    )
)
FOLLOWED = t.StructType(
    [
        t.StructField("repo_id", t.StringType()),
        t.StructField("commit_oid", t.StringType()),
        t.StructField("licence_then", t.StringType()),
        t.StructField("licence_reason", t.StringType()),
        t.StructField("folders", FOLDERS),
        t.StructField("author_commits", t.IntegerType()),
    ]
)

# Cheap superset of the paths that udfs.licence reads: it must not leave one out.
_LICENCE_FILE = r"(?i)licen[cs]e[^/]*$|copying[^/]*$|^LICENSES/[^/]+$"
_MANIFEST = (
    r"^(?:package\.json|composer\.json|pyproject\.toml|setup\.cfg|setup\.py|Cargo\.toml|pom\.xml"
    r"|[^/]+\.gemspec)$"
)
# Texts under such folders are other people's, and no pair is made of what lies there.
_NEVER_READ = "node_modules/"


def may_speak(path: Column) -> Column:
    """Whether a file may be a licence file or a manifest of the whole, by its path."""
    is_named = path.rlike(_LICENCE_FILE) | path.rlike(_MANIFEST)
    return f.coalesce(is_named & ~path.contains(_NEVER_READ), f.lit(False))


def _may_matter() -> Column:
    """A manifest changes with every release; its licence does with a line that says so."""
    says = f.coalesce(f.lower("patch").contains("licen"), f.lit(True))
    return (f.col("status") != "M") | f.col("path").rlike(_LICENCE_FILE) | says


def _follow(row: dict[str, Any], allowed: Collection[str]) -> Iterator[dict[str, Any]]:
    """One repository: the commits asked for, with the terms at each."""
    wanted = None if row["wanted"] is None else set(row["wanted"])
    if wanted is not None and not wanted:
        return
    findings: dict[tuple[str, str], LicenceFinding | None] = {}
    changes: dict[str, list[PathChange]] = {}
    at_head: dict[str, str] = {}
    for item in sorted(row["texts"], key=lambda item: (item["commit_oid"] or "", item["path"])):
        path, oid, commit = item["path"], item["blob_oid"], item["commit_oid"]
        if is_vendored_path(path):
            continue
        if oid is not None and (path, oid) not in findings:
            text = item["text"]
            findings[path, oid] = None if text is None else detect(path, text)
        if commit is None:
            at_head[path] = oid
            continue
        listed = changes.setdefault(commit, [])
        if item["old_path"] is not None and item["status"] == "R":
            listed.append(PathChange(item["old_path"], None))
        listed.append(PathChange(path, oid))
    parents = {item["commit_oid"]: item["parents"] for item in row["history"]}
    authors = {
        item["commit_oid"]: author_key(item["author_name"], item["author_email"])
        for item in row["history"]
    }
    earlier = earlier_commits(parents, authors)
    conclusion = cache(expression_of)
    # Commits between two changes share one mapping, so that its terms are made once.
    made: dict[int, dict[str, Any]] = {}
    for commit, texts in texts_in_force(parents, changes, at_head).items():
        if wanted is not None and commit not in wanted:
            continue
        if id(texts) not in made:
            found = [findings.get(place) for place in texts.items()]
            terms = terms_of([x for x in found if x is not None], conclusion)
            made[id(texts)] = {
                "licence_then": terms.project,
                "licence_reason": terms.project and is_permissive(terms.project, allowed)[1],
                "folders": [{"folder": a, "licence": b} for a, b in terms.folders],
            }
        place = {"repo_id": row["repo_id"], "commit_oid": commit}
        yield place | made[id(texts)] | {"author_commits": earlier[commit]}


def follow_licences(
    history: DataFrame,
    changes: DataFrame,
    files: DataFrame,
    blobs: DataFrame,
    params: LicenceParams,
    wanted: DataFrame | None = None,
) -> DataFrame:
    """The licence in force at each commit, from the texts that commits changed; no tree is read.

    Args:
        history: bronze.commits of some repositories, all of them.
        changes: bronze.file_changes of the same.
        files: bronze.files of the same: what no commit changed came with a merge.
        blobs: bronze.blobs of the same.
        params: what is permissive.
        wanted: repo_id and commit_oid of the commits asked for; None asks for all.

    Returns:
        Columns of FOLLOWED: `licence_then` of the project (null where nothing spoke of one),
        `licence_reason` why it does not allow use, `folders` under another licence, and
        `author_commits`, how many of the commits that it stands on its author wrote.
    """

    def follow(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(FOLLOWED)
        for batch in batches:
            for row in batch.to_pylist():
                yield pa.RecordBatch.from_pylist(
                    list(_follow(row, params.permissive)), schema=schema
                )

    moved = changes.where(
        (may_speak(f.col("path")) & _may_matter()) | may_speak(f.col("old_path"))
    ).select(
        "repo_id",
        "commit_oid",
        "path",
        "old_path",
        "status",
        f.when(f.col("status") != "D", f.col("new_oid")).alias("blob_oid"),
    )
    nothing = f.lit(None).cast("string")
    now = files.where(may_speak(f.col("path"))).select(
        "repo_id",
        nothing.alias("commit_oid"),
        "path",
        nothing.alias("old_path"),
        nothing.alias("status"),
        "blob_oid",
    )
    readable = blobs.where(f.col("text").isNotNull() & (f.col("size") <= params.max_licence_bytes))
    texts = moved.unionByName(now).join(
        readable.select("repo_id", "blob_oid", "text"), ["repo_id", "blob_oid"], "left"
    )
    text = f.struct("commit_oid", "path", "old_path", "status", "blob_oid", "text")
    commit = f.struct("commit_oid", "parents", "author_name", "author_email")
    said = texts.select("repo_id", text.alias("text"))
    rows = history.select("repo_id", commit.alias("commit")).unionByName(said, True)
    asked = f.lit(None).cast(t.ArrayType(t.StringType()))
    if wanted is not None:
        oids = wanted.select("repo_id", f.col("commit_oid").alias("asked"))
        rows, asked = rows.unionByName(oids, True), f.collect_set("asked")
    return (
        rows.groupBy("repo_id")
        .agg(
            f.collect_list("commit").alias("history"),
            f.collect_list("text").alias("texts"),
            asked.alias("wanted"),
        )
        .where(f.size("history") > 0)
        .mapInArrow(follow, FOLLOWED)
    )
