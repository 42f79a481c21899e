"""Silver pairs from reviews: each thread on a hunk becomes one pair or two, or a reason.

A thread is judged by what it says first; then its branch is followed in the history of its
repository; and texts are joined only for what is left.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import CHANGE, PairParams, files_of, pair_columns, with_texts
from etl.silver.follow_licences import LicenceParams, follow_licences
from etl.silver.pair_terms import (
    SIGNED,
    CommitTerms,
    authorship_columns,
    barred,
    change_authorship,
    commit_terms,
    licence_of,
    refuse_automata,
    text_authorship,
)
from udfs.authors import login_digest
from udfs.pairs import FileChange, Pair, Rejection
from udfs.reviews.branches import Commit, PathChange, plan_thread
from udfs.reviews.comments import clean_comment
from udfs.reviews.hunks import Span, read_hunk
from udfs.reviews.pairs import (
    Note,
    ReviewLimits,
    Thread,
    change_pair,
    comment_pair,
    refuse_thread,
)
from udfs.reviews.resolution import EVIDENCE, TOUCHED, Resolution

ORIGIN = "review"
Materialise = Callable[[DataFrame, str], DataFrame]


class ReviewParams(BaseModel):
    """Limits of a pair from a review; sizes in lines, characters, files or commits.

    Attributes:
        branch_commits: a branch is followed for so many commits, back and forth.
        others: see udfs.reviews.pairs.ReviewLimits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_hunk_lines: int = Field(gt=0)
    max_comment_chars: int = Field(gt=0)
    near_lines: int = Field(ge=0)
    whole_commit_files: int = Field(gt=0)
    min_confidence: float = Field(ge=0, le=1)
    branch_commits: int = Field(gt=0)

    def limits(self) -> ReviewLimits:
        """The limits as the rule takes them."""
        return ReviewLimits(**self.model_dump(exclude={"branch_commits"}))


class PairReviewsParams(PairParams):
    """All that the rule reads: the limits of a review, and what holds of any pair."""

    reviews: ReviewParams


class Bronze(NamedTuple):
    """What is known of the repositories in work.

    Attributes:
        comments: newest versions of bronze.review_comments.
        pulls: newest versions of bronze.pulls.
        reviews: newest versions of bronze.reviews.
        heads: bronze.pull_heads.
        commits: bronze.commits.
        changes: bronze.file_changes.
        files: bronze.files.
        blobs: bronze.blobs.
        profiles: silver.repo_profiles.
    """

    comments: DataFrame
    pulls: DataFrame
    reviews: DataFrame
    heads: DataFrame
    commits: DataFrame
    changes: DataFrame
    files: DataFrame
    blobs: DataFrame
    profiles: DataFrame


def _field(name: str, kind: t.DataType) -> t.StructField:
    return t.StructField(name, kind, True)


_STRING, _LONG, _BOOL = t.StringType(), t.LongType(), t.BooleanType()
_STRINGS = t.ArrayType(_STRING)
# What the first look at a thread finds.
_JUDGED = [
    _field("reason", _STRING),
    _field("detail", _STRING),
    _field("path", _STRING),
    _field("commit_oid", _STRING),
    _field("at", _LONG),
    _field("first", _LONG),
    _field("last", _LONG),
    _field("is_gap", _BOOL),
    _field("digest", _STRING),
]
# What the history says about it.
_PLANNED = t.StructType(
    [
        _field("repo_id", _STRING),
        _field("thread_id", _LONG),
        _field("refused", _STRING),
        _field("refused_detail", _STRING),
        _field("reviewed", _STRINGS),
        _field("resolving", _STRING),
        _field("how", _STRING),
        _field("resolved_first", _LONG),
        _field("resolved_last", _LONG),
        _field("unresolved", _STRING),
        _field("is_shared", _BOOL),
    ]
)
# A comment gives no row with a pair, or one, or two; its fate is the same on each.
DECIDED = t.StructType(
    [
        *(
            t.StructField(c.name, c.dataType, True)
            for c in PAIRS.columns
            if c.name not in ("rule_version", "batch_id")
        ),
        _field("comment_id", _LONG),
        _field("merged_into", _LONG),
        _field("reason", _STRING),
        _field("detail", _STRING),
    ]
)


def pair_reviews(bronze: Bronze, params: PairReviewsParams, materialise: Materialise) -> DataFrame:
    """Decide every review comment.

    Args:
        bronze: the repositories in work.
        params: limits.
        materialise: writes a frame to a staging table of that name and reads it back.

    Returns:
        Columns of DECIDED: the pairs of a comment that began a thread, or its `reason`; a reply is
        `merged_into` the comment that it answers.
    """
    judged = materialise(_judge(_threads(bronze), params.reviews.limits()), "threads")
    planned = materialise(_plan(judged.where("reason IS NULL"), bronze, params.reviews), "plans")
    texts = _texts(judged.select("repo_id", "thread_id", "path"), planned, bronze, params)
    key = ["repo_id", "thread_id"]
    resolving = bronze.commits.select(
        "repo_id", f.col("commit_oid").alias("resolving"), "authored_at", *SIGNED
    )

    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(DECIDED)
        may_learn = params.licences.predicate()
        for batch in batches:
            rows = [x for row in batch.to_pylist() for x in _decide(row, params, may_learn)]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return (
        judged.join(planned, key, "left")
        .join(texts, key, "left")
        .join(_terms(judged, planned, bronze, params.licences), key, "left")
        .join(resolving, ["repo_id", "resolving"], "left")
        .mapInArrow(decide, DECIDED)
    )


def _threads(bronze: Bronze) -> DataFrame:
    """One row a thread: its comments, its pull, its repository."""
    states = bronze.reviews.select(
        "repo_id", f.col("review_id").alias("pull_request_review_id"), "state"
    )
    note = f.struct(
        "comment_id", "user_login", "user_type", "author_association", "body", "deleted",
        f.unix_seconds("created_at").alias("at"),
        f.unix_seconds("updated_at").alias("changed_at"), "path", "diff_hunk", "original_commit_id",
        "original_start_line", "state",
    )  # fmt: skip
    pulls = bronze.pulls.select(
        "repo_id", "number", "title", f.col("user_login").alias("author"), "head_sha"
    )
    heads = bronze.heads.groupBy("repo_id", f.col("number").cast("long").alias("number")).agg(
        f.collect_set("head_oid").alias("heads")
    )
    known = bronze.profiles.select("repo_id", "keep", "licence", f.col("name").alias("repo_name"))
    return (
        bronze.comments.join(states, ["repo_id", "pull_request_review_id"], "left")
        .groupBy("repo_id", f.coalesce("in_reply_to_id", "comment_id").alias("thread_id"))
        .agg(f.collect_list(note).alias("notes"), f.max("number").alias("number"))
        .join(pulls, ["repo_id", "number"], "left")
        .join(heads, ["repo_id", "number"], "left")
        .join(f.broadcast(known), "repo_id")
    )


def _judge(threads: DataFrame, limits: ReviewLimits) -> DataFrame:
    schema = t.StructType([*threads.schema.fields, *_JUDGED])

    def judge(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        out = to_arrow_schema(schema)
        for batch in batches:
            rows = [row | _first_look(row, limits) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=out)

    return threads.mapInArrow(judge, schema)


def _ordered(row: dict[str, Any]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The comment that began a thread, and the others, oldest first."""
    notes = sorted(row["notes"], key=lambda note: (note["at"] or 0, note["comment_id"]))
    first = next((note for note in notes if note["comment_id"] == row["thread_id"]), None)
    return first, [note for note in notes if note is not first]


def _thread(row: dict[str, Any], first: dict[str, Any], replies: list[dict[str, Any]]) -> Thread:
    def note(item: dict[str, Any]) -> Note:
        return Note(
            item["user_login"], item["user_type"], item["author_association"], item["body"],
            item["at"] or 0,
        )  # fmt: skip

    return Thread(
        path=first["path"] or "",
        hunk=read_hunk(first["diff_hunk"], first["original_start_line"]),
        first=note(first),
        replies=tuple(note(item) for item in replies if not item["deleted"]),
        number=row["number"] or 0,
        title=row["title"],
        author=row["author"],
        state=first["state"],
    )


def _first_look(row: dict[str, Any], limits: ReviewLimits) -> dict[str, Any]:
    first, replies = _ordered(row)
    if not row["keep"]:
        return {"reason": "repository_rejected"}
    if first is None:
        return {"reason": "thread_start_missing"}
    if first["deleted"]:
        return {"reason": "deleted"}
    thread = _thread(row, first, replies)
    refused = refuse_thread(thread, limits)
    if refused is not None:
        return {"reason": refused.reason, "detail": refused.detail or None}
    if thread.hunk is None:
        return {"reason": "no_hunk"}
    text = " ".join(clean_comment(thread.first.body).text.split())
    return {
        "path": thread.path,
        "commit_oid": first["original_commit_id"],
        "at": thread.first.at,
        "first": thread.hunk.span.first,
        "last": thread.hunk.span.last,
        "is_gap": thread.hunk.span.is_gap,
        "digest": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _plan(threads: DataFrame, bronze: Bronze, params: ReviewParams) -> DataFrame:
    """Follow the branches of all threads of a repository at once.

    Its history is one group: some fifty bytes a commit, and the patches of the paths that were
    commented on.
    """
    slim = threads.select(
        "repo_id", "thread_id", "number", "heads", "head_sha", *(x.name for x in _JUDGED[2:])
    )
    paths = slim.select("repo_id", "path").distinct()
    moved = paths.withColumnRenamed("path", "old_path")
    touched = bronze.changes.join(f.broadcast(paths), ["repo_id", "path"], "left_semi").unionByName(
        bronze.changes.where("old_path != path").join(
            f.broadcast(moved), ["repo_id", "old_path"], "left_semi"
        )
    )
    patch = f.when(f.col("encoding").isNull(), f.col("patch")).alias("patch")
    change = f.struct("path", "old_path", "status", "old_oid", "new_oid", patch)
    by_commit = touched.groupBy("repo_id", "commit_oid").agg(f.collect_set(change).alias("changes"))
    history = (
        bronze.commits.join(f.broadcast(slim.select("repo_id").distinct()), "repo_id", "left_semi")
        .select(
            "repo_id", "commit_oid", f.get("parents", f.lit(0)).alias("parent"), "committer_time"
        )
        .join(by_commit, ["repo_id", "commit_oid"], "left")
    )

    def plan(threads: pa.Table, history: pa.Table) -> pa.Table:
        return pa.Table.from_pylist(
            _plan_repository(threads.to_pylist(), history, params),
            schema=to_arrow_schema(_PLANNED),
        )

    grouped = slim.groupBy("repo_id").cogroup(history.groupBy("repo_id"))
    return grouped.applyInArrow(plan, _PLANNED)


def _read_history(rows: pa.Table) -> dict[str, Commit]:
    found: dict[str, Commit] = {}
    for batch in rows.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            changes = sorted(row["changes"] or [], key=lambda c: (c["path"], c["old_path"] or ""))
            found[row["commit_oid"]] = Commit(
                row["parent"],
                row["committer_time"] or 0,
                tuple(PathChange(**{**c, "patch": c["patch"] or ""}) for c in changes),
            )
    return found


def _plan_repository(
    threads: list[dict[str, Any]], history: pa.Table, params: ReviewParams
) -> list[dict[str, Any]]:
    known = _read_history(history)
    rows: list[dict[str, Any]] = []
    said: dict[tuple[int, str], int] = {}
    for thread in sorted(threads, key=lambda x: (x["at"], x["thread_id"])):
        row = {"repo_id": thread["repo_id"], "thread_id": thread["thread_id"]}
        rows.append(row)
        plan = plan_thread(
            known,
            path=thread["path"],
            span=Span(thread["first"], thread["last"], thread["is_gap"]),
            commit_oid=thread["commit_oid"],
            heads=[x for x in (*(thread["heads"] or ()), thread["head_sha"]) if x],
            commented_at=thread["at"],
            near=params.near_lines,
            most=params.branch_commits,
        )
        if isinstance(plan, str):
            row |= {"refused": plan, "refused_detail": thread["commit_oid"]}
            continue
        earlier = said.setdefault((thread["number"], thread["digest"]), thread["thread_id"])
        if earlier != thread["thread_id"]:
            row |= {"refused": "duplicate_comment", "refused_detail": f"comment {earlier}"}
            continue
        row |= {"reviewed": list(plan.reviewed), "unresolved": plan.unresolved or None}
        if plan.resolution is not None:
            row |= {
                "resolving": plan.resolution.commit_oid,
                "how": plan.resolution.how,
                "resolved_first": plan.resolution.span.first,
                "resolved_last": plan.resolution.span.last,
            }
    answered = Counter(row["resolving"] for row in rows if "resolving" in row)
    for row in rows:
        row["is_shared"] = answered[row.get("resolving")] > 1
    return rows


def _texts(
    paths: DataFrame, planned: DataFrame, bronze: Bronze, params: PairReviewsParams
) -> DataFrame:
    """The texts of each thread: of its file at the review, and of the change that answers it."""
    is_open = planned.where("refused IS NULL")
    reviewed = is_open.select("repo_id", "thread_id", f.posexplode("reviewed")).select(
        "repo_id", "thread_id", f.col("pos").alias("place"), f.col("col").alias("commit_oid")
    )
    resolving = is_open.where("resolving IS NOT NULL").select(
        "repo_id", "thread_id", f.lit(-1).alias("place"), f.col("resolving").alias("commit_oid")
    )
    own = paths.withColumnRenamed("path", "own_path")
    found = (
        reviewed.unionByName(resolving)
        .join(own, ["repo_id", "thread_id"])
        .join(bronze.changes, ["repo_id", "commit_oid"])
        .where("place = -1 OR path = own_path")
    )
    full = with_texts(found, bronze.blobs, params.extract.max_text_bytes)
    change = f.struct("place", "commit_oid", *CHANGE)
    return full.groupBy("repo_id", "thread_id").agg(f.collect_list(change).alias("changes"))


def _terms(
    judged: DataFrame, planned: DataFrame, bronze: Bronze, params: LicenceParams
) -> DataFrame:
    """The licences in force at the commit that each thread is about, and at that which answers."""
    is_open = planned.where("refused IS NULL")
    oids = f.array_compact(f.array("commit_oid", "resolving"))
    commits = (
        judged.select("repo_id", "thread_id", "commit_oid")
        .join(is_open.select("repo_id", "thread_id", "resolving"), ["repo_id", "thread_id"])
        .select("repo_id", "thread_id", f.explode(oids).alias("commit_oid"))
    )
    then = follow_licences(
        bronze.commits,
        bronze.changes,
        bronze.files,
        bronze.blobs,
        params,
        wanted=commits.select("repo_id", "commit_oid"),
    )
    at_commit = f.struct("commit_oid", "licence_then", "licence_reason", "folders")
    return (
        commits.join(then, ["repo_id", "commit_oid"])
        .groupBy("repo_id", "thread_id")
        .agg(f.collect_list(at_commit).alias("terms"))
    )


def _terms_at(row: dict[str, Any], commit_oid: str) -> CommitTerms:
    followed = {item["commit_oid"]: item for item in row["terms"] or ()}
    return commit_terms(followed.get(commit_oid), row["licence"])


def _decide(
    row: dict[str, Any], params: PairReviewsParams, may_learn: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """One row for each pair of a thread, or one with the reason; one for each reply."""
    first, replies = _ordered(row)
    reason = row["reason"] or row["refused"]
    detail = row["detail"] if row["reason"] else row["refused_detail"]
    place = {"repo_id": row["repo_id"]}
    if first is None:
        return [place | {"comment_id": x["comment_id"], "reason": reason} for x in replies]
    into = row["thread_id"]
    merged = [place | {"comment_id": x["comment_id"], "merged_into": into} for x in replies]
    rows = [{"reason": reason, "detail": detail}]
    if reason is None:
        changed_at = first["changed_at"] or row["at"]
        rows = _pairs(row, _thread(row, first, replies), changed_at, params, may_learn)
    return [*(place | {"comment_id": into} | x for x in rows), *merged]


def _pairs(
    row: dict[str, Any],
    thread: Thread,
    changed_at: int,
    params: PairReviewsParams,
    may_learn: Callable[[str], bool],
) -> list[dict[str, Any]]:
    changes = sorted(row["changes"] or [], key=lambda c: (c["place"], c["path"]))
    at_review = [c for c in changes if c["place"] >= 0]
    of_answer = [c for c in changes if c["place"] < 0]
    since = params.extract.authorship.assistants_since
    change, licences = _answer(row, thread, of_answer, params, may_learn)
    shown = _shown(thread, at_review)
    comment, licence = _review(row, thread, shown, params, may_learn, change)
    if isinstance(comment, Rejection):
        return [{"reason": comment.reason, "detail": comment.detail or None}]
    people = [thread.author, thread.first.login, *(note.login for note in thread.replies)]
    others = {login_digest(login) for login in people if login}
    common = {"repo_name": row["repo_name"], "origin": ORIGIN}
    first, oid, at = thread.first, row["commit_oid"], row["at"]
    # The response is the comment, and who wrote the commit under it says nothing of that.
    said = text_authorship(first.login, at, changed_at, first.body or "", since)
    found = [
        common
        | pair_columns(row["repo_id"], oid, comment, at_review)
        | authorship_columns(said)
        | {
            "licence": licence,
            "commit_oid": oid,
            "author_time": at,
            "authored_at": datetime.fromtimestamp(at, UTC),
            "hangs_on": sorted(others | {c["commit_oid"] for c in shown}),
        }
    ]
    if isinstance(change, Pair):
        oid = row["resolving"]
        found.append(
            common
            | pair_columns(row["repo_id"], oid, change, of_answer)
            | authorship_columns(change_authorship([row], None, since))
            | {
                "licence": licence_of(change, licences),
                "commit_oid": oid,
                "author_time": row["author_time"],
                "authored_at": row["authored_at"],
                "hangs_on": sorted(others),
            }
        )
    return found


def _answer(
    row: dict[str, Any],
    thread: Thread,
    changes: list[dict[str, Any]],
    params: PairReviewsParams,
    may_learn: Callable[[str], bool],
) -> tuple[Pair | Rejection, dict[str, str]]:
    """The pair of a comment and the change that answers it, and the licences of the files."""
    if row["resolving"] is None:
        return Rejection(row["unresolved"]), {}
    files = files_of(changes)
    terms = _terms_at(row, row["resolving"])
    licences = terms.licences(files)
    span = Span(row["resolved_first"], row["resolved_last"], bool(row["is_gap"]))
    pair = (
        refuse_automata([row])
        or terms.refused()
        or change_pair(
            thread,
            Resolution(row["resolving"], span, row["how"]),
            files,
            row["message"] or "",
            row["committer_time"] or 0,
            params.reviews.limits(),
            params.extract.limits(),
            is_shared=row["is_shared"],
            barred=barred(licences, may_learn),
        )
    )
    return pair, licences


def _shown(thread: Thread, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The change that gave the reviewed text, and that whose text before the hunk is against."""
    hunk = thread.hunk
    last = [c for c in changes if c["place"] == 0]
    against = (c for c in changes if hunk and c["before"] and hunk.fits(c["before"], "-"))
    return last and [*last[:1], *islice(against, 1)]


def _review(
    row: dict[str, Any],
    thread: Thread,
    changes: list[dict[str, Any]],
    params: PairReviewsParams,
    may_learn: Callable[[str], bool],
    answer: Pair | Rejection,
) -> tuple[Pair | Rejection, str]:
    """The pair of a hunk and the comment on it, and the licence of its file."""
    terms = _terms_at(row, row["commit_oid"])
    refused = terms.refused()
    if refused is not None:
        return refused, terms.project
    if thread.hunk is None or not changes or changes[0]["after"] is None:
        return Rejection("text_missing", thread.path), terms.project
    after = changes[0]["after"]
    before = changes[1]["before"] if len(changes) > 1 else None
    licences = terms.licences([FileChange(thread.path, thread.path, "M", before, after, "")])
    how = row["how"]
    found: tuple[str, ...] = ("resolved", TOUCHED) if how == TOUCHED else ()
    if isinstance(answer, Rejection):
        found = (*found, f"no_change:{answer.reason}")
    else:
        found = ("resolved", *(x for x in answer.evidence if x in EVIDENCE))
    pair = comment_pair(
        thread,
        thread.hunk,
        after,
        before,
        params.reviews.limits(),
        params.extract.limits(),
        found,
        barred(licences, may_learn),
    )
    return pair, licences[thread.path]
