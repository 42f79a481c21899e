"""What a line may be: a REST object or a page of them, a payload, an event, a fetched object."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collaboration import (
    TALLY,
    comment,
    cross_reference,
    encoded,
    event,
    issue,
    landed,
    payload_files,
    pull,
    repository,
    review,
    review_comment,
    trimmed,
    webhook,
)
from udfs.collaboration import Fault, Record, read_records


def read(value: Any) -> list[Record | Fault]:
    return read_records(encoded(value), 64)


def kinds(value: Any) -> list[tuple[str, str]]:
    """Where each object stands, and its kind or what is wrong with it."""
    return [
        (item.where, item.kind if isinstance(item, Record) else f"! {item.reason}")
        for item in read(value)
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (issue(4), "issue"),
        (comment(9, 4), "comment"),
        (review(9, 4), "review"),
        (review_comment(9, 4), "review_comment"),
        (repository(), "repository"),
        ({**cross_reference(issue(5)), "url": issue(4)["url"]}, "timeline_event"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rest_object_alone_is_known_by_its_shape(value: Any, kind: str) -> None:
    (found,) = read(value)
    assert isinstance(found, Record)
    assert (found.kind, found.repository) == (kind, TALLY)


def test_a_pull_alone_also_tells_the_id_of_its_repository() -> None:
    assert kinds(pull(4)) == [("", "pull"), ("base.repo", "repository")]


def test_a_page_of_objects_is_read_one_by_one() -> None:
    assert kinds([issue(4), 7, comment(9, 4)]) == [
        ("[0]", "issue"),
        ("[1]", "! unknown_object"),
        ("[2]", "comment"),
    ]


def test_payloads_of_webhooks() -> None:
    assert kinds(webhook("opened", issue=issue(4))) == [
        ("repository", "repository"),
        ("issue", "issue"),
    ]
    assert kinds(webhook("created", issue=issue(4), comment=comment(9, 4)))[1:] == [
        ("issue", "issue"),
        ("comment", "comment"),
    ]
    said = webhook("created", pull_request=pull(4), comment=review_comment(9, 4))
    assert kinds(said)[1:] == [("pull_request", "pull"), ("comment", "review_comment")]
    said = webhook("submitted", pull_request=pull(4), review=review(9, 4))
    assert kinds(said)[1:] == [("pull_request", "pull"), ("review", "review")]
    said = webhook("created", comment={"id": 1, "commit_id": "a", "body": "x"})
    assert kinds(said)[1:] == [("comment", "! unknown_object")]
    assert kinds(webhook("started"))[1:] == [("", "! unknown_object")]


def test_a_deletion_is_about_the_innermost_object() -> None:
    items = read(webhook("deleted", issue=issue(4), comment=comment(9, 4)))
    found = {x.kind: x.deleted for x in items if isinstance(x, Record)}
    assert found == {"repository": False, "issue": False, "comment": True}
    items = read(webhook("deleted", issue=issue(4)))
    assert [x.deleted for x in items if isinstance(x, Record)] == [False, True]


def test_events_of_gh_archive() -> None:
    whole = event("PullRequestEvent", {"action": "closed", "number": 4, "pull_request": pull(4)})
    assert kinds(whole) == [("repo", "repository"), ("payload.pull_request", "pull")]
    (_, cut) = read(event("PullRequestEvent", {"pull_request": trimmed(pull(4))}))
    assert isinstance(cut, Record)
    assert cut.is_trimmed
    assert str(cut.seen_at) == "2025-11-01 12:00:00+00:00"
    pushed = event("PushEvent", {"ref": "refs/heads/main", "head": "a", "before": "b"})
    assert kinds(pushed) == [("repo", "repository")]


def test_fetched_objects_stand_with_their_repository_and_number() -> None:
    (found,) = read(landed("timeline_event", cross_reference(issue(5)), number=4))
    assert isinstance(found, Record)
    assert (found.where, found.repository, found.number) == ("object", TALLY, 4)


def test_a_renamed_repository_is_told_under_both_names() -> None:
    items = read(landed("repository", repository("ada/ledger")))
    assert [(x.where, x.repository, x.fields) for x in items if isinstance(x, Record)] == [
        ("object", "ada/ledger", {"github_id": 11}),
        ("repository", "ada/tally", {"github_id": 11}),
    ]


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (7, "unknown_object", "integer"),
        ([[]], "unknown_object", "array"),
        ({}, "unknown_object", ""),
        ({"\ud83d": 1}, "unknown_object", "\\ud83d"),
        (landed("wiki", {}), "unknown_object", "wiki"),
        (landed("issue", {}) | {"kind": ["issue"]}, "unknown_object", "issue"),
        (landed("issue", {}) | {"object": 7}, "wrong_type", "object: expected an object"),
        (landed("issue", issue(4)) | {"number": "4"}, "wrong_type", "number: expected a number"),
        (landed("issue", {}, name="tally"), "no_repository", "repository"),
        ({"number": 4, "title": "x"}, "no_repository", "issue"),
        (issue(4, name="../.."), "no_repository", "issue"),
        (issue(4, labels=3), "wrong_type", "labels: expected an array"),
        (comment(9, 4, body=3), "wrong_type", "body: expected a string, found integer"),
    ],
)
def test_what_cannot_be_taken_has_a_reason(value: Any, reason: str, detail: str) -> None:
    (found,) = read(value)
    assert isinstance(found, Fault)
    assert found.reason == reason
    assert detail in found.detail
    found.detail.encode("utf-8")


def test_one_wrong_object_leaves_the_others_of_its_payload() -> None:
    wrong = webhook("created", issue=issue(4), comment=comment(9, 4, body=3))
    assert kinds(wrong)[1:] == [("issue", "issue"), ("comment", "! wrong_type")]
    assert [item.repository for item in read(wrong)] == [TALLY] * 3


# What stands in an example of each event: octokit/webhooks, read by eye.
HOLDS = {
    "issue_comment": ("repository", "issue", "comment"),
    "issues": ("repository", "issue"),
    "pull_request": ("repository", "pull"),
    "pull_request_review": ("repository", "pull", "review"),
    "pull_request_review_comment": ("repository", "pull", "review_comment"),
    "push": ("repository",),
}
# Versions among them: the variants with an organization or installation show the same object.
VERSIONS = {"repository": 1, "issue": 7, "pull": 9, "comment": 3, "review": 2, "review_comment": 2}


def test_all_examples_of_webhooks_are_read_whole() -> None:
    files = payload_files()
    assert len(files) == 45
    versions: dict[str, set[str]] = {}
    deleted: Counter[str] = Counter()
    for path in files:
        payload = json.loads(path.read_bytes())
        number = (payload.get("issue") or payload.get("pull_request") or {}).get("number")
        items = read_records(path.read_bytes(), 64)
        records = [item for item in items if isinstance(item, Record)]
        assert sorted(x.kind for x in records) == sorted(HOLDS[path.parent.name]), path
        assert len(items) == len(records)
        for item in records:
            assert item.repository == "codertocat/hello-world"
            assert not item.is_trimmed
            assert item.number == (None if item.kind == "repository" else number)
            versions.setdefault(item.kind, set()).add(item.version)
            deleted[item.kind] += item.deleted
    assert {kind: len(found) for kind, found in versions.items()} == VERSIONS
    assert +deleted == {"issue": 1, "comment": 2, "review_comment": 1}


shapes = st.sampled_from(
    [
        issue(4),
        pull(4),
        comment(9, 4),
        review_comment(9, 4),
        webhook("created", issue=issue(4), comment=comment(9, 4)),
        event("PullRequestEvent", {"pull_request": trimmed(pull(4))}),
        landed("timeline_event", cross_reference(issue(5)), 4),
        landed("repository", repository()),
    ]
)
odd = st.none() | st.booleans() | st.integers() | st.text(
    st.characters(exclude_categories=()), max_size=4
) | st.lists(st.integers(), max_size=2) | st.dictionaries(
    st.sampled_from(["id", "name", "login"]), st.integers(), max_size=2
)  # fmt: skip


@settings(max_examples=60)
@given(shapes, st.data())
def test_an_object_with_anything_at_any_place_is_read_or_has_a_reason(
    value: dict[str, Any], data: st.DataObject
) -> None:
    made = value
    steps: list[tuple[dict[str, Any], str]] = []
    while isinstance(made, dict) and made and (not steps or data.draw(st.booleans())):
        steps.append((made, data.draw(st.sampled_from(sorted(made)))))
        made = made[steps[-1][1]]
    replaced: Any = data.draw(odd)
    for holder, key in reversed(steps):
        replaced = {**holder, key: replaced}
    items = read(replaced)
    assert items
    for item in items:
        for text in vars(item).values():
            if isinstance(text, str):
                text.encode("utf-8")
        if isinstance(item, Record):
            assert -(2**63) <= (item.number or 0) < 2**63
