"""Which repository a source is: one that this home has, by whatever name, or a new one."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

NAMES = t.StructType(
    [
        t.StructField("source", t.StringType(), False),
        t.StructField("repo_id", t.StringType(), False),
    ]
)


def identify_sources(found: DataFrame, names: DataFrame) -> DataFrame:
    """Give each source the repository that the home has under its name, if there is one.

    Where a host redirects, what it was asked for counts too. A source whose name was that of a
    repository with another name by now becomes an error: names are given away, and two histories
    must not be taken for one.

    Args:
        found: asked, source (what the host redirects to), repo_id (that of a new repository with
            this source), error; what cannot be read has only the last.
        names: columns of NAMES, once a source: what the repositories of the home are called now,
            and what else is known to mean them.

    Returns:
        `found`, with repo_id and error.
    """
    of_source = names.select("source", f.col("repo_id").alias("_of_source"))
    of_asked = names.select(f.col("source").alias("asked"), f.col("repo_id").alias("_of_asked"))
    now = f.array_join(f.array_sort(f.collect_set("source")), ", ")
    others = names.groupBy("repo_id").agg(now.alias("_others"))
    joined = (
        found.join(of_source, "source", "left")
        .join(of_asked, "asked", "left")
        .join(others, "repo_id", "left")
    )
    known = f.coalesce("_of_source", "_of_asked")
    passed = f.concat(
        f.lit("this was the name of what is known as "),
        f.col("_others"),
        f.lit(
            " by now, and nothing says that it is the same repository. If it is, name it so; "
            "if it is another one, read it in a home of its own (--home)"
        ),
    )
    return joined.select(
        *(
            f.coalesce(known, "repo_id").alias(name)
            if name == "repo_id"
            else f.coalesce("error", f.when(known.isNull(), passed)).alias(name)
            if name == "error"
            else name
            for name in found.columns
        )
    )
