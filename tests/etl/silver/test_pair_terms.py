"""The licence of what a pair shows, and who wrote it."""

from __future__ import annotations

from datetime import date
from typing import Any

from etl.silver.pair_terms import (
    CommitTerms,
    barred,
    change_authorship,
    commit_terms,
    refuse_automata,
    text_authorship,
)
from udfs.authorship import Authorship
from udfs.pairs import FileChange, Rejection

SINCE = date(2021, 6, 29)
EARLY, LATE = 1_500_000_000, 1_700_000_000
HUMAN = Authorship("human", ("before:2021-06-29",))
UNKNOWN = Authorship("unknown", ("no_mark_since:2021-06-29",))


def commit(at: int, message: str = "Round up", author: str = "Ada") -> dict[str, Any]:
    return {
        "author_name": author, "author_email": "ada@tally.example", "author_time": at,
        "committer_name": "Ada", "committer_email": None, "committer_time": at, "message": message,
    }  # fmt: skip


def test_what_a_commit_says_comes_before_the_profile() -> None:
    followed = {
        "licence_then": "GPL-3.0-only",
        "licence_reason": "licence_not_permissive",
        "folders": [{"folder": "lib", "licence": "MIT"}],
    }
    then = commit_terms(followed, "MIT")
    assert then.refused() == Rejection("licence_at_commit", "GPL-3.0-only")
    silent: dict[str, Any] = {"licence_then": None, "licence_reason": None, "folders": []}
    for known in (None, silent):
        assert commit_terms(known, "MIT") == CommitTerms("MIT", None, ())
        assert commit_terms(known, "MIT").refused() is None


def test_a_file_has_the_licences_of_both_its_places() -> None:
    terms = CommitTerms("MIT", None, (("plugin", "GPL-3.0-only"), ("lib", "Apache-2.0")))
    files = (
        FileChange("src/a.py", "src/a.py", "M", "a = 1\n", "a = 2\n", ""),
        FileChange("plugin/b.py", "lib/b.py", "R", "b = 1\n", "b = 2\n", ""),
        FileChange(None, "lib/c.py", "A", None, "c = 1\n", ""),
    )
    found = terms.licences(files)
    assert found == {
        "src/a.py": "MIT",
        "lib/b.py": "Apache-2.0 AND GPL-3.0-only",
        "lib/c.py": "Apache-2.0",
    }
    learnable = {"MIT", "Apache-2.0"}
    assert barred(found, learnable.__contains__) == {"lib/b.py": "Apache-2.0 AND GPL-3.0-only"}


def test_a_merge_counts_only_where_it_speaks_of_an_assistant() -> None:
    by_bot = commit(LATE, author="dependabot[bot]")
    told = commit(LATE, "Merge pull request #7\n\nGenerated with Claude Code")
    assert change_authorship([commit(EARLY)], by_bot, SINCE) == HUMAN
    assert change_authorship([commit(EARLY), commit(LATE)], None, SINCE) == UNKNOWN
    assert change_authorship([commit(LATE)], told, SINCE).verdict == "ai_assisted"


def test_what_no_person_committed_is_refused() -> None:
    ada, bot, claude = (
        commit(LATE, author=name) for name in ("Ada", "dependabot[bot]", "Claude Code")
    )
    assert refuse_automata([ada, bot]) is None, "a bot that lays out people's code"
    assert refuse_automata([bot]) == Rejection("bot")
    assert refuse_automata([ada, claude]) == Rejection("ai_author")


def test_a_comment_is_judged_by_its_dates_and_words() -> None:
    assert text_authorship("grace", EARLY, EARLY, "Use a set.", SINCE) == HUMAN
    assert text_authorship("grace", EARLY, LATE, "Use a set.", SINCE) == UNKNOWN
    assert text_authorship(None, LATE, LATE, "Use a set.", SINCE) == UNKNOWN
    helped = text_authorship("grace", LATE, LATE, "Use a set.\n\nWritten by ChatGPT", SINCE)
    assert helped.verdict == "ai_assisted"
