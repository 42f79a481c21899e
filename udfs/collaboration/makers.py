"""Who made an object of GitHub: wrote it, did it, or wrote what it quotes as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from udfs.authors import email_digests, login_digest
from udfs.collaboration.records import Record

_LOGINS = ("user", "actor", "author", "committer")
_EMAILS = ("author", "committer")


def _people(value: dict[str, Any]) -> Iterator[str]:
    for role in _LOGINS:
        person = value.get(role)
        if isinstance(person, dict) and isinstance(login := person.get("login"), str):
            yield login_digest(login)
    for role in _EMAILS:
        person = value.get(role)
        if isinstance(person, dict) and isinstance(email := person.get("email"), str):
            yield from email_digests(email)


def makers(login: str | None, extra: str | None) -> set[str]:
    """Digests of the people who made an object.

    A timeline holds commits with the addresses of who made them, comments on lines, and the issue
    that a reference comes from. Who is only mentioned (an assignee, who merged) made nothing here.

    Args:
        login: login of the object's user or actor; None for a ghost.
        extra: its other fields, JSON; None if there are none.
    """
    found = {login_digest(login)} if login else set()
    rest = json.loads(extra) if extra else None
    if not isinstance(rest, dict):
        return found
    source, comments = rest.get("source"), rest.get("comments")
    quoted = [source.get("issue")] if isinstance(source, dict) else []
    quoted += comments if isinstance(comments, list) else []
    for value in (rest, *quoted):
        if isinstance(value, dict):
            found.update(_people(value))
    return found


def record_makers(record: Record) -> set[str]:
    """Digests of the people who made an object that was read."""
    login = record.fields.get("user_login") or record.fields.get("actor_login")
    return makers(login, record.extra)
