"""Arrow wrapper: the texts of files, batch by batch."""

from __future__ import annotations

from typing import Final

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import types as t
from pyspark.sql.pandas.functions import pandas_udf

from udfs.texts import Text, read_text

TEXT: Final = t.StructType(
    [
        t.StructField("is_binary", t.BooleanType()),
        t.StructField("text", t.StringType()),
        t.StructField("encoding", t.StringType()),
        t.StructField("odd_characters", t.ArrayType(t.StringType())),
    ]
)


def read_texts(contents: pd.Series) -> pd.DataFrame:
    """The columns of `TEXT` for the bytes of some files; all null for a null."""
    nothing = (None,) * len(Text._fields)
    found = [nothing if data is None else read_text(bytes(data)) for data in contents]
    return pd.DataFrame(found, columns=list(Text._fields))


def text_of(content: Column) -> Column:
    """A column with the fields of `TEXT` for a column of bytes."""
    # Made when it is called: what it is depends on whether the session is a remote one.
    column: Column = pandas_udf(read_texts, TEXT)(content)  # type: ignore[call-overload]
    return column
