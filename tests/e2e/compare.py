"""What two homes must have in common: the rows of every table, read without Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from etl.schemas import TABLES
from etl.schemas.table import Table

Row = dict[str, Any]

# These keep every version of a mix that was ever built.
_BY_MIX = ("gold.mixes", "gold.mix_pairs")


def read_rows(home: Path, table: Table) -> list[Row]:
    """All rows of the newest version of a table, through a reader that is not Spark.

    A table that is there only where the configuration names sources for it has none.
    """
    folder = home / "warehouse" / table.schema / table.name
    if not (folder / "_delta_log").is_dir():
        return []
    rows: list[Row] = DeltaTable(str(folder)).to_pyarrow_table().to_pylist()
    return rows


def delta_versions(home: Path) -> dict[str, int]:
    """Newest Delta version of every table that is there."""
    found = {}
    for name, table in TABLES.items():
        folder = home / "warehouse" / table.schema / table.name
        if (folder / "_delta_log").is_dir():
            found[name] = DeltaTable(str(folder)).version()
    return found


def mix_version(home: Path, mix: str = "default") -> str:
    """Version of a mix as it was last built."""
    ledger = read_rows(home, TABLES["ops.row_ledger"])
    return next(
        str(row["output_version"])
        for row in ledger
        if (row["task"], row["batch_id"]) == ("build_mix", mix)
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in sorted(value.items()))
    return value


def _in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def data(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Content of the bronze, silver and gold tables: what a row is, not who wrote it when.

    Of the mixes, only the version that was last built.
    """
    version = mix_version(home)
    found = {}
    for name, table in TABLES.items():
        if table.schema == "ops":
            continue
        rows = read_rows(home, table)
        if name in _BY_MIX:
            rows = [row for row in rows if row["mix_version"] == version]
        columns = table.content_columns
        found[name] = _in_order([tuple(_frozen(row[c]) for c in columns) for row in rows])
    return found


def rejects(home: Path) -> list[tuple[Any, ...]]:
    """Each key that was left out, once a task and reason."""
    names = ("task", "repo_id", "key", "reason", "detail", "rule_version")
    rows = read_rows(home, TABLES["ops.rejects"])
    return _in_order(list({tuple(row[name] for name in names) for row in rows}))


def snapshot(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that two homes with the same batches have in common, ops tables included.

    Clocks, the names of data files, the ids of MLflow runs and earlier mix versions are not.
    """
    version = mix_version(home)
    batches = TABLES["ops.batches"].content_columns
    ledger = [
        tuple(
            row[name]
            for name in TABLES["ops.row_ledger"].struct.names
            if name != "recorded_at" and (name, row["task"]) != ("output_version", "track_mix")
        )
        for row in read_rows(home, TABLES["ops.row_ledger"])
        if row["task"] != "track_mix" or row["batch_id"] == version
    ]
    checksums = [
        tuple(
            row[name]
            for name in ("artifact", "task", "repo_id", "batch_id", "row_count", "checksum")
        )
        for row in read_rows(home, TABLES["ops.checksums"])
        if row["kind"] == "rows"
        and (row["artifact"] not in _BY_MIX or row["batch_id"] in (version, "*"))
    ]
    rejected = [
        tuple(row[name] for name in TABLES["ops.rejects"].struct.names)
        for row in read_rows(home, TABLES["ops.rejects"])
    ]
    planned = [
        (row["batch_id"], *(_frozen(row[name]) for name in batches))
        for row in read_rows(home, TABLES["ops.batches"])
    ]
    return {
        **data(home),
        "ops.batches": _in_order(planned),
        "ops.row_ledger": _in_order(ledger),
        "ops.checksums": _in_order(checksums),
        "ops.rejects": _in_order(rejected),
    }


def differences(
    left: dict[str, list[tuple[Any, ...]]], right: dict[str, list[tuple[Any, ...]]]
) -> dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]]:
    """Per table that differs: at most three rows that only the left has, and only the right."""
    found = {}
    for name in sorted(left.keys() | right.keys()):
        mine, other = left.get(name, []), right.get(name, [])
        if mine != other:
            only_left = [row for row in mine if row not in other][:3]
            only_right = [row for row in other if row not in mine][:3]
            found[name] = (only_left, only_right)
    return found
