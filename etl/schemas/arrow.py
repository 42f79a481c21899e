"""Spark's types as Arrow's, on each Spark that is supported."""

from __future__ import annotations

from inspect import signature

import pyarrow as pa
from pyspark.sql import types as t
from pyspark.sql.pandas import types as pandas_types

# Times are UTC; as of Spark 4.2 that has to be said.
_ZONE = "timezone" in signature(pandas_types.to_arrow_schema).parameters


def to_arrow_schema(struct: t.StructType) -> pa.Schema:
    """The schema of the batches that a function of rows of this type yields."""
    given = {"timezone": "UTC"} if _ZONE else {}
    return pandas_types.to_arrow_schema(struct, **given)  # type: ignore[arg-type]
