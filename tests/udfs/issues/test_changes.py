"""Which change closed an issue, and what several commits are together."""

from __future__ import annotations

import pytest

from udfs.issues.changes import Change, Closing, choose_change, combine
from udfs.pairs import FileChange, Rejection


def closing(
    oid: str,
    *parents: str,
    parts: dict[str, tuple[str, ...]] | None = None,
    reverted: bool = False,
) -> Closing:
    return Closing(oid, parents or ("p",), parts or {}, reverted)


LINE: dict[str, tuple[str, ...]] = {"b": ("a",), "c": ("b",)}


@pytest.mark.parametrize(
    ("closings", "expected"),
    [
        ([], Rejection("no_change_known")),
        ([closing("x")], Change("x", ("x",))),
        ([closing("x"), closing("y")], Rejection("several_changes", "2 commits")),
        ([closing("x", reverted=True)], Rejection("change_reverted", "x")),
        ([closing("m", "p", "c", parts=LINE)], Change("m", ("b", "c"))),
        ([closing("m", "p", "c", parts=LINE), closing("b", "a")], Change("m", ("b", "c"))),
        ([closing("m", "p", "c")], Rejection("merge_without_commits", "m")),
        (
            [closing("m", "p", "c", parts={**LINE, "c": ("b", "p")})],
            Rejection("pull_not_linear", "m"),
        ),
        (
            [closing("m", "p", "c", parts={**LINE, "elsewhere": ("a",)})],
            Rejection("pull_not_linear", "m"),
        ),
    ],
)
def test_one_change_or_a_reason(closings: list[Closing], expected: Change | Rejection) -> None:
    assert choose_change(closings) == expected
    assert choose_change(closings[::-1]) == expected


def change(status: str, old: str | None, new: str | None, before: str, after: str) -> FileChange:
    return FileChange(
        old, new, status, before if old else None, after if new else None, "patch of one commit"
    )


def test_one_commit_stays_as_it_is() -> None:
    only = change("M", "a.py", "a.py", "1", "2")
    assert combine([[only]]) == (only,)


def test_several_commits_are_one_change_from_the_first_text_to_the_last() -> None:
    combined = combine(
        [
            [
                change("M", "a.py", "a.py", "1", "2"),
                change("A", None, "new.py", "", "n"),
                change("A", None, "tmp.py", "", "t"),
                change("M", "back.py", "back.py", "x", "y"),
                change("D", "gone.py", None, "g", ""),
                change("R", "old.py", "moved.py", "o", "o"),
            ],
            [
                change("R", "a.py", "b.py", "2", "3"),
                change("M", "new.py", "new.py", "n", "nn"),
                change("D", "tmp.py", None, "t", ""),
                change("M", "back.py", "back.py", "y", "x"),
                change("A", None, "gone.py", "", "h"),
                change("M", "moved.py", "moved.py", "o", "p"),
            ],
        ]
    )
    assert [(x.status, x.path_before, x.path_after, x.before, x.after) for x in combined] == [
        ("R", "a.py", "b.py", "1", "3"),
        ("M", "gone.py", "gone.py", "g", "h"),
        ("R", "old.py", "moved.py", "o", "p"),
        ("A", None, "new.py", None, "nn"),
    ]
    assert {x.patch for x in combined} == {""}
