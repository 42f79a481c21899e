"""What is not words in Markdown is found, and nothing of the words is lost with it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.markdown import FENCE, HIDDEN, IMAGE, TAG, closes, paragraphs, plain_lines


def test_what_is_hidden_shown_or_marked_up_is_told_apart() -> None:
    assert HIDDEN.sub("", "a <!-- told\nto nobody --> b <!-- never ended") == "a  b "
    assert IMAGE.sub("", "See ![the page](https://x.org/a.png)<img width=3 src=y>.") == "See ."
    assert TAG.sub("", "<details><summary>Log</summary>List<br> of Map<K, V>") == (
        "LogList of Map<K, V>"
    )


def test_a_fence_is_closed_by_one_as_long_that_says_nothing() -> None:
    opening = FENCE.match("  ````python title=x")
    assert (opening.group(1), opening.group(2)) == ("````", "python")
    assert not closes("```", "````")
    assert not closes("````python", "````")
    assert not closes("~~~~", "````")
    assert closes("  ````` ", "````")
    assert FENCE.match("    ```") is None


@given(st.text(alphabet="ab\r\n\0 ", max_size=60))
def test_lines_and_paragraphs_keep_the_words(text: str) -> None:
    lines = plain_lines(text)
    assert lines.split() == text.replace("\0", "").split()
    assert not set("\r\0") & set(lines)
    assert "\n\n\n" not in paragraphs(lines)
    assert paragraphs(lines).split() == lines.split()
