"""What single rows say, and what they are together."""

from __future__ import annotations

from typing import Any

import pytest

from etl.silver.link_changes import FACT, SOURCE
from etl.silver.link_facts import EVENTS, facts_of, gather

OID, HEAD = "a" * 40, "b" * 40


def row(table: str, **given: Any) -> dict[str, Any]:
    assert given.keys() <= set(SOURCE.names)
    return dict.fromkeys(SOURCE.names) | {"table": table} | given


def said(*rows: dict[str, Any]) -> list[str]:
    """The references of rows, each with its evidence."""
    facts = [fact for one in rows for fact in facts_of(one)]
    assert all(fact.keys() <= set(FACT.names) for fact in facts)
    return [f"{one.name} ({one.reference.evidence})" for one in gather(facts)[1]]


def test_a_commit_is_what_git_says_and_what_its_message_refers_to() -> None:
    given = {"oid": OID, "parents": [HEAD], "is_mainline": True, "author": "Ada@Tally.example"}
    facts = list(facts_of(row("commits", **given, body="Fix it (#2)\n\nFixes #1", time=7)))
    repository, references = gather(facts)
    commit = repository.commits[OID]
    assert (commit.author, commit.subject, commit.time) == ("ada@tally.example", "Fix it (#2)", 7)
    assert (commit.parents, commit.is_mainline) == ((HEAD,), True)
    assert [x.reference.target for x in references] == ["2", "1"]


def test_a_pull_is_one_whatever_the_list_of_issues_says_first() -> None:
    shown = row("issues", number=2, is_pull=False, title="Round")
    pull = row("pulls", number=2, title="Round", head_oid=HEAD)
    for order in ([shown, pull], [pull, shown]):
        repository, _ = gather(fact for one in order for fact in facts_of(one))
        assert repository.kinds == {"2": "pull"}
        assert repository.heads == {"2": {HEAD}}


def test_only_a_merged_pull_became_a_commit() -> None:
    """Of an open one, GitHub shows a test merge."""
    pull = {"number": 2, "title": "Fix #1", "body": "Closes #3", "oid": OID}
    assert said(row("pulls", **pull)) == [
        "pull 2 closes issue_or_pull 1 (closing_phrase)",
        "pull 2 closes issue_or_pull 3 (closing_keyword)",
    ]
    merged = said(row("pulls", **pull, is_merged=True))
    assert merged[-1] == f"pull 2 merges_by commit {OID} (merge_commit_sha)"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("closed", f"issue_or_pull 1 closes_by commit {OID} (event_closed)"),
        ("merged", f"pull 1 merges_by commit {OID} (event_merged)"),
        ("committed", f"pull 1 part_of_by commit {OID} (event_committed)"),
        ("referenced", f"issue_or_pull 1 mentions_by commit {OID} (event_referenced)"),
        (
            "cross-referenced",
            "issue_or_pull 1 mentions_by issue_or_pull ada/tally#5 (event_cross_referenced)",
        ),
        ("connected", "issue_or_pull 1 closes_by issue_or_pull ada/tally#5 (event_connected)"),
    ],
)
def test_an_event_tells_of_its_other_end(event: str, expected: str) -> None:
    assert event in EVENTS
    end = {"oid": OID, "source_number": 5, "repository": "ada/tally"}
    assert said(row("timeline_events", number=1, event=event, **end)) == [expected]
    assert said(row("timeline_events", number=1, event=event)) == []


def test_a_review_is_about_a_pull_and_a_commit() -> None:
    place = {"number": 2, "review": 70, "oid": OID}
    expected = [
        "review 70 reviews pull 2 (review)",
        f"review 70 reviews commit {OID} (review_commit)",
    ]
    assert said(row("reviews", **place)) == expected
    mention = "review 70 mentions issue_or_pull 5 (mention)"
    assert said(row("review_comments", **place, body="As in #5")) == [mention, *expected]
    assert said(row("review_comments", number=2, oid=OID)) == []


def test_a_repository_has_the_names_under_which_it_was_read_and_shown() -> None:
    rows = [
        row("repos", title="Ada/Tally", oid=OID),
        row("repo_names", title="ada/sums"),
        row("pull_heads", number=3, head_oid=HEAD),
        row("comments", body="Fixed by #3"),  # of which issue is not known
    ]
    repository, references = gather(fact for one in rows for fact in facts_of(one))
    assert (repository.names, repository.head) == ({"ada/tally", "ada/sums"}, OID)
    assert (repository.kinds, repository.heads) == ({"3": "pull"}, {"3": {HEAD}})
    assert references == []
