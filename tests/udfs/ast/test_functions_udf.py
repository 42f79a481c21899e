"""The Arrow form of `parse_functions`, alone and inside Spark."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from udfs.ast import ParseResult, parse_functions
from udfs.ast.functions_udf import RESULT_TYPE, functions_column, functions_udf

TEXTS: list[tuple[str | None, str | None]] = [
    ("def f(a, b):\n    'Doc.'\n    return g(a)\n\nclass A:\n    def m(self): pass\n", "python"),
    ("const x = (é) => é && log(é);", "javascript"),
    ("", "go"),
    ("int f( {", "c"),
    ("x", "cobol"),
    (None, "python"),
    ("x", None),
]


def _plain(result: ParseResult) -> dict[str, Any]:
    functions = [
        {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(item).items()}
        for item in result.functions
    ]
    return {"functions": functions, "has_errors": result.has_errors, "error": result.error}


def _expected() -> list[dict[str, Any]]:
    return [_plain(parse_functions(text or "", language or "")) for text, language in TEXTS]


def test_arrow_column_equals_the_pure_function() -> None:
    texts = pa.array([text for text, _ in TEXTS], pa.string())
    languages = pa.array([language for _, language in TEXTS], pa.string())
    column = functions_column(texts, languages)
    column.validate(full=True)
    assert column.to_pylist() == _expected()
    assert functions_column(texts[:0], languages[:0]).to_pylist() == []


def test_inside_spark(spark: SparkSession) -> None:
    rows = [(number, text, language) for number, (text, language) in enumerate(TEXTS)]
    frame = spark.createDataFrame(rows, "number int, text string, language string")
    parsed = frame.select("number", functions_udf("text", "language").alias("parsed"))
    kind = parsed.schema["parsed"].dataType
    assert isinstance(kind, StructType)
    assert kind.fieldNames() == RESULT_TYPE.fieldNames()
    found = [row["parsed"].asDict(recursive=True) for row in parsed.orderBy("number").collect()]
    assert found == _expected()
