"""A thread becomes the pair of its hunk and comment, and that of the change it led to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reviewed import ANSWERED, BEFORE, PATH, REVIEWED, hunk_to, line_of
from tests.udfs.secrets.samples import private_key
from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.pairs import FileChange, Pair, PairLimits, Rejection
from udfs.reviews.hunks import Span, read_hunk
from udfs.reviews.pairs import (
    Note,
    ReviewLimits,
    Thread,
    change_pair,
    comment_pair,
    refuse_thread,
)
from udfs.reviews.resolution import NEAR, TOUCHED, Resolution

LIMITS, SIZES = ReviewLimits(), PairLimits()
LOOP = line_of("tmp += v")


def note(body: str, login: str = "grace", at: int = 100) -> Note:
    return Note(login, "User", "MEMBER", body, at)


def thread(body: str = "This fails for no entries.", *replies: Note, last: int = LOOP) -> Thread:
    return Thread(
        PATH, read_hunk(hunk_to(last)), note(body), replies, 7, "Add the mean", "ada", "APPROVED"
    )


def file(before: str, after: str, path: str = PATH) -> FileChange:
    return FileChange(path, path, "M", before, after, make_patch(path, before, path, after))


def commented(
    given: Thread, before: str | None = BEFORE, after: str = REVIEWED
) -> Pair | Rejection:
    assert given.hunk is not None
    return comment_pair(given, given.hunk, after, before, LIMITS, SIZES, ())


def answered(
    given: Thread, *files: FileChange, span: Span | None = None, how: str = TOUCHED,
    message: str = "Tidy", shared: bool = False,
) -> Pair | Rejection:  # fmt: skip
    resolution = Resolution("c1", span or Span(LOOP, LOOP), how)
    return change_pair(
        given, resolution, files or [file(REVIEWED, ANSWERED)], message, 1000, LIMITS, SIZES,
        is_shared=shared,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (replace(thread(), first=Note("x[bot]", "Bot", None, "Use a set.", 1)), "bot"),
        (replace(thread(), first=note("Use a set.", "ada")), "author_own_comment"),
        (thread("LGTM"), "approval_only"),
        (thread("word " * 1000), "comment_too_long"),
        (thread("```suggestion\n  tmp  += v\n\n```"), "suggests_layout"),
        (thread("Use:\n```suggestion\n        total += v\n```"), None),
        (replace(thread(), path="yarn.lock"), "not_source"),
        (replace(thread(), path="docs/guide.md"), "not_source"),
        (replace(thread(), path="LICENSE"), "not_source"),
        (replace(thread(), hunk=None), "no_hunk"),
        (thread(), None),
        (replace(thread(), path="tests/test_money.py"), None),
        (replace(thread(), author=None), None),
    ],
)
def test_who_says_what_where_decides_first(given: Thread, reason: str | None) -> None:
    found = refuse_thread(given, LIMITS)
    assert (found.reason if found else None) == reason


def test_the_context_is_the_definition_before_and_the_hunk() -> None:
    given = thread(last=line_of("for v in"))
    pair = commented(given)
    assert isinstance(pair, Pair)
    heads = [line for line in pair.context.split("\n") if line.startswith("###")]
    assert heads == [
        "### tally/money.py (before, lines 11-17 of 17)",
        "### tally/money.py (change under review)",
    ]
    assert pair.references == ("#7",)
    assert (pair.additions, pair.tests, pair.language) == (0, "", "python")
    assert "### tally/money.py (before" not in commented(given, None).context  # type: ignore[union-attr]


def test_a_hunk_that_the_text_does_not_hold_is_refused() -> None:
    assert commented(thread(), after=ANSWERED) == Rejection("hunk_not_in_history")
    other = commented(thread(), before="# new\n" + BEFORE)
    assert isinstance(other, Pair)
    assert "(before" not in other.context, "the definition would be that of another text"


def test_places_are_named_as_people_would() -> None:
    several = replace(thread(), hunk=read_hunk(hunk_to(LOOP), LOOP - 1))
    pair = commented(several)
    assert isinstance(pair, Pair)
    assert pair.instruction.endswith(f"about lines {LOOP - 1} to {LOOP}?")
    text = "import os\n"
    new = replace(thread(), hunk=read_hunk("@@ -0,0 +1,2 @@\n+import os"), title=None)
    pair = commented(new, None, text)
    assert isinstance(pair, Pair)
    assert pair.instruction == (
        "Review the new file `tally/money.py`. What is there to say about line 1, `import os`?"
    )
    assert set(pair.flags) == {"new_file", "title_unknown"}
    removed = replace(thread(), hunk=read_hunk("@@ -1,2 +1,1 @@\n import os\n-import re"))
    pair = commented(removed, "import os\nimport re\n", text)
    assert isinstance(pair, Pair)
    assert pair.instruction.endswith("about the removed line `import re`?")


def test_the_whole_commit_answers_a_comment_of_its_own() -> None:
    tests = file("x = 1\n", "assert mean([]) == 0\n", "tests/test_money.py")
    caller = file("from a import mean\nmean(x)\n", "from a import mean\nmean(y)\n", "tally/app.py")
    pair = answered(thread(), file(REVIEWED, ANSWERED), tests, caller)
    assert isinstance(pair, Pair)
    assert pair.paths == (PATH, "tally/app.py")
    assert pair.test_paths == ("tests/test_money.py",)
    assert (pair.category, pair.flags) == ("code_review", ())


def test_of_a_commit_that_answers_others_too_only_the_hunks_at_the_comment_count() -> None:
    far = REVIEWED.replace("import math\n", "from math import fsum\n")
    both = far.replace("        tmp += v\n", "        tmp = tmp + v\n")
    caller = file("mean(x)\n", "mean(y)\n", "tally/app.py")
    pair = answered(thread(), file(REVIEWED, both), caller, shared=True)
    assert isinstance(pair, Pair)
    (patch,) = parse_patch(pair.response)
    expected = REVIEWED.replace("        tmp += v\n", "        tmp = tmp + v\n")
    assert apply_patch(REVIEWED, patch) == expected
    assert pair.flags == ("part_of_commit",)
    assert pair.left_out == (("tally/app.py", "other_change"),)


def test_the_thread_up_to_the_change_refines_the_request() -> None:
    given = thread(
        "This fails for no entries.",
        note("What should it give?", "ada"),
        note("Done", "ada", 200),
        note("Zero, like total.", at=300),
        note("Thanks!", at=400),
        note("And one more thing for later: give None.", at=2000),
    )
    pair = answered(given)
    assert isinstance(pair, Pair)
    assert pair.instruction == (
        f"Review of `tally/money.py`, line {LOOP}, `tmp += v`:\n\nThis fails for no entries.\n\n"
        "Author: What should it give?\n\nReviewer: Zero, like total."
    )
    assert "author_answers" in pair.evidence
    assert "thread_of_6" in pair.evidence


def test_reasons_why_a_change_makes_no_pair() -> None:
    assert answered(thread("```suggestion\n    x\n```")) == Rejection("suggestion_only")
    near = answered(thread(), how=NEAR, span=Span(LOOP - 5, LOOP - 5))
    assert near == Rejection("resolution_unclear", "0.30")
    gone = FileChange(PATH, PATH, "M", REVIEWED, None, "")
    assert answered(thread(), gone) == Rejection("context_missing", PATH)
    broken = replace(file(REVIEWED, ANSWERED), patch="@@ nonsense")
    assert answered(thread(), broken) == Rejection("response_does_not_apply", PATH)
    layout = file(REVIEWED, REVIEWED.replace("tmp += v", "tmp  +=  v"))
    assert answered(thread(), layout) == Rejection("formatting_only")


def test_a_file_that_may_not_be_learned_from_makes_no_pair() -> None:
    given, barred = thread(), {PATH: "GPL-2.0-only"}
    assert given.hunk is not None
    refused = Rejection("licence_of_file", f"{PATH}: GPL-2.0-only")
    assert comment_pair(given, given.hunk, REVIEWED, BEFORE, LIMITS, SIZES, (), barred) == refused
    found = change_pair(
        given, Resolution("c1", Span(LOOP, LOOP), TOUCHED), [file(REVIEWED, ANSWERED)], "Tidy",
        1000, LIMITS, SIZES, is_shared=False, barred=barred,
    )  # fmt: skip
    assert found == refused


_SECRET = "Kestrel94!vq"
_OPENS = f'''"""Open the store."""


def connect(url):
    """A connection for kim@initech.io."""
    password = "{_SECRET}"
    return open_store(url, password)
'''
_ASKS = f"`{_SECRET}` must not stand here: read it from the environment. Ask kim@initech.io."


def quoting(hunk: str, body: str = _ASKS) -> Thread:
    return replace(thread(body), path="store.py", hunk=read_hunk(hunk))


def test_a_comment_that_quotes_a_password_of_its_hunk_shows_the_placeholder_of_both() -> None:
    text = _OPENS.replace("url, password", "url, password, True")
    lines = "\n".join(f"+{line}" for line in text.split("\n")[5:7])
    hunk = f'@@ -6,2 +6,2 @@ def connect(url):\n-    password = "{_SECRET}"\n{lines}'
    given = quoting(hunk)
    assert given.hunk is not None
    pair = comment_pair(given, given.hunk, text, _OPENS, LIMITS, SIZES, ())
    assert isinstance(pair, Pair)
    assert _SECRET not in pair.context + pair.response + pair.instruction
    assert pair.response.startswith("`<PASSWORD_1>` must not stand here")
    assert pair.context.count('    password = "<PASSWORD_1>"\n') == 3, "definition and hunk"
    assert "@@ def connect(url):" in pair.context
    assert pair.response.endswith("Ask <EMAIL_1>.") and "for <EMAIL_1>." in pair.context
    assert {"redacted:password:1", "redacted:email:1"} <= set(pair.flags)
    kept = comment_pair(given, given.hunk, text, _OPENS, LIMITS, PairLimits(redact=False), ())
    assert isinstance(kept, Pair) and _SECRET in kept.response


def test_lines_of_a_key_are_hidden_that_a_hunk_shows_without_its_head() -> None:
    old = f'A = 1\nKEY = """\n{private_key(9)}\n"""\n'
    new = f'A = 1\nKEY = """\n{private_key(9, seed=40)}\n"""\n'
    gone, come = (text.split("\n")[6:9] for text in (old, new))
    lines = [f"-{line}" for line in gone] + [f"+{line}" for line in come]
    given = quoting("@@ -7,3 +7,3 @@ " + old.split("\n")[4] + "\n" + "\n".join(lines))
    assert given.hunk is not None
    pair = comment_pair(given, given.hunk, new, old, LIMITS, SIZES, ())
    assert isinstance(pair, Pair)
    assert not any(line in pair.context for text in (old, new) for line in text.split("\n")[4:12])


def test_a_change_asked_for_by_a_quoted_password_has_the_same_placeholder() -> None:
    after = _OPENS.replace(f'"{_SECRET}"', 'os.environ["STORE_KEY"]')
    place = _OPENS[: _OPENS.index("    password")].count("\n") + 1
    given = quoting(f'@@ -0,0 +{place} @@\n+    password = "{_SECRET}"')
    pair = answered(given, file(_OPENS, after, "store.py"), span=Span(place, place))
    assert isinstance(pair, Pair)
    assert "`<PASSWORD_1>` must not stand here" in pair.instruction
    assert 'line 6, `password = "<PASSWORD_1>"`' in pair.instruction
    assert '-    password = "<PASSWORD_1>"\n' in pair.response
    assert _SECRET not in pair.instruction + pair.context + pair.response
    other = _OPENS.replace(_SECRET, "Merlin27?wz")
    rotated = answered(given, file(_OPENS, other, "store.py"), span=Span(place, place))
    assert rotated == Rejection("only_secrets_changed")
