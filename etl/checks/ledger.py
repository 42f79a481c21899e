"""Nothing vanishes: every input key of a transform is used, rejected or merged, exactly once."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.errors import LedgerError

UNIT = ("repo_id", "batch_id")


def _tagged(frame: DataFrame, tag: str) -> DataFrame:
    tags = [
        f.lit(1 if tag == name else 0).alias(name)
        for name in ("read", "used", "rejected", "merged")
    ]
    return frame.select(*UNIT, "key", *tags)


def account(
    keys: DataFrame, used: DataFrame, rejects: DataFrame | None, merged: DataFrame | None
) -> DataFrame:
    """Sums per batch over the fates of the input keys.

    Args:
        keys: every key read.
        used: keys that gave an output row.
        rejects: keys with a reason.
        merged: keys that another, named key stands for.

    Each has columns repo_id, batch_id, key (others are ignored; repeated rows count once).

    Returns:
        repo_id, batch_id, input_keys, used, rejected, merged, broken (keys without exactly one
        fate), example (one broken key).
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
    return fates.groupBy(*UNIT).agg(
        f.sum("read").alias("input_keys"),
        f.sum("used").alias("used"),
        f.sum("rejected").alias("rejected"),
        f.sum("merged").alias("merged"),
        f.sum(is_broken.cast("int")).alias("broken"),
        f.min(
            f.when(is_broken, f.concat_ws(" ", "key", "read", "used", "rejected", "merged"))
        ).alias("example"),
    )


def require_closed(
    task: str, repo_id: str, batch_id: str, broken: int, example: str | None
) -> None:
    """Raise LedgerError when a batch has keys without exactly one fate."""
    if broken:
        raise LedgerError(
            f"{task}: the ledger of batch {batch_id[:12]} of repository {repo_id[:12]} does not "
            f"close: {broken} keys are not used, rejected or merged exactly once, for example "
            f"`{example}` (key, read, used, rejected, merged). Nothing was published."
        )
