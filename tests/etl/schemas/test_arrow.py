"""Spark's types become those of Arrow in which Spark takes rows back."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema


def test_times_are_utc_and_required_columns_stay_required() -> None:
    struct = t.StructType(
        [
            t.StructField("at", t.TimestampType()),
            t.StructField("names", t.ArrayType(t.StringType(), False), False),
        ]
    )
    found = to_arrow_schema(struct)
    assert found.field("at").type == pa.timestamp("us", tz="UTC")
    assert found.field("names").type.value_type == pa.string()
    assert [field.nullable for field in found] == [True, False]
