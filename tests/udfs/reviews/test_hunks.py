"""A hunk that ends at the commented line is read, checked against texts, and shown as a patch."""

from __future__ import annotations

import pytest

from tests.reviewed import BEFORE, REVIEWED, hunk_to, line_of
from udfs.diffs import parse_patch
from udfs.reviews.hunks import Span, read_hunk

LOOP = line_of("tmp += v")


def test_the_last_line_is_the_one_that_is_meant() -> None:
    hunk = read_hunk(hunk_to(LOOP))
    assert hunk is not None
    assert hunk.span == Span(LOOP, LOOP)
    assert hunk.commented() == ("        tmp += v",)
    assert not hunk.is_new_file


def test_a_comment_on_several_lines_names_the_first() -> None:
    hunk = read_hunk(hunk_to(LOOP), LOOP - 2)
    assert hunk is not None
    assert hunk.span == Span(LOOP - 2, LOOP)
    assert hunk.commented() == ("    tmp = 0", "    for v in values:", "        tmp += v")
    outside = read_hunk(hunk_to(LOOP), 2)
    assert outside is not None
    assert outside.span == Span(LOOP, LOOP), "a line that the hunk does not show is not believed"


def test_it_fits_the_texts_that_it_was_made_from_and_no_others() -> None:
    hunk = read_hunk(hunk_to(LOOP))
    assert hunk is not None
    assert hunk.fits(REVIEWED, "+")
    assert hunk.fits(BEFORE, "-")
    assert not hunk.fits("\n" + REVIEWED, "+")
    assert not hunk.fits(BEFORE, "+")
    assert hunk.fits(REVIEWED.replace("\n", "\r\n"), "+"), "line ends do not matter"


def test_a_removed_line_stands_under_the_line_before_it() -> None:
    hunk = read_hunk("@@ -4,4 +4,3 @@\n a\n b\n-c")
    assert hunk is not None
    assert hunk.span == Span(5, 5, is_gap=True)
    assert hunk.commented() == ("c",)
    assert hunk.before_line() == 6


def test_a_long_hunk_is_shown_from_its_end_as_a_patch() -> None:
    hunk = read_hunk("@@ -10,9 +10,9 @@ def f():\n a\n-b\n+B\n c\n-d\n+D")
    assert hunk is not None
    assert hunk.shown(60) == "@@ -10,4 +10,4 @@ def f():\n a\n-b\n+B\n c\n-d\n+D\n"
    assert hunk.shown(3) == "@@ -12,2 +12,2 @@\n c\n-d\n+D\n"
    for most in range(1, 8):
        (patch,) = parse_patch("diff --git a/x b/x\n--- a/x\n+++ b/x\n" + hunk.shown(most))
        assert patch.hunks[0].lines[-1] == ("+", "D\n")


def test_a_new_file_has_nothing_before() -> None:
    hunk = read_hunk("@@ -0,0 +1,40 @@\n+import os\n+\n\\ No newline at end of file")
    assert hunk is not None
    assert hunk.is_new_file
    assert hunk.span == Span(2, 2)


@pytest.mark.parametrize(
    "text", [None, "", "@@ -1 +1 @@", "@@ hunk\n+x", "diff --git a/x b/x", "@@ -1 +1 @@\n?x"]
)
def test_what_is_no_hunk_is_none(text: str | None) -> None:
    assert read_hunk(text) is None


def test_it_stands_over_texts_whose_lines_read_otherwise() -> None:
    hunk = read_hunk("@@ -10,3 +11,3 @@\n a\r\n-b\n-b\n+B")
    assert hunk is not None
    assert hunk.removed() == ("b", "b")
    after = "\n" * 10 + "A\nC\n"
    alone = hunk.over(after, None, ["x", "y"])
    assert alone.lines == ((" ", "A\r"), ("-", "x"), ("-", "y"), ("+", "C"))
    assert alone.span == hunk.span and alone.fits(after, "+")
    before = "\n" * 9 + "A\nd\ne\n"
    assert hunk.over(after, before, ["x", "y"]).fits(before, "-")
