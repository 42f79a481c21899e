"""One line of a file becomes the objects in it: REST objects, webhook payloads, archive events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from udfs.collaboration.fields import FIELDS, kind_of_value, time_of
from udfs.collaboration.names import number_in, plain_name, repository_of_url
from udfs.collaboration.records import Fault, Found, Record, fault, name_record, object_record
from udfs.collaboration.strict_json import UnreadableError, parse_json

Item = Record | Fault

_ROLES: Final = ("issue", "pull_request", "review", "comment")


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _kind(value: dict[str, Any]) -> str | None:
    """The kind of a REST object that stands alone."""
    own = str(value.get("url"))
    if isinstance(value.get("event"), str) and "number" not in value:
        return "timeline_event"
    if "diff_hunk" in value or "pull_request_review_id" in value or "/pulls/comments/" in own:
        return "review_comment"
    if isinstance(value.get("head"), dict) and isinstance(value.get("base"), dict):
        return "pull"
    if "pull_request_url" in value and "id" in value:
        return "review"
    if "issue_url" in value or "/issues/comments/" in own:
        return "comment" if "number" not in value else None
    if "number" in value and ("repository_url" in value or "/issues/" in own or "title" in value):
        return "issue"
    if "full_name" in value and ("owner" in value or "default_branch" in value):
        return "repository"
    return None


def _repository_of(value: dict[str, Any]) -> str | None:
    base = value.get("base")
    repo = base.get("repo") if isinstance(base, dict) else None
    told = plain_name(repo.get("full_name")) if isinstance(repo, dict) else None
    urls = ("repository_url", "url", "html_url", "issue_url", "pull_request_url")
    return next((n for url in urls if (n := repository_of_url(value.get(url)))), told)


def _alone(value: dict[str, Any], where: str) -> Iterator[Item]:
    kind = _kind(value)
    if kind is None:
        keys = ", ".join(sorted(value)[:8])
        yield fault(where, _repository_of(value), "unknown_object", f"an object with {keys}")
        return
    name = plain_name(value["full_name"]) if kind == "repository" else _repository_of(value)
    if name is None:
        yield fault(where, None, "no_repository", f"no address at github.com in this {kind}")
    elif kind == "repository":
        yield name_record(where, name, value.get("id"))
    else:
        yield object_record(Found(where, kind, value, name))
        yield from _base(value, where, name)


def _base(value: dict[str, Any], where: str, name: str) -> Iterator[Item]:
    """The repository that a pull asks to be taken into, which tells its id."""
    base = value.get("base")
    repo = base.get("repo") if isinstance(base, dict) else None
    if isinstance(repo, dict) and plain_name(repo.get("full_name")) == name and "id" in repo:
        yield name_record(_joined(where, "base.repo"), name, repo["id"])


def _landed(value: dict[str, Any], where: str) -> Iterator[Item]:
    name, kind, inner = plain_name(value["repository"]), value["kind"], value["object"]
    inside, number = _joined(where, "object"), number_in(value)
    if name is None:
        yield fault(where, None, "no_repository", "`repository` is no owner/name")
    elif not isinstance(inner, dict):
        detail = f"object: expected an object, found {kind_of_value(inner)}"
        yield fault(where, name, "wrong_type", detail)
    elif kind == "repository":
        # GitHub follows a renaming: what was asked for and what answers may differ in name.
        now = plain_name(inner.get("full_name")) or name
        yield name_record(inside, now, inner.get("id"))
        if now != name:
            yield name_record(_joined(where, "repository"), name, inner.get("id"))
    elif not isinstance(kind, str) or kind not in FIELDS:
        yield fault(where, name, "unknown_object", f"kind {str(kind)[:80]}")
    elif value.get("number") is not None and number is None:
        found = kind_of_value(value["number"])
        yield fault(where, name, "wrong_type", f"number: expected a number, found {found}")
    else:
        yield object_record(Found(inside, kind, inner, name, number))
        yield from _base(inner, inside, name)


def _in_payload(
    payload: dict[str, Any], where: str, name: str, seen_at: datetime | None
) -> Iterator[Item]:
    """The objects of a webhook payload or of an event's payload."""
    roles = [role for role in _ROLES if isinstance(payload.get(role), dict)]
    above = [payload[role] for role in ("pull_request", "issue") if role in roles]
    number = number_in(above[0]) if above else None
    kinds = {"issue": "issue", "pull_request": "pull", "review": "review"}
    kinds["comment"] = "review_comment" if "pull_request" in roles else "comment"
    is_about = next((r for r in ("comment", "review", "pull_request", "issue") if r in roles), None)
    is_deletion = payload.get("action") == "deleted"
    for role in roles:
        if role == "comment" and len(roles) == 1:
            detail = "a comment on a commit, not on an issue or pull"
            yield fault(_joined(where, role), name, "unknown_object", detail)
            continue
        yield object_record(
            Found(
                where=_joined(where, role),
                kind=kinds[role],
                value=payload[role],
                repository=name,
                number=number,
                deleted=is_deletion and role == is_about,
                seen_at=seen_at,
            )
        )
    # Pushes bring commits, which come from git.
    if not roles and not ("ref" in payload and ("commits" in payload or "head" in payload)):
        keys = ", ".join(sorted(payload)[:8])
        yield fault(where, name, "unknown_object", f"a payload with {keys}")


def _in_webhook(value: dict[str, Any], where: str) -> Iterator[Item]:
    repository = value["repository"]
    name = plain_name(repository.get("full_name"))
    if name is None:
        yield fault(where, None, "no_repository", "`repository.full_name` is no owner/name")
        return
    yield name_record(_joined(where, "repository"), name, repository.get("id"))
    yield from _in_payload(value, where, name, None)


def _in_event(value: dict[str, Any], where: str) -> Iterator[Item]:
    repo, at = value["repo"], value.get("created_at")
    name = plain_name(repo.get("name"))
    if name is None:
        yield fault(where, None, "no_repository", "`repo.name` is no owner/name")
        return
    yield name_record(_joined(where, "repo"), name, repo.get("id"))
    seen_at = time_of(at) if isinstance(at, str) else None
    yield from _in_payload(value["payload"], _joined(where, "payload"), name, seen_at)


def _in_value(value: Any, where: str) -> Iterator[Item]:
    if isinstance(value, list) and not where:  # a page of REST objects
        for index, item in enumerate(value):
            yield from _in_value(item, f"[{index}]")
    elif not isinstance(value, dict):
        yield fault(where, None, "unknown_object", f"not an object but {kind_of_value(value)}")
    elif isinstance(value.get("repository"), str) and {"kind", "object"} <= value.keys():
        yield from _landed(value, where)
    elif isinstance(value.get("payload"), dict) and isinstance(value.get("repo"), dict):
        yield from _in_event(value, where)
    elif isinstance(value.get("repository"), dict) and {"action", "sender"} & value.keys():
        yield from _in_webhook(value, where)
    else:
        yield from _alone(value, where)


def read_records(data: bytes, max_depth: int) -> list[Item]:
    """Every object in one line (or one document), each as a record or with what is wrong.

    A line is an object as GitHub's REST API sends it or an array of such, a webhook payload, an
    event of GH Archive, or an object that was fetched with its repository and kind around it.

    Args:
        data: the line, UTF-8.
        max_depth: most levels of nesting.
    """
    try:
        value = parse_json(data, max_depth)
    except UnreadableError as error:
        return [fault("", None, error.reason, error.detail)]
    return list(_in_value(value, ""))
