"""What a stored table needs to become one of this version, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import types as t

from etl.errors import SchemaError
from etl.schemas.evolution import (
    FEED_PROPERTY,
    VERSION_PROPERTY,
    WRITER,
    WRITER_PROPERTY,
    migration,
    properties_of,
)
from etl.schemas.table import Table, column

STRING = t.StringType()
NOTES = Table(
    "silver",
    "notes",
    "One note",
    ("note_id",),
    (
        column("title", STRING, "What stands above it"),
        column("note_id", STRING, "Key", nullable=False),
        column("text", STRING, "What it says"),
        column("marks", t.StructType([t.StructField("clarity", t.DoubleType())]), "Its marks"),
    ),
)
MARKED = properties_of(NOTES) | {WRITER_PROPERTY: "0.1.0"}


def without(*names: str) -> t.StructType:
    return t.StructType([c for c in NOTES.columns if c.name not in names])


def test_a_table_of_this_version_needs_nothing() -> None:
    found = migration(NOTES, NOTES.struct, MARKED)
    assert (found.columns, found.properties) == ((), {})


@pytest.mark.parametrize("lacking", [MARKED, {VERSION_PROPERTY}, {FEED_PROPERTY}])
def test_a_table_that_lacks_a_property_gets_them_all(lacking: set[str]) -> None:
    stored = {name: value for name, value in MARKED.items() if name not in lacking}
    assert migration(NOTES, NOTES.struct, stored).properties == properties_of(NOTES)


def test_what_happened_is_not_followed() -> None:
    assert properties_of(NOTES)[FEED_PROPERTY] == "true"
    assert FEED_PROPERTY not in properties_of(replace(NOTES, schema="ops"))


def test_nullable_columns_that_are_missing_are_added_at_their_place() -> None:
    found = migration(NOTES, without("title", "text"), MARKED)
    assert [(c.name, before) for c, before in found.columns] == [
        ("title", None),
        ("text", "note_id"),
    ]


def changed(name: str, kind: t.DataType, *, nullable: bool = True) -> t.StructType:
    return t.StructType(
        [t.StructField(name, kind, nullable) if c.name == name else c for c in NOTES.columns]
    )


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (changed("text", t.LongType()), "text is bigint, expected string"),
        (without("text").add("body", STRING), "body is not expected"),
        (without("note_id"), "note_id is missing and must not be null"),
        (changed("note_id", STRING), "note_id may be null, expected must not be null"),
        (changed("marks", t.StructType([])), "marks.clarity is missing"),
    ],
    ids=["type", "renamed", "required", "nullability", "nested"],
)
def test_any_other_difference_is_refused_with_the_way_on(stored: t.StructType, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        migration(NOTES, stored, MARKED)
    message = str(caught.value)
    for part in ("silver.notes", "another version of Codesluice (0.1.0", words, "--home"):
        assert part in message


def test_rows_that_mean_something_else_are_refused() -> None:
    with pytest.raises(SchemaError, match="meaning of version 1, not 2"):
        migration(replace(NOTES, version=2), NOTES.struct, MARKED)


@pytest.mark.parametrize(
    "properties",
    [{**MARKED, VERSION_PROPERTY: "2"}, {**MARKED, WRITER_PROPERTY: "9.1.0"}],
    ids=["meaning", "columns"],
)
def test_a_newer_writer_is_told_from_an_older_one(properties: dict[str, str]) -> None:
    stored = t.StructType([*NOTES.columns, t.StructField("mood", STRING)])
    with pytest.raises(SchemaError) as caught:
        migration(NOTES, stored, properties)
    message = str(caught.value)
    assert "was written by a newer version" in message
    assert f"this is {WRITER}" in message
    assert f"Install Codesluice {properties[WRITER_PROPERTY]} or newer" in message
