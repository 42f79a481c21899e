"""Signs are counted by what a change adds to them, and only where their word was changed."""

from __future__ import annotations

import pytest

from udfs.quality.change import Change
from udfs.quality.signs import DATED, WEAK, balance
from udfs.quality.tokens import vocabulary


def diff(removed: str, added: str) -> Change:
    head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n"
    return Change(f"{head}-{removed}\n+{added}\n", ())


def test_what_is_moved_is_neither_brought_nor_taken() -> None:
    assert balance(WEAK, diff("x = 1  # TODO", "x = 2  # TODO")) == {}
    assert balance(WEAK, diff("x = 1  # TODO", "x = 2  # noqa")) == {"TODO": -1, "# noqa": 1}
    assert balance(DATED, diff("for i in xrange(3): pass", "for i in range(3): pass")) == {
        "xrange(": -1
    }


@pytest.mark.parametrize(("sign", "word"), [*WEAK.items(), *DATED.items()])
def test_each_sign_holds_its_word(sign: str, word: str) -> None:
    assert word in vocabulary(sign)
    assert balance({sign: word}, diff("x", f"y {sign}".rstrip("\n"))) == {sign: 1}
