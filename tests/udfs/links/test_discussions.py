"""Titles, bodies and comments, without what GitHub does not read either."""

from __future__ import annotations

from udfs.links.discussions import (
    body_references,
    comment_references,
    title_references,
    visible_text,
)

BODY = """<!-- Fixes #1 -->
Fixes #2, and `fixes #3` is only said.

> closes #4

```
fixes #5
```
See #6.
"""


def test_code_quotations_and_hidden_text_refer_to_nothing() -> None:
    shown = visible_text(BODY + "<!-- never closed\nFixes #9")
    assert [word for word in ("#1", "#2", "#3", "#4", "#5", "#6", "#9") if word in shown] == [
        "#2",
        "#6",
    ]


def test_the_body_of_a_pull_closes_and_that_of_an_issue_mentions() -> None:
    pull = body_references(BODY, closes=True)
    assert [(x.relation, x.target) for x in pull] == [("closes", "2"), ("mentions", "6")]
    issue = body_references(BODY, closes=False)
    assert [(x.relation, x.target) for x in issue] == [("mentions", "2"), ("mentions", "6")]


def test_a_pull_may_revert_another() -> None:
    (only,) = body_references("Reverts ada/tally#12", closes=True)
    assert (only.relation, only.target, only.repository) == ("reverts", "12", "ada/tally")


def test_a_title_closes_by_what_its_author_means() -> None:
    found = [(x.relation, x.target, x.evidence) for x in title_references("Fix #3, see #4")]
    assert found == [("closes", "3", "closing_phrase"), ("mentions", "4", "mention")]


def test_a_comment_may_name_what_fixed_it() -> None:
    text = "Fixed in 1a2b3c4d, was broken by 5e6f7a8b. Closed by #12. Fixed in 1234567. Also #13"
    found = [(x.relation, x.target, x.is_reverse) for x in comment_references(text)]
    assert found == [
        ("closes", "1a2b3c4d", True),
        ("closes", "12", True),
        ("mentions", "13", False),
    ]
