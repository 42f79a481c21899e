"""Changed lines, run by run."""

import pytest

from udfs.change_lines import changed_lines, run_features
from udfs.diffs import make_patch, parse_patch


def _runs(before: str, after: str) -> set[str]:
    return set(run_features(parse_patch(make_patch("a.py", before, "a.py", after))))


def test_lines_stand_by_side_without_indentation_and_blank_ones() -> None:
    files = parse_patch(make_patch("a.py", "if a:\n    b\n", "a.py", "if a:\n\n    c\n"))
    found = changed_lines(files)
    assert (found.added, found.removed, found.kept) == (["c"], ["b"], ["if a:"])


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("wait(10)", "wait(20)", "number"),
        ('say("yes")', 'say("oh no")', "line"),
        ('say("yes")', 'say("no")', "string"),
        ("wait(now)", "wait(later)", "name"),
        ("wait(now);", "wait(now, 3);", "start"),
        ("wait(now, 3);", "wait(now);", "longer"),
        ("wait(now)", "if ready: wait(now)", "part"),
        ("if ready: wait(now)", "wait(now)", "whole"),
    ],
)
def test_a_replaced_line_is_told_by_what_became_of_it(old: str, new: str, kind: str) -> None:
    found = _runs(f"a\n{old}\nb\n", f"a\n{new}\nb\n")
    assert {f"only_replaces:{kind}", "runs_replaced_0.999"} <= found


def test_runs_are_counted_by_what_they_do() -> None:
    found = _runs("a\nb\nc\nd\ne\n", "a\nx\nc\nd\ny\ne\n")
    assert {"runs_2", "runs_added_0.5", "runs_replaced_0.5", "replaces:name"} <= found
    assert "only_replaces:name" not in found
    assert not {"runs_3", "runs_removed_0.01"} & found
    assert _runs("a\n", "a\n") == set()
