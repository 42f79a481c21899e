"""Silver pairs from structure: what files at HEAD hold, with a part of it missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import PairParams, pair_columns
from etl.silver.follow_licences import LicenceParams, may_speak
from udfs.ast import SUPPORTED, Function
from udfs.language import detect_language
from udfs.licence import detect, file_licence, joint_licence, terms_of
from udfs.pairs import Rejection
from udfs.paths import is_generated_path, is_vendored_path, looks_generated, looks_minified
from udfs.structure import (
    CodeFile,
    Kind,
    Known,
    Made,
    Repository,
    StructureLimits,
    is_document,
    structure_pairs,
)

ORIGIN = "structure"


class StructureParams(BaseModel):
    """What is asked for, and how much of it; sizes in words, lines, pairs or bytes.

    Attributes:
        kinds: what is left out and asked for; none asks for nothing.
        max_repository_bytes: texts of a repository that are looked at, in the order of their paths.
        others: see udfs.structure.StructureLimits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[Kind, ...]
    min_doc_words: int = Field(gt=0)
    min_body_lines: int = Field(gt=0)
    max_body_lines: int = Field(gt=0)
    max_shown_lines: int = Field(gt=0)
    max_shown: int = Field(gt=0)
    max_pairs: int = Field(gt=0)
    max_repository_bytes: int = Field(gt=0)

    def limits(self) -> StructureLimits:
        """The limits as the rules take them."""
        return StructureLimits(**self.model_dump(exclude={"kinds", "max_repository_bytes"}))


class PairStructureParams(PairParams):
    """All that the rule reads: the limits of structure, and what holds of any pair."""

    structure: StructureParams


# Cheap superset of the files that any kind reads.
_READ = r"(?i)\.(?:pyi?|[cm]?[jt]sx?|go|java|rs|mdx?|markdown)$"
_FUNCTION = (
    "name", "qualified_name", "kind", "signature", "docstring", "parameters", "start_line",
    "end_line", "body_start_byte", "body_end_byte", "calls", "complexity",
)  # fmt: skip
DECIDED = t.StructType(
    [
        *(
            t.StructField(c.name, c.dataType)
            for c in PAIRS.columns
            if c.name not in ("rule_version", "batch_id")
        ),
        t.StructField("key", t.StringType()),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)


def pair_structure(
    files: DataFrame,
    blobs: DataFrame,
    functions: DataFrame,
    repos: DataFrame,
    profiles: DataFrame,
    params: PairStructureParams,
) -> DataFrame:
    """Decide everything that the kinds may ask for. A repository is one group.

    Args:
        files: bronze.files of the repositories in work.
        blobs: bronze.blobs of the same.
        functions: silver.functions of the same.
        repos: bronze.repos of the same.
        profiles: silver.repo_profiles of the same.
        params: kinds, limits and licences.

    Returns:
        Columns of DECIDED: a pair, or only repo_id and key with `reason` and `detail`.
    """
    path = f.col("path")
    texts = blobs.where(
        f.col("text").isNotNull() & (f.col("size") <= params.extract.max_text_bytes)
    )
    described = functions.groupBy("repo_id", "path").agg(
        f.collect_list(f.struct("function_id", *_FUNCTION)).alias("functions")
    )
    known = profiles.where("keep").select("repo_id", "licence", f.col("name").alias("repo_name"))
    rows = (
        files.where(path.rlike(_READ) | may_speak(path))
        .select("repo_id", "path", "blob_oid")
        .join(f.broadcast(known), "repo_id")
        .join(f.broadcast(repos.select("repo_id", "head_oid")), "repo_id")
        .join(texts.select("repo_id", "blob_oid", "text"), ["repo_id", "blob_oid"])
        .join(described, ["repo_id", "path"], "left")
    )

    def decide(table: pa.Table) -> pa.Table:
        return pa.Table.from_pylist(
            decide_repository(table, params), schema=to_arrow_schema(DECIDED)
        )

    return rows.groupBy("repo_id").applyInArrow(decide, DECIDED)


def decide_repository(table: pa.Table, params: PairStructureParams) -> list[dict[str, Any]]:
    """The rows of one repository, from a row for each of its files."""
    rows = sorted(
        (row for batch in table.to_batches(max_chunksize=256) for row in batch.to_pylist()),
        key=lambda row: row["path"],
    )
    given = {name: rows[0][name] for name in ("repo_id", "repo_name")}
    commit, project = rows[0]["head_oid"] or "", rows[0]["licence"]
    licence = _licences(rows, project, params.licences)
    repository, left_out = _repository(rows, params.structure.max_repository_bytes)
    may_learn = params.licences.predicate()

    def barred(file: CodeFile) -> str | None:
        named = licence(file)
        return None if may_learn(named) else named

    made = structure_pairs(
        repository,
        params.structure.kinds,
        params.structure.limits(),
        params.extract.limits(),
        barred,
    )
    reasons = [
        {"repo_id": given["repo_id"], "key": f"tree {path}", "reason": "repository_too_large"}
        for path in left_out
    ]
    return [*reasons, *(_row(item, given, commit, licence) for item in made)]


def _row(
    made: Made, given: dict[str, Any], commit: str, licence: Callable[[CodeFile], str]
) -> dict[str, Any]:
    found = made.found
    if isinstance(found, Rejection):
        reason = {"reason": found.reason, "detail": found.detail or None}
        return {"repo_id": given["repo_id"], "key": made.key} | reason
    # What a pair is does not change with each commit that leaves its files alone.
    return (
        given
        | pair_columns(given["repo_id"], "", found, ())
        | {
            "key": made.key,
            "commit_oid": commit,
            "origin": ORIGIN,
            "licence": joint_licence(licence(file) for file in made.files),
            "authorship": "unknown",
            "authorship_evidence": ["at_head"],
            "hangs_on": sorted({file.blob_oid for file in made.files}),
        }
    )


def _licences(
    rows: list[dict[str, Any]], project: str, params: LicenceParams
) -> Callable[[CodeFile], str]:
    """The licence of a file: its own head, and the nearest licence file above it."""
    spoken = [
        finding
        for row in rows
        if len(row["text"]) <= params.max_licence_bytes and not is_vendored_path(row["path"])
        if (finding := detect(row["path"], row["text"])) is not None
    ]
    folders = terms_of(spoken).folders
    return lambda file: file_licence(file.path, [file.text], project, folders)


def _repository(rows: list[dict[str, Any]], most_bytes: int) -> tuple[Repository, list[str]]:
    """What the rules read, and the paths of what is beyond the cap."""
    code: list[CodeFile] = []
    documents: list[CodeFile] = []
    left_out: list[str] = []
    held = 0
    for row in rows:
        path, text = row["path"], row["text"]
        language = detect_language(path, text)
        is_text = is_document(path, text)
        if not (is_text or language in SUPPORTED) or is_vendored_path(path):
            continue
        if is_generated_path(path) or looks_generated(text) or looks_minified(text):
            continue
        held += len(text)
        if held > most_bytes:
            left_out.append(path)
            continue
        file = CodeFile(path, row["blob_oid"], text, language or "", _functions(row["functions"]))
        (documents if is_text else code).append(file)
    return Repository(code, documents), left_out


def _functions(rows: list[dict[str, Any]] | None) -> tuple[Known, ...]:
    found = [
        Known(row["function_id"], Function(**{name: _value(row[name]) for name in _FUNCTION}))
        for row in rows or ()
    ]
    return tuple(sorted(found, key=lambda known: (known.function.body_start_byte, known.id)))


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
