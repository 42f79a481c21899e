"""Silver links: what commits, pulls, issues and reviews of a repository have to do with each other.

Each row of bronze becomes facts (`link_facts.py`), and all facts of a repository are resolved at
once, since what a number means, and what a pull became, is known from the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.bronze import COMMITS, PULL_HEADS, REPOS
from etl.schemas.collaboration import (
    COMMENTS,
    ISSUES,
    PULLS,
    REPO_NAMES,
    REVIEW_COMMENTS,
    REVIEWS,
    TIMELINE_EVENTS,
)
from etl.schemas.table import Table
from etl.silver.link_facts import EVENTS, facts_of, gather
from udfs.links import EVIDENCE, resolve


class LinkParams(BaseModel):
    """How sure a link is, and how far a pull is followed.

    Attributes:
        confidence: 0 to 1 by the name of the evidence; a link has that of its best.
        max_pull_commits: of a pull with more commits, the head alone is linked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: dict[str, float]
    max_pull_commits: int = Field(gt=0)

    @field_validator("confidence")
    @classmethod
    def _is_complete(cls, value: dict[str, float]) -> dict[str, float]:
        odd = sorted(value.keys() ^ EVIDENCE)
        if odd:
            raise ValueError(f"each evidence stands here once; missing or unknown: {odd}")
        if any(not 0 <= sure <= 1 for sure in value.values()):
            raise ValueError("a confidence is from 0 to 1")
        return value


@dataclass(frozen=True)
class History:
    """Rows of some repositories in bronze: repos, commits, mainline and pull_heads."""

    repos: DataFrame
    commits: DataFrame
    mainline: DataFrame
    pull_heads: DataFrame


# Delta keeps an array as one whose elements may be null, which is cast to no stricter one.
_STRING, _STRINGS = t.StringType(), t.ArrayType(t.StringType())
_LONG, _BOOL = t.LongType(), t.BooleanType()


def _struct(**columns: t.DataType) -> t.StructType:
    return t.StructType([t.StructField(name, kind) for name, kind in columns.items()])


# A row of any table: what its columns mean depends on the table.
SOURCE = _struct(
    repo_id=_STRING, table=_STRING, number=_LONG, review=_LONG, title=_STRING, body=_STRING,
    event=_STRING, oid=_STRING, head_oid=_STRING, repository=_STRING, source_number=_LONG,
    is_pull=_BOOL, is_merged=_BOOL, is_mainline=_BOOL, author=_STRING, time=_LONG,
    parents=_STRINGS,
)  # fmt: skip
FACT = _struct(
    repo_id=_STRING, fact=_STRING, from_kind=_STRING, from_key=_STRING, relation=_STRING,
    kind=_STRING, target=_STRING, evidence=_STRING, repository=_STRING, is_reverse=_BOOL,
    is_mainline=_BOOL, author=_STRING, time=_LONG, subject=_STRING, parents=_STRINGS,
)  # fmt: skip
LINKED = _struct(
    repo_id=_STRING, from_kind=_STRING, from_key=_STRING, to_kind=_STRING, to_key=_STRING,
    relation=_STRING, evidence=_STRINGS, confidence=t.DoubleType(), said=_STRINGS, reason=_STRING,
)  # fmt: skip
_LINK = [name for name in LINKED.names if name not in ("repo_id", "reason")]

# Columns of SOURCE that a table has under another name, or by a condition.
_GIVEN: Mapping[Table, Mapping[str, str]] = {
    REPOS: {"oid": "head_oid", "title": "name"},
    REPO_NAMES: {"title": "name"},
    COMMITS: {
        "oid": "commit_oid", "body": "message", "author": "author_email", "time": "author_time",
    },
    PULL_HEADS: {},
    ISSUES: {},
    PULLS: {
        "oid": "merge_commit_sha", "head_oid": "head_sha",
        "is_merged": "coalesce(merged, false) OR merged_at IS NOT NULL",
    },
    COMMENTS: {},
    REVIEWS: {"review": "review_id", "oid": "commit_id"},
    REVIEW_COMMENTS: {"review": "pull_request_review_id", "oid": "original_commit_id"},
    TIMELINE_EVENTS: {"oid": "commit_id", "repository": "source_repository"},
}  # fmt: skip


def _source(table: Table, rows: DataFrame) -> DataFrame:
    """Rows of a table as columns of SOURCE; what a table does not have is null."""
    given = {"table": f.lit(table.name), **{k: f.expr(v) for k, v in _GIVEN[table].items()}}

    def of(column: t.StructField) -> Column:
        absent = f.lit(None) if column.name not in rows.columns else f.col(column.name)
        return given.get(column.name, absent).cast(column.dataType).alias(column.name)

    return rows.select(*map(of, SOURCE.fields))


def _read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = to_arrow_schema(FACT)
    for batch in batches:
        found = [
            {**fact, "repo_id": row["repo_id"]}
            for row in batch.to_pylist()
            for fact in facts_of(row)
        ]
        yield pa.RecordBatch.from_pylist(found, schema=schema)


def link_changes(git: History, talk: Mapping[Table, DataFrame], params: LinkParams) -> DataFrame:
    """Link what belongs together in each repository.

    Args:
        git: bronze rows of some repositories.
        talk: the newest versions, deletions left out, in the tables of collaboration that there
            are, of the same repositories; and bronze.repo_names.
        params: confidences, and a limit.

    Returns:
        Columns of LINKED: a link with the references that it was made of (`said`), or a reference
        with the reason why it leads nowhere.
    """

    def link(table: pa.Table) -> pa.Table:
        facts = (fact for batch in table.to_batches(1000) for fact in batch.to_pylist())
        repository, said = gather(facts)
        links, loose = resolve(repository, said, params.confidence, params.max_pull_commits)
        found = [
            *({name: getattr(one, name) for name in _LINK} for one in links),
            *({"reason": one.reason, "said": [one.said]} for one in loose),
        ]
        repo = table.column("repo_id")[0].as_py()
        return pa.Table.from_pylist(
            [{**row, "repo_id": repo} for row in found], schema=to_arrow_schema(LINKED)
        )

    on_mainline = git.mainline.select("repo_id", "commit_oid", f.lit(True).alias("on_mainline"))
    commits = git.commits.join(on_mainline, ["repo_id", "commit_oid"], "left").withColumn(
        "is_mainline", f.col("on_mainline").isNotNull()
    )
    rows = {REPOS: git.repos, COMMITS: commits, PULL_HEADS: git.pull_heads, **talk}
    if TIMELINE_EVENTS in rows:
        rows[TIMELINE_EVENTS] = rows[TIMELINE_EVENTS].where(f.col("event").isin(*EVENTS))
    sources = [_source(table, rows) for table, rows in rows.items()]
    facts = reduce(DataFrame.unionByName, sources).mapInArrow(_read, FACT)
    return facts.groupBy("repo_id").applyInArrow(link, LINKED)
