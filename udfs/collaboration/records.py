"""One object that GitHub sent becomes a record: typed fields, the rest, and a version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from udfs.collaboration.derived import reduce
from udfs.collaboration.fields import WrongTypeError, kind_of_value, split
from udfs.collaboration.names import number_in, number_of_url, repository_of_url
from udfs.collaboration.strict_json import canonical, escaped

# Since 7 October 2025 the pull requests of GitHub's public events lack everything that a person
# wrote (github.blog/changelog/2025-08-08-upcoming-changes-to-github-events-api-payloads).
_WRITTEN: Final = ("title", "body", "state", "user", "created_at", "updated_at", "submitted_at")
_IDENTITY: Final = {
    "issue": "number",
    "pull": "number",
    "comment": "comment_id",
    "review": "review_id",
    "review_comment": "comment_id",
    "timeline_event": "event",
}
_LONGEST_DETAIL: Final = 200


@dataclass(frozen=True)
class Record:
    """One object, as one place in a line has it.

    Attributes:
        where: its place in the line, such as `payload.issue`; empty for the line itself.
        repository: `owner/name` in lower case.
        kind: a key of FIELDS, or `repository`.
        number: issue or pull that it belongs to.
        version: SHA-256 of everything it says.
        fields: typed fields by column.
        extra: canonical JSON of what the typed fields do not take; None if nothing is left.
        completeness: typed fields that the object held, null ones included.
        deleted: GitHub said that it was deleted.
        is_trimmed: its event left out what a person wrote: `extra` is all there is.
        seen_at: when the event that held it happened.
    """

    where: str
    repository: str
    kind: str
    number: int | None
    version: str
    fields: dict[str, Any] = field(default_factory=dict)
    extra: str | None = None
    completeness: int = 0
    deleted: bool = False
    is_trimmed: bool = False
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Fault:
    """One object that cannot be taken.

    Attributes:
        where: its place in the line; empty for the line itself.
        repository: `owner/name` in lower case, where that much can be read.
        reason: not_json, duplicate_key, too_deep, unknown_object, no_repository, no_identity or
            wrong_type.
        detail: what exactly, for people.
    """

    where: str
    repository: str | None
    reason: str
    detail: str


@dataclass(frozen=True)
class Found:
    """An object and what its surroundings say about it; attributes as those of `Record`."""

    where: str
    kind: str
    value: dict[str, Any]
    repository: str
    number: int | None = None
    deleted: bool = False
    seen_at: datetime | None = None


def digest(*parts: str) -> str:
    """SHA-256 over parts, each closed by a NUL."""
    return hashlib.sha256("".join(f"{part}\0" for part in parts).encode("utf-8")).hexdigest()


def fault(where: str, repository: str | None, reason: str, detail: str) -> Fault:
    """A fault whose detail is short and can be stored, whatever the object held."""
    return Fault(where, repository, reason, escaped(detail)[:_LONGEST_DETAIL])


def name_record(where: str, name: str, github_id: Any) -> Record | Fault:
    """What an object or event says about its repository: the name, and the id that stays."""
    if not isinstance(github_id, int) or isinstance(github_id, bool) or abs(github_id) >= 2**63:
        detail = f"id: expected an integer of 64 bits, found {kind_of_value(github_id)}"
        return fault(where, name, "wrong_type", detail)
    version = digest("repository", name, str(github_id))
    return Record(where, name, "repository", None, version, {"github_id": github_id})


def _event_id(fields: dict[str, Any], reduced: dict[str, Any], number: int | None) -> str:
    """A timeline event's own id; some have none, and are known by what happened when to what."""
    if fields["github_id"] is not None:
        return str(fields["github_id"])
    names = ("event", "created_at", "actor_login", "commit_id", "source_repository",
             "source_number", "label")  # fmt: skip
    said = [str(fields[name]) for name in names]
    if fields["created_at"] is None and fields["commit_id"] is None:
        said.append(canonical(reduced))
    return digest("event", str(number), *said)


def _worked_out(
    found: Found, fields: dict[str, Any], reduced: dict[str, Any], number: int | None
) -> dict[str, Any]:
    """Columns that are no single field of the object."""
    if found.kind == "issue":
        return {"is_pull": isinstance(found.value.get("pull_request"), dict)}
    if found.kind != "timeline_event":
        return {}
    source = found.value.get("source")
    issue = source.get("issue") if isinstance(source, dict) else None
    repository = repository_of_url(issue.get("repository_url")) if isinstance(issue, dict) else None
    told = {"source_repository": repository}
    return told | {"event_id": _event_id(fields | told, reduced, number)}


def _number_of(found: Found) -> int | None:
    if found.number is not None:
        return found.number
    issue = found.value.get("issue")
    if isinstance(issue, dict) and (number := number_in(issue)) is not None:
        return number
    urls = ("issue_url", "pull_request_url", "html_url", "url")
    if found.kind in ("issue", "pull"):
        urls = ("url", "html_url", "issue_url", "pull_request_url")
    return next((n for url in urls if (n := number_of_url(found.value.get(url))) is not None), None)


def object_record(found: Found) -> Record | Fault:
    """The record of an object, or why it is none: `wrong_type`, `no_identity`."""
    value = found.value
    if found.kind == "timeline_event" and "sha" in value and "commit_id" not in value:
        # A commit in a timeline stands under its git name.
        value = {("commit_id" if key == "sha" else key): item for key, item in value.items()}
    reduced = reduce(value)
    try:
        fields, rest, held = split(found.kind, reduced)
    except WrongTypeError as error:
        return fault(found.where, found.repository, "wrong_type", str(error))
    number = fields["number"] if fields.get("number") is not None else _number_of(found)
    if "number" in fields:
        fields["number"] = number
    text = canonical(reduced)
    is_trimmed = found.kind != "timeline_event" and not any(key in value for key in _WRITTEN)
    worked_out = _worked_out(found, fields, reduced, number)
    fields |= worked_out
    if fields[_IDENTITY[found.kind]] is None:
        name = "id" if _IDENTITY[found.kind].endswith("_id") else _IDENTITY[found.kind]
        return fault(found.where, found.repository, "no_identity", f"{found.kind} without {name}")
    about = (found.kind, str(number), str(found.deleted), *map(str, worked_out.values()))
    if is_trimmed:
        version = digest("trimmed", *about, str(found.seen_at), text)
        return Record(found.where, found.repository, found.kind, number, version,
                      extra=text, is_trimmed=True, seen_at=found.seen_at)  # fmt: skip
    return Record(
        where=found.where,
        repository=found.repository,
        kind=found.kind,
        number=number,
        version=digest(*about, text),
        fields=fields,
        extra=canonical(rest) if rest else None,
        completeness=held,
        deleted=found.deleted,
    )
