"""Find the pairs that brought what their repository later mended as a vulnerability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from udfs.flaws import ADVISORIES, NO_FIX, TITLES, brings, flawed_lines

_STRING = t.StringType()
_PLACES = t.StructType(
    [
        t.StructField("repo_id", _STRING),
        t.StructField("path", _STRING),
        t.StructField("fixed_by", _STRING),
        t.StructField("fixed_at", t.LongType()),
        t.StructField("places", t.ArrayType(t.ArrayType(_STRING))),
    ]
)
_FLAWED = t.StructType([t.StructField("pair_id", _STRING), t.StructField("fixed_by", _STRING)])


def known_flaws(pairs: DataFrame, commits: DataFrame, changes: DataFrame) -> DataFrame:
    """Name the pairs whose response adds the lines that a later security fix takes away.

    A fix is known by its message: the id of an advisory, or a title that names a vulnerability. A
    file that was renamed in between is not followed.

    Args:
        pairs: silver.pairs.
        commits: bronze.commits of the same repositories.
        changes: bronze.file_changes of the same.

    Returns:
        pair_id, once each, and fixed_by (object id of the fix; the least of several).
    """
    fixes = commits.where(_mends()).select(
        "repo_id", "commit_oid", f.col("author_time").alias("fixed_at")
    )
    places = (
        changes.where("old_path IS NOT NULL AND patch IS NOT NULL")
        .join(f.broadcast(fixes), ["repo_id", "commit_oid"])
        .select("repo_id", "old_path", "commit_oid", "fixed_at", "patch")
        .mapInArrow(_find_places, _PLACES)
        .groupBy("repo_id", "path")
        .agg(f.collect_list(f.struct("fixed_by", "fixed_at", "places")).alias("fixes"))
    )
    one = pairs.where("author_time IS NOT NULL").select(
        "pair_id", "repo_id", "commit_oid", "author_time", "response",
        f.explode("paths").alias("path"),
    )  # fmt: skip
    return (
        one.join(places, ["repo_id", "path"])
        .mapInArrow(_find_flaws, _FLAWED)
        .groupBy("pair_id")
        .agg(f.min("fixed_by").alias("fixed_by"))
    )


def _mends() -> Column:
    message = f.lower("message")
    title = f.substring_index(f.ltrim(message), "\n", 1)
    signs = [
        *(message.contains(sign) for sign in ADVISORIES),
        *(title.contains(sign) for sign in TITLES),
    ]
    return _any(signs) & ~_any([title.startswith(word) for word in NO_FIX])


def _any(conditions: list[Column]) -> Column:
    return reduce(lambda left, right: left | right, conditions)


def _find_places(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = to_arrow_schema(_PLACES)
    for batch in batches:
        found = [
            {
                "repo_id": row["repo_id"],
                "path": row["old_path"],
                "fixed_by": row["commit_oid"],
                "fixed_at": row["fixed_at"],
                "places": places,
            }
            for row in batch.to_pylist()
            if (places := flawed_lines(row["patch"]))
        ]
        yield pa.RecordBatch.from_pylist(found, schema=schema)


def _find_flaws(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    schema = to_arrow_schema(_FLAWED)
    for batch in batches:
        found = [
            {"pair_id": row["pair_id"], "fixed_by": one["fixed_by"]}
            for row in batch.to_pylist()
            for one in row["fixes"]
            if one["fixed_by"] != row["commit_oid"]
            and one["fixed_at"] > row["author_time"]
            and brings(row["response"], row["path"], one["places"])
        ]
        yield pa.RecordBatch.from_pylist(found, schema=schema)
