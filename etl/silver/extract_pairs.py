"""Silver pairs: each commit of a kept repository becomes a pair, or a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import PAIRS
from etl.silver.follow_licences import LicenceParams, follow_licences
from etl.silver.pair_terms import (
    SIGNED,
    authorship_columns,
    barred,
    change_authorship,
    commit_terms,
    licence_of,
    signed,
)
from udfs.identities import assistant_of, is_bot
from udfs.pairs import ChangeSet, FileChange, Pair, PairLimits, Rejection, build_pair


class AuthorshipParams(BaseModel):
    """How it is told who wrote a commit.

    Attributes:
        assistants_since: day before which no coding assistant was open to the public.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    assistants_since: date


class MinConfidence(BaseModel):
    """How sure a category must be; how far a change is about a component is no such share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bug_fix: float = Field(ge=0, le=1)
    new_feature: float = Field(ge=0, le=1)
    refactor: float = Field(ge=0, le=1)


class ExtractParams(BaseModel):
    """Limits of one pair; sizes in lines or characters, see udfs.pairs.PairLimits.

    Attributes:
        max_text_bytes: a file larger than this is not joined, so its commit gives no pair.
        redact: whether secrets and personal data become placeholders, see udfs.secrets.
        authorship: who wrote a commit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_text_bytes: int = Field(gt=0)
    max_files: int = Field(gt=0)
    max_response_files: int = Field(gt=0)
    max_changed_lines: int = Field(gt=0)
    max_response_chars: int = Field(gt=0)
    max_tests_chars: int = Field(gt=0)
    max_config_lines: int = Field(ge=0)
    max_terse_lines: int = Field(gt=0)
    max_context_chars: int = Field(gt=0)
    whole_file_lines: int = Field(gt=0)
    whole_file_chars: int = Field(gt=0)
    definition_lines: int = Field(gt=0)
    window_lines: int = Field(gt=0)
    mass_rename_files: int = Field(gt=0)
    min_confidence: MinConfidence
    redact: bool
    authorship: AuthorshipParams

    def of_any_category(self) -> ExtractParams:
        """The same, however sure the category is: to learn from and to measure on more commits."""
        unsure = MinConfidence(bug_fix=0.0, new_feature=0.0, refactor=0.0)
        return self.model_copy(update={"min_confidence": unsure})

    def limits(self) -> PairLimits:
        """The limits as the rule takes them."""
        return PairLimits(**self.model_dump(exclude={"max_text_bytes", "authorship"}))


class PairParams(BaseModel):
    """What any rule about pairs reads.

    Attributes:
        extract: limits of a change.
        licences: under what a project, at the commit, and each file may stand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    extract: ExtractParams
    licences: LicenceParams


# What a rule needs to know of one changed file.
CHANGE = ("path", "old_path", "status", "before", "after", "patch", "is_binary", "encoding")
# Filled in from the commit and its repository, not by the rule.
_GIVEN = (
    *("repo_id", "batch_id", "commit_oid", "repo_name", "licence", "author_time", "authored_at"),
    "author_commits",
)
DECIDED = t.StructType(
    [
        *(
            t.StructField(c.name, c.dataType, True)
            for c in PAIRS.columns
            if c.name != "rule_version"
        ),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)


def pair_identity(
    repo_id: str, commit_oid: str, instruction: str, context: str, response: str
) -> str:
    """SHA-256 that identifies a pair by where it is from and all that a model would see of it."""
    total = hashlib.sha256()
    for part in (repo_id, commit_oid, instruction, context, response):
        total.update(hashlib.sha256(part.encode("utf-8", errors="surrogatepass")).digest())
    return total.hexdigest()


def files_of(changes: Iterable[dict[str, Any]]) -> tuple[FileChange, ...]:
    """The changed files of a commit, from structs of CHANGE in any order."""
    return tuple(
        FileChange(
            path_before=c["old_path"],
            path_after=None if c["status"] == "D" else c["path"],
            status=c["status"],
            before=c["before"],
            after=c["after"],
            patch=c["patch"] or "",
            is_binary=c["is_binary"],
        )
        for c in sorted(changes, key=lambda c: c["path"])
    )


def pair_columns(
    repo_id: str, commit_oid: str, pair: Pair, changes: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """The columns of silver.pairs that say what a pair is; the others say where it is from."""
    left_out = [f"left_out:{why}:{path}" for path, why in pair.left_out]
    told = {*pair.paths, *pair.test_paths, *pair.shown_paths}
    patterns = pair.patterns or ()
    charsets = {c["encoding"] for c in changes if c["encoding"] and c["path"] in told}
    return {
        "pair_id": pair_identity(
            repo_id, commit_oid, pair.instruction, pair.context, pair.response
        ),
        "category": pair.category,
        "category_confidence": round(pair.confidence, 4),
        "category_evidence": list(pair.evidence),
        "language": pair.language,
        "instruction": pair.instruction,
        "context": pair.context,
        "response": pair.response,
        "tests": pair.tests or None,
        "tests_touched": pair.tests_touched,
        "paths": list(pair.paths),
        "test_paths": list(pair.test_paths),
        "references": list(pair.references),
        "additions": pair.additions,
        "deletions": pair.deletions,
        "patterns": None
        if pair.patterns is None
        else list(dict.fromkeys(p.name for p in patterns)),
        "pattern_evidence": None
        if pair.patterns is None
        else [f"{p.name}: {p.evidence}" for p in patterns],
        "facets": [facet.name for facet in pair.facets],
        "facet_evidence": [f"{facet.name}: {facet.evidence}" for facet in pair.facets],
        "health": None if pair.health is None else asdict(pair.health),
        "flags": [*pair.flags, *(f"encoding:{name}" for name in sorted(charsets)), *left_out],
    }


def _decide(
    row: dict[str, Any], limits: PairLimits, since: date, may_learn: Callable[[str], bool]
) -> dict[str, Any]:
    given = {name: row[name] for name in _GIVEN}
    files = files_of(row["changes"])
    author = signed(row).author
    licences = commit_terms(row, row["licence"]).licences(files)
    is_assistant = assistant_of(*author) is not None
    change = ChangeSet(
        message=row["message"],
        parents=row["parent_count"],
        is_bot=not is_assistant and is_bot(*author),
        files=files,
        is_assistant=is_assistant,
        barred=tuple(barred(licences, may_learn).items()),
    )
    pair = build_pair(change, limits)
    if isinstance(pair, Rejection):
        return given | {"reason": pair.reason, "detail": pair.detail or None}
    return (
        given
        | pair_columns(row["repo_id"], row["commit_oid"], pair, row["changes"])
        | authorship_columns(change_authorship([row], None, since))
        | {"origin": "commit", "licence": licence_of(pair, licences)}
    )


def with_texts(changes: DataFrame, blobs: DataFrame, most_bytes: int) -> DataFrame:
    """Changed files with their texts.

    Args:
        changes: rows of bronze.file_changes, with other columns or without.
        blobs: bronze.blobs of the same repositories (texts before a change are older).
        most_bytes: a longer text is not joined.

    Returns:
        The rows with before, after (null where there is no such text) and their encoding.
    """
    texts = blobs.where(f.col("size") <= most_bytes).select(
        "repo_id", f.col("blob_oid").alias("oid"), "text", "encoding"
    )

    def side(name: str, oid: str) -> DataFrame:
        text, encoding = f.col("text").alias(name), f.col("encoding").alias(f"{name}_encoding")
        return texts.select("repo_id", f.col("oid").alias(oid), text, encoding)

    # The bytes of git's patch can be those of two charsets: then a patch is made of the texts.
    encoding = f.coalesce("after_encoding", "before_encoding")
    return (
        changes.drop("encoding")
        .join(side("before", "old_oid"), ["repo_id", "old_oid"], "left")
        .join(side("after", "new_oid"), ["repo_id", "new_oid"], "left")
        .withColumn("encoding", encoding)
        .withColumn("patch", f.when(encoding.isNull(), f.col("patch")))
    )


def extract_pairs(
    commits: DataFrame,
    changes: DataFrame,
    blobs: DataFrame,
    profiles: DataFrame,
    params: PairParams,
    *,
    history: DataFrame,
    files: DataFrame,
) -> DataFrame:
    """Decide every commit.

    Args:
        commits: bronze.commits that the batches in work brought to the mainline, by those batches.
        changes: bronze.file_changes of the same repositories.
        blobs: bronze.blobs of the same repositories (texts before a change are older).
        profiles: silver.repo_profiles.
        params: limits and licences.
        history: bronze.commits of the same repositories, all of them.
        files: bronze.files of the same.

    Returns:
        Columns of DECIDED: a pair, or only the commit with `reason` and `detail`.
    """
    extract, licences = params.extract, params.licences
    limits, since = extract.limits(), extract.authorship.assistants_since

    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(DECIDED)
        may_learn = licences.predicate()
        for batch in batches:
            rows = [_decide(row, limits, since, may_learn) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    known = profiles.select("repo_id", "keep", "licence", f.col("name").alias("repo_name"))
    obstacle = (
        f.when(~f.col("keep"), f.lit("repository_rejected"))
        .when(f.size("parents") > 1, f.lit("merge"))
        .when(f.col("files_changed") == 0, f.lit("no_changes"))
        .when(f.col("files_changed") > extract.max_files, f.lit("too_many_files"))
        .when(f.col("licence_reason").isNotNull(), f.lit("licence_at_commit"))
    )
    kept = profiles.where("keep").select("repo_id")
    then = follow_licences(
        history.join(kept, "repo_id", "left_semi"), changes, files, blobs, licences
    )
    judged = (
        commits.join(known, "repo_id")
        .join(then, ["repo_id", "commit_oid"], "left")
        # Where nothing spoke of a licence yet, the one that the project gave later holds.
        .withColumn("licence", f.coalesce("licence_then", "licence"))
        .withColumn("obstacle", obstacle)
    )
    refused = judged.where("obstacle IS NOT NULL").select(
        *[
            f.col("obstacle").alias("reason")
            if c.name == "reason"
            else f.when(f.col("obstacle") == "licence_at_commit", f.col("licence")).alias("detail")
            if c.name == "detail"
            else f.col(c.name)
            if c.name in _GIVEN
            else f.lit(None).cast(c.dataType).alias(c.name)
            for c in DECIDED.fields
        ]
    )
    open_commits = judged.where("obstacle IS NULL").select(
        *_GIVEN,
        *(name for name in SIGNED if name not in _GIVEN),
        "folders",
        f.size("parents").alias("parent_count"),
    )
    wanted = changes.join(
        open_commits.select("repo_id", "commit_oid"), ["repo_id", "commit_oid"], "left_semi"
    )
    full = with_texts(wanted, blobs, extract.max_text_bytes)
    grouped = full.groupBy("repo_id", "commit_oid").agg(
        f.collect_list(f.struct(*CHANGE)).alias("changes")
    )
    return (
        open_commits.join(grouped, ["repo_id", "commit_oid"])
        .mapInArrow(decide, DECIDED)
        .unionByName(refused)
    )
