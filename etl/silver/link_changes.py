"""Silver links: what commits, pulls, issues and reviews of a repository have to do with each other.

Every text and event becomes references, and all of a repository's references are resolved at once,
since what a number means, and what a pull became, is known from the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_schema

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
from udfs.links import (
    EVIDENCE,
    Commit,
    Reference,
    Repository,
    Said,
    body_references,
    comment_references,
    commit_references,
    resolve,
    title_references,
)


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


_STRING, _STRINGS = t.StringType(), t.ArrayType(t.StringType(), False)
TEXT = t.StructType(
    [t.StructField(name, _STRING) for name in ("repo_id", "from_kind", "from_key", "part", "text")]
)
_REFERENCE = ("relation", "kind", "target", "evidence", "repository")
# A commit, a reference, the kind of a number, a head of a pull, or a name of the repository.
FACT = t.StructType(
    [
        *(
            t.StructField(name, _STRING)
            for name in ("repo_id", "fact", "from_kind", "from_key", *_REFERENCE)
        ),
        t.StructField("is_reverse", t.BooleanType()),
        t.StructField("parents", _STRINGS),
        t.StructField("is_mainline", t.BooleanType()),
        t.StructField("author", _STRING),
        t.StructField("time", t.LongType()),
        t.StructField("subject", _STRING),
    ]
)
LINKED = t.StructType(
    [
        *(
            t.StructField(name, _STRING)
            for name in (
                *("repo_id", "from_kind", "from_key", "to_kind", "to_key"),
                *("relation", "reason"),
            )
        ),
        t.StructField("evidence", _STRINGS),
        t.StructField("confidence", t.DoubleType()),
        t.StructField("said", _STRINGS),
    ]
)

_READERS: Mapping[str, Callable[[str], list[Reference]]] = {
    "message": commit_references,
    "title": title_references,
    "pull_body": lambda text: body_references(text, closes=True),
    "body": lambda text: body_references(text, closes=False),
    "comment": comment_references,
}


def _read_texts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = to_arrow_schema(FACT)
    for batch in batches:
        rows = []
        for row in batch.to_pylist():
            place = {name: row[name] for name in ("repo_id", "from_kind", "from_key")}
            for reference in _READERS[row["part"]](row["text"]):
                said = {name: getattr(reference, name) for name in (*_REFERENCE, "is_reverse")}
                rows.append(place | said | {"fact": "said"})
        yield pa.RecordBatch.from_pylist(rows, schema=schema)


def _texts(commits: DataFrame, talk: Mapping[Table, DataFrame]) -> DataFrame:
    """Everything that may refer to something: columns of TEXT."""
    number = f.col("number").cast("string")
    review = f.col("review_id").cast("string")
    is_pull = f.col("is_pull")
    kind = f.when(is_pull, "pull").otherwise("issue")
    body = f.when(is_pull, "pull_body").otherwise("body")
    of_review = f.col("pull_request_review_id").cast("string")
    places: list[tuple[Table, Column | str, Column, Column | str, str]] = [
        (ISSUES, kind, number, "title", "title"),
        (ISSUES, kind, number, body, "body"),
        (PULLS, "pull", number, "title", "title"),
        (PULLS, "pull", number, "pull_body", "body"),
        (COMMENTS, "issue_or_pull", number, "comment", "body"),
        (REVIEWS, "review", review, "body", "body"),
        (REVIEW_COMMENTS, "review", of_review, "body", "body"),
    ]
    said = commits.select(
        "repo_id",
        f.lit("commit").alias("from_kind"),
        f.col("commit_oid").alias("from_key"),
        f.lit("message").alias("part"),
        f.col("message").alias("text"),
    )
    parts = [
        talk[table].select(
            "repo_id",
            (f.lit(kind) if isinstance(kind, str) else kind).alias("from_kind"),
            key.alias("from_key"),
            (f.lit(part) if isinstance(part, str) else part).alias("part"),
            f.col(text).alias("text"),
        )
        for table, kind, key, part, text in places
        if table in talk
    ]
    return reduce(DataFrame.unionByName, parts, said).where("text != '' AND from_key IS NOT NULL")


def _facts(rows: DataFrame, fact: str, **given: Column) -> DataFrame:
    """Rows as columns of FACT; what is not given is null."""
    given = {"repo_id": f.col("repo_id"), "fact": f.lit(fact), **given}
    return rows.select(
        *[given.get(c.name, f.lit(None)).cast(c.dataType).alias(c.name) for c in FACT.fields]
    )


def _told(
    rows: DataFrame, ends: tuple[str, str], relation: str, kind: str, target: str, evidence: str
) -> DataFrame:
    """References that GitHub itself tells, without a text; `ends` are kind and column of a key."""
    is_reverse = ends[0] != "review"
    return _facts(
        rows.where(f.col(target).isNotNull() & f.col(ends[1]).isNotNull()),
        "said",
        from_kind=f.lit(ends[0]),
        from_key=f.col(ends[1]),
        relation=f.lit(relation),
        kind=f.lit(kind),
        target=f.col(target),
        evidence=f.lit(evidence),
        is_reverse=f.lit(is_reverse),
        repository=f.col("source_repository") if target == "source_number" else f.lit(None),
    )


def _of_events(events: DataFrame) -> list[DataFrame]:
    """What events say; "connected" is told with the other end in some payloads alone."""
    number, pull = ("issue_or_pull", "number"), ("pull", "number")
    rules = (
        ("closed", number, "closes", "commit", "commit_id"),
        ("merged", pull, "merges", "commit", "commit_id"),
        ("committed", pull, "part_of", "commit", "commit_id"),
        ("referenced", number, "mentions", "commit", "commit_id"),
        ("cross-referenced", number, "mentions", "issue_or_pull", "source_number"),
        ("connected", number, "closes", "issue_or_pull", "source_number"),
    )
    return [
        _told(
            events.where(f.col("event") == name),
            ends,
            relation,
            kind,
            target,
            f"event_{name.replace('-', '_')}",
        )
        for name, ends, relation, kind, target in rules
    ]


def _of_talk(talk: Mapping[Table, DataFrame]) -> list[DataFrame]:
    """What GitHub says about numbers, heads, merges and reviews."""
    parts: list[DataFrame] = []
    number = f.col("number").cast("string")
    if ISSUES in talk:
        kind = f.when(f.col("is_pull"), "pull").otherwise("issue")
        parts.append(_facts(talk[ISSUES], "kind", from_key=number, kind=kind))
    if PULLS in talk:
        pulls = talk[PULLS]
        merged = pulls.where("merged OR merged_at IS NOT NULL")
        parts += [
            _facts(pulls, "kind", from_key=number, kind=f.lit("pull")),
            _facts(pulls, "head", from_key=number, target=f.col("head_sha")),
            _told(
                merged,
                ("pull", "number"),
                "merges",
                "commit",
                "merge_commit_sha",
                "merge_commit_sha",
            ),
        ]
    if REVIEWS in talk:
        review = ("review", "review_id")
        parts += [
            _told(talk[REVIEWS], review, "reviews", "pull", "number", "review"),
            _told(talk[REVIEWS], review, "reviews", "commit", "commit_id", "review_commit"),
        ]
    if REVIEW_COMMENTS in talk:
        review = ("review", "pull_request_review_id")
        rows = talk[REVIEW_COMMENTS]
        parts.append(
            _told(rows, review, "reviews", "commit", "original_commit_id", "review_commit")
        )
    if TIMELINE_EVENTS in talk:
        parts += _of_events(talk[TIMELINE_EVENTS])
    if REPO_NAMES in talk:
        parts.append(_facts(talk[REPO_NAMES], "name", target=f.col("name")))
    return parts


def _of_history(git: History) -> list[DataFrame]:
    """Commits, heads of pulls, and names under which the repository was read."""
    on_mainline = git.mainline.select("repo_id", "commit_oid", f.lit(True).alias("on_mainline"))
    number = f.col("number").cast("string")
    return [
        _facts(
            git.commits.join(on_mainline, ["repo_id", "commit_oid"], "left"),
            "commit",
            from_key=f.col("commit_oid"),
            parents=f.col("parents"),
            is_mainline=f.col("on_mainline").isNotNull(),
            author=f.lower("author_email"),
            time=f.col("author_time"),
            subject=f.substring_index("message", "\n", 1),
        ),
        _facts(git.pull_heads, "kind", from_key=number, kind=f.lit("pull")),
        _facts(git.pull_heads, "head", from_key=number, target=f.col("head_oid")),
        _facts(git.repos, "name", target=f.col("name")),
        _facts(git.repos, "tip", target=f.col("head_oid")),
    ]


class _Gathered:
    """The facts of one repository, put together."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.tip: str | None = None
        self.commits: dict[str, Commit] = {}
        self.kinds: dict[str, str] = {}
        self.heads: dict[str, set[str]] = {}
        self.said: list[Said] = []

    def take(self, row: dict[str, Any]) -> None:
        match row["fact"]:
            case "commit":
                self.commits[row["from_key"]] = Commit(
                    tuple(row["parents"]),
                    row["is_mainline"],
                    row["author"] or "",
                    row["time"],
                    row["subject"] or "",
                )
            case "said":
                reference = Reference(**{name: row[name] for name in (*_REFERENCE, "is_reverse")})
                self.said.append(Said(row["from_kind"], row["from_key"], reference))
            case "kind" if self.kinds.get(row["from_key"]) != "pull":
                self.kinds[row["from_key"]] = row["kind"]
            case "head" if row["target"]:
                self.heads.setdefault(row["from_key"], set()).add(row["target"])
            case "name":
                self.names.add(row["target"].lower())
            case "tip":
                self.tip = row["target"]

    def repository(self) -> Repository:
        return Repository(self.names, self.tip, self.commits, self.kinds, self.heads)


def resolve_facts(rows: Iterable[dict[str, Any]], params: LinkParams) -> list[dict[str, Any]]:
    """Links and loose references of one repository, from columns of FACT in any order."""
    gathered = _Gathered()
    for row in rows:
        gathered.take(row)
    links, loose = resolve(
        gathered.repository(), gathered.said, params.confidence, params.max_pull_commits
    )
    return [
        *(
            {name: getattr(link, name) for name in LINKED.names if hasattr(link, name)}
            for link in links
        ),
        *({"reason": one.reason, "said": [one.said]} for one in loose),
    ]


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
        repo = table.column("repo_id")[0].as_py()
        rows = (row for batch in table.to_batches(1000) for row in batch.to_pylist())
        found = [{**row, "repo_id": repo} for row in resolve_facts(rows, params)]
        return pa.Table.from_pylist(found, schema=to_arrow_schema(LINKED))

    texts = _texts(git.commits, talk).mapInArrow(_read_texts, FACT)
    facts = reduce(DataFrame.unionByName, [*_of_history(git), *_of_talk(talk)], texts)
    return facts.groupBy("repo_id").applyInArrow(link, LINKED)
