"""Every review comment of a real branch becomes pairs, a reason, or part of its thread."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.jobs import pair_reviews
from etl.jobs.context import Context
from etl.jobs.execute import execute
from etl.jobs.extents import extent_of
from etl.schemas.ops import REJECTS
from etl.schemas.silver import PAIRS
from tests.etl.silver.frames import open_reviewed_home
from tests.reviewed import ANSWERED, PATH, REVIEWED, SUGGESTED, Reviewed, line_of, reviewed_project
from udfs.authors import login_digest
from udfs.diffs import apply_patch, parse_patch

Rows = list[dict[str, Any]]
GPL = "This project is licensed under the GNU General Public License v3.0.\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """The reviewed pull, with a commit at its end that takes a licence which is not permissive."""
    made = reviewed_project(tmp_path_factory.mktemp("reviews") / "tally")
    made.repo.checkout("mean")
    summed = SUGGESTED.replace("return math.fsum(entry.value", "return sum(entry.value")
    made.repo.write(PATH, summed)
    made.repo.commit("Sum without `math`", author=("Claude", "noreply@anthropic.com"))
    made.repo.write("LICENSE", GPL)
    made.repo.write(PATH, summed.replace("best = None", "best = entries[0]"))
    relicensed = made.repo.commit("Start with the first entry")
    made.repo.checkout("main")
    place = f"@@ -{line_of('best = None')},1 +{line_of('best = None')},1 @@\n"
    made.comments.append(
        made.comments[0] | {
            "id": 15, "body": "Start with the first entry, not with `None`.",
            "diff_hunk": f"{place}     best = None", "original_commit_id": made.suggestion,
        }
    )  # fmt: skip
    sums = line_of("return math.fsum(entry.value")
    made.comments.append(
        made.comments[0] | {
            "id": 17, "body": "Python's own `sum` is exact for whole numbers, use that.",
            "diff_hunk": f"@@ -{sums},1 +{sums},1 @@\n {SUGGESTED.splitlines()[sums - 1]}",
            "original_commit_id": made.suggestion,
        }
    )  # fmt: skip
    made.comments.append(
        made.comments[0] | {
            "id": 16, "body": "This fails where there are no entries.",
            "diff_hunk": f"{place}-    best = None\n+    best = entries[0]",
            "original_commit_id": relicensed,
        }
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def context(
    spark: SparkSession, project: Reviewed, tmp_path_factory: pytest.TempPathFactory
) -> Context:
    """A home that holds what is known of the repository, and the pairs of its reviews."""
    opened = open_reviewed_home(spark, project, tmp_path_factory.mktemp("reviews") / "home")
    done = execute(opened, pair_reviews.task(opened))
    assert done.counts == {"silver.pairs": 7, "rejected": 9, "merged": 3}
    return opened


@pytest.fixture(scope="module")
def rows(context: Context) -> Rows:
    return [row.asDict(recursive=True) for row in context.warehouse.read(PAIRS).collect()]


def pair(rows: Rows, about: str, kind: str) -> dict[str, Any]:
    (found,) = [
        row
        for row in rows
        if kind in row["category_evidence"] and about in row["instruction"] + row["response"]
    ]
    return found


FAILS, LIST, DOCSTRING = "fails with `ZeroDivisionError`", "No need for a list", "in the docstring"


def test_every_other_comment_has_a_reason(context: Context) -> None:
    found = context.warehouse.read(REJECTS).select("key", "reason").collect()
    assert {row["key"]: row["reason"] for row in found} == {
        "review_comment 7": "approval_only",
        "review_comment 8": "author_own_comment",
        "review_comment 9": "bot",
        "review_comment 10": "duplicate_comment",
        "review_comment 11": "thread_start_missing",
        "review_comment 12": "commit_missing",
        "review_comment 13": "hunk_not_in_history",
        "review_comment 14": "not_source",
        "review_comment 16": "licence_at_commit",
    }


def test_nothing_is_done_twice(context: Context) -> None:
    assert execute(context, pair_reviews.task(context)).units == 0


def test_a_pair_goes_with_who_said_something_in_it(context: Context) -> None:
    extent = extent_of(context, login_digest("grace"))
    assert extent.keys[PAIRS].count() == 7


def test_a_hunk_asks_for_the_comment(project: Reviewed, rows: Rows) -> None:
    row = pair(rows, FAILS, "hunk_to_comment")
    assert row["instruction"] == (
        'Review this change to `tally/money.py`, part of the pull request "Add the mean and the '
        'median of entries". What is there to say about line 25, `tmp += v`?'
    )
    assert row["response"] == project.comments[0]["body"]
    assert "+        tmp += v\n" in row["context"]
    assert "tmp / len" not in row["context"], "the reviewer had not come to it"
    assert "### tally/money.py (before, lines 11-17 of 17)" in row["context"]
    assert (row["origin"], row["category"], row["language"]) == ("review", "code_review", "python")
    assert row["commit_oid"] == project.first
    assert row["references"] == ["#7"]
    assert row["category_evidence"] == [
        "hunk_to_comment", "thread_of_4", "reviewer_member", "review_changes_requested", "resolved",
        "touches_lines", "author_answers", "message_names_review", "names_what_changes",
    ]  # fmt: skip
    assert row["hangs_on"] == sorted([project.first, login_digest("ada"), login_digest("grace")])


def test_a_thread_asks_for_the_change_that_answers_it(project: Reviewed, rows: Rows) -> None:
    row = pair(rows, FAILS, "comment_to_change")
    assert row["commit_oid"] == project.answer
    assert row["instruction"].split("\n\n") == [
        "Review of `tally/money.py`, line 25, `tmp += v`:",
        project.comments[0]["body"],
        "Author: What should it give then, 0?",
        "Reviewer: Yes, like `total` does.",
    ]
    (patch,) = parse_patch(row["response"])
    assert apply_patch(REVIEWED, patch) == ANSWERED
    assert REVIEWED in row["context"]
    assert row["test_paths"] == ["tests/test_money.py"]
    assert row["category_confidence"] == 0.99


def test_an_applied_suggestion_is_the_response_and_not_the_request(
    project: Reviewed, rows: Rows
) -> None:
    row = pair(rows, LIST, "comment_to_change")
    assert row["commit_oid"] == project.suggestion
    assert "suggestion_applied" in row["category_evidence"]
    assert "sorted(entry.value" not in row["instruction"] + row["context"]
    (patch,) = parse_patch(row["response"])
    assert apply_patch(ANSWERED, patch) == SUGGESTED
    assert "```suggestion" in pair(rows, LIST, "hunk_to_comment")["response"]


def test_a_comment_that_nothing_answers_is_still_a_comment(rows: Rows) -> None:
    (row,) = [row for row in rows if DOCSTRING in row["instruction"] + row["response"]]
    assert "hunk_to_comment" in row["category_evidence"]
    assert "resolved" not in row["category_evidence"]
    assert any(item.startswith("no_change:") for item in row["category_evidence"])


def test_pairs_of_reviews_are_about_the_file(rows: Rows) -> None:
    assert len(rows) == 7
    assert all(row["paths"] == [PATH] for row in rows)


def test_a_change_under_a_licence_that_does_not_allow_it_is_no_answer(rows: Rows) -> None:
    row = pair(rows, "Start with the first entry", "hunk_to_comment")
    assert row["category_evidence"][-1] == "no_change:licence_at_commit"
    assert {row["licence"] for row in rows} == {"MIT"}


def test_what_an_assistant_answers_under_its_own_name_is_no_answer(rows: Rows) -> None:
    comment = pair(rows, "Python's own `sum`", "hunk_to_comment")
    assert "no_change:ai_author" in comment["category_evidence"]


def test_who_wrote_a_comment_is_told_by_the_comment(rows: Rows) -> None:
    said = {(row["authorship"], *row["authorship_evidence"]) for row in rows}
    assert said == {("unknown", "no_mark_since:2021-06-29")}
