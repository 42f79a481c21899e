"""Who made an object, told from who is only mentioned in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collaboration import (
    comment,
    cross_reference,
    encoded,
    issue,
    landed,
    person,
    pull,
    review,
    review_comment,
)
from udfs.authors import author_digest, login_digest
from udfs.collaboration import Record, read_records
from udfs.collaboration.makers import makers, record_makers

EVE = person("Eve")
SIGNED = {"name": "Eve", "email": "Eve@tally.example", "date": "2024-05-01T10:00:00Z"}
BY_BOTH = {login_digest("eve"), login_digest("grace")}


def made_by(kind: str, value: dict[str, Any]) -> set[str]:
    (record,) = [
        item
        for item in read_records(encoded(landed(kind, value, 1)), 64)
        if isinstance(item, Record) and item.kind == kind
    ]
    return record_makers(record)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("issue", issue(1, user=EVE)),
        ("pull", pull(1, user=EVE)),
        ("comment", comment(2, 1, user=EVE)),
        ("review", review(3, 1, user=EVE)),
        ("review_comment", review_comment(4, 1, user=EVE)),
        ("timeline_event", {"event": "labeled", "id": 5, "actor": EVE}),
        ("timeline_event", {"event": "reviewed", "id": 6, "user": EVE, "body": "Good."}),
        ("timeline_event", {"event": "line-commented", "id": 7, "comments": [{"user": EVE}]}),
    ],
)
def test_who_wrote_it_made_it(kind: str, value: dict[str, Any]) -> None:
    assert made_by(kind, value) == {login_digest("EVE")}


def test_a_commit_in_a_timeline_is_signed_by_address() -> None:
    commit = {"event": "committed", "sha": "a" * 40, "author": SIGNED, "committer": SIGNED}
    assert made_by("timeline_event", commit) == {author_digest("eve@tally.example")}


def test_a_reference_shows_the_whole_issue_that_it_comes_from() -> None:
    assert made_by("timeline_event", cross_reference(issue(2, user=EVE))) == BY_BOTH


def test_who_is_mentioned_made_nothing() -> None:
    shown = issue(1, assignee=EVE, assignees=[EVE], closed_by=EVE, body="@eve, see this")
    assert made_by("issue", shown) == {login_digest("grace")}
    assert made_by("pull", pull(1, merged_by=EVE)) == {login_digest("grace")}


@pytest.mark.parametrize("extra", [None, "[]", '{"user":"eve"}', '{"source":{"issue":[1]}}'])
def test_an_object_may_have_no_maker(extra: str | None) -> None:
    assert makers(None, extra) == set()
