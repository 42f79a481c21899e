"""Recompute every checksum, and name what no longer matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import functions as f

from etl.io.tables import batch_columns, checksums_of
from etl.jobs.context import Context
from etl.jobs.file_checksums import file_digests
from etl.schemas import Table
from etl.schemas.ops import BATCHES, CHECKSUMS, INPUTS, REMOVALS, ROW_LEDGER

# The ledger, the plans and the checksums themselves are what the others are checked against;
# removals are written down for people.
UNCHECKED = (CHECKSUMS, ROW_LEDGER, BATCHES, INPUTS, REMOVALS)


@dataclass(frozen=True)
class Fault:
    """One artifact that does not match its record.

    Attributes:
        table: table at fault.
        batch_id: batch at fault; several are joined by a comma.
        file: data file at fault; None when the rows as a whole are.
        what: what is wrong.
    """

    table: str
    batch_id: str
    file: str | None
    what: str


@dataclass(frozen=True)
class Verification:
    """How many artifacts were checked, and which are at fault."""

    files: int
    batches: int
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "files": self.files,
            "batches": self.batches,
            "faults": [vars(fault) for fault in self.faults],
        }

    def text(self) -> str:
        """The report for a terminal."""
        if not self.faults:
            return (
                f"All {self.files:,} data files and {self.batches:,} batches match their checksums."
            )
        lines = [f"{len(self.faults)} artifacts do not match their checksums:"]
        for fault in self.faults:
            lines.append(f"  table {fault.table}, batch {fault.batch_id}")
            lines.append(f"    {f'file {fault.file}: ' if fault.file else ''}{fault.what}")
        lines.append("Restore the files from a copy, or delete the home and run again.")
        return "\n".join(lines)


def verify_all(context: Context) -> Verification:
    """Check the data files of every table, then the rows of every batch.

    The rows of a table whose files are damaged are not read.
    """
    tables = [t for t in context.warehouse.ensure_existing() if t not in UNCHECKED]
    recorded = context.warehouse.read(CHECKSUMS).collect()
    faults: list[Fault] = []
    files = 0
    for table in tables:
        damaged, count = _check_files(context, table, recorded)
        files += count
        faults += damaged or _check_rows(context, table, recorded)
    batches = sum(1 for row in recorded if row["kind"] == "rows")
    return Verification(files, batches, tuple(faults))


def _check_files(context: Context, table: Table, recorded: list[Any]) -> tuple[list[Fault], int]:
    prefix = f"{table.full_name}/"
    expected: dict[str, tuple[str, list[str]]] = {}
    for row in recorded:
        if row["kind"] == "file" and row["artifact"].startswith(prefix):
            name = row["artifact"].removeprefix(prefix)
            expected.setdefault(name, (row["checksum"], []))[1].append(row["batch_id"])
    paths = {path.rpartition("/")[2]: path for path in context.warehouse.data_files(table)}
    present = [path for path in paths.values() if context.warehouse.file_exists(path)]
    digests = (
        {
            row["file"]: row["sha256"]
            for row in file_digests(context, present, skip_damaged=True).collect()
        }
        if present
        else {}
    )
    sound = all(
        digests.get(name) == checksum for name, (checksum, _) in expected.items() if name in paths
    )
    unknown = _batches_in(context, table, sorted(digests.keys() - expected.keys())) if sound else {}
    faults = []
    for name in sorted(paths):
        checksum, batches = expected.get(name, (None, unknown.get(name, ["unknown"])))
        if name not in digests:
            there = paths[name] in present
            what = "the file is damaged and cannot be read" if there else "the file is missing"
        elif checksum is None:
            what = "the file has no recorded checksum"
        elif digests[name] != checksum:
            what = f"SHA-256 is {digests[name][:16]}…, recorded {checksum[:16]}…"
        else:
            continue
        faults.append(Fault(table.full_name, ", ".join(sorted(set(batches))), name, what))
    return faults, len(paths)


def _batches_in(context: Context, table: Table, files: list[str]) -> dict[str, list[str]]:
    """Batches whose rows some data files hold, by file name."""
    if not files:
        return {}
    _, batch = batch_columns(table)
    rows = (
        context.warehouse.read(table)
        .select(f.col("_metadata.file_name").alias("file"), batch)
        .where(f.col("file").isin(files))
        .distinct()
        .collect()
    )
    return {name: [row["batch_id"] for row in rows if row["file"] == name] for name in files}


def _check_rows(context: Context, table: Table, recorded: list[Any]) -> list[Fault]:
    expected = {
        (row["repo_id"], row["batch_id"]): (row["row_count"], row["checksum"])
        for row in recorded
        if row["kind"] == "rows" and row["artifact"] == table.full_name
    }
    if not expected:
        return []
    found = {
        (row["repo_id"], row["batch_id"]): (row["row_count"], row["checksum"])
        for row in checksums_of({table: context.warehouse.read(table)}).collect()
    }
    faults = []
    for unit in sorted(expected.keys() | found.keys()):
        want, have = expected.get(unit), found.get(unit)
        if want == have:
            continue
        if want is None:
            what = f"{have[0] if have else 0:,} rows that no task recorded"
        elif have is None:
            what = f"{want[0]:,} rows are gone"
        elif want[0] != have[0]:
            what = f"{have[0]:,} rows, recorded {want[0]:,}"
        else:
            what = "the rows differ from those that were recorded"
        faults.append(Fault(table.full_name, unit[1], None, what))
    return faults
