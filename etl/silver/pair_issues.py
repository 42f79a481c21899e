"""Silver pairs of issues: each issue of a kept repository becomes a pair, or a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import CHANGE, PairParams, files_of, pair_columns, with_texts
from etl.silver.follow_licences import follow_licences
from etl.silver.pair_terms import (
    SIGNED,
    authorship_columns,
    barred,
    change_authorship,
    commit_terms,
    licence_of,
    refuse_automata,
)
from udfs.authors import login_digest
from udfs.identities import is_by_bot
from udfs.issues.changes import Closing, choose_change, combine
from udfs.issues.pairs import Comment, Issue, IssueLimits, issue_pair
from udfs.pairs import Rejection

ORIGIN = "issue"
_MAINTAINERS = ("OWNER", "MEMBER", "COLLABORATOR")


class IssueParams(BaseModel):
    """What an issue must say, and how much of what was said about it is shown.

    Attributes:
        min_words: words of title and body that are left when forms are taken away.
        max_comments: comments of a debugging session.
        max_comment_chars: a longer comment is left out of it.
        max_instruction_chars: a longer issue is rejected; comments fill up what is left.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_words: int = Field(gt=0)
    max_comments: int = Field(ge=0)
    max_comment_chars: int = Field(gt=0)
    max_instruction_chars: int = Field(gt=0)

    def limits(self) -> IssueLimits:
        """The limits as the rule takes them."""
        return IssueLimits(**self.model_dump())


class PairIssuesParams(PairParams):
    """All that the rule reads: the limits of an issue, and what holds of any pair."""

    issues: IssueParams


@dataclass(frozen=True)
class Bronze:
    """Rows of some repositories: the newest issues and comments, git, links and profiles."""

    issues: DataFrame
    comments: DataFrame
    commits: DataFrame
    mainline: DataFrame
    changes: DataFrame
    files: DataFrame
    blobs: DataFrame
    links: DataFrame
    profiles: DataFrame


_STRING, _LONG = t.StringType(), t.LongType()
CHOSEN = t.StructType(
    [
        t.StructField("repo_id", _STRING),
        t.StructField("number", _LONG),
        t.StructField("commit_oid", _STRING),
        t.StructField("members", t.ArrayType(_STRING)),
        t.StructField("reason", _STRING),
        t.StructField("detail", _STRING),
    ]
)
_GIVEN = ("repo_id", "commit_oid", "repo_name")
DECIDED = t.StructType(
    [
        t.StructField("number", _LONG),
        *(
            t.StructField(c.name, c.dataType)
            for c in PAIRS.columns
            if c.name not in ("rule_version", "batch_id")
        ),
        t.StructField("reason", _STRING),
        t.StructField("detail", _STRING),
    ]
)


def _closings(bronze: Bronze) -> DataFrame:
    """The commits of the mainline that close each issue, with what a merge among them brought."""
    links, here = bronze.links, ["repo_id", "commit_oid"]
    of_commit = links.where("from_kind = 'commit'").withColumnRenamed("from_key", "commit_oid")
    closing = (
        of_commit.where("relation = 'closes' AND to_kind = 'issue'")
        .join(bronze.mainline, here, "left_semi")
        .select(*here, f.expr("try_cast(to_key AS bigint)").alias("number"))
    )
    parents = bronze.commits.select(*here, "parents", "committer_time")
    merged = of_commit.where("relation = 'merges'").select(*here, f.col("to_key").alias("pull"))
    brought = (
        of_commit.where("relation = 'part_of' AND array_contains(evidence, 'between_parents')")
        .join(parents, here)
        .select(
            "repo_id",
            f.col("to_key").alias("pull"),
            f.struct(f.col("commit_oid").alias("oid"), "parents").alias("part"),
        )
    )
    parts = (
        closing.select(*here)
        .distinct()
        .join(merged, here)
        .join(brought, ["repo_id", "pull"])
        .groupBy(*here)
        .agg(f.collect_set("part").alias("parts"))
    )
    reverted = (
        of_commit.where("relation = 'reverts' AND to_kind = 'commit'")
        .join(bronze.mainline, here, "left_semi")
        .select("repo_id", f.col("to_key").alias("commit_oid"), f.lit(True).alias("reverted"))
        .distinct()
    )
    one = f.struct("commit_oid", "parents", "parts", f.col("reverted").isNotNull().alias("back"))
    return (
        closing.join(parents, here)
        .join(parts, here, "left")
        .join(reverted, here, "left")
        .groupBy("repo_id", "number")
        .agg(f.collect_list(one).alias("closings"))
    )


def _choose(row: dict[str, Any]) -> dict[str, Any]:
    place = {"repo_id": row["repo_id"], "number": row["number"]}
    if row["obstacle"] is not None:
        return place | {"reason": row["obstacle"]}
    if is_by_bot(row["user_login"], row["user_type"]):
        return place | {"reason": "bot"}
    chosen = choose_change(
        [
            Closing(
                c["commit_oid"],
                tuple(c["parents"]),
                {part["oid"]: tuple(part["parents"]) for part in c["parts"] or ()}
                if len(c["parents"]) > 1
                else {},
                c["back"],
            )
            for c in row["closings"] or ()
        ]
    )
    if isinstance(chosen, Rejection):
        return place | {"reason": chosen.reason, "detail": chosen.detail or None}
    return place | {"commit_oid": chosen.oid, "members": list(chosen.commits)}


def _choices(bronze: Bronze) -> DataFrame:
    """Columns of CHOSEN: the change of each issue, or the reason."""

    def choose(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(CHOSEN)
        for batch in batches:
            yield pa.RecordBatch.from_pylist([_choose(x) for x in batch.to_pylist()], schema=schema)

    obstacle = (
        f.when(f.col("deleted"), f.lit("deleted"))
        .when(~f.coalesce("keep", f.lit(False)), f.lit("repository_rejected"))
        .when(f.col("state") == "open", f.lit("issue_open"))
        .when(f.col("state_reason").isin("not_planned", "duplicate"), f.lit("not_planned"))
    )
    place = ["repo_id", "number"]
    return (
        bronze.issues.join(bronze.profiles.select("repo_id", "keep"), "repo_id", "left")
        .join(_closings(bronze), place, "left")
        .select(*place, obstacle.alias("obstacle"), "user_login", "user_type", "closings")
        .mapInArrow(choose, CHOSEN)
    )


def _decide(
    row: dict[str, Any], params: PairIssuesParams, may_learn: Callable[[str], bool]
) -> dict[str, Any]:
    number, members = row["number"], row["members"]
    terms = commit_terms(row, row["licence"])
    comments = sorted(row["comments"] or (), key=lambda c: (c["at"], c["comment_id"]))
    people = [c for c in comments if not is_by_bot(c["login"], c["type"])]
    issue = Issue(
        number,
        row["title"] or "",
        row["body"] or "",
        tuple(row["labels"] or ()),
        tuple(Comment(_role(c, row["user_login"]), c["body"] or "") for c in people),
    )
    changes: dict[str, list[dict[str, Any]]] = {oid: [] for oid in members}
    for change in row["changes"] or ():
        changes[change["commit_oid"]].append(change)
    files = combine([files_of(changes[oid]) for oid in members])
    licences = terms.licences(files)
    commits = {commit["commit_oid"]: commit for commit in row["commits"]}
    refused = refuse_automata(commits[oid] for oid in members) or terms.refused()
    pair = refused or issue_pair(
        issue,
        files,
        params.issues.limits(),
        params.extract.limits(),
        barred(licences, may_learn),
    )
    if isinstance(pair, Rejection):
        place = {"repo_id": row["repo_id"], "number": number}
        return place | {"reason": pair.reason, "detail": pair.detail or None}
    every = [change for held in changes.values() for change in held]
    writers = [row["user_login"], *(c["login"] for c in people)]
    others = {login_digest(login) for login in writers if login}
    closing = commits[row["commit_oid"]]
    written = change_authorship(
        [commits[oid] for oid in members],
        None if closing["commit_oid"] in members else closing,
        params.extract.authorship.assistants_since,
    )
    return (
        {"number": number, "origin": ORIGIN, "licence": licence_of(pair, licences)}
        | {name: closing[name] for name in ("author_time", "authored_at")}
        | authorship_columns(written)
        | {name: row[name] for name in _GIVEN}
        | pair_columns(row["repo_id"], row["commit_oid"], pair, every)
        | {"hangs_on": sorted(others | (set(members) - {row["commit_oid"]}))}
    )


def _role(comment: dict[str, Any], reporter: str | None) -> str:
    if comment["login"] is not None and comment["login"] == reporter:
        return "reporter"
    return "maintainer" if comment["association"] in _MAINTAINERS else "other"


def pair_issues(
    bronze: Bronze,
    params: PairIssuesParams,
    materialise: Callable[[DataFrame, str], DataFrame],
) -> DataFrame:
    """Decide every issue.

    Args:
        bronze: the newest version of each issue, pulls left out, and of each comment that was not
            deleted; all else that is known of the same repositories.
        params: limits.
        materialise: writes a frame once, under a name, and reads it back.

    Returns:
        Columns of DECIDED: a pair, or only repo_id and number with `reason` and `detail`.
    """

    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(DECIDED)
        may_learn = params.licences.predicate()
        for batch in batches:
            rows = [_decide(row, params, may_learn) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    place, here = ["repo_id", "number"], ["repo_id", "commit_oid"]
    choices = materialise(_choices(bronze), "choices")
    chosen = choices.where("reason IS NULL").drop("reason", "detail")
    members = chosen.select(*place, f.explode("members").alias("commit_oid"))
    full = with_texts(
        bronze.changes.join(members, here), bronze.blobs, params.extract.max_text_bytes
    )
    changes = full.groupBy(*place).agg(
        f.collect_list(f.struct("commit_oid", *CHANGE)).alias("changes")
    )
    closing = f.col("commit_oid").alias("closing")
    parts = f.array_union("members", f.array("commit_oid"))
    fixed_at = f.max(f.when(f.col("commit_oid") == f.col("closing"), f.col("committer_time")))
    signed = (
        chosen.select(*place, closing, f.explode(parts).alias("commit_oid"))
        .join(bronze.commits.select(*here, "authored_at", *SIGNED), here)
        .groupBy(*place)
        .agg(
            f.collect_list(f.struct("commit_oid", "authored_at", *SIGNED)).alias("commits"),
            fixed_at.alias("committer_time"),
        )
    )
    then = follow_licences(
        bronze.commits,
        bronze.changes,
        bronze.files,
        bronze.blobs,
        params.licences,
        wanted=chosen.select(*here),
    )
    asked = chosen.join(signed, place).join(
        bronze.issues.select(*place, "title", "body", "labels", "user_login", "closed_at"), place
    )
    # What is said after the fix tells of it.
    fixed_at = f.least(f.col("closed_at").cast("long"), "committer_time").alias("fixed_at")
    said = (
        bronze.comments.join(asked.select(*place, fixed_at), place)
        .where(f.col("created_at").cast("long") < f.col("fixed_at"))
        .groupBy(*place)
        .agg(
            f.collect_list(
                f.struct(
                    "comment_id",
                    "body",
                    f.col("created_at").cast("long").alias("at"),
                    f.col("user_login").alias("login"),
                    f.col("user_type").alias("type"),
                    f.col("author_association").alias("association"),
                )
            ).alias("comments")
        )
    )
    known = bronze.profiles.select("repo_id", "licence", f.col("name").alias("repo_name"))
    decided = (
        asked.drop("closed_at", "committer_time")
        .join(known, "repo_id")
        .join(then, here, "left")
        .join(changes, place, "left")
        .join(said, place, "left")
        .mapInArrow(decide, DECIDED)
    )
    refused = choices.where("reason IS NOT NULL").select(
        *(
            f.col(c.name) if c.name in CHOSEN.names and c.name != "commit_oid"
            else f.lit(None).cast(c.dataType).alias(c.name)
            for c in DECIDED.fields
        )
    )  # fmt: skip
    return decided.unionByName(refused)
