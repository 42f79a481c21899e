"""Commit messages of the kinds that people and forges write."""

from __future__ import annotations

import pytest

from udfs.links.commits import commit_references

OID = "8b6dc6ceec1b36e74ee9c6d362aa04e46237c227"


def told(message: str) -> list[tuple[str, str, str, str]]:
    return [(x.relation, x.kind, x.target, x.evidence) for x in commit_references(message)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Merge pull request #12 from ada/fix-3\n\nFix the total\n\nFixes #3",
            [
                ("merges", "pull", "12", "merge_subject"),
                ("closes", "issue_or_pull", "3", "closing_keyword"),
            ],
        ),
        ("Auto merge of #77 - ada:x, r=grace", [("merges", "pull", "77", "merge_subject")]),
        ("Fix the total (#12)\n", [("merges", "issue_or_pull", "12", "title_suffix")]),
        (
            "Fix the total (#9) (#12)",
            [
                ("merges", "issue_or_pull", "12", "title_suffix"),
                ("mentions", "issue_or_pull", "9", "mention"),
            ],
        ),
        (
            "net: fix it\n\nPR-URL: https://github.com/ada/tally/pull/5\n"
            "Fixes: https://github.com/ada/tally/issues/4\nReviewed-By: Grace <g@tally.example>",
            [
                ("merges", "pull", "5", "pr_url"),
                ("merges", "pull", "5", "reviewed_by"),
                ("closes", "issue_or_pull", "4", "closing_keyword"),
            ],
        ),
        (
            f'Revert "Fixes #3 (#4)" (#5)\n\nThis reverts commit {OID}.',
            [
                ("merges", "issue_or_pull", "5", "title_suffix"),
                ("reverts", "commit", OID, "revert_oid"),
                ("reverts", "issue_or_pull", "4", "revert_title"),
                ("mentions", "issue_or_pull", "3", "mention"),
            ],
        ),
        ("Undo\n\nReverts ada/tally#6", [("reverts", "issue_or_pull", "6", "revert_number")]),
        (
            f"Fix it\n\n(cherry picked from commit {OID})",
            [("cherry_picks", "commit", OID, "cherry_pick")],
        ),
        (
            'mm: free it\n\nFixes: 1a2b3c4d5e6f ("mm: allocate it")',
            [("follows_up", "commit", "1a2b3c4d5e6f", "fixes_oid")],
        ),
        (
            "fixup! Add the total",
            [("follows_up", "subject", "Add the total", "fixup_subject")],
        ),
        ("Add the total of 12 entries", []),
    ],
)
def test_a_message_refers_to_what_its_kind_says(
    message: str, expected: list[tuple[str, str, str, str]]
) -> None:
    assert told(message) == expected


def test_a_reference_into_another_repository_keeps_its_name() -> None:
    (only,) = commit_references("Work around ada/tally#8")
    assert (only.repository, only.target, only.relation) == ("ada/tally", "8", "mentions")
