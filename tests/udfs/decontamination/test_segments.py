"""A text falls into prose, code and the sides of diffs, and every piece knows its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.decontamination.segments import Segment, read_segments

DIFF = (
    "diff --git a/src/box.js b/src/box.js\n--- a/src/box.js\n+++ b/src/box.js\n"
    "@@ -1,4 +1,5 @@ class Box {\n one\n-two\n+deux\n three\n+quatre\n four\n"
    "@@ -9 +10 @@\n-nine\n\\ No newline at end of file\n+neuf\n"
    "diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n"
    "@@ -0,0 +1,2 @@\n+-- x\n+y\n"
)


def pieces(text: str, language: str | None = "go") -> list[tuple[str | None, str]]:
    return [(piece.language, piece.text) for piece in read_segments(text, language)]


def test_a_diff_has_the_text_after_what_was_added_and_what_was_removed() -> None:
    assert pieces(DIFF) == [
        ("javascript", "one\ndeux\nthree\nquatre\nfour\nneuf\n"),
        ("javascript", "deux\nquatre\nneuf\n"),
        ("javascript", "two\nnine\n"),
        ("python", "-- x\ny\n"),
    ]


def test_fences_say_their_language_or_have_that_of_the_pair() -> None:
    text = "Do it:\n```py\na = 1\n```\nand\n~~~~\nb\n~~~~\n```diff\n@@ -1 +1 @@\n-a\n+b\n```\nend"
    assert pieces(text) == [
        ("python", "a = 1\n"),
        ("go", "b\n"),
        ("go", "Do it:\nand\nend"),
        ("go", "b\n"),
        ("go", "a\n"),
    ]
    assert pieces("```\nnever closed", None) == [(None, "never closed")]


def check_places(text: str, piece: Segment) -> None:
    for at, character in enumerate(piece.text):
        assert text[piece.place(at)] == character


@given(st.text(alphabet="+- @`\n\rab1,", max_size=60))
def test_every_character_of_a_piece_is_where_it_says(text: str) -> None:
    for whole in (text, DIFF + text):
        for piece in read_segments(whole, None):
            check_places(whole, piece)
