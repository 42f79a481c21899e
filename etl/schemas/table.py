"""What a table is: its columns with comments, its key, and which columns are outside comparison."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import types as t

from etl.errors import SchemaError

# Who wrote a row and when says nothing about what the row is: these columns never enter a
# checksum or the comparison of two runs.
VOLATILE = ("batch_id", "run_id", "recorded_at")

# Columns that hold identifiers. Delta keeps the least and greatest value of these alone: they are
# what files are pruned by, and its log must not keep text that was removed from the rows.
_ID_SUFFIXES = ("_id", "_oid", "_version")
_ID_NAMES = ("task", "kind", "artifact")


def column(name: str, kind: t.DataType, comment: str, *, nullable: bool = True) -> t.StructField:
    """One column with its comment, which Delta keeps beside the column."""
    return t.StructField(name, kind, nullable, {"comment": comment})


@dataclass(frozen=True)
class Table:
    """A Delta table of the warehouse.

    Attributes:
        schema: the layer (`bronze`, `silver`, `gold`, `ops`), which is the catalog schema.
        name: the table's name in it.
        comment: what one row is.
        key: the columns whose values identify a row.
        columns: all columns in order.
        scope: the columns that say which slice of the table a batch replaces.
        append_only: rows are only ever added: their key holds the version of their content.
        version: raised by hand when the same columns come to mean something else.
    """

    schema: str
    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[t.StructField, ...]
    scope: tuple[str, ...] = ("repo_id", "batch_id")
    append_only: bool = False
    version: int = 1

    @property
    def full_name(self) -> str:
        """`schema.name`, as a query writes it."""
        return f"{self.schema}.{self.name}"

    @property
    def struct(self) -> t.StructType:
        """The Spark schema, comments included."""
        return t.StructType(list(self.columns))

    @property
    def content_columns(self) -> tuple[str, ...]:
        """The columns that make up a row's content, in order."""
        return tuple(c.name for c in self.columns if c.name not in VOLATILE)

    @property
    def statistics(self) -> tuple[str, ...]:
        """The columns whose least and greatest values Delta keeps per file."""
        return tuple(
            c.name
            for c in self.columns
            if isinstance(c.dataType, t.StringType)
            and (c.name.endswith(_ID_SUFFIXES) or c.name in _ID_NAMES)
        )

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that are never null."""
        return tuple(c.name for c in self.columns if not c.nullable)


def differences(expected: t.DataType, found: t.DataType, where: str) -> list[str]:
    """Every difference between two types, recursively; nullability is checked on rows instead."""
    if isinstance(expected, t.StructType) and isinstance(found, t.StructType):
        problems = []
        have = {field.name: field for field in found.fields}
        for field in expected.fields:
            path = f"{where}.{field.name}" if where else field.name
            if field.name not in have:
                problems.append(f"{path} is missing")
            else:
                problems += differences(field.dataType, have[field.name].dataType, path)
        known = {field.name for field in expected.fields}
        problems += [
            f"{where}.{name}".lstrip(".") + " is not expected" for name in have if name not in known
        ]
        return problems
    if isinstance(expected, t.ArrayType) and isinstance(found, t.ArrayType):
        return differences(expected.elementType, found.elementType, f"{where}[]")
    if expected.simpleString() != found.simpleString():
        return [f"{where} is {found.simpleString()}, expected {expected.simpleString()}"]
    return []


def require_schema(table: Table, found: t.StructType) -> None:
    """Raise SchemaError listing every column that differs from what `table` promises."""
    problems = differences(table.struct, found, "")
    if problems:
        raise SchemaError(f"{table.full_name}: {'; '.join(problems)}.")
