"""One shard of an exported mix, in the formats that trainers read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import types as t

SHARDS = t.StructType(
    [
        t.StructField("file", t.StringType()),
        t.StructField("rows", t.LongType()),
        t.StructField("sha256", t.StringType()),
    ]
)
_PARQUET = pa.schema(
    [
        ("pair_id", pa.string()),
        ("prompt", pa.string()),
        ("response", pa.string()),
        ("tests", pa.string()),
        ("category", pa.string()),
        ("language", pa.string()),
        ("weight", pa.float64()),
        ("score", pa.float64()),
        ("repository", pa.string()),
        ("commit", pa.string()),
        ("licence", pa.string()),
    ]
)


def prompt_of(instruction: str, context: str) -> str:
    """What the user says in a chat: the instruction, then the text that it is about."""
    return f"{instruction}\n\n{context}" if context else instruction


def chat_record(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """One pair as a chat: the format that supervised fine-tuning tools read (`messages`)."""
    return {
        "messages": [
            {"role": "user", "content": prompt_of(row["instruction"], row["context"])},
            {"role": "assistant", "content": row["response"]},
        ],
        "pair_id": row["pair_id"],
        "category": row["category"],
        "language": row["language"],
        "weight": row["weight"],
        "score": row["score"],
        "repository": row["repo_name"],
        "commit": row["commit_oid"],
        "licence": row["licence"],
    }


def _parquet_record(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    names = ("pair_id", "response", "tests", "category", "language", "weight", "score", "licence")
    return {name: row[name] for name in names} | {
        "prompt": prompt_of(row["instruction"], row["context"]),
        "repository": row["repo_name"],
        "commit": row["commit_oid"],
    }


def write_shard(number: int, rows: pd.DataFrame, folder: str) -> pd.DataFrame:
    """Write `shard-NNNNN.jsonl` and `.parquet` in the mix's order.

    Args:
        number: of the shard, from 0.
        rows: pairs with position, weight and score.
        folder: where to write.

    Returns:
        Columns of SHARDS, one row a file.
    """
    records = rows.sort_values("position").to_dict("records")
    for record in records:
        if not isinstance(record["tests"], str):
            record["tests"] = None
    stem = Path(folder) / f"shard-{number:05d}"
    text = "".join(
        json.dumps(chat_record(record), ensure_ascii=False, sort_keys=True) + "\n"
        for record in records
    )
    jsonl, parquet = stem.with_suffix(".jsonl"), stem.with_suffix(".parquet")
    jsonl.write_text(text, encoding="utf-8", newline="\n")
    table = pa.Table.from_pylist([_parquet_record(record) for record in records], schema=_PARQUET)
    pq.write_table(table, parquet, compression="zstd")
    found = [
        (path.name, len(records), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in (jsonl, parquet)
    ]
    return pd.DataFrame(found, columns=SHARDS.names)
