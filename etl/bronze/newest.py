"""Of the versions of an object, the one that counts now."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.schemas.table import Table

_TIMES = ("updated_at", "submitted_at", "created_at")


def newest(rows: DataFrame, table: Table) -> DataFrame:
    """One row an object: the deletion, else the last change, else the fullest version.

    A deletion comes first since GitHub never gives an id or a number again, and its payload shows
    the object as it was before. The order does not depend on when the rows arrived.

    Args:
        rows: rows of `table`.
        table: a table of etl.schemas.collaboration whose key ends in `version`.
    """
    identity = [name for name in table.key if name != "version"]
    times = [name for name in _TIMES if name in table.struct.names]
    # An unknown time is the oldest: max_by orders a null before every value.
    rank = f.struct("deleted", f.coalesce(*times), "completeness", "version")
    columns = f.struct(*table.struct.names)
    return rows.groupBy(*identity).agg(f.max_by(columns, rank).alias("row")).select("row.*")


def still_to_fetch(queue: DataFrame, issues: DataFrame, pulls: DataFrame) -> DataFrame:
    """Issues and pulls that came without their text and never in full.

    Whether a text that is here has changed since is for the fetch by date to find: an event's time
    and the object's `updated_at` are not comparable to the second.

    Args:
        queue: rows of ops.fetch_queue.
        issues: rows of bronze.issues.
        pulls: rows of bronze.pulls.

    Returns:
        repo_id, name, kind (`issue` or `pull`), number: once each, whatever belongs to it.
    """
    kind = f.when(f.col("kind").isin("issue", "comment"), "issue").otherwise("pull")
    wanted = (
        queue.where("number IS NOT NULL")
        .groupBy("repo_id", kind.alias("kind"), "number")
        .agg(f.max("name").alias("name"))
    )
    place = ["repo_id", "kind", "number"]
    held = issues.select("repo_id", f.lit("issue").alias("kind"), "number").unionAll(
        pulls.select("repo_id", f.lit("pull").alias("kind"), "number")
    )
    return wanted.join(held, place, "left_anti").select("repo_id", "name", "kind", "number")
