"""The lines that a fix of a vulnerability finds wanting, and the changes that brought them."""

from __future__ import annotations

import pytest

from udfs.diffs import make_patch
from udfs.flaws import brings, flawed_lines

VULNERABLE = """import html
from store import find

def page(request):
    # greet
    name = request.args["name"]
    text = "<h1>" + name + "</h1>"
    return answer(text)
"""
PATH = "app/page.py"


def diff(before: str | None, after: str, path: str = PATH) -> str:
    """A change of one file as a pair's response shows it."""
    return make_patch(None if before is None else path, before, path, after)


def test_what_a_fix_takes_away_was_wanting() -> None:
    fixed = VULNERABLE.replace("+ name +", "+ html.escape(name) +")
    (place,) = flawed_lines(diff(VULNERABLE, fixed))
    assert place == ('text = "<h1>" + name + "</h1>"',)
    assert brings(diff(None, VULNERABLE), PATH, [place])
    assert not brings(diff(None, fixed), PATH, [place]), "the mended state may be taught"
    assert not brings(diff(None, VULNERABLE, "app/other.py"), PATH, [place])


def test_a_fix_that_only_adds_shows_the_place() -> None:
    checked = VULNERABLE.replace("    text =", "    reject_markup(name)\n    text =")
    (place,) = flawed_lines(diff(VULNERABLE, checked))
    assert place == (
        "def page(request):",
        'name = request.args["name"]',
        'text = "<h1>" + name + "</h1>"',
        "return answer(text)",
    )
    assert brings(diff(None, VULNERABLE), PATH, [place])
    one = VULNERABLE.replace('    text = "<h1>" + name + "</h1>"\n', "")
    assert not brings(diff(one, VULNERABLE), PATH, [place]), (
        "it brought one line of the place alone"
    )


@pytest.mark.parametrize(
    "after",
    [
        VULNERABLE.replace("    # greet\n", ""),
        VULNERABLE.replace("import html\n", "import html\nimport re\n"),
        VULNERABLE + "\n\nLIMIT = 10\n",
    ],
    ids=["comment", "import", "at the end"],
)
def test_what_shows_no_flaw_is_left_out(after: str) -> None:
    assert flawed_lines(diff(VULNERABLE, after)) == ()


def test_a_line_that_moves_within_its_hunk_was_not_wanting() -> None:
    moved = VULNERABLE.replace(
        '    name = request.args["name"]\n    text = "<h1>" + name + "</h1>"\n',
        '    text = "<h1>" + clean(name) + "</h1>"\n    name = request.args["name"]\n',
    )
    assert flawed_lines(diff(VULNERABLE, moved)) == (('text = "<h1>" + name + "</h1>"',),)


def test_one_place_of_many_proves_nothing() -> None:
    places = [("first = rewritten(it)",), ("second = rewritten(it)",), ("third = rewritten(it)",)]
    one, two = ("".join(f"{name} = rewritten(it)\n" for name in names) for names in (
        ["third"], ["first", "second"]))  # fmt: skip
    assert not brings(diff(None, one), PATH, places)
    assert brings(diff(None, two), PATH, places)
    assert not brings(diff(None, one), PATH, [])


def test_broken_patches_show_nothing() -> None:
    assert flawed_lines("--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-gone") == ()
    assert not brings("a reviewer's words, no diff", PATH, [("text = name",)])
