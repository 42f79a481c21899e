"""Commits of pulls, found in the graph alone."""

from __future__ import annotations

from udfs.links.history import (
    Commit,
    beside_mainline,
    brought_by_merges,
    first_parents,
    landed_as,
)


def commit(
    *parents: str, on: bool = True, by: str = "ada", at: int = 0, subject: str = ""
) -> Commit:
    return Commit(parents, on, by, at, subject)


# root - a - m1 - m2   the line of first parents
#    \- b - c /   /    c merges nothing; d comes with m2, on top of b
#        \-- d --/
GRAPH = {
    "root": commit(),
    "a": commit("root"),
    "b": commit("root"),
    "c": commit("b"),
    "d": commit("b"),
    "m1": commit("a", "c"),
    "m2": commit("m1", "d"),
}


def test_a_merge_brings_what_was_not_there_before_it() -> None:
    line = first_parents(GRAPH, "m2")
    assert line == ["m2", "m1", "a", "root"]
    assert brought_by_merges(GRAPH, line) == {"m1": {"b", "c"}, "m2": {"d"}}
    assert brought_by_merges(GRAPH, first_parents(GRAPH, None)) == {}


def test_what_lies_beside_the_mainline_is_bounded() -> None:
    graph = {**GRAPH, "e": commit("a", on=False), "f": commit("e", on=False)}
    assert beside_mainline(graph, "f", 2) == {"e", "f"}
    assert beside_mainline(graph, "f", 1) is None
    assert beside_mainline(graph, "m1", 2) == set()
    assert beside_mainline(graph, "gone", 2) == set()


def test_a_rebase_keeps_the_time_and_a_squash_the_subject() -> None:
    graph = {
        "r": commit("root", at=5, subject="Fix it"),
        "s": commit("r", at=9, subject="Add the total of entries"),
        "t": commit("s", at=10, subject="Update the docs"),
        "u": commit("t", at=11, subject="Update README"),
        "p1": commit("root", on=False, at=5, subject="Fix it"),
        "p2": commit("root", on=False, at=6, subject="Add the total of entries"),
        "p3": commit("root", on=False, at=1, subject="Update the docs"),
        "p4": commit("root", on=False, at=2, subject="Update the docs"),
        "p5": commit("root", on=False, at=3, subject="Update README"),
        "p6": commit("root", on=False, at=3, by="eve", subject="Add the total of entries"),
    }
    pulls = {"1": {"p1"}, "2": {"p2"}, "3": {"p3"}, "4": {"p4"}, "5": {"p5"}, "6": {"p6"}}
    assert landed_as(graph, pulls) == {("r", "1"): "rebased", ("s", "2"): "same_subject"}
