"""A batch that comes or goes gives the clusters of a full run, and only those it can reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import types as t

from etl.io.tables import Slice
from etl.jobs import link_duplicates
from etl.jobs.context import Context
from etl.jobs.execute import Task, execute
from etl.schemas import Table
from etl.schemas.gold import BAND_INDEX, DUPLICATES, PARTS, SCORED_PAIRS
from etl.schemas.ops import CHECKSUMS, ROW_LEDGER
from etl.schemas.silver import PAIRS, REPO_PROFILES
from tests.contexts import open_home
from tests.udfs.dedup.corpus import diff

# Batch -> pairs: id, instruction, words of the response.
Batches = Mapping[tuple[str, str], Sequence[tuple[str, str, str]]]

SUM = [f"total_{i} = step_{i}(items, {i})" for i in range(30)]
READ = [f"field_{i} = load('{i}')" for i in range(30)]
SEND = [f"send_{i}(queue, {i} + 1)" for i in range(30)]


def code(lines: Sequence[str], *edited: int) -> str:
    """A change of many lines, some of them with a default."""
    taken = (f"{line} or '{i}'" if i in edited else line for i, line in enumerate(lines))
    return diff("\n".join(taken))


FIRST: Batches = {
    ("r", "r1"): [
        ("1a", "Sum up", code(SUM)),
        ("2b", "Sum up", code(SUM, *range(6))),
        ("3c", "Read fields", code(READ)),
    ],
    ("s", "s1"): [("4d", "Send it", code(SEND)), ("5e", "Sends it", code(SEND))],
    ("u", "u1"): [("6f", "Read the fields", code(READ, 3))],
}
# Leads from 1a to 2b, which are not alike enough.
LATER: Batches = {("v", "v1"): [("0z", "Sum up", code(SUM, *range(3)))]}


def _filled(table: Table, known: dict[str, Any]) -> dict[str, Any]:
    """A row with something in every required column."""
    empty = {t.StringType: "", t.LongType: 0, t.IntegerType: 0, t.DoubleType: 0.5}
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = type(column.dataType)
        none: Any = [] if kind is t.ArrayType else empty.get(kind, False)
        row[column.name] = None if column.nullable else none
    return row | known


def publish(context: Context, batches: Batches) -> None:
    """Make some batches all that was ever extracted and scored."""
    both: dict[Table, list[dict[str, Any]]] = {PAIRS: [], SCORED_PAIRS: []}
    for (repo, batch), pairs in batches.items():
        for pair_id, instruction, response in pairs:
            known = {
                "pair_id": pair_id,
                "repo_id": repo,
                "batch_id": batch,
                "instruction": instruction,
                "response": response,
                "language": "python",
                "quality": dict.fromkeys(PARTS, 0.5),
            }
            for table, rows in both.items():
                rows.append(
                    _filled(table, {k: v for k, v in known.items() if k in table.struct.names})
                )
    for table, rows in both.items():
        context.warehouse.publish(table, context.warehouse.rows(table, rows), Slice())
    for task in ("extract_pairs", "score_pairs"):
        entries = [
            _filled(
                ROW_LEDGER,
                {
                    "task": task,
                    "repo_id": repo,
                    "batch_id": batch,
                    "output_version": str(pairs),
                    "recorded_at": datetime.now(UTC),
                },
            )
            for (repo, batch), pairs in batches.items()
        ]
        context.ledger.post(task, entries, Slice(where=f"t.task = '{task}'"))


def state(context: Context) -> dict[str, set[tuple[Any, ...]]]:
    """What the step wrote, but for clocks and checksums of files."""
    held: dict[str, set[tuple[Any, ...]]] = {}
    for table, where in (
        (DUPLICATES, "true"),
        (BAND_INDEX, "true"),
        (ROW_LEDGER, "task = 'link_duplicates'"),
        (CHECKSUMS, "task = 'link_duplicates' AND kind = 'rows'"),
    ):
        rows = context.warehouse.read(table).where(where).drop("recorded_at", "run_id")
        held[table.full_name] = {tuple(map(str, row)) for row in rows.collect()}
    return held


def clusters(context: Context) -> dict[str, str]:
    rows = context.warehouse.read(DUPLICATES).select("pair_id", "cluster_id").collect()
    return {row[0]: row[1] for row in rows}


def kept(context: Context) -> dict[str, str]:
    rows = context.warehouse.read(DUPLICATES).select("pair_id", "kept_pair_id").collect()
    return {row[0]: row[1] for row in rows}


def linked(spark: SparkSession, tmp_path: Path) -> tuple[Context, Task]:
    """A home of the first batches, and the task that linked them."""
    context = open_home(spark, tmp_path / "home")
    task = link_duplicates.task(context)
    publish(context, FIRST)
    assert execute(context, task).units == 3
    return context, task


def test_a_batch_comes_and_another_goes(spark: SparkSession, tmp_path: Path) -> None:
    context, task = linked(spark, tmp_path)
    assert clusters(context) == {
        "1a": "1a",
        "2b": "2b",
        "3c": "3c",
        "4d": "4d",
        "5e": "4d",
        "6f": "3c",
    }

    left = {place: FIRST[place] for place in (("r", "r1"), ("s", "s1"))}
    publish(context, {**left, **LATER})
    # The batch that came, and the one that holds what it brings together; not that of `s`.
    assert execute(context, task).units == 2
    assert clusters(context) == {
        "0z": "0z",
        "1a": "0z",
        "2b": "0z",
        "3c": "3c",
        "4d": "4d",
        "5e": "4d",
    }
    assert execute(context, task).units == 0

    grown = state(context)
    context.warehouse.delete(ROW_LEDGER, "task = 'link_duplicates'")
    context.ledger.refresh()
    assert execute(context, task).units == 3
    assert state(context) == grown


def test_a_batch_that_meets_others_and_is_like_none_leaves_them_alone(
    spark: SparkSession, tmp_path: Path
) -> None:
    context, task = linked(spark, tmp_path)
    publish(context, {**FIRST, ("v", "v1"): [("7g", "Sum up", code(SUM, *range(20, 26)))]})
    assert execute(context, task).units == 1
    assert clusters(context)["7g"] == "7g"


def test_a_copy_of_a_better_tier_is_kept_once_the_tier_is_known(
    spark: SparkSession, tmp_path: Path
) -> None:
    context, task = linked(spark, tmp_path)
    assert kept(context)["6f"] == "3c"

    reviewed = _filled(REPO_PROFILES, {"repo_id": "u", "tier": "expert_reviewed"})
    reviewed["as_of"] = date(2026, 1, 1)
    rows = context.warehouse.rows(REPO_PROFILES, [reviewed])
    context.warehouse.publish(REPO_PROFILES, rows, Slice())
    assert execute(context, task).units == 2  # its own batch, and that of the copy
    assert kept(context)["3c"] == "6f"
