"""Trees are counted before they are compared, and parents are found that libgit2 cannot parse."""

from __future__ import annotations

from pathlib import Path

import pygit2
import pytest

from etl.bronze.diff_bounds import (
    TooManyPathsError,
    count_paths,
    parent_trees,
    require_small_trees,
    size_of,
)
from etl.bronze.git_objects import open_repository
from tests.repositories import RepositoryBuilder


@pytest.fixture
def repo(tmp_path: Path) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path)
    made.write("a.txt", "a\n")
    made.write("folder/b.txt", "b\n")
    made.write("folder/deeper/c.txt", "c\n")
    made.commit("first")
    made.write("folder/deeper/c.txt", "C\n")
    made.write("folder/new.txt", "new\n")
    made.delete("a.txt")
    made.commit("second")
    return made


def tree_of(repo: RepositoryBuilder, name: str) -> pygit2.Tree:
    tree = open_repository(str(repo.git_dir))[repo.git("rev-parse", f"{name}^{{tree}}")]
    assert isinstance(tree, pygit2.Tree)
    return tree


def test_files_and_folders_are_counted(repo: RepositoryBuilder) -> None:
    repository = open_repository(str(repo.git_dir))
    old, new = tree_of(repo, "HEAD~1"), tree_of(repo, "HEAD")
    assert count_paths(repository, old.id) == 5  # a.txt, folder, b.txt, deeper, c.txt
    assert count_paths(repository, new.id) == 5
    require_small_trees(repository, [old, new], 5)
    with pytest.raises(TooManyPathsError, match="over 4 files and folders"):
        require_small_trees(repository, [old], 4)


@pytest.mark.parametrize("names", [b"0123456789", b"aaaaaaaaaa"], ids=["names", "one name"])
@pytest.mark.parametrize("leaf", ["blob", "tree"])
def test_a_bomb_is_counted_object_by_object(tmp_path: Path, names: bytes, leaf: str) -> None:
    """Of 10^30 files or empty folders, whose names may even be the same."""
    repo = RepositoryBuilder(tmp_path)
    mode = {"blob": b"100644", "tree": b"40000"}[leaf]
    oid = repo.put_object(leaf, b"")
    for _ in range(30):
        entry = b"\0" + bytes.fromhex(oid)
        entries = b"".join(mode + b" " + bytes([name]) + entry for name in names)
        mode, oid = b"40000", repo.put_object("tree", entries)
    found = count_paths(open_repository(str(repo.git_dir)), pygit2.Oid(hex=oid))
    assert found == sum(10**level for level in range(1, 31))


def test_a_folder_that_is_lost_is_not_counted_as_empty(repo: RepositoryBuilder) -> None:
    tree, blob = tree_of(repo, "HEAD").id, repo.git("rev-parse", "HEAD:folder/b.txt")
    false = repo.put_object("tree", b"40000 f\0" + bytes.fromhex(blob))
    lost = repo.put_object("tree", b"40000 f\0" + b"\x99" * 20)
    repository = open_repository(str(repo.git_dir))
    for oid in (false, lost):
        with pytest.raises((pygit2.GitError, KeyError, ValueError)):
            count_paths(repository, pygit2.Oid(hex=oid))
    assert count_paths(repository, tree) == 5


def test_the_tree_of_a_parent_that_cannot_be_parsed_is_found(repo: RepositoryBuilder) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    bad = repo.raw_commit(tree, [repo.head], b"bad\n", author=b"Ada")
    child = repo.raw_commit(tree, [bad, repo.head], b"child\n")
    repository = open_repository(str(repo.git_dir))
    commit = repository[child]
    assert isinstance(commit, pygit2.Commit)
    assert [str(found.id) for found in parent_trees(repository, commit)] == [tree, tree]


@pytest.mark.parametrize("kind", ["lost", "a blob", "without a tree"])
def test_a_parent_without_a_tree_is_an_error(repo: RepositoryBuilder, kind: str) -> None:
    parent = {
        "lost": "9" * 40,
        "a blob": repo.git("rev-parse", "HEAD:folder/b.txt"),
        "without a tree": repo.hash_object("commit", b"author Ada <a@b> 1 +0000\n\nhi\n"),
    }[kind]
    child = repo.raw_commit(repo.git("rev-parse", "HEAD^{tree}"), [parent], b"child\n")
    repository = open_repository(str(repo.git_dir))
    commit = repository[child]
    assert isinstance(commit, pygit2.Commit)
    with pytest.raises((pygit2.GitError, KeyError, ValueError)):
        parent_trees(repository, commit)


def test_sizes_are_told_without_reading(repo: RepositoryBuilder) -> None:
    repository = open_repository(str(repo.git_dir))
    blob = repo.git("rev-parse", "HEAD:folder/new.txt")
    assert size_of(repository, pygit2.Oid(hex=blob)) == 4
    assert size_of(repository, pygit2.Oid(hex="9" * 40)) == 0
