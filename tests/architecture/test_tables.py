"""What every table promises: names, keys, comments, layers."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pyspark.sql import types as t

from etl.schemas import TABLES, bronze, collaboration, gold, ops, silver
from etl.schemas.table import VOLATILE, Table

LAYERS = {
    "bronze": (bronze, collaboration),
    "silver": (silver,),
    "gold": (gold,),
    "ops": (ops,),
}
ALL = [table for layer in LAYERS.values() for module in layer for table in module.TABLES]
NAME = re.compile(r"[a-z][a-z0-9_]*")


def test_names_are_unique() -> None:
    assert [name for name, times in Counter(x.full_name for x in ALL).items() if times > 1] == []
    assert list(TABLES.values()) == ALL


def test_every_table_that_is_defined_is_listed() -> None:
    for module in (module for layer in LAYERS.values() for module in layer):
        own = [value for value in vars(module).values() if isinstance(value, Table)]
        assert {x.full_name for x in own} == {x.full_name for x in module.TABLES}


def test_a_table_stands_in_the_layer_that_it_names() -> None:
    for name, layer in LAYERS.items():
        assert {table.schema for module in layer for table in module.TABLES} == {name}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.full_name)
def test_the_key_identifies_a_row(table: Table) -> None:
    assert table.key, "no key"
    assert len(set(table.key)) == len(table.key)
    assert set(table.key) <= set(table.required), "a key column is absent or may be null"
    assert set(table.scope) <= set(table.struct.names), "a scope column is absent"


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.full_name)
def test_columns_are_named_once_in_snake_case(table: Table) -> None:
    assert NAME.fullmatch(table.name)
    names = table.struct.names
    assert len(set(names)) == len(names)
    assert [name for name in names if not NAME.fullmatch(name)] == []


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.full_name)
def test_comments_say_something_and_end_without_a_full_stop(table: Table) -> None:
    comments = {"the table": table.comment}
    comments |= {c.name: c.metadata.get("comment", "") for c in table.columns}
    for where, comment in comments.items():
        assert comment == comment.strip() and comment, f"{where} has no comment"
        assert not comment.endswith("."), f"{where} ends with a full stop: {comment}"


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.full_name)
def test_a_clock_is_outside_identity_and_comparison(table: Table) -> None:
    for column in table.columns:
        if column.name == "recorded_at":
            assert isinstance(column.dataType, t.TimestampType)
            assert column.name in VOLATILE and column.name not in table.key
