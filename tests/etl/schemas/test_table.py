"""A schema is compared at every depth, and every difference is told at once."""

from __future__ import annotations

import pytest
from pyspark.sql import types as t

from etl.errors import SchemaError
from etl.schemas import TABLES, Table, require_schema
from etl.schemas.table import VOLATILE, column

INNER = t.StructType([t.StructField("x", t.LongType()), t.StructField("y", t.DoubleType())])
TABLE = Table(
    "silver",
    "things",
    "One thing",
    ("thing_id",),
    (
        column("thing_id", t.StringType(), "Key", nullable=False),
        column("place", INNER, "Where"),
        column("places", t.ArrayType(INNER, False), "Where else"),
        column("batch_id", t.StringType(), "Batch", nullable=False),
    ),
)


def test_the_same_columns_pass_in_any_order_and_nullability() -> None:
    loose = [t.StructField(c.name, c.dataType, True) for c in reversed(TABLE.columns)]
    require_schema(TABLE, t.StructType(loose))


def test_every_difference_is_named_with_its_path() -> None:
    odd = t.StructType([t.StructField("x", t.IntegerType()), t.StructField("z", t.DoubleType())])
    found = t.StructType(
        [
            t.StructField("thing_id", t.LongType()),
            t.StructField("place", odd),
            t.StructField("places", t.ArrayType(odd)),
            t.StructField("extra", t.StringType()),
        ]
    )
    with pytest.raises(SchemaError) as caught:
        require_schema(TABLE, found)
    assert str(caught.value) == (
        "silver.things: thing_id is bigint, expected string; place.x is int, expected bigint; "
        "place.y is missing; place.z is not expected; places[].x is int, expected bigint; "
        "places[].y is missing; places[].z is not expected; batch_id is missing; "
        "extra is not expected."
    )


def test_a_struct_is_no_array_of_it() -> None:
    found = t.StructType(
        [
            t.StructField("place", t.ArrayType(INNER)) if c.name == "place" else c
            for c in TABLE.columns
        ]
    )
    with pytest.raises(SchemaError, match=r"place is array<.*>, expected struct<"):
        require_schema(TABLE, found)


def test_what_a_table_says_of_its_columns() -> None:
    assert TABLE.full_name == "silver.things"
    assert TABLE.required == ("thing_id", "batch_id")
    assert TABLE.content_columns == ("thing_id", "place", "places")
    assert TABLE.struct["place"].metadata == {"comment": "Where"}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_table_keeps_its_own_promises(table: Table) -> None:
    names = [c.name for c in table.columns]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(table.required), "a key is never null"
    assert not set(table.key) & {"run_id", "recorded_at"}, "clocks are no part of identity"
    assert set(table.scope) <= set(names)
    assert set(table.content_columns) == set(names) - set(VOLATILE)
    assert table.comment
    assert all(c.metadata["comment"] for c in table.columns)
    require_schema(table, table.struct)
