"""Look at the tables: queries, random rows, an overview."""

from __future__ import annotations

import re
from typing import Any

from pyspark.sql import functions as f
from rich.table import Table as Grid
from rich.text import Text

from etl.errors import QueryError
from etl.jobs.context import Context
from etl.schemas import TABLES
from etl.schemas.ops import REJECTS
from etl.schemas.silver import REPO_PROFILES

_CELL = 200
_LONG_TEXT = 80
# Text of a repository may hold what commands a terminal (C0 and C1 controls) or turns the order of
# what is read (Unicode's bidirectional controls).
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def query_rows(context: Context, query: str, most: int) -> tuple[list[str], list[list[Any]], bool]:
    """Column names, at most `most` rows of a query, and whether there are more.

    Raises:
        QueryError: the text is not a query that can run.
    """
    frame = context.warehouse.query(query)
    found = frame.limit(most + 1).collect()
    return frame.columns, [list(row) for row in found[:most]], len(found) > most


def as_table(names: list[str], rows: list[list[Any]]) -> Grid:
    """Rows as a table for the terminal; long cells are cut."""
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    numbers = [
        bool(rows) and all(isinstance(r[i], int | float) for r in rows) for i in range(len(names))
    ]
    for name, is_number in zip(names, numbers, strict=True):
        grid.add_column(Text(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        grid.add_row(*[Text(_cell(value)) for value in row])  # a str would be read as markup
    return grid


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null"
    if isinstance(value, int):
        return f"{value:,}"
    text = _visible(str(value))
    return text if len(text) <= _CELL else text[:_CELL] + "…"


def _visible(text: str) -> str:
    return _CONTROLS.sub(lambda found: ascii(found.group())[1:-1], text)


def sample_rows(
    context: Context, table: str, rows: int, where: str | None, seed: int
) -> list[dict[str, Any]]:
    """Random rows of a table, the same for the same seed and content.

    Raises:
        QueryError: there is no such table, or the condition cannot run.
    """
    wanted = TABLES.get(table)
    if wanted is None or not context.warehouse.exists(wanted):
        known = ", ".join(name for name, t in TABLES.items() if context.warehouse.exists(t))
        raise QueryError(f"There is no table {table} here. Tables: {known}.")
    condition = f" WHERE {where}" if where else ""
    frame = context.warehouse.query(f"SELECT * FROM {context.warehouse.name(wanted)}{condition}")
    order = f.xxhash64(f.lit(seed), *wanted.key)
    found = frame.orderBy(order, *wanted.key).limit(rows).collect()
    return [row.asDict(recursive=True) for row in found]


def sample_text(table: str, rows: list[dict[str, Any]]) -> str:
    """Rows for a reader: short values on one line, long texts below, whole."""
    if not rows:
        return f"{table} has no such rows."
    pages = []
    for number, row in enumerate(rows, start=1):
        lines = [f"━━ {table} {number}/{len(rows)} ".ljust(79, "━")]
        short = {k: v for k, v in row.items() if not _is_long(v) and v not in (None, [], "")}
        lines += [f"{name}: {_plain(value)}" for name, value in short.items()]
        for name, value in row.items():
            if _is_long(value):
                lines += [f"── {name} ".ljust(79, "─"), str(value).rstrip("\n")]
        pages.append(_visible("\n".join(lines)))
    return "\n\n".join(pages)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and ("\n" in value or len(value) > _LONG_TEXT)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return str(value)


def status_of(context: Context) -> dict[str, Any]:
    """Repositories, rows per table, rejects per task and reason."""
    warehouse = context.warehouse
    found = warehouse.ensure_existing()
    rows = {table.full_name: warehouse.read(table).count() for table in found}
    repositories = (
        [
            row.asDict()
            for row in warehouse.read(REPO_PROFILES)
            .select("name", "licence", "commits", "keep", "reasons", "activity_reasons")
            .orderBy("name")
            .collect()
        ]
        if warehouse.exists(REPO_PROFILES)
        else []
    )
    rejects = (
        [
            row.asDict()
            for row in warehouse.read(REJECTS)
            .groupBy("task", "reason")
            .count()
            .orderBy("task", f.col("count").desc(), "reason")
            .collect()
        ]
        if warehouse.exists(REJECTS)
        else []
    )
    return {
        "home": str(context.home.root),
        "repositories": repositories,
        "rows": rows,
        "rejects": rejects,
    }


def status_text(found: dict[str, Any]) -> str:
    """The overview for a terminal of 80 columns."""
    lines = [f"Home {found['home']}", "", "Repositories"]
    for repo in found["repositories"]:
        verdict = "kept" if repo["keep"] else "left out: " + ", ".join(repo["reasons"])
        lines.append(f"  {repo['name'][:30]:<31} {(repo['licence'] or 'none')[:16]:<17} {verdict}")
    lines += ["", "Rows"]
    lines += [f"  {name:<24} {count:>12,}" for name, count in found["rows"].items()]
    lines += ["", "Left out, by task and reason"]
    lines += [f"  {r['task']:<16} {r['reason']:<34} {r['count']:>9,}" for r in found["rejects"]]
    return "\n".join(lines)
