"""Look at files with collaboration data, as tasks on the workers: what they are, whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.bronze.input_files import InputLimits, survey
from etl.schemas.arrow import to_arrow_schema

EVENT_TYPES = (
    "IssuesEvent",
    "IssueCommentEvent",
    "PullRequestEvent",
    "PullRequestReviewEvent",
    "PullRequestReviewCommentEvent",
)
FILES = t.StructType(
    [t.StructField("path", t.StringType()), t.StructField("format", t.StringType())]
)
SURVEYED = t.StructType(
    [
        *FILES.fields,
        t.StructField("sha256", t.StringType()),
        t.StructField("lines", t.LongType()),
        t.StructField("name", t.StringType()),
        t.StructField("github_id", t.LongType()),
        t.StructField("error", t.StringType()),
    ]
)


def survey_inputs(files: DataFrame, limits: InputLimits) -> DataFrame:
    """Columns of SURVEYED: one row a name that a file holds, and one with an empty name a file.

    Args:
        files: columns of FILES.
        limits: caps of a line.
    """

    def look(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(SURVEYED)
        for batch in batches:
            for file in batch.to_pylist():
                found = survey(file["path"], file["format"], limits)
                names = found.pop("names")
                rows = [
                    file | found | {"name": name, "github_id": github_id}
                    for name, github_id in sorted({("", 0), *names})
                ]
                yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return files.mapInArrow(look, SURVEYED)


def archive_events(lines: DataFrame) -> DataFrame:
    """Events that may hold an object, by the few fields that tell: value, file, name, github_id.

    A line that is no JSON has neither name nor id, and stays, so that it gets a reason. The fields
    are taken by one pass of json_tuple over the line; get_json_object would need one for each.

    Args:
        lines: column value, from `spark.read.text` over GH Archive hours.
    """
    top = lines.where(f.trim("value") != "").select(
        "value",
        f.col("_metadata.file_path").alias("file"),
        f.json_tuple("value", "type", "repo").alias("type", "repo"),
    )
    kept = top.where(f.col("type").isNull() | f.col("type").isin(*EVENT_TYPES))
    return kept.select(
        "value",
        "file",
        f.lower(f.get_json_object("repo", "$.name")).alias("name"),
        f.get_json_object("repo", "$.id").try_cast("long").alias("github_id"),
    )


def archive_names(events: DataFrame) -> DataFrame:
    """The repositories that archives name: file, name, github_id (0 for none), once each."""
    return (
        events.where("name IS NOT NULL")
        .select("file", "name", f.coalesce("github_id", f.lit(0)).alias("github_id"))
        .distinct()
    )
