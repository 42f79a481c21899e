"""A stored table and the code that opens it: what is added, and what is refused.

A table that an older version wrote is never misread. A nullable column that it lacks is added; any
other difference is an error that says which version wrote the table and how to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed

from pyspark.sql import types as t

from etl.errors import SchemaError
from etl.schemas.table import Table, differences

# Table properties. The first tells a change of meaning where the columns are the same.
VERSION_PROPERTY = "codesluice.version"
WRITER_PROPERTY = "codesluice.writer"
STATISTICS_PROPERTY = "delta.dataSkippingStatsColumns"
FEED_PROPERTY = "delta.enableChangeDataFeed"

WRITER = installed("codesluice")


def properties_of(table: Table) -> dict[str, str]:
    """The properties that a table is created with, or gets when it is migrated.

    Others may follow what the layers hold; what happened (ops) is for people to look up.
    """
    feed = {} if table.schema == "ops" else {FEED_PROPERTY: "true"}
    return {
        VERSION_PROPERTY: str(table.version),
        WRITER_PROPERTY: WRITER,
        STATISTICS_PROPERTY: ",".join(table.statistics),
        **feed,
    }


@dataclass(frozen=True)
class Migration:
    """What makes a stored table one of this version.

    Attributes:
        columns: columns to add, each with the name of the column before it (None: the first).
        properties: all its properties, where it lacks one or has another; else none.
    """

    columns: tuple[tuple[t.StructField, str | None], ...]
    properties: Mapping[str, str]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _nullability(table: Table, stored: Mapping[str, t.StructField]) -> list[str]:
    problems = []
    for field in table.columns:
        found = stored.get(field.name)
        if found is None and not field.nullable:
            problems.append(f"{field.name} is missing and must not be null")
        elif found is not None and found.nullable != field.nullable:
            says = {True: "may be null", False: "must not be null"}
            problems.append(f"{field.name} {says[found.nullable]}, expected {says[field.nullable]}")
    return problems


def migration(table: Table, stored: t.StructType, properties: Mapping[str, str]) -> Migration:
    """What a stored table needs to become one of this version.

    Args:
        table: as this version promises it.
        stored: its columns as they are.
        properties: its table properties.

    Raises:
        SchemaError: it differs by more than nullable columns that it lacks.
    """
    found = {field.name: field for field in stored.fields}
    version = int(properties.get(VERSION_PROPERTY, "1"))
    writer = properties.get(WRITER_PROPERTY, "0.1.0")  # the last version that did not say
    added = tuple(
        (field, table.columns[place - 1].name if place else None)
        for place, field in enumerate(table.columns)
        if field.name not in found and field.nullable
    )
    ignored = {f"{field.name} is missing" for field in table.columns if field.name not in found}
    problems = [x for x in differences(table.struct, stored, "") if x not in ignored]
    problems += _nullability(table, found)
    if version != table.version:
        problems.append(f"its rows have the meaning of version {version}, not {table.version}")
    if problems:
        newer = _number(writer) > _number(WRITER) or version > table.version
        raise SchemaError(
            f"{table.full_name} was written by {'a newer' if newer else 'another'} version of "
            f"Codesluice ({writer}; this is {WRITER}) and cannot be used: {'; '.join(problems)}. "
            + (
                f"Install Codesluice {writer} or newer, or name another home: --home."
                if newer
                else "Only nullable columns can be added to what is there. Go on in a new home "
                f"(--home), or open this one with Codesluice {writer}."
            )
        )
    wanted = properties_of(table)
    is_current = not added and all(
        properties.get(name) == value for name, value in wanted.items() if name != WRITER_PROPERTY
    )
    return Migration(added, {} if is_current else wanted)
