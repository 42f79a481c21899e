"""Silver: how many merged pulls of a repository somebody else than their author reviewed."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f


def count_reviews(pulls: DataFrame, reviews: DataFrame) -> DataFrame:
    """Merged pulls and reviewed ones, by repository.

    A review counts in any state, since a comment is one too, if its author is neither a bot nor the
    author of the pull. Versions of an object are one: a pull once merged stays merged.

    Args:
        pulls: bronze.pulls.
        reviews: bronze.reviews of the same repositories.

    Returns:
        repo_id, merged_pulls, reviewed_pulls.
    """
    merged = (
        pulls.where(f.col("merged_at").isNotNull())
        .groupBy("repo_id", "number")
        .agg(f.min("user_login").alias("author"))
    )
    given = (
        reviews.where(~f.coalesce(f.lower("user_type") == "bot", f.lit(False)))
        .where(~f.coalesce(f.col("user_login").endswith("[bot]"), f.lit(False)))
        .select("repo_id", "number", f.col("user_login").alias("reviewer"))
        .where(f.col("reviewer").isNotNull())
        .distinct()
    )
    by_other = f.coalesce(
        f.lower("reviewer") != f.lower(f.coalesce("author", f.lit(""))), f.lit(False)
    )
    return (
        merged.join(given, ["repo_id", "number"], "left")
        .groupBy("repo_id", "number")
        .agg(f.max(by_other).alias("is_reviewed"))
        .groupBy("repo_id")
        .agg(
            f.count(f.lit(1)).alias("merged_pulls"),
            f.count_if("is_reviewed").alias("reviewed_pulls"),
        )
    )
