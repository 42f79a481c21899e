"""Rows for a reader: whole, in the same order each time, and never taken for markup."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from etl.errors import QueryError
from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.jobs.inspect import (
    as_table,
    query_rows,
    sample_rows,
    sample_text,
    status_of,
    status_text,
)
from tests.contexts import open_home
from tests.etl.jobs.toy import Params, Toy

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]


@pytest.fixture(scope="module")
def context(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Context:
    made = open_home(spark, tmp_path_factory.mktemp("inspect") / "home")
    execute(made, Toy(made, {("r", "b1"): [*WORDS, "x"]}).task(Params(shortest=2)))
    return made


def printed(names: list[str], rows: list[list[Any]]) -> str:
    target = io.StringIO()
    Console(file=target, width=120).print(as_table(names, rows))
    return target.getvalue()


def test_a_query_gives_columns_rows_and_whether_there_are_more(context: Context) -> None:
    text = "select text, size from bronze.blobs order by text"
    names, rows, more = query_rows(context, text, 3)
    assert (names, rows, more) == (
        ["text", "size"],
        [["alpha", 5], ["beta", 4], ["delta", 5]],
        True,
    )
    assert query_rows(context, text, 8)[2] is False


def ids(context: Context, rows: int, where: str | None = None, seed: int = 1) -> list[str]:
    return [row["blob_oid"] for row in sample_rows(context, "bronze.blobs", rows, where, seed)]


def test_a_sample_is_the_same_for_the_same_seed(context: Context) -> None:
    one = ids(context, 5)
    assert one == ids(context, 5)
    assert one[:3] == ids(context, 3)
    assert len({tuple(ids(context, 8, seed=seed)) for seed in range(4)}) > 1
    assert sorted(ids(context, 99)) == sorted(WORDS)
    assert set(ids(context, 9, "size = 5")) == {"alpha", "gamma", "delta", "theta"}


def test_what_cannot_be_sampled_is_told(context: Context) -> None:
    with pytest.raises(QueryError, match=r"no table silver\.pears here\. Tables: .*bronze\.blobs"):
        sample_rows(context, "silver.pears", 3, None, 1)
    with pytest.raises(QueryError, match="nothing_such"):
        sample_rows(context, "bronze.blobs", 3, "nothing_such = 1", 1)


def test_an_overview_counts_rows_and_reasons(context: Context) -> None:
    found = status_of(context)
    assert found["rows"]["bronze.blobs"] == 8
    assert found["rejects"] == [{"task": "toy", "reason": "too_short", "count": 1}]
    assert found["repositories"] == []
    text = status_text(found)
    assert "bronze.blobs" in text
    assert "too_short" in text
    assert all(len(line) <= 80 for line in text.splitlines()[1:])


def test_long_texts_are_shown_whole_below_the_short_values() -> None:
    text = "line one\n  line two [bold]\n"
    page = sample_text("silver.pairs", [{"id": "p1", "none": None, "tags": ["a", "b"], "t": text}])
    assert page.startswith("━━ silver.pairs 1/1 ━")
    assert "id: p1" in page
    assert "tags: a, b" in page
    assert "none" not in page
    assert page.endswith("── t ".ljust(79, "─") + "\nline one\n  line two [bold]")
    assert sample_text("silver.pairs", []) == "silver.pairs has no such rows."


@pytest.mark.parametrize(
    "text", ["[bold]x[/bold]", "[/x]", r"\[a-z]+", r"\\[/red]", "a[b]c", r"end\\"]
)
def test_cells_and_headers_are_no_markup(text: str) -> None:
    assert text in printed(["value"], [[text]])
    assert text in printed([text], [["value"]])


def test_numbers_are_grouped_and_nulls_said() -> None:
    shown = printed(["n", "b", "x"], [[1234567, True, None], [1, False, "text"]])
    for part in ("1,234,567", "true", "false", "null", "text"):
        assert part in shown


def test_a_long_cell_is_cut() -> None:
    shown = printed(["v"], [["x" * 500]])
    assert shown.count("x") == 200
    assert "…" in shown


def test_what_commands_a_terminal_is_shown_and_not_sent() -> None:
    hostile = "\x1b[2Jgone\x9b1m\r\u202eback"
    shown = r"\x1b[2Jgone\x9b1m\r\u202eback"
    assert shown in sample_text("silver.pairs", [{"a": hostile, "b": f"é\tone\n{hostile}"}])
    assert "é\tone\n" in sample_text("silver.pairs", [{"a": f"é\tone\n{hostile}"}])
    assert shown in printed(["a"], [[hostile]])
