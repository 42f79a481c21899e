"""Write any rows anew without duplicates, and say beside them what was a duplicate of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as f

from etl.errors import ConfigError
from etl.gold.link_duplicates import (
    PlainTextParams,
    as_pairs,
    cluster_groups,
    group_sketches,
    sketch_pairs,
)
from etl.io.datasets import (
    LINE,
    Dataset,
    column_names,
    find_dataset,
    new_folder,
    read_dataset,
    write_dataset,
)
from etl.io.tables import Warehouse

NAME: Final = "dedup"
LEVELS: Final = ("unique", "exact", "near")
_ID: Final = "id of this row as text"  # a column on the way; no table of others has it


def dedup_dataset(
    warehouse: Warehouse,
    source: Path,
    target: Path,
    columns: tuple[str, str],
    params: PlainTextParams,
) -> dict[str, Any]:
    """Keep one row of each cluster of exact and near duplicates: the one with the smallest id.

    Writes two folders: `rows`, what is kept, in the format of the source; and `clusters`, Parquet
    with a line per row of the source: id, cluster_id, kept_id, is_kept, level, similarity, rule.

    Args:
        warehouse: the session, and a place to stage.
        source: Delta table, or file or folder of Parquet or JSON lines.
        target: folder to make; it must not hold anything.
        columns: names of the column that identifies a row, and of the one with its text.
        params: what counts as a duplicate.

    Returns:
        The folder, its format, and the counts: rows, kept, rows by level.

    Raises:
        ConfigError: a column is not there, or does not identify rows.
        SourceError: the source is none of these, or the target is not empty.
    """
    dataset = find_dataset(source)
    with new_folder(target) as folder:
        frame = read_dataset(warehouse.spark, dataset)
        named, text = _columns(frame, dataset, columns)
        texts = as_pairs(frame, named, text)
        rows = _count(texts, dataset, columns[0])
        sketches = sketch_pairs(texts, params)

        def stage(staged: DataFrame, name: str) -> DataFrame:
            return warehouse.stage(f"{NAME}_{name}", staged)

        groups = group_sketches(sketches, texts, rows, params, stage)
        clusters = cluster_groups(texts, groups, params).select(
            f.col("pair_id").alias("id"),
            "cluster_id",
            f.col("kept_pair_id").alias("kept_id"),
            "is_kept",
            "level",
            "similarity",
            "rule",
        )
        observed = Observation()
        by_level = [f.count_if(f.col("level") == level).alias(level) for level in LEVELS]
        kept = f.count_if("is_kept").alias("kept")
        place = str(folder / "clusters")
        clusters.observe(observed, kept, *by_level).write.parquet(place)
        found = observed.get
        left = warehouse.spark.read.parquet(place).where("is_kept").select(f.col("id").alias(_ID))
        remaining = frame.withColumn(_ID, named).join(left, _ID, "left_semi").drop(_ID)
        write_dataset(remaining, dataset, folder / "rows")
    warehouse.clear_staging(NAME)
    return {
        "folder": str(target.expanduser().absolute()),
        "format": dataset.kind,
        "rows": rows,
        "kept": found["kept"],
        "levels": {level: found[level] for level in LEVELS},
    }


def _columns(frame: DataFrame, dataset: Dataset, columns: tuple[str, str]) -> tuple[Column, Column]:
    """The id and the text of a row, as text."""
    known = column_names(frame, dataset)
    unknown = sorted(set(columns) - set(known))
    if unknown:
        raise ConfigError(
            f"{dataset.path} has no column {', '.join(unknown)}. It has: "
            f"{', '.join(known) or 'none'}. Name others with --id-column and --text-column."
        )
    if dataset.kind != "jsonl":
        named, text = (f.col(f"`{name}`").cast("string") for name in columns)
        return named, text
    fields = ", ".join(f"`{name}` string" for name in dict.fromkeys(columns))
    read = f.from_json(LINE, fields)
    return read[columns[0]], read[columns[1]]


def _count(texts: DataFrame, dataset: Dataset, column: str) -> int:
    """How many rows there are, each with an id of its own."""
    (found,) = texts.agg(
        f.count(f.lit(1)).alias("rows"),
        f.count("pair_id").alias("named"),
        f.countDistinct("pair_id").alias("ids"),
    ).collect()
    nameless = found["rows"] - found["named"]
    if nameless:
        none = " or are no JSON object" if dataset.kind == "jsonl" else ""
        raise ConfigError(
            f"--id-column {column}: {nameless:,} of {found['rows']:,} rows of {dataset.path} have "
            f"none{none}. Leave them out, or name a column that each row has."
        )
    if found["rows"] != found["ids"]:
        raise ConfigError(
            f"--id-column {column}: {dataset.path} has {found['rows']:,} rows and "
            f"{found['ids']:,} ids. Name a column that identifies a row."
        )
    return int(found["rows"])


def report_text(report: dict[str, Any]) -> str:
    """What was kept, for people."""
    levels = ", ".join(f"{count:,} {level}" for level, count in report["levels"].items())
    return (
        f"{report['kept']:,} of {report['rows']:,} rows kept ({levels}), as {report['format']} in\n"
        f"  {report['folder']}/rows\n"
        f"and what each row is a duplicate of in\n  {report['folder']}/clusters"
    )
