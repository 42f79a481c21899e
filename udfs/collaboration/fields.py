"""The typed fields of each kind of object, and what is left of an object without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from udfs.collaboration.strict_json import escaped

Type = Literal["text", "integer", "boolean", "time", "names"]
_SAID: Final = {
    "text": "a string",
    "integer": "an integer of 64 bits",
    "boolean": "true or false",
    "time": "a time such as 2024-01-31T12:00:00Z",
    "names": "an array of objects with a name",
}


@dataclass(frozen=True)
class Field:
    """One typed field.

    Attributes:
        column: where its value goes.
        path: keys that lead to it.
        type: what it must be; null and absent are allowed.
    """

    column: str
    path: tuple[str, ...]
    type: Type = "text"


class WrongTypeError(ValueError):
    """A field holds what it cannot be; the message names the path, the expected and the found."""


def _all(type_: Type, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, (name,), type_) for name in names)


def _person(role: str) -> tuple[Field, ...]:
    return (
        Field(f"{role}_login", (role, "login")),
        Field(f"{role}_id", (role, "id"), "integer"),
        Field(f"{role}_type", (role, "type")),
    )


def _end(role: str) -> tuple[Field, ...]:
    return (
        Field(f"{role}_ref", (role, "ref")),
        Field(f"{role}_sha", (role, "sha")),
        Field(f"{role}_repository", (role, "repo", "full_name")),
    )


_WRITTEN: Final = (
    *_person("user"),
    *_all("text", "author_association", "body", "html_url"),
    *_all("time", "created_at", "updated_at"),
)
_ASKED: Final = (
    Field("github_id", ("id",), "integer"),
    Field("number", ("number",), "integer"),
    *_all("text", "title", "state"),
    *_WRITTEN,
    *_all("time", "closed_at"),
    Field("labels", ("labels",), "names"),
    *_all("boolean", "locked"),
)

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "issue": (*_ASKED, *_all("text", "state_reason")),
    "pull": (
        *_ASKED,
        *_all("boolean", "draft", "merged"),
        *_all("time", "merged_at"),
        *_all("text", "merge_commit_sha"),
        *_end("head"),
        *_end("base"),
    ),
    "comment": (Field("comment_id", ("id",), "integer"), *_WRITTEN),
    "review": (
        Field("review_id", ("id",), "integer"),
        *_person("user"),
        *_all("text", "author_association", "body", "html_url", "state", "commit_id"),
        *_all("time", "submitted_at"),
    ),
    "review_comment": (
        Field("comment_id", ("id",), "integer"),
        *_WRITTEN,
        *_all("text", "diff_hunk", "path", "commit_id", "original_commit_id"),
        *_all("text", "side", "start_side"),
        *_all("integer", "position", "original_position", "line", "original_line"),
        *_all("integer", "start_line", "original_start_line"),
        *_all("integer", "in_reply_to_id", "pull_request_review_id"),
    ),
    "timeline_event": (
        Field("github_id", ("id",), "integer"),
        *_all("text", "event", "commit_id"),
        *_person("actor"),
        *_all("time", "created_at"),
        Field("label", ("label", "name")),
        Field("rename_from", ("rename", "from")),
        Field("rename_to", ("rename", "to")),
        Field("source_number", ("source", "issue", "number"), "integer"),
    ),
}
"""Typed fields by kind; columns that are worked out of several fields stand in `records`."""


def kind_of_value(value: Any) -> str:
    """What JSON calls the type of a value."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer"}
    return "null" if value is None else names.get(type(value), "number")


def time_of(text: str) -> datetime | None:
    """A point in time, or None where the text says none or one outside the years 1 to 9999."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _name(field: Field, index: int, item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else item
    if isinstance(name, str):
        return escaped(name)
    path = f"{'.'.join(field.path)}[{index}].name"
    raise WrongTypeError(f"{path}: expected a string, found {kind_of_value(name)}")


def _typed(field: Field, value: Any) -> Any:
    wanted = field.type
    if wanted == "text" and isinstance(value, str):
        return escaped(value)
    if wanted == "boolean" and isinstance(value, bool):
        return value
    if wanted == "integer" and isinstance(value, int) and not isinstance(value, bool):
        if -(2**63) <= value < 2**63:
            return value
        raise WrongTypeError(f"{'.'.join(field.path)}: expected {_SAID[wanted]}, found more")
    if wanted == "time" and isinstance(value, str):
        if (found := time_of(value)) is not None:
            return found
        raise WrongTypeError(
            f"{'.'.join(field.path)}: expected {_SAID[wanted]}, found {escaped(value)[:40]!r}"
        )
    if wanted == "names" and isinstance(value, list):
        return [_name(field, index, item) for index, item in enumerate(value)]
    raise WrongTypeError(
        f"{'.'.join(field.path)}: expected {_SAID[wanted]}, found {kind_of_value(value)}"
    )


def _without_names(values: list[Any]) -> list[Any] | None:
    rests = [
        {key: item for key, item in value.items() if key != "name"}
        if isinstance(value, dict)
        else None
        for value in values
    ]
    return rests if any(rests) else None


def _take(field: Field, holder: dict[str, Any]) -> tuple[bool, Any]:
    """Move one field out of a copy of an object: whether it was there, and its value."""
    steps: list[tuple[dict[str, Any], str]] = []
    place: Any = holder
    for depth, key in enumerate(field.path):
        if place is None:
            return False, None
        if not isinstance(place, dict):
            path = ".".join(field.path[:depth])
            raise WrongTypeError(f"{path}: expected an object, found {kind_of_value(place)}")
        if key not in place:
            return False, None
        steps.append((place, key))
        place = place[key]
    value = None if place is None else _typed(field, place)
    above, last = steps.pop()
    rest = _without_names(place) if field.type == "names" and place is not None else None
    if rest is not None:
        above[last] = rest
        return True, value
    del above[last]
    while steps and not above:  # what held this field alone goes with it
        above, last = steps.pop()
        del above[last]
    return True, value


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def split(kind: str, reduced: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The typed fields of an object, the rest of it, and how many typed fields it held.

    Args:
        kind: a key of FIELDS.
        reduced: the object, from `reduce`.

    Raises:
        WrongTypeError: a typed field holds another type.
    """
    rest = _copy(dict(reduced))
    fields: dict[str, Any] = {}
    held = 0
    for field in FIELDS[kind]:
        there, fields[field.column] = _take(field, rest)
        held += there
    return fields, rest, held
