"""Typed fields and the rest give the object back; a wrong type is named with its path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collaboration import (
    comment,
    cross_reference,
    issue,
    pull,
    review,
    review_comment,
)
from udfs.collaboration.derived import reduce
from udfs.collaboration.fields import FIELDS, Field, WrongTypeError, split, time_of
from udfs.collaboration.strict_json import escaped

OBJECTS: Mapping[str, dict[str, Any]] = {
    "issue": issue(4),
    "pull": pull(4),
    "comment": comment(9, 4),
    "review": review(9, 4),
    "review_comment": review_comment(9, 4),
    "timeline_event": cross_reference(issue(5)),
}
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda when: when.replace(microsecond=0)
)
texts = st.text(max_size=20)
labels = st.fixed_dictionaries({"name": texts}, optional={"color": texts, "id": st.integers()})
GOOD: Mapping[str, st.SearchStrategy[Any]] = {
    "text": texts,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "time": times.map(lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ")),
    "names": st.lists(labels, max_size=3),
}
# Keys that no typed field has, such as GitHub may add any day.
unknown = st.dictionaries(
    st.text("xyz", min_size=1, max_size=3),
    st.none() | texts | st.integers() | st.dictionaries(texts, texts, max_size=2),
    max_size=4,
)


@st.composite
def objects(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Any object of a kind: typed fields present, null or absent, and unknown ones beside them."""
    made: dict[str, Any] = draw(unknown)
    for field in FIELDS[kind]:
        if draw(st.booleans()):
            holder = made
            for key in field.path[:-1]:
                holder = holder.setdefault(key, draw(unknown))
            holder[field.path[-1]] = draw(st.none() | GOOD[field.type])
    return made


def put(holder: dict[str, Any], field: Field, value: Any) -> None:
    """Undo the taking of one field."""
    for key in field.path[:-1]:
        holder = holder.setdefault(key, {})
    last = field.path[-1]
    if field.type == "time":
        value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if field.type == "names":
        rests = holder.get(last) or [{} for _ in value]
        value = [rest | {"name": name} for rest, name in zip(rests, value, strict=True)]
    holder[last] = value


def without_nulls(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """An object without typed fields that are null, which tables do not tell from absent ones."""
    for field in FIELDS[kind]:
        above: list[tuple[dict[str, Any], str]] = []
        place: Any = value
        for key in field.path:
            if not isinstance(place, dict) or key not in place:
                break
            above.append((place, key))
            place = place[key]
        else:
            while place in (None, {}) and above:
                holder, key = above.pop()
                del holder[key]
                place = holder
    return value


@pytest.mark.parametrize("kind", FIELDS)
@settings(max_examples=60)
@given(data=st.data())
def test_typed_fields_and_the_rest_give_the_object_back(kind: str, data: st.DataObject) -> None:
    made = data.draw(objects(kind))
    fields, rest, held = split(kind, made)
    assert fields.keys() == {field.column for field in FIELDS[kind]}
    assert held >= sum(value is not None for value in fields.values())
    for field in FIELDS[kind]:
        if fields[field.column] is not None:
            put(rest, field, fields[field.column])
    assert without_nulls(kind, rest) == without_nulls(kind, made)


@pytest.mark.parametrize("kind", FIELDS)
def test_what_github_sends_fills_the_typed_fields(kind: str) -> None:
    fields, rest, held = split(kind, reduce(OBJECTS[kind]))
    assert held >= len(FIELDS[kind]) - 9
    assert not rest.keys() & {"title", "body", "user", "state", "number", "diff_hunk"}
    assert fields.get("body") == OBJECTS[kind].get("body")


WRONG = [
    ("issue", {"number": "4"}, "number: expected an integer of 64 bits, found string"),
    ("issue", {"number": True}, "number: expected an integer of 64 bits, found boolean"),
    ("issue", {"number": 2**63}, "number: expected an integer of 64 bits, found more"),
    ("issue", {"title": ["x"]}, "title: expected a string, found array"),
    ("issue", {"user": "grace"}, "user: expected an object, found string"),
    ("issue", {"user": {"login": 4}}, "user.login: expected a string, found integer"),
    ("issue", {"labels": {}}, "labels: expected an array of objects with a name, found object"),
    ("issue", {"labels": [{"name": "a"}, {"id": 1}]}, "labels[1].name: expected a string"),
    ("issue", {"closed_at": "yesterday"}, "closed_at: expected a time such as"),
    ("issue", {"closed_at": "2024-05-01T10:00:00"}, "closed_at: expected a time such as"),
    ("pull", {"draft": "no"}, "draft: expected true or false, found string"),
    ("pull", {"head": {"repo": 3}}, "head.repo: expected an object, found integer"),
    ("review_comment", {"line": 1.5}, "line: expected an integer of 64 bits, found number"),
    ("timeline_event", {"source": {"issue": []}}, "source.issue: expected an object, found array"),
]


@pytest.mark.parametrize(("kind", "changes", "told"), WRONG, ids=lambda x: str(x)[:40])
def test_a_wrong_type_is_named(kind: str, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongTypeError) as raised:
        split(kind, OBJECTS[kind] | changes)
    assert told in str(raised.value)


def test_old_labels_without_anything_but_a_name_are_read() -> None:
    fields, rest, _ = split("issue", {"labels": ["bug", "ui"]})
    assert (fields["labels"], rest) == (["bug", "ui"], {})


def test_a_deleted_fork_and_a_ghost_are_null() -> None:
    head = {"ref": "fix", "sha": "a", "repo": None}
    fields, rest, _ = split("pull", {"user": None, "head": head})
    assert (fields["user_login"], fields["head_repository"], fields["head_ref"]) == (
        None,
        None,
        "fix",
    )
    assert rest == {"user": None, "head": {"repo": None}}


def test_texts_can_be_stored_whatever_they_hold() -> None:
    fields, _, _ = split("issue", {"title": "half \ud83d", "body": "a\0b"})
    assert (fields["title"], fields["body"]) == (escaped("half \ud83d"), "a\0b")


def test_times_are_points_in_time() -> None:
    assert time_of("2024-05-01T12:00:00+02:00") == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert time_of("0001-01-01T00:00:00+14:00") is None
