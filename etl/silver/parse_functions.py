"""Silver functions: what the files at HEAD of kept repositories define."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import FUNCTIONS
from udfs.ast import SUPPORTED, Limits
from udfs.ast import parse_functions as parse
from udfs.language import detect_language
from udfs.paths import is_generated_path, is_vendored_path, looks_generated, looks_minified

PARSED = t.StructType(
    [
        *(
            t.StructField(c.name, c.dataType, True)
            for c in FUNCTIONS.columns
            if c.name != "rule_version"
        ),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)
_FILE = ("repo_id", "batch_id", "path", "blob_oid")
_FROM_RULE = (
    "name",
    "qualified_name",
    "kind",
    "signature",
    "docstring",
    "complexity",
    "start_line",
    "end_line",
    "body_start_byte",
    "body_end_byte",
)


class ParseParams(BaseModel):
    """Caps of one parse, see udfs.ast.Limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = Field(gt=0)
    max_nodes: int = Field(gt=0)
    max_depth: int = Field(gt=0)
    max_micros: int = Field(gt=0)


def _rows(row: dict[str, Any], limits: Limits) -> Iterator[dict[str, Any]]:
    given = {name: row[name] for name in _FILE}
    path, text = row["path"], row["text"]
    reason, language = row["obstacle"], detect_language(path, text)
    if reason is None:
        if is_vendored_path(path):
            reason = "vendored"
        elif language not in SUPPORTED:
            reason = "unsupported_language"
        elif is_generated_path(path) or looks_generated(text):
            reason = "generated"
        elif looks_minified(text):
            reason = "minified"
    if reason is not None:
        yield given | {"reason": reason, "detail": language}
        return
    assert language is not None
    result = parse(text, language, limits)
    if result.error is not None or not result.functions:
        yield given | {"reason": result.error or "no_functions", "detail": language}
        return
    for function in result.functions:
        span = f"{function.body_start_byte}:{function.body_end_byte}:{function.start_line}"
        identity = "\0".join((row["repo_id"], path, function.qualified_name, span))
        yield given | {
            "function_id": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest(),
            "language": language,
            "parameters": list(function.parameters),
            "calls": list(function.calls),
            **{name: getattr(function, name) for name in _FROM_RULE},
        }


def parse_functions(
    files: DataFrame, blobs: DataFrame, profiles: DataFrame, params: ParseParams
) -> DataFrame:
    """Parse every file: its functions, or one row with the reason why there are none.

    Args:
        files: bronze.files of the repositories in work.
        blobs: bronze.blobs of the same.
        profiles: silver.repo_profiles of the same.
        params: caps.

    Returns:
        Columns of PARSED.
    """
    limits = Limits(**params.model_dump())

    def functions_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(PARSED)
        for batch in batches:
            rows = [found for row in batch.to_pylist() for found in _rows(row, limits)]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)

    obstacle = (
        f.when(~f.col("keep"), f.lit("repository_rejected"))
        .when(f.col("size").isNull(), f.lit("submodule"))
        .when(f.col("text").isNull(), f.lit("not_text"))
    )
    return (
        files.select(*_FILE, "size")
        .join(blobs.select("repo_id", "blob_oid", "text"), ["repo_id", "blob_oid"], "left")
        .join(profiles.select("repo_id", "keep"), "repo_id")
        .select(*_FILE, "text", obstacle.alias("obstacle"))
        .mapInArrow(functions_of, PARSED)
    )
