"""The functions of many texts as Arrow columns: an Arrow UDF for Spark over `parse_functions`."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

import pyarrow as pa
from pyspark.sql.pandas.functions import arrow_udf
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    IntegerType,
    StringType,
    StructField,
    StructType,
)

from udfs.ast.functions import Function, ParseResult, parse_functions_bytes

FUNCTION_TYPE: Final = StructType(
    [
        StructField("name", StringType(), False),
        StructField("qualified_name", StringType(), False),
        StructField("kind", StringType(), False),
        StructField("signature", StringType(), False),
        StructField("docstring", StringType(), True),
        StructField("parameters", ArrayType(StringType(), False), False),
        StructField("start_line", IntegerType(), False),
        StructField("end_line", IntegerType(), False),
        StructField("body_start_byte", IntegerType(), False),
        StructField("body_end_byte", IntegerType(), False),
        StructField("calls", ArrayType(StringType(), False), False),
        StructField("complexity", IntegerType(), False),
    ]
)

# What `functions_udf` returns for one row: the fields of `ParseResult`.
RESULT_TYPE: Final = StructType(
    [
        StructField("functions", ArrayType(FUNCTION_TYPE, False), False),
        StructField("has_errors", BooleanType(), False),
        StructField("error", StringType(), True),
    ]
)

_ARROW: Final[dict[str, pa.DataType]] = {
    "name": pa.string(),
    "qualified_name": pa.string(),
    "kind": pa.string(),
    "signature": pa.string(),
    "docstring": pa.string(),
    "parameters": pa.list_(pa.field("element", pa.string(), nullable=False)),
    "start_line": pa.int32(),
    "end_line": pa.int32(),
    "body_start_byte": pa.int32(),
    "body_end_byte": pa.int32(),
    "calls": pa.list_(pa.field("element", pa.string(), nullable=False)),
    "complexity": pa.int32(),
}


def functions_column(texts: pa.Array, languages: pa.Array) -> pa.StructArray:
    """Return one `ParseResult` a row as a struct array of type `RESULT_TYPE`.

    Args:
        texts: strings; a null text counts as empty.
        languages: names as in `SUPPORTED`, of the same length; a null is unsupported.
    """
    results = [
        parse_functions_bytes(source or b"", language or "")
        for source, language in zip(
            texts.cast(pa.binary()).to_pylist(), languages.to_pylist(), strict=True
        )
    ]
    return pa.StructArray.from_arrays(
        [
            _function_lists(results),
            pa.array([result.has_errors for result in results], pa.bool_()),
            pa.array([result.error for result in results], pa.string()),
        ],
        fields=[
            pa.field("functions", _list_type(), nullable=False),
            pa.field("has_errors", pa.bool_(), nullable=False),
            pa.field("error", pa.string()),
        ],
    )


def _struct_fields() -> list[pa.Field]:
    return [pa.field(name, kind, nullable=name == "docstring") for name, kind in _ARROW.items()]


def _list_type() -> pa.ListType:
    return pa.list_(pa.field("element", pa.struct(_struct_fields()), nullable=False))


def _function_lists(results: list[ParseResult]) -> pa.ListArray:
    """Build the nested column from flat ones: one pass a field, no object a row."""
    functions = [function for result in results for function in result.functions]
    columns = [
        pa.array([getattr(function, item.name) for function in functions], _ARROW[item.name])
        for item in fields(Function)
    ]
    offsets = [0]
    for result in results:
        offsets.append(offsets[-1] + len(result.functions))
    structs = pa.StructArray.from_arrays(columns, fields=_struct_fields())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs, type=_list_type())


def _columns(texts: pa.Array, languages: pa.Array) -> pa.Array:
    return functions_column(texts, languages)


# Use: df.withColumn("parsed", functions_udf("text", "language")).
functions_udf = arrow_udf(_columns, RESULT_TYPE)  # type: ignore[call-overload]
