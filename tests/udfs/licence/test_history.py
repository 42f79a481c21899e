"""The texts in force at a commit are those that its tree holds, found without reading trees."""

from __future__ import annotations

from pathlib import Path

from tests.repositories import RepositoryBuilder
from udfs.licence import PathChange, texts_in_force


def _read(repo: RepositoryBuilder) -> tuple[dict[str, list[str]], dict[str, list[PathChange]]]:
    """Parents and changes of all commits, as bronze has them: a merge changes nothing."""
    parents = {}
    for line in repo.git("log", "--all", "--format=%H %P").splitlines():
        oid, *listed = line.split()
        parents[oid] = listed
    changes: dict[str, list[PathChange]] = {}
    for commit, listed in parents.items():
        if len(listed) > 1:
            continue
        raw = repo.git("diff-tree", "-r", "--root", "--no-commit-id", "--no-renames", commit)
        for line in raw.splitlines():
            fields, path = line.split("\t")
            oid, status = fields.split()[3:5]
            changes.setdefault(commit, []).append(PathChange(path, None if status == "D" else oid))
    return parents, changes


def _tree(repo: RepositoryBuilder, commit: str) -> dict[str, str]:
    lines = repo.git("ls-tree", "-r", commit).splitlines()
    return {line.split("\t")[1]: line.split("\t")[0].split()[2] for line in lines}


def test_a_history_with_branches_gives_the_trees_that_git_has(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path / "r")
    repo.write("LICENSE", "GPL")
    repo.write("vendor/COPYING", "LGPL")
    repo.commit("Begin")
    repo.branch("old")
    repo.checkout("main")
    repo.write("LICENSE", "MIT")
    repo.commit("Change the licence")
    repo.checkout("old")
    repo.write("a.txt", "a")
    repo.commit("Go on under the old licence")
    repo.checkout("main")
    repo.merge("old", "Merge what was begun before")
    repo.branch("side")
    repo.delete("vendor/COPYING")
    repo.write("COPYING", "more")
    repo.commit("Move it")
    repo.checkout("main")
    repo.write("b.txt", "b")
    repo.commit("Work")
    repo.merge("side", "Merge the move")
    repo.rename("LICENSE", "LICENSE.md")
    repo.commit("Rename")
    parents, changes = _read(repo)
    found = texts_in_force(parents, changes, _tree(repo, repo.head))
    assert len(found) == 8
    assert found == {commit: _tree(repo, commit) for commit in parents}


def test_commits_without_changes_share_one_mapping() -> None:
    parents = {"a": [], "b": ["a"], "c": ["b"], "d": ["c", "b"]}
    found = texts_in_force(parents, {"a": [PathChange("LICENSE", "1")]}, {"LICENSE": "1"})
    assert len({id(texts) for texts in found.values()}) == 1
    assert found["d"] == {"LICENSE": "1"}


def test_where_both_sides_changed_it_the_line_merged_into_counts() -> None:
    parents = {"root": [], "x": ["root"], "y": ["root"], "m": ["y", "x"], "n": ["m"]}
    changes = {oid: [PathChange("LICENSE", oid)] for oid in ("root", "x", "y")}
    found = texts_in_force(parents, changes, {"LICENSE": "y"})
    assert found["n"] == {"LICENSE": "y"}
    parents["m"] = ["x", "y"]
    assert texts_in_force(parents, changes, {"LICENSE": "x"})["n"] == {"LICENSE": "x"}


def test_a_text_that_one_side_left_behind_is_the_older_one() -> None:
    """Both sides came to text 2 by commits of their own, and one went on from there."""
    parents = {"a": [], "x": ["a"], "y": ["a"], "z": ["y"], "m": ["x", "z"]}
    changes = {
        "a": [PathChange("LICENSE", "1")],
        "x": [PathChange("LICENSE", "2")],
        "y": [PathChange("LICENSE", "2")],
        "z": [PathChange("LICENSE", "3")],
    }
    assert texts_in_force(parents, changes, {"LICENSE": "3"})["m"] == {"LICENSE": "3"}


def test_a_history_of_another_project_does_not_relicense_this_one() -> None:
    """As `git subtree add` merges it: its root files lie in a folder from then on."""
    parents = {"ours": [], "theirs": [], "m": ["ours", "theirs"]}
    changes = {
        "ours": [PathChange("LICENSE", "MIT")],
        "theirs": [PathChange("COPYING", "GPL"), PathChange("lib/COPYING", "LGPL")],
    }
    head = {"LICENSE": "MIT", "sub/COPYING": "GPL", "lib/COPYING": "LGPL"}
    found = texts_in_force(parents, changes, head)
    assert found["m"] == head, "what no commit changed came with a merge"
    assert found["theirs"]["COPYING"] == "GPL"


def test_after_a_commit_that_is_not_known_the_newest_tree_stands_in() -> None:
    parents = {"b": ["gone"], "c": ["b"], "d": ["c"]}
    changes = {"c": [PathChange("LICENSE", "GPL")], "d": [PathChange("LICENSE", "MIT")]}
    found = texts_in_force(parents, changes, {"LICENSE": "MIT"})
    assert [found[oid]["LICENSE"] for oid in "bcd"] == ["MIT", "GPL", "MIT"]


def test_the_order_of_the_input_does_not_matter() -> None:
    parents = {"a": [], "b": [], "c": ["a"], "d": ["a"], "e": ["c", "d"], "f": ["e", "b"]}
    changes = {oid: [PathChange("LICENSE", oid)] for oid in "abcd"}
    found = texts_in_force(parents, changes, {"LICENSE": "c"})
    again = texts_in_force(dict(reversed(parents.items())), changes, {"LICENSE": "c"})
    assert found == again
    assert texts_in_force({"a": ["b"], "b": ["a"]}, {}, {}) == {}, "no commit is its own parent"
