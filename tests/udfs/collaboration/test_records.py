"""One object becomes a record: its version is what it says, and a trimmed one is told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.collaboration import (
    TALLY,
    comment,
    cross_reference,
    issue,
    person,
    pull,
    review,
    review_comment,
    trimmed,
)
from udfs.collaboration.records import Fault, Found, Record, name_record, object_record

NOON = datetime(2025, 11, 1, 12, tzinfo=UTC)


def record(kind: str, value: dict[str, Any], **changes: Any) -> Record:
    found = object_record(replace(Found("", kind, value, TALLY), **changes))
    assert isinstance(found, Record)
    return found


def test_an_issue() -> None:
    found = record("issue", issue(4, minute=7))
    assert (found.kind, found.number, found.deleted, found.is_trimmed) == ("issue", 4, False, False)
    assert found.fields["labels"] == ["bug"]
    assert found.fields["is_pull"] is False
    assert found.fields["updated_at"] == datetime(2024, 5, 1, 11, 7, tzinfo=UTC)
    assert json.loads(found.extra or "") == {
        "labels": [{"color": "d73a4a", "id": 1}],
        "reactions": {"total_count": 0},
    }


def test_nothing_is_left_of_an_object_that_the_typed_fields_hold_whole() -> None:
    assert record("review", review(9, 4)).extra is None


@pytest.mark.parametrize(
    "changes",
    [{"title": "Other"}, {"state": "closed"}, {"brand_new": {"a": 1}}, {"labels": []}],
    ids=lambda changes: next(iter(changes)),
)
def test_another_content_is_another_version(changes: dict[str, Any]) -> None:
    assert record("issue", issue(4) | changes).version != record("issue", issue(4)).version


def test_the_same_content_is_the_same_version_in_any_order() -> None:
    backwards = dict(reversed(issue(4).items())) | {"node_id": "another"}
    assert record("issue", backwards) == record("issue", issue(4))


def test_a_deletion_is_a_version_of_its_own() -> None:
    there, gone = record("issue", issue(4)), record("issue", issue(4), deleted=True)
    assert gone.deleted
    assert gone.version != there.version
    assert gone.fields == there.fields


def test_a_missing_field_is_null_and_the_version_less_complete() -> None:
    whole, part = pull(4), pull(4)
    del part["merged"], part["draft"]
    found = record("pull", part)
    assert (found.fields["merged"], found.fields["draft"]) == (None, None)
    assert found.completeness == record("pull", whole).completeness - 2


def test_an_issue_object_of_a_pull_says_so() -> None:
    found = record("issue", issue(4, pull_request={"merged_at": None, "url": "u"}))
    assert found.fields["is_pull"] is True


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("comment", comment(9, 4)),
        ("review", review(9, 4)),
        ("review_comment", review_comment(9, 4)),
    ],
)
def test_what_belongs_to_an_issue_has_its_number(kind: str, value: dict[str, Any]) -> None:
    assert record(kind, value).number == 4
    assert record(kind, value, number=5).number == 5


def test_a_trimmed_pull_is_no_pull() -> None:
    found = record("pull", trimmed(pull(4)), seen_at=NOON)
    assert found.is_trimmed
    assert (found.kind, found.number, found.fields, found.seen_at) == ("pull", 4, {}, NOON)
    assert json.loads(found.extra or "")["head"]["sha"] == "a" * 40
    assert found.version != record("pull", pull(4)).version


def test_one_absent_field_does_not_make_an_object_a_trimmed_one() -> None:
    part = {name: value for name, value in issue(4).items() if name != "title"}
    found = record("issue", part)
    assert not found.is_trimmed
    assert found.fields["title"] is None


def test_a_cross_reference_names_its_source_and_keeps_one_id() -> None:
    found = record("timeline_event", cross_reference(issue(5, name="grace/report")), number=4)
    assert (found.number, found.fields["event"]) == (4, "cross-referenced")
    assert found.fields["source_repository"] == "grace/report"
    assert found.fields["source_number"] == 5
    later = cross_reference(issue(5, name="grace/report", title="Renamed"))
    again = record("timeline_event", later, number=4)
    assert again.fields["event_id"] == found.fields["event_id"]
    assert again.version != found.version
    other = cross_reference(issue(6, name="grace/report"))
    assert record("timeline_event", other, number=4).fields["event_id"] != found.fields["event_id"]


def test_events_of_a_timeline() -> None:
    at = {"created_at": "2024-05-01T10:05:00Z", "actor": person()}
    renamed = {"id": 77, "event": "renamed", "rename": {"from": "a", "to": "b"}, **at}
    found = record("timeline_event", renamed, number=4)
    assert (found.fields["event_id"], found.fields["github_id"]) == ("77", 77)
    assert (found.fields["rename_from"], found.fields["rename_to"]) == ("a", "b")
    labelled = {"id": 78, "event": "labeled", "label": {"name": "bug", "color": "red"}, **at}
    assert record("timeline_event", labelled, number=4).fields["label"] == "bug"
    committed = {
        "event": "committed",
        "sha": "d" * 40,
        "message": "Fix",
        "author": {"name": "A"},
    }
    found = record("timeline_event", committed, number=4)
    assert found.fields["commit_id"] == "d" * 40
    assert json.loads(found.extra or "") == {"message": "Fix", "author": {"name": "A"}}


@pytest.mark.parametrize(
    ("kind", "value", "detail"),
    [
        ("issue", {"title": "x"}, "issue without number"),
        ("comment", {"body": "x"}, "comment without id"),
        ("timeline_event", {"created_at": None}, "timeline_event without event"),
    ],
)
def test_what_has_no_identity_is_a_fault(kind: str, value: dict[str, Any], detail: str) -> None:
    found = object_record(Found("here", kind, value, TALLY))
    assert found == Fault("here", TALLY, "no_identity", detail)


def test_a_name_comes_with_the_id_that_stays() -> None:
    found = name_record("repository", TALLY, 11)
    assert isinstance(found, Record)
    assert (found.kind, found.repository, found.fields) == ("repository", TALLY, {"github_id": 11})
    wrong = name_record("repository", TALLY, "11")
    assert isinstance(wrong, Fault)
    assert wrong.reason == "wrong_type"
