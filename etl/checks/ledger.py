"""Nothing vanishes: every input key of a transform is used, rejected or merged, exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as f

from etl.errors import LedgerError

UNIT = ("repo_id", "batch_id")


def _tagged(frame: DataFrame, tag: str) -> DataFrame:
    tags = [
        f.lit(1 if tag == name else 0).alias(name)
        for name in ("read", "used", "rejected", "merged")
    ]
    return frame.select(*UNIT, "key", *tags)


def find_fates(
    keys: DataFrame, used: DataFrame, rejects: DataFrame | None, merged: DataFrame | None
) -> DataFrame:
    """What became of each input key.

    Args:
        keys: every key read.
        used: keys that gave an output row.
        rejects: keys with a reason.
        merged: keys that another, named key stands for.

    Each has columns repo_id, batch_id, key (others are ignored; repeated rows count once).

    Returns:
        repo_id, batch_id, key; read, used, rejected, merged (1 or 0 each); is_broken (not exactly
        one fate).
    """
    tagged = _tagged(keys, "read").unionAll(_tagged(used, "used"))
    for fate, frame in (("rejected", rejects), ("merged", merged)):
        if frame is not None:
            tagged = tagged.unionAll(_tagged(frame, fate))
    fates = tagged.groupBy(*UNIT, "key").agg(
        f.max("read").alias("read"),
        f.max("used").alias("used"),
        f.max("rejected").alias("rejected"),
        f.max("merged").alias("merged"),
    )
    is_broken = (f.col("read") != 1) | (f.col("used") + f.col("rejected") + f.col("merged") != 1)
    return fates.withColumn("is_broken", is_broken)


def account(fates: DataFrame) -> DataFrame:
    """Sums per batch over the fates of the input keys.

    Args:
        fates: what `find_fates` gives.

    Returns:
        repo_id, batch_id, input_keys, used, rejected, merged, broken (keys without exactly one
        fate).
    """
    return fates.groupBy(*UNIT).agg(
        f.sum("read").alias("input_keys"),
        f.sum("used").alias("used"),
        f.sum("rejected").alias("rejected"),
        f.sum("merged").alias("merged"),
        f.sum(f.col("is_broken").cast("int")).alias("broken"),
    )


def require_closed(task: str, fates: DataFrame, sums: Sequence[Row]) -> None:
    """Raise LedgerError when a batch has keys without exactly one fate.

    Args:
        task: whose ledger it is.
        fates: what `find_fates` gives; read again only to name an example.
        sums: rows of `account`.
    """
    for row in sums:
        if row["broken"]:
            names = ("key", "read", "used", "rejected", "merged")
            of_batch = f.struct(*UNIT) == f.struct(*(f.lit(row[name]) for name in UNIT))
            found = fates.where(f.col("is_broken") & of_batch).select(*names)
            example = " ".join(
                str(x) for key in found.orderBy("key").limit(1).collect() for x in key
            )
            raise LedgerError(
                f"{task}: the ledger of batch {row['batch_id'][:12]} of repository "
                f"{row['repo_id'][:12]} does not close: {row['broken']} keys are not used, "
                f"rejected or merged exactly once, for example `{example}` (key, read, used, "
                "rejected, merged). Nothing was published."
            )
