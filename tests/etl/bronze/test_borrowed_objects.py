"""A repository that would read another one's objects as its own says so; others are let through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.bronze.borrowed_objects import BorrowedError, require_own_objects
from etl.bronze.clone import CloneParams
from etl.bronze.git_objects import open_repository
from etl.bronze.plan_history import PlanParams, inspect
from tests.repositories import RepositoryBuilder

PARAMS = PlanParams(
    refs=("HEAD",), pulls=False, rows_per_range=9, most_entries=9, clone=CloneParams(seconds=9)
)


@pytest.fixture
def secret(tmp_path: Path) -> RepositoryBuilder:
    """A repository that was not asked for."""
    made = RepositoryBuilder(tmp_path / "secret")
    made.write("key.py", "KEY = 1\n")
    made.commit("Keep the key")
    return made


@pytest.fixture
def hostile(tmp_path: Path, secret: RepositoryBuilder) -> RepositoryBuilder:
    """One that was asked for, whose branch names a commit of the other."""
    made = RepositoryBuilder(tmp_path / "hostile")
    made.set_branch("main", secret.head)
    return made


def alternates(hostile: RepositoryBuilder, secret: RepositoryBuilder) -> None:
    place = hostile.git_dir / "objects" / "info" / "alternates"
    place.write_text(f"# a comment\n\n{secret.git_dir}/objects\n")


def commondir(hostile: RepositoryBuilder, secret: RepositoryBuilder) -> None:
    (hostile.git_dir / "commondir").write_text("../../secret/.git\n")


def linked_folder(hostile: RepositoryBuilder, secret: RepositoryBuilder) -> None:
    objects = hostile.git_dir / "objects"
    (hostile.path / "put away").mkdir()
    objects.rename(hostile.path / "put away" / "objects")
    objects.symlink_to(secret.git_dir / "objects")


def linked_files(hostile: RepositoryBuilder, secret: RepositoryBuilder) -> None:
    for place in (secret.git_dir / "objects").glob("??/*"):
        copy = hostile.git_dir / "objects" / place.parent.name / place.name
        copy.parent.mkdir(exist_ok=True)
        copy.symlink_to(place)


@pytest.mark.parametrize("borrow", [alternates, commondir, linked_folder, linked_files])
def test_borrowed_objects_are_not_read(
    borrow: Callable[[RepositoryBuilder, RepositoryBuilder], None],
    hostile: RepositoryBuilder,
    secret: RepositoryBuilder,
) -> None:
    borrow(hostile, secret)
    opened = open_repository(str(hostile.git_dir))
    assert secret.head in opened, "libgit2 alone would read them"
    with pytest.raises(BorrowedError, match=f"{secret.git_dir}|{hostile.git_dir}") as caught:
        require_own_objects(str(hostile.git_dir))
    row = inspect(str(hostile.git_dir), False, False, "/nonexistent", PARAMS)
    assert (row["error"], row["tips"]) == (str(caught.value), [])


def test_work_trees_and_clones_own_their_objects(secret: RepositoryBuilder, tmp_path: Path) -> None:
    tree, copy = tmp_path / "tree", tmp_path / "copy.git"
    secret.git("worktree", "add", "--quiet", "--detach", str(tree))
    secret.git("clone", "--quiet", "--bare", str(secret.path), str(copy))
    (copy / "objects" / "info" / "alternates").write_text("# none\n")
    for place in (secret.git_dir, secret.git_dir / "worktrees" / "tree", copy):
        require_own_objects(str(place))
        assert inspect(str(place), False, True, "/nonexistent", PARAMS)["tips"] == [secret.head]
