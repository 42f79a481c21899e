"""No table is left out of a removal because nobody thought of it."""

from __future__ import annotations

import pytest

from etl.schemas import TABLES
from etl.schemas.provenance import (
    NOT_OF_A_REPOSITORY,
    NOT_OF_AN_AUTHOR,
    is_handled,
    login_of,
    traces_of,
)
from etl.schemas.table import Table


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_is_handled_by_a_removal(table: Table) -> None:
    assert is_handled(table), (
        f"{table.full_name} has no repo_id, or nothing that leads to a person: give it repo_id and "
        "a login or one of the TRACES, or say in etl/schemas/provenance.py why a removal may leave "
        "it"
    )


def test_the_exceptions_are_tables_that_need_one() -> None:
    assert TABLES.keys() >= NOT_OF_AN_AUTHOR.keys()
    for name in NOT_OF_A_REPOSITORY:
        assert "repo_id" not in TABLES[name].struct.names
    for name in NOT_OF_AN_AUTHOR:
        assert login_of(TABLES[name]) is None


def test_what_hangs_on_a_commit_is_found_by_it() -> None:
    found = {name: traces_of(table) for name, table in TABLES.items()}
    assert found["bronze.file_changes"] == ("commit_oid",)
    assert found["silver.functions"] == ("blob_oid", "function_id")
    assert found["silver.pairs"] == ("commit_oid", "pair_id")
    assert found["gold.mix_pairs"] == ("pair_id",)
    assert found["bronze.mainline"] == ("commit_oid",)


def test_what_somebody_said_is_found_by_the_login() -> None:
    """And by what stands beside it, so that such a table has `extra`."""
    signed = {table.full_name: login_of(table) for table in TABLES.values() if login_of(table)}
    assert signed == {
        **dict.fromkeys(
            (
                *("bronze.issues", "bronze.pulls", "bronze.comments", "bronze.reviews"),
                "bronze.review_comments",
            ),
            "user_login",
        ),
        "bronze.timeline_events": "actor_login",
    }
    for name in signed:
        assert {"repo_id", "version", "extra"} <= set(TABLES[name].struct.names)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_statistics_are_kept_of_identifiers_alone(table: Table) -> None:
    """The log of a table keeps them for longer than the rows."""
    assert table.statistics
    texts = {"path", "source", "name", "message", "author_email", "instruction", "key", "detail"}
    assert not texts & set(table.statistics)
    assert {"repo_id"} & set(table.struct.names) <= set(table.statistics)
