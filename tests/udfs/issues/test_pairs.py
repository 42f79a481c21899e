"""Issues with the change that closed them, as pairs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.udfs.secrets.samples import made_up
from udfs.diffs import apply_patch, parse_patch
from udfs.issues.pairs import Comment, Issue, IssueLimits, issue_pair
from udfs.pairs import FileChange, Pair, PairLimits, Rejection

LIMITS = IssueLimits(min_words=8, max_comments=3, max_comment_chars=400, max_instruction_chars=2000)
BEFORE = '''"""Sums over entries."""


def average(entries, currency):
    """Mean of the entries of one currency."""
    values = [value for value, unit in entries if unit == currency]
    return sum(values) / len(values)
'''
AFTER = BEFORE.replace(
    "    return sum(values)",
    "    if not values:\n        return 0.0  # nothing to divide by\n    return sum(values)",
)
FILES = (
    FileChange("tally/money.py", "tally/money.py", "M", BEFORE, AFTER, ""),
    FileChange(None, "tests/test_money.py", "A", None, "def test_it():\n    assert True\n", ""),
)
ISSUE = Issue(
    12,
    "[Bug]: average crashes when no entry has the currency",
    "`average([], 'EUR')` should be 0.0, as in #3, and not an error.",
    ("bug",),
)
TRACE = """It is a crash:
```
Traceback (most recent call last):
  File "/home/ada/src/tally/money.py", line 7, in average
ZeroDivisionError: division by zero
```"""


def pair_of(issue: Issue) -> Pair:
    pair = issue_pair(issue, FILES, LIMITS, PairLimits())
    assert isinstance(pair, Pair), pair
    return pair


def test_an_issue_asks_for_the_change_that_closed_it() -> None:
    pair = pair_of(ISSUE)
    assert pair.instruction == (
        "average crashes when no entry has the currency\n\n"
        "`average([], 'EUR')` should be 0.0, and not an error."
    )
    assert (pair.category, pair.references) == ("bug_fix", ("#12",))
    assert "label_fix" in pair.evidence
    assert pair.response.startswith("diff --git a/tally/money.py")
    assert pair.test_paths == ("tests/test_money.py",)
    assert "def average" in pair.context


def test_labels_speak_for_the_category() -> None:
    pair = pair_of(replace(ISSUE, labels=("enhancement", "feature request")))
    assert pair.category == "new_feature"


def test_a_trace_makes_it_a_debugging_session_with_the_conversation_before_the_fix() -> None:
    comments = (
        Comment("maintainer", "Can you show the whole trace? I cannot see it here."),
        Comment("other", "+1"),
        Comment("reporter", TRACE),
        Comment("other", "> quoted only"),
    )
    pair = pair_of(replace(ISSUE, comments=comments))
    assert (pair.category, pair.confidence) == ("debugging_session", 1.0)
    asked, shown = pair.instruction.split("**Maintainer:** ")
    assert asked.startswith("average crashes")
    assert "**Reporter:** It is a crash:" in shown
    assert "+1" not in shown and "quoted" not in shown
    assert pair.instruction.endswith("\n\nFind the cause and fix it.")
    prose, _, diff = pair.response.partition("\n\n")
    assert prose == (
        "The cause is in `tally/money.py`, line 6 (in `average`). The trace passes through "
        "`tally/money.py` (line 7 of the version that failed)."
    )
    (patch,) = parse_patch(diff)
    assert apply_patch(BEFORE, patch) == AFTER


def test_a_conversation_ends_before_the_answer_and_in_what_there_is_room_for() -> None:
    answer = Comment("other", "Try this:\n```\nreturn 0.0  # nothing to divide by\n```")
    late = Comment("maintainer", "That is right, so let us do the same.")
    pair = pair_of(replace(ISSUE, body=TRACE, comments=(answer, late)))
    assert "**" not in pair.instruction
    talk = [Comment("other", f"Seen in release {n} of the tally tool too.") for n in range(9)]
    pair = pair_of(replace(ISSUE, body=TRACE, comments=tuple(talk)))
    assert pair.instruction.count("**Participant:**") == LIMITS.max_comments


@pytest.mark.parametrize(
    ("issue", "reason"),
    [
        (Issue(1, "Fix for #2", "Closes #2"), "issue_uninformative"),
        (replace(ISSUE, body="word " * 1000), "issue_too_long"),
        (
            replace(ISSUE, body="Write this:\n```\nreturn 0.0  # nothing to divide by\n```"),
            "answer_in_issue",
        ),
    ],
)
def test_what_is_no_request_has_a_reason(issue: Issue, reason: str) -> None:
    found = issue_pair(issue, FILES, LIMITS, PairLimits())
    assert isinstance(found, Rejection)
    assert found.reason == reason


def test_a_change_of_documentation_is_refused_as_for_commits() -> None:
    docs = FileChange("README.md", "README.md", "M", "a\n", "b\n", "")
    found = issue_pair(ISSUE, (docs,), LIMITS, PairLimits(min_confidence={}))
    assert found == Rejection("docs_only")


def test_what_a_change_adds_is_missing_before_it() -> None:
    new = FileChange(None, "tally/report.py", "A", None, "def report(entries):\n    return 1\n", "")
    pair = issue_pair(replace(ISSUE, body=TRACE), (new,), LIMITS, PairLimits())
    assert isinstance(pair, Pair)
    assert pair.response.startswith("The cause is in `tally/report.py`, which is missing.\n\ndiff")


def test_a_file_that_may_not_be_learned_from_makes_no_pair() -> None:
    barred = {"tally/money.py": "GPL-2.0-only"}
    found = issue_pair(ISSUE, FILES, LIMITS, PairLimits(min_confidence={}), barred)
    assert found == Rejection("licence_of_file", "tally/money.py: GPL-2.0-only")


_TOKEN = "ghp_" + made_up(36)
_WITH_KEY = BEFORE.replace("\n\n\n", f'\n\n# Ask kim@initech.io.\nKEY = "{_TOKEN}"\n\n\n', 1)


def test_a_value_has_one_placeholder_in_the_issue_what_was_said_and_the_files() -> None:
    after = _WITH_KEY.replace(
        "    return sum", "    if not values:\n        return 0\n    return sum"
    )
    files = (FileChange("tally/money.py", "tally/money.py", "M", _WITH_KEY, after, ""),)
    said = f"{TRACE}\nI ran it with {_TOKEN}; write to kim@initech.io or lee@globex.de."
    issue = replace(ISSUE, body=said, comments=(Comment("other", f"{_TOKEN} works for me here."),))
    pair = issue_pair(issue, files, LIMITS, PairLimits())
    assert isinstance(pair, Pair)
    shown = "\n".join((pair.instruction, pair.context, pair.response))
    assert not any(word in shown for word in (_TOKEN, "kim@", "lee@", "/ada/"))
    assert "I ran it with <API_KEY_1>; write to <EMAIL_1> or <EMAIL_2>." in pair.instruction
    assert "**Participant:** <API_KEY_1> works" in pair.instruction
    assert '# Ask <EMAIL_1>.\nKEY = "<API_KEY_1>"\n' in pair.context
    assert {"redacted:api_key:1", "redacted:email:2", "redacted:user:1"} <= set(pair.flags)
    assert "`tally/money.py` (line 7 of" in pair.response, "the trace is still read"
    (patch,) = parse_patch(pair.response.partition("\n\n")[2])
    before = pair.context.split("```python\n")[1].removesuffix("```\n")
    assert "    if not values:" in (apply_patch(before, patch) or "")
    kept = issue_pair(issue, files, LIMITS, PairLimits(redact=False))
    assert isinstance(kept, Pair) and _TOKEN in kept.instruction


def test_an_issue_closed_by_other_secrets_alone_makes_no_pair() -> None:
    after = _WITH_KEY.replace(_TOKEN, "ghp_" + made_up(36, seed=8))
    files = (FileChange("tally/money.py", "tally/money.py", "M", _WITH_KEY, after, ""),)
    sizes = PairLimits(min_confidence={})
    assert issue_pair(ISSUE, files, LIMITS, sizes) == Rejection("only_secrets_changed")
