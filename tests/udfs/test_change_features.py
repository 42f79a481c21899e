"""Facts about a change, from its message, its diff and its symbols."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import Source
from udfs.change_features import Change, change_features
from udfs.diffs import make_patch, parse_patch
from udfs.instruction import clean_message

_BEFORE = """import os


def size(path):
    return os.stat(path).st_size
"""
_GUARDED = _BEFORE.replace(
    "    return os", "    # avoid a crash\n    if path is None:\n        return 0\n    return os"
)
_EXTENDED = _BEFORE + "\n\ndef is_empty(path):\n    return size(path) == 0\n"
_RENAMED = _BEFORE.replace("def size", "def byte_count")
_TEST = make_patch(
    None, None, "tests/test_io.py", "def test_no_file():\n    # 1234\n    assert size(None) == 0\n"
)
_DOCS = make_patch("docs/io.md", "a\n", "docs/io.md", "b\n")


def _facts(message: str, after: str, more: str = "") -> frozenset[str]:
    files = parse_patch(make_patch("io.py", _BEFORE, "io.py", after) + more)
    before, new = Source(_BEFORE, "python"), Source(after, "python")
    return change_features(
        Change(clean_message(message), message, files, {"io.py": before}, {"io.py": new})
    )


def test_a_guard_and_its_test() -> None:
    found = _facts("Return zero size without a path, fixes #4", _GUARDED, _TEST)
    assert found >= {
        "guards_added_1",
        "null_checks_added_1",
        "comment_gives_reason",
        "symbols_only_changed",
        "one_symbol_changed",
        "title_names_changed_symbol",
        "closes_issue",
        "test_file_added",
        "new_tests_1",
        "tests_only_added",
    }
    assert not found & {"symbols_added_1", "docs_touched", "definitions_added_1"}


def test_a_new_function_and_its_page() -> None:
    found = _facts("Add is_empty to the api", _EXTENDED, _DOCS)
    assert found >= {
        "first:add",
        "first_is_feature_verb",
        "title:<code>",
        "title:<code> to",
        "title:add .. api",
        "title:add <code> to",
        "code:<snake>",
        "code:empty",
        "runs_added_0.999",
        "symbol_share_added_0.999",
        "symbols_only_added",
        "public_symbols_added_1",
        "definitions_added_1",
        "title_names_added_symbol",
        "adds:is_empty",
        "docs_touched",
        "added_share_0.999",
    }


def test_a_renamed_function() -> None:
    found = _facts("Rename size to byte_count", _RENAMED)
    assert found >= {
        "first:renam",
        "symbols_moved_1",
        "lines_of_same_shape_0.95",
        "definitions_rewritten",
        "only_replaces:name",
        "symbol_share_moved_0.999",
        "removes:size",
    }
    assert "symbols_added_1" not in found


def test_texts_that_are_not_at_hand_leave_the_symbols_unknown() -> None:
    files = parse_patch(make_patch("io.py", _BEFORE, "io.py", _GUARDED))
    assert "symbols_unknown" in change_features(Change(clean_message("x"), "x", files))


@given(st.integers(0, 40), st.integers(0, 40))
def test_each_cut_stands_with_those_below_it(removed: int, added: int) -> None:
    before = "".join(f"a{n} = {n}\n" for n in range(removed))
    after = "".join(f"b{n} = {n}\n" for n in range(added))
    files = parse_patch(make_patch("a.py", before, "a.py", after))
    found = change_features(Change(clean_message("Change it"), "Change it", files))
    for name, size in (("added_lines", added), ("removed_lines", removed)):
        cuts = [1, 2, 4, 8, 16, 32]
        reached = [f"{name}_{cut}" in found for cut in cuts]
        assert reached == [size >= cut for cut in cuts]
        assert all(low or not high for low, high in pairwise(reached))
