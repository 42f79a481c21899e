"""What a change needs to be seen with, and nothing of its answer."""

from tests.udfs.pairs.changes import CODE, FIXED, LIMITS, change_of, changed, pair_of, reason_of
from udfs.diffs import parse_patch
from udfs.pairs import Pair, Rejection, build_pair


def test_nothing_from_after_the_change_is_in_the_context() -> None:
    pair = pair_of(
        changed("files.py", CODE, FIXED), changed("new.py", None, "VALUE_AFTER = compute_it()\n")
    )
    assert "exists" not in pair.context and "VALUE_AFTER" not in pair.context
    assert "### new.py (new file)\n" in pair.context


def test_a_large_file_is_cut_to_what_the_change_needs() -> None:
    filler = "".join(f"\n\ndef filler_{number}():\n    return {number}\n" for number in range(200))
    before, after = CODE + filler, FIXED + filler
    pair = pair_of(changed("files.py", before, after))
    assert "excerpted" in pair.flags
    assert "import os" in pair.context and "def size(path):" in pair.context
    assert "filler_150" not in pair.context
    assert pair.context.startswith("### files.py (lines ")
    assert f"of {before.count(chr(10))})" in pair.context
    for line in parse_patch(pair.response)[0].hunks[0].lines:
        if line[0] != "+":
            assert line[1] in pair.context


def test_a_fence_in_the_text_does_not_end_the_block() -> None:
    before = CODE.replace('"""Sizes of files."""', '"""Sizes.\n\n```\nx\n```\n"""')
    after = before.replace("    return os.stat", "    assert path\n    return os.stat")
    assert "````python\n" in pair_of(changed("files.py", before, after)).context


def test_an_answer_that_stands_in_the_context_is_refused() -> None:
    body = "def clamp(value, low, high):\n    return max(low, min(value, high))\n"
    original = changed("a.py", body + "\nX = 1\n", body + "\n")
    copied = changed("b.py", CODE, CODE + "\n\n" + body)
    assert (
        reason_of(copied, changed("a.py", body + "\nX = 1\n", body + "\nX = 1\n" + body))
        == "answer_in_context"
    )
    assert isinstance(build_pair(change_of(original, copied), LIMITS), Rejection)
    moved = build_pair(change_of(changed("a.py", body + "\nX = 1\n", "X = 1\n"), copied), LIMITS)
    assert isinstance(moved, Pair)
