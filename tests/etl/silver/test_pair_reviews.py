"""Every review comment of a real branch becomes pairs, a reason, or part of its thread."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.config import conf_folder, read_config
from etl.schemas.silver import PAIRS
from etl.silver.pair_reviews import DECIDED, Bronze, PairReviewsParams, pair_reviews
from tests.etl.silver.frames import reviewed_bronze
from tests.reviewed import ANSWERED, PATH, REVIEWED, SUGGESTED, Reviewed, reviewed_project
from udfs.authors import login_digest
from udfs.diffs import apply_patch, parse_patch

CONFIG = read_config(conf_folder())
PARAMS = PairReviewsParams(reviews=CONFIG.reviews, extract=CONFIG.extract)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    return reviewed_project(tmp_path_factory.mktemp("reviews") / "tally")


@pytest.fixture(scope="module")
def known(spark: SparkSession, project: Reviewed) -> Bronze:
    return reviewed_bronze(spark, project)


@pytest.fixture(scope="module")
def rows(
    spark: SparkSession, known: Bronze, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, list[dict[str, Any]]]:
    staging = tmp_path_factory.mktemp("staging")

    def materialise(frame: DataFrame, name: str) -> DataFrame:
        frame.write.parquet(str(staging / name))
        return spark.read.parquet(str(staging / name))

    frame = pair_reviews(known, PARAMS, materialise)
    assert frame.schema.names == DECIDED.names
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.collect():
        found[row["comment_id"]].append(row.asDict(recursive=True))
    return found


def pair(rows: dict[int, list[dict[str, Any]]], comment: int, kind: str) -> dict[str, Any]:
    (found,) = [row for row in rows[comment] if kind in (row["category_evidence"] or ())]
    return found


def test_every_comment_has_one_fate(rows: dict[int, list[dict[str, Any]]]) -> None:
    fates = {
        comment: {row["reason"] or ("used" if row["pair_id"] else row["merged_into"]) for row in of}
        for comment, of in rows.items()
    }
    assert fates == {
        1: {"used"}, 2: {1}, 3: {1}, 4: {1}, 5: {"used"}, 6: {"used"},
        7: {"approval_only"},
        8: {"author_own_comment"},
        9: {"bot"},
        10: {"duplicate_comment"},
        11: {"thread_start_missing"},
        12: {"commit_missing"},
        13: {"hunk_not_in_history"},
        14: {"not_source"},
    }  # fmt: skip


def test_a_hunk_asks_for_the_comment(
    project: Reviewed, rows: dict[int, list[dict[str, Any]]]
) -> None:
    row = pair(rows, 1, "hunk_to_comment")
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


def test_a_thread_asks_for_the_change_that_answers_it(
    project: Reviewed, rows: dict[int, list[dict[str, Any]]]
) -> None:
    row = pair(rows, 1, "comment_to_change")
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
    project: Reviewed, rows: dict[int, list[dict[str, Any]]]
) -> None:
    row = pair(rows, 5, "comment_to_change")
    assert row["commit_oid"] == project.suggestion
    assert "suggestion_applied" in row["category_evidence"]
    assert "sorted(entry.value" not in row["instruction"] + row["context"]
    (patch,) = parse_patch(row["response"])
    assert apply_patch(ANSWERED, patch) == SUGGESTED
    assert "```suggestion" in pair(rows, 5, "hunk_to_comment")["response"]


def test_a_comment_that_nothing_answers_is_still_a_comment(
    rows: dict[int, list[dict[str, Any]]],
) -> None:
    (row,) = rows[6]
    assert "hunk_to_comment" in row["category_evidence"]
    assert "resolved" not in row["category_evidence"]
    assert any(item.startswith("no_change:") for item in row["category_evidence"])


def test_a_pair_has_all_that_its_table_requires(rows: dict[int, list[dict[str, Any]]]) -> None:
    required = set(PAIRS.required) - {"rule_version", "batch_id"}
    for row in (row for of in rows.values() for row in of if row["pair_id"]):
        assert all(row[name] is not None for name in required)
        assert row["paths"] == [PATH]
