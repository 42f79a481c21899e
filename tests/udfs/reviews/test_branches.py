"""A branch is followed by first parents, from the reviewed commit back and on to the head."""

from __future__ import annotations

from udfs.diffs import make_patch
from udfs.reviews.branches import Commit, PathChange, Plan, plan_thread
from udfs.reviews.hunks import Span
from udfs.reviews.resolution import TOUCHED, Resolution

OLD, NEW, FIXED = "a\nb\nc\n", "a\nB\nc\n", "a\nfixed\nc\n"


def change(old: str, new: str, path: str = "a.py") -> PathChange:
    return PathChange(path, path, "M", old, new, make_patch(path, old, path, new))


HISTORY = {
    "base": Commit(None, 1, (PathChange("a.py", None, "A", None, OLD, ""),)),
    "reviewed": Commit("base", 10, (change(OLD, NEW),)),
    "other": Commit("reviewed", 20, (change("x\n", "y\n", "b.py"),)),
    "merge": Commit("other", 30),
    "fix": Commit("merge", 40, (change(NEW, FIXED),)),
    "forced": Commit("base", 50, (change(OLD, FIXED),)),
}


def plan(commit: str | None, *heads: str, path: str = "a.py", most: int = 250) -> Plan | str:
    return plan_thread(
        HISTORY, path=path, span=Span(2, 2), commit_oid=commit, heads=heads, commented_at=15,
        near=3, most=most,
    )  # fmt: skip


def test_the_answer_is_found_past_other_commits_and_merges() -> None:
    found = plan("reviewed", "fix")
    assert found == Plan(("reviewed", "base"), Resolution("fix", Span(2, 2), TOUCHED), "")
    assert plan("reviewed", "other", "fix", "gone") == found, "earlier heads do not matter"


def test_a_comment_on_a_commit_that_left_the_file_alone_stands_on_the_one_that_did_not() -> None:
    found = plan("other", "fix")
    assert isinstance(found, Plan)
    assert found.reviewed == ("reviewed", "base")


def test_reasons() -> None:
    assert plan("unknown", "fix") == "commit_missing"
    assert plan(None, "fix") == "commit_missing"
    assert plan("reviewed", "fix", path="c.py") == "hunk_not_in_history"
    assert plan("reviewed", "forced") == Plan(("reviewed", "base"), None, "not_on_branch")
    assert plan("reviewed") == Plan(("reviewed", "base"), None, "not_on_branch")
    assert plan("reviewed", "merge") == Plan(("reviewed", "base"), None, "no_later_change")


def test_a_branch_is_followed_only_so_far() -> None:
    assert plan("reviewed", "fix", most=2) == Plan(("reviewed", "base"), None, "not_on_branch")
