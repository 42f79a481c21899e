"""Commented lines are followed through later patches to the one that changes them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.diffs import FilePatch, make_patch, parse_patch
from udfs.reviews.hunks import Span
from udfs.reviews.resolution import (
    ANNOUNCED,
    ANSWERED,
    NAMED,
    NEAR,
    SUGGESTED,
    TOUCHED,
    Resolution,
    Step,
    confidence_of,
    distance_to,
    evidence_of,
    find_resolution,
    moved,
)

TEXT = "".join(f"line {number}\n" for number in range(1, 31))
COMMENTED_AT = 1_000


def patch_of(before: str, after: str) -> FilePatch:
    (patch,) = parse_patch(make_patch("a.py", before, "a.py", after))
    return patch


def steps(*texts: str, first: int = COMMENTED_AT + 1) -> list[Step]:
    """Commits `c1`, `c2`, … whose texts have the ids `t0`, `t1` and on."""
    return [
        Step(f"c{n}", first + n, f"t{n - 1}", f"t{n}", make_patch("a.py", before, "a.py", after))
        for n, (before, after) in enumerate(pairwise(texts), 1)
    ]


def find(span: Span, found: list[Step], near: int = 3) -> Resolution | str:
    return find_resolution(span, "t0", found, COMMENTED_AT, near)


def test_the_commit_that_changes_the_line_is_found_where_the_line_is_by_then() -> None:
    longer = "new\nnew\n" + TEXT
    fixed = longer.replace("line 20\n", "line twenty\n")
    found = find(Span(20, 20), steps(TEXT, longer, fixed))
    assert found == Resolution("c2", Span(22, 22), TOUCHED)


def test_text_put_in_right_before_or_behind_counts_as_a_change_of_the_line() -> None:
    for after in (
        TEXT.replace("line 20\n", "if x:\nline 20\n"),
        TEXT.replace("line 20\n", "line 20\nclose()\n"),
        TEXT.replace("line 20\n", ""),
    ):
        assert find(Span(20, 20), steps(TEXT, after)) == Resolution("c1", Span(20, 20), TOUCHED)


def test_a_change_of_the_line_wins_over_an_earlier_one_near_it() -> None:
    near = TEXT.replace("line 22\n", "line 22!\n")
    both = near.replace("line 20\n", "line 20!\n")
    assert find(Span(20, 20), steps(TEXT, near, both)) == Resolution("c2", Span(20, 20), TOUCHED)
    assert find(Span(20, 20), steps(TEXT, near)) == Resolution("c1", Span(20, 20), NEAR)
    assert find(Span(20, 20), steps(TEXT, near), near=1) == "no_resolving_change"


def test_what_stood_before_the_comment_does_not_answer_it() -> None:
    fixed = TEXT.replace("line 20\n", "line 20!\n")
    early = steps(TEXT, fixed, first=COMMENTED_AT - 100)
    assert find(Span(20, 20), early) == "changed_before_comment"


def test_reasons_why_there_is_no_answer() -> None:
    fixed = TEXT.replace("line 20\n", "line 20!\n")
    (step,) = steps(TEXT, fixed)
    span = Span(20, 20)
    assert find(span, []) == "no_later_change"
    assert find(span, steps(TEXT, TEXT + "end\n")) == "no_resolving_change"
    assert find_resolution(span, "other", [step], 0, 3) == "changed_by_merge"
    assert find(span, [Step("c1", 2000, "t0", None, step.patch)]) == "file_deleted"
    assert find(span, [Step("c1", 2000, "t0", "t1", "")]) == "patch_missing"
    assert find(span, [Step("c1", 2000, "t0", "t1", step.patch[:-9])]) == "patch_missing"


def test_a_comment_on_removed_lines_is_answered_where_they_were() -> None:
    gap = Span(20, 20, is_gap=True)
    back = TEXT.replace("line 20\n", "line 20\nrestored\n")
    assert find(gap, steps(TEXT, back)) == Resolution("c1", gap, TOUCHED)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(0, 3)), max_size=4),
    st.integers(1, 30),
)
def test_a_line_that_a_patch_leaves_is_the_same_line_afterwards(
    edits: list[tuple[int, int, int]], line: int
) -> None:
    lines = TEXT.splitlines(keepends=True)
    for place, removed, added in sorted(edits, reverse=True):
        lines[place : place + removed] = [f"new {place} {n}\n" for n in range(added)]
    after = "".join(lines)
    if after == TEXT:
        return
    patch = patch_of(TEXT, after)
    distance = distance_to(Span(line, line), patch)
    assert distance is not None
    if distance > 0:
        place = moved(Span(line, line), patch).first
        assert after.splitlines()[place - 1] == f"line {line}"


@pytest.mark.parametrize(
    ("comment", "suggestions", "message", "answered", "found"),
    [
        ("Name it `total`.", (), "Tidy", False, {TOUCHED, NAMED}),
        ("So:", ("total = 1",), "Update a.py", False, {TOUCHED, SUGGESTED}),
        ("So:", ("other = 1",), "Address review", True, {TOUCHED, ANNOUNCED, ANSWERED}),
        ("Hm, no.", (), "Tidy", False, {TOUCHED}),
    ],
)
def test_evidence(
    comment: str, suggestions: tuple[str, ...], message: str, answered: bool, found: set[str]
) -> None:
    patch = patch_of("x = 1\n", "total = 1\n")
    resolution = Resolution("c1", Span(1, 1), TOUCHED)
    evidence = evidence_of(resolution, patch, message, comment, suggestions, is_answered=answered)
    assert set(evidence) == found
    assert 0 < confidence_of(evidence) <= 0.99


def test_a_suggestion_to_delete_is_applied_by_a_deletion_alone() -> None:
    resolution = Resolution("c1", Span(2, 2), TOUCHED)
    deleted, changed = patch_of("a\nb\n", "a\n"), patch_of("a\nb\n", "a\nc\n")
    for patch, applied in ((deleted, True), (changed, False)):
        evidence = evidence_of(resolution, patch, "", "Drop it:", ("",), is_answered=False)
        assert (SUGGESTED in evidence) is applied


def test_a_large_change_of_the_lines_needs_more_to_be_the_answer() -> None:
    before = "".join(f"line {n}\n" for n in range(80))
    patch = patch_of(before, before.replace("line", "row"))
    resolution = Resolution("c1", Span(5, 5), TOUCHED)
    alone = evidence_of(resolution, patch, "", "Why lines?", (), is_answered=False)
    assert confidence_of(alone) < 0.5
    named = evidence_of(resolution, patch, "", "Call them `row`.", (), is_answered=False)
    assert confidence_of(named) >= 0.5


def test_a_change_near_the_lines_needs_more_than_a_message() -> None:
    assert confidence_of([NEAR, ANNOUNCED]) < 0.5 <= confidence_of([NEAR, ANSWERED])
    assert confidence_of([TOUCHED]) >= 0.5
