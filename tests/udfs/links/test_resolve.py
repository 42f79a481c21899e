"""References become links between things that are there."""

from __future__ import annotations

import random
from typing import Any

from udfs.links import EVIDENCE, Commit, Link, Reference, Repository, Said, resolve
from udfs.links.commits import commit_references

SURE = {name: 0.5 for name in EVIDENCE} | {
    "closing_keyword": 0.9,
    "event_closed": 1.0,
    "reviewed_by": 0.0,
}


def oid(letter: str) -> str:
    return letter * 40


def commit(*parents: str, on: bool = True, **given: Any) -> Commit:
    return Commit(tuple(map(oid, parents)), on, "ada", given.get("at"), given.get("subject", ""))


COMMITS = {
    oid("a"): commit(),
    oid("b"): commit("a", subject="Add the total"),
    oid("c"): commit("a", subject="Fix the total"),
    oid("d"): commit("b", "c"),
    oid("e"): commit("a", on=False, at=3, subject="Round the total up"),
    oid("f"): commit("d", at=9, subject="Round the total up"),
    "ab" * 20: commit("a", on=False),
    "ab" * 19 + "cd": commit("a", on=False),
}
TALLY = Repository(
    names={"ada/tally"},
    head=oid("f"),
    commits=COMMITS,
    kinds={"1": "issue", "2": "pull", "3": "pull"},
    heads={"2": {oid("c")}, "3": {oid("e")}},
)


def said(letter: str, message: str) -> list[Said]:
    return [Said("commit", oid(letter), reference) for reference in commit_references(message)]


def links(*parts: list[Said], repository: Repository = TALLY) -> dict[tuple[str, ...], Link]:
    found, loose = resolve(repository, [one for part in parts for one in part], SURE, 10)
    assert not loose
    return {(x.from_kind, x.from_key[:2], x.relation, x.to_kind, x.to_key[:12]): x for x in found}


def test_the_kind_of_a_number_is_what_is_known_of_it() -> None:
    found = links(said("b", "Fixes #1, #2 and #4. See eve/other#1 and ada/tally#1"))
    assert {key for key in found if key[1] == "bb"} == {
        ("commit", "bb", "closes", "issue", "1"),
        ("commit", "bb", "closes", "pull", "2"),
        ("commit", "bb", "closes", "issue_or_pull", "4"),
        ("commit", "bb", "mentions", "issue_or_pull", "eve/other#1"),
        ("commit", "bb", "mentions", "issue", "1"),
    }


def test_a_pull_is_its_merge_the_commits_in_it_and_what_it_closes() -> None:
    body = [Said("pull", "2", Reference("closes", "issue_or_pull", "1", "closing_keyword"))]
    found = links(said("d", "Merge pull request #2 from ada/x\n\nReviewed-by: Grace"), body)
    merge = found["commit", "dd", "merges", "pull", "2"]
    assert merge.evidence == ("between_parents", "merge_subject", "reviewed_by")
    assert found["commit", "cc", "part_of", "pull", "2"].evidence == (
        "between_parents",
        "pull_head",
    )
    closing = found["commit", "dd", "closes", "issue", "1"]
    assert (closing.evidence, closing.confidence) == (("through_pull:2",), 0.5)


def test_a_squash_that_names_no_number_is_found_by_author_and_subject() -> None:
    found = links([])
    assert found["commit", "ff", "merges", "pull", "3"].evidence == ("same_subject",)
    assert found["commit", "ee", "part_of", "pull", "3"].evidence == (
        "pull_head",
        "reachable_from_head",
    )


def test_a_relation_that_cannot_hold_is_a_mention() -> None:
    found = links(
        said("b", "Say it (#1)"),  # an issue
        said("e", "Round it (#2)"),  # not on the mainline
        said("c", "Merge pull request #3 from eve/fork"),  # a fork's number: merges nothing of it
        [Said("pull", "2", Reference("closes", "commit", oid("b"), "fixed_in", None, True))],
    )
    assert {key[:3] + key[4:] for key in found if key[2] == "mentions"} == {
        ("commit", "bb", "mentions", "1"),
        ("commit", "ee", "mentions", "2"),
        ("commit", "cc", "mentions", "3"),
        ("pull", "2", "mentions", "b" * 12),
    }


def test_events_tell_from_the_other_end_and_the_best_evidence_counts() -> None:
    event = Reference("closes", "commit", oid("b"), "event_closed", None, True)
    found = links(said("b", "Fixes #1"), [Said("issue_or_pull", "1", event)])
    closing = found["commit", "bb", "closes", "issue", "1"]
    assert closing.evidence == ("closing_keyword", "event_closed")
    assert closing.confidence == 1.0
    assert len(closing.said) == 2


def test_what_leads_nowhere_has_a_reason() -> None:
    parts = [
        *said("b", f"Revert it\n\nThis reverts commit {'9' * 40}."),
        *said("c", "Fixes: abababab"),
        *said("f", "fixup! Add the total"),
        *said("e", "fixup! No such title"),
        Said("issue", "1", Reference("mentions", "issue_or_pull", "1", "mention")),
    ]
    found, loose = resolve(TALLY, parts, SURE, 10)
    assert [(x.said, x.reason) for x in loose] == [
        (f"commit {oid('b')} reverts commit {'9' * 40}", "commit_unknown"),
        (f"commit {oid('c')} follows_up commit abababab", "commit_ambiguous"),
        (f"commit {oid('e')} follows_up subject", "commit_unknown"),
        ("issue 1 mentions issue_or_pull 1", "names_itself"),
    ]
    assert [x.to_key for x in found if x.relation == "follows_up"] == [oid("b")]


def test_order_changes_nothing() -> None:
    parts = [
        *said("b", "Fixes #1, #2 (#3)\n\nReviewed-by: Grace"),
        *said("d", "Merge pull request #2 from ada/x"),
        *said("f", "Fixes #1\n\nThis reverts commit aaaaaaaa"),
    ]
    shuffled = parts * 2
    random.Random(1).shuffle(shuffled)
    turned = Repository(
        TALLY.names,
        TALLY.head,
        dict(reversed(list(COMMITS.items()))),
        TALLY.kinds,
        dict(reversed(list(TALLY.heads.items()))),
    )
    assert resolve(TALLY, parts, SURE, 10) == resolve(turned, shuffled, SURE, 10)
