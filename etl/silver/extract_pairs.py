"""Silver pairs: each commit of a kept repository becomes a pair, or a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_schema

from etl.schemas.silver import PAIRS
from udfs.activity import is_bot
from udfs.pairs import ChangeSet, FileChange, PairLimits, Rejection, build_pair


class ExtractParams(BaseModel):
    """Limits of one pair; sizes in lines or characters, see udfs.pairs.PairLimits.

    Attributes:
        max_text_bytes: a file larger than this is not joined, so its commit gives no pair.
        redact: whether secrets and personal data become placeholders, see udfs.secrets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_text_bytes: int = Field(gt=0)
    max_files: int = Field(gt=0)
    max_response_files: int = Field(gt=0)
    max_changed_lines: int = Field(gt=0)
    max_response_chars: int = Field(gt=0)
    max_tests_chars: int = Field(gt=0)
    max_config_lines: int = Field(ge=0)
    max_context_chars: int = Field(gt=0)
    whole_file_lines: int = Field(gt=0)
    whole_file_chars: int = Field(gt=0)
    definition_lines: int = Field(gt=0)
    window_lines: int = Field(gt=0)
    mass_rename_files: int = Field(gt=0)
    min_confidence: float = Field(ge=0, le=1)
    redact: bool

    def limits(self) -> PairLimits:
        """The limits as the rule takes them."""
        return PairLimits(**self.model_dump(exclude={"max_text_bytes"}))


# Filled in from the commit and its repository, not by the rule.
_GIVEN = ("repo_id", "batch_id", "commit_oid", "repo_name", "licence", "author_time", "authored_at")
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


def _decide(row: dict[str, Any], limits: PairLimits) -> dict[str, Any]:
    given = {name: row[name] for name in _GIVEN}
    files = tuple(
        FileChange(
            path_before=c["old_path"],
            path_after=None if c["status"] == "D" else c["path"],
            status=c["status"],
            before=c["before"],
            after=c["after"],
            patch=c["patch"] or "",
            is_binary=c["is_binary"],
        )
        for c in sorted(row["changes"], key=lambda c: c["path"])
    )
    change = ChangeSet(
        message=row["message"],
        parents=row["parent_count"],
        is_bot=is_bot(row["author_name"] or "", row["author_email"] or ""),
        files=files,
    )
    pair = build_pair(change, limits)
    if isinstance(pair, Rejection):
        return given | {"reason": pair.reason, "detail": pair.detail or None}
    left_out = [f"left_out:{why}:{path}" for path, why in pair.left_out]
    told = {*pair.paths, *pair.test_paths}
    charsets = {c["encoding"] for c in row["changes"] if c["encoding"] and c["path"] in told}
    return given | {
        "pair_id": pair_identity(
            row["repo_id"], row["commit_oid"], pair.instruction, pair.context, pair.response
        ),
        "origin": "commit",
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
        "flags": [*pair.flags, *(f"encoding:{name}" for name in sorted(charsets)), *left_out],
    }


def extract_pairs(
    commits: DataFrame,
    changes: DataFrame,
    blobs: DataFrame,
    profiles: DataFrame,
    params: ExtractParams,
) -> DataFrame:
    """Decide every commit.

    Args:
        commits: bronze.commits that the batches in work brought to the mainline, by those batches.
        changes: bronze.file_changes of the same repositories.
        blobs: bronze.blobs of the same repositories (texts before a change are older).
        profiles: silver.repo_profiles.
        params: limits.

    Returns:
        Columns of DECIDED: a pair, or only the commit with `reason` and `detail`.
    """
    limits = params.limits()

    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(DECIDED)
        for batch in batches:
            rows = [_decide(row, limits) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    known = profiles.select("repo_id", "keep", "licence", f.col("name").alias("repo_name"))
    obstacle = (
        f.when(~f.col("keep"), f.lit("repository_rejected"))
        .when(f.size("parents") > 1, f.lit("merge"))
        .when(f.col("files_changed") == 0, f.lit("no_changes"))
        .when(f.col("files_changed") > params.max_files, f.lit("too_many_files"))
    )
    judged = commits.join(known, "repo_id").withColumn("obstacle", obstacle)
    refused = judged.where("obstacle IS NOT NULL").select(
        *[
            f.col("obstacle").alias("reason")
            if c.name == "reason"
            else f.col(c.name)
            if c.name in _GIVEN
            else f.lit(None).cast(c.dataType).alias(c.name)
            for c in DECIDED.fields
        ]
    )
    open_commits = judged.where("obstacle IS NULL").select(
        *_GIVEN, "message", "author_name", "author_email", f.size("parents").alias("parent_count")
    )
    texts = blobs.where(f.col("size") <= params.max_text_bytes).select(
        "repo_id", f.col("blob_oid").alias("oid"), "text", "encoding"
    )
    wanted = changes.join(
        open_commits.select("repo_id", "commit_oid"), ["repo_id", "commit_oid"], "left_semi"
    )

    def side(name: str, oid: str) -> DataFrame:
        text, encoding = f.col("text").alias(name), f.col("encoding").alias(f"{name}_encoding")
        return texts.select("repo_id", f.col("oid").alias(oid), text, encoding)

    # The bytes of git's patch can be those of two charsets: then a patch is made of the texts.
    encoding = f.coalesce("after_encoding", "before_encoding")
    full = (
        wanted.drop("encoding")
        .join(side("before", "old_oid"), ["repo_id", "old_oid"], "left")
        .join(side("after", "new_oid"), ["repo_id", "new_oid"], "left")
        .withColumn("encoding", encoding)
        .withColumn("patch", f.when(encoding.isNull(), f.col("patch")))
    )
    columns = ("path", "old_path", "status", "before", "after", "patch", "is_binary", "encoding")
    grouped = full.groupBy("repo_id", "commit_oid").agg(
        f.collect_list(f.struct(*columns)).alias("changes")
    )
    return (
        open_commits.join(grouped, ["repo_id", "commit_oid"])
        .mapInArrow(decide, DECIDED)
        .unionByName(refused)
    )
