"""Write a mix for training: chat-format JSONL and Parquet shards, and their checksums."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import functions as f

from etl.errors import QueryError, SourceError
from etl.jobs.build_mix import current_version
from etl.jobs.context import Context
from etl.jobs.removals import require_whole
from etl.mix.export_shards import SHARDS, write_shard
from etl.schemas.gold import MIX_PAIRS, MIXES, SCORED_PAIRS
from etl.schemas.silver import PAIRS


def _version(context: Context, wanted: str | None) -> str:
    if not context.warehouse.exists(MIXES):
        raise QueryError("There is no mix yet. Run `sluice run` first.")
    if wanted is None:
        current = current_version(context)
        if current is None:
            raise QueryError(
                f"The mix `{context.mix}` was never built: sluice run --mix {context.mix}"
            )
        return current
    rows = context.warehouse.read(MIXES).where(f.col("mix_version").startswith(wanted)).collect()
    if len(rows) != 1:
        known = context.warehouse.read(MIXES).select("mix_name", "mix_version").collect()
        names = ", ".join(f"{row[0]} {row[1][:12]}" for row in known)
        raise QueryError(f"`{wanted}` names {len(rows)} mix versions. Versions: {names}.")
    return str(rows[0]["mix_version"])


def export_mix(
    context: Context, wanted: str | None, target: Path | None, shard_rows: int
) -> dict[str, Any]:
    """Write one mix version; the same version gives the same bytes.

    The shards are written by the workers into a folder beside the target, which takes its name
    only when all of them and their checksums are there.

    Args:
        context: the surroundings.
        wanted: start of a version, or None for the newest of the mix.
        target: folder to make; it must not hold anything.
        shard_rows: pairs per shard.

    Raises:
        QueryError: no such version.
        RemovedError: the version lost pairs to a removal.
        SourceError: the target is not empty.
    """
    version = _version(context, wanted)
    require_whole(context, version)
    folder = (target or context.home.exports / version[:12]).expanduser().absolute()
    if target is None:
        shutil.rmtree(folder, ignore_errors=True)  # our own earlier export of these very rows
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceError(f"{folder} exists and is not empty. Name another with -o.")
    unfinished = folder.parent / f".{folder.name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    place = str(unfinished)

    def write(key: tuple[Any, ...], rows: pd.DataFrame) -> pd.DataFrame:
        return write_shard(int(key[0]), rows, place)

    members = (
        context.warehouse.read(MIX_PAIRS)
        .where(f.col("mix_version") == version)
        .select("pair_id", "position", "weight")
        .withColumn("shard", f.floor(f.col("position") / shard_rows).cast("int"))
    )
    pairs = context.warehouse.read(PAIRS).drop("batch_id", "rule_version", "hangs_on", "health")
    scores = context.warehouse.read(SCORED_PAIRS).select("pair_id", "score")
    with context.meter("export"):
        written = (
            members.join(pairs, "pair_id")
            .join(scores, "pair_id")
            .groupBy("shard")
            .applyInPandas(write, SHARDS)
            .collect()
        )
    lines = {row["file"]: row["sha256"] for row in written}
    text = "".join(f"{lines[name]}  {name}\n" for name in sorted(lines))
    (unfinished / "SHA256SUMS").write_text(text, encoding="utf-8")
    if folder.is_dir():
        folder.rmdir()
    unfinished.rename(folder)
    return {
        "version": version,
        "folder": str(folder),
        "rows": sum(row["rows"] for row in written if row["file"].endswith(".jsonl")),
        "files": sorted(lines),
        "digest": hashlib.sha256(text.encode()).hexdigest(),
    }
