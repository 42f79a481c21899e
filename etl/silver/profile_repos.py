"""Silver repository profiles: licence, history, and whether to learn from a repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import REPO_PROFILES
from etl.silver.follow_licences import LicenceParams
from udfs.activity import (
    CommitFacts,
    Thresholds,
    judge,
    summarise,
    unsuitable_kind,
)
from udfs.identities import is_automaton
from udfs.licence import conclude, detect, is_licence_path, is_permissive
from udfs.paths import is_test_path
from udfs.tiers import Landing, TierBars, count_landings, tier_of

# Of a commit's message, what is looked at on each side: a title, a handful of trailers.
_END_CHARS = 500
PROFILED = t.StructType(
    [
        t.StructField(c.name, c.dataType, True)
        for c in REPO_PROFILES.columns
        if c.name != "rule_version"
    ]
)


class ActivityParams(BaseModel):
    """Bars of a living project, see udfs.activity.Thresholds; 0 or false turns one off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_commits: int = Field(ge=0)
    min_active_months: int = Field(ge=0)
    min_lifespan_days: int = Field(ge=0)
    max_days_since_last_commit: int = Field(ge=0)
    min_authors: int = Field(ge=0)
    require_tests: bool
    min_share_with_tests: float = Field(ge=0, le=1)


class TierParams(BaseModel):
    """What a tier asks for, see udfs.tiers.TierBars."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_landings: int = Field(ge=1)
    expert_pull_share: float = Field(ge=0, le=1)
    expert_reviewed_share: float = Field(ge=0, le=1)
    expert_share_with_tests: float = Field(ge=0, le=1)
    professional_share_with_tests: float = Field(ge=0, le=1)
    min_authors: int = Field(ge=1)
    max_top_author_share: float = Field(ge=0, le=1)


class ProfileParams(LicenceParams):
    """How a repository is judged.

    Attributes:
        activity: bars of a living project.
        tiers: what a tier asks for.
    """

    activity: ActivityParams
    tiers: TierParams


def _is_test(path: str | None) -> bool:
    return path is not None and is_test_path(path)


def _profile(row: dict[str, Any], as_of: date, params: ProfileParams) -> dict[str, Any]:
    texts = {item["path"]: item["text"] for item in row["texts"]}
    findings = [
        finding
        for path in sorted(texts)
        if is_licence_path(path) and (finding := detect(path, texts[path])) is not None
    ]
    verdict = conclude(findings)
    permissive, licence_reason = is_permissive(verdict.expression, params.permissive)
    history = [
        CommitFacts(
            author=(item["email"] or item["name"] or "").lower(),
            authored_at=item["author_time"] or 0,
            committed_at=item["committer_time"] or 0,
            is_merge=item["is_merge"],
            touches_tests=item["touches_tests"],
            is_bot=is_automaton(item["name"] or "", item["email"] or ""),
        )
        for item in sorted(row["history"], key=lambda item: item["commit_oid"])
    ]
    paths = sorted(row["paths"])
    activity = summarise(history, paths, as_of)
    readme = next((texts[p] for p in sorted(texts) if p.lower().startswith("readme")), "")
    kind = unsuitable_kind(row["name"], paths, readme)
    living = judge(activity, Thresholds(**params.activity.model_dump()), kind)
    landings = {
        item["commit_oid"]: Landing(
            tuple(item["parents"]),
            item["said"] or "",
            is_automaton(item["name"] or "", item["email"] or ""),
        )
        for item in row["history"]
    }
    review = replace(
        count_landings(landings, row["head_oid"]),
        merged_pulls=row["merged_pulls"] or 0,
        reviewed_pulls=row["reviewed_pulls"] or 0,
    )
    tiered = tier_of(review, activity, kind, TierBars(**params.tiers.model_dump()))
    reasons = [licence_reason] if licence_reason else []
    if not row["named"]:
        reasons += living.reasons
    return {
        "repo_id": row["repo_id"],
        "batch_id": row["batch_id"],
        "name": row["name"],
        "licence": verdict.expression,
        "licence_evidence": [
            *(f"{x.path}: {x.expression} by {x.method} ({x.evidence})" for x in verdict.evidence),
            *(f"conflict: {sentence}" for sentence in verdict.conflicts),
        ],
        "licence_reason": licence_reason,
        "commits": activity.commits,
        "authors": activity.authors,
        "active_months": activity.active_months,
        "first_commit": _date(activity.first_commit),
        "last_commit": _date(activity.last_commit),
        "share_with_tests": round(activity.share_with_tests, 6),
        "top_author_share": round(activity.top_author_share, 6),
        "has_ci": activity.has_ci,
        "has_tests": activity.has_tests,
        "named": row["named"],
        "activity_reasons": list(living.reasons),
        "tier": tiered.tier,
        "tier_evidence": list(tiered.evidence),
        "keep": permissive and (row["named"] or living.keep),
        "reasons": reasons,
        "as_of": as_of,
    }


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _is_read(path: Column) -> Column:
    """Cheap superset of the files that the rules read: those in the root and in LICENSES/."""
    return ~path.contains("/") | path.startswith("LICENSES/")


def _said(message: Column) -> Column:
    """Where a title and trailers stand, of messages that may speak of a review at all."""
    # A cheap superset of what udfs.tiers.is_through_pull looks for.
    may_matter = message.rlike(r"(?i)(?:[#!]|gh-)[0-9]|-(?:by|on|url)\s*:|differential revision")
    ends = f.concat_ws(
        "\n", f.substring(message, 1, _END_CHARS), f.substring(message, -_END_CHARS, _END_CHARS)
    )
    is_short = f.length(message) <= 2 * _END_CHARS
    return f.when(may_matter, f.when(is_short, message).otherwise(ends))


def profile_repos(
    repos: DataFrame,
    commits: DataFrame,
    changes: DataFrame,
    files: DataFrame,
    blobs: DataFrame,
    *,
    as_of: date,
    params: ProfileParams,
    reviews: DataFrame | None = None,
) -> DataFrame:
    """One row a repository, kept or rejected with the reasons.

    A repository that was named is kept whatever its activity; the licence is never waived.

    Args:
        repos: bronze.repos.
        commits: bronze.commits of those repositories, those of the mainline.
        changes: bronze.file_changes of the same.
        files: bronze.files of the same.
        blobs: bronze.blobs of the same.
        as_of: day on which activity is judged; commits after it do not count as life.
        params: what is permissive and what is alive.
        reviews: how many pulls were reviewed, from count_reviews; None where nothing is known.

    Returns:
        Columns of silver.repo_profiles without rule_version.
    """

    def tests_in(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            flags = [_is_test(path) for path in batch.column("path").to_pylist()]
            yield pa.RecordBatch.from_arrays(
                [batch.column("path"), pa.array(flags)], ["path", "is_test"]
            )

    def profile(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(PROFILED)
        for batch in batches:
            rows = [_profile(row, as_of, params) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    paths = changes.select("path").distinct().mapInArrow(tests_in, "path string, is_test boolean")
    tested = (
        changes.select("repo_id", "commit_oid", "path")
        .join(paths.where("is_test"), "path", "left_semi")
        .select("repo_id", "commit_oid")
        .distinct()
        .withColumn("touches_tests", f.lit(True))
    )
    history = (
        commits.join(tested, ["repo_id", "commit_oid"], "left")
        .groupBy("repo_id")
        .agg(
            f.collect_list(
                f.struct(
                    "commit_oid",
                    f.col("author_name").alias("name"),
                    f.col("author_email").alias("email"),
                    "author_time",
                    "committer_time",
                    "parents",
                    _said(f.col("message")).alias("said"),
                    (f.size("parents") > 1).alias("is_merge"),
                    f.coalesce("touches_tests", f.lit(False)).alias("touches_tests"),
                )
            ).alias("history")
        )
    )
    listing = files.groupBy("repo_id").agg(f.collect_list("path").alias("paths"))
    texts = (
        files.where(_is_read(f.col("path")))
        .join(
            blobs.where(f.col("text").isNotNull() & (f.col("size") <= params.max_licence_bytes)),
            ["repo_id", "blob_oid"],
        )
        .groupBy("repo_id")
        .agg(f.collect_list(f.struct("path", "text")).alias("texts"))
    )
    nothing = f.array()
    known = repos.select("repo_id", "batch_id", "name", "named", "head_oid")
    if reviews is None:
        unknown = f.lit(None).cast("long")
        known = known.withColumn("merged_pulls", unknown).withColumn("reviewed_pulls", unknown)
    else:
        known = known.join(reviews, "repo_id", "left")
    return (
        known.join(history, "repo_id", "left")
        .join(listing, "repo_id", "left")
        .join(texts, "repo_id", "left")
        .withColumn("history", f.coalesce("history", nothing))
        .withColumn("paths", f.coalesce("paths", nothing))
        .withColumn("texts", f.coalesce("texts", nothing))
        .mapInArrow(profile, PROFILED)
    )
