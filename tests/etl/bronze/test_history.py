"""The order in which a history is read, and cuts of about equal work."""

from __future__ import annotations

import os
from itertools import pairwise

import pygit2
import pytest

from etl.bronze.git_objects import open_repository
from etl.bronze.history import History, cut_history, list_history
from tests.repositories import RepositoryBuilder


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    """Sixteen small commits, eight of 40 files, and small ones again."""
    made = RepositoryBuilder(tmp_path_factory.mktemp("history") / "project")
    for number in range(41):
        if 16 <= number < 24:
            for name in range(40):
                made.write(f"many/{name}.txt", f"{number}\n")
        made.write("a.txt", f"{number}\n")
        made.commit(f"change {number}")
    return made


def whole(repo: RepositoryBuilder) -> tuple[pygit2.Repository, History]:
    opened = open_repository(str(repo.git_dir))
    return opened, list_history(opened, (repo.head,), (), (), ())


def test_a_history_is_that_of_git(repo: RepositoryBuilder) -> None:
    _, history = whole(repo)
    assert [history[n] for n in range(len(history))] == repo.git(
        "rev-list", "--reverse", "HEAD"
    ).split()
    assert history.mainline == len(history) == 41
    with pytest.raises(IndexError, match="41"):
        history[41]


def test_what_only_pull_requests_have_comes_last(repo: RepositoryBuilder) -> None:
    base, head = repo.git("rev-parse", "HEAD~9", "HEAD~2").split()
    opened = open_repository(str(repo.git_dir))
    history = list_history(opened, (base,), (), (head, base), ())
    assert (history.mainline, len(history)) == (32, 39)
    assert history[38] == head
    later = list_history(opened, (base,), (base,), (head, repo.head), (head,))
    assert (later.mainline, len(later)) == (0, 2)


@pytest.mark.parametrize("rows", [1, 10, 50, 10_000])
def test_cuts_cover_the_history_in_order(repo: RepositoryBuilder, rows: int) -> None:
    opened, history = whole(repo)
    cuts = cut_history(opened, history, rows, 1000)
    assert cuts == sorted(set(cuts))
    assert cuts[0] > 0 and cuts[-1] == len(history)


def test_a_range_has_fewer_commits_where_they_are_larger(repo: RepositoryBuilder) -> None:
    opened, history = whole(repo)
    cuts = cut_history(opened, history, 30, 1000)
    sizes = {end: end - start for start, end in pairwise((0, *cuts))}
    large = [size for end, size in sizes.items() if 17 < end <= 24]
    small = [size for end, size in sizes.items() if end <= 16]
    assert set(large) == {1} and min(small) > 9, cuts
    # Work that cannot be told counts as little: a commit over the limit is rejected anyway.
    assert len(cut_history(opened, history, 30, 10)) < len(cuts)


def test_an_empty_history_has_no_cut(repo: RepositoryBuilder) -> None:
    opened = open_repository(str(repo.git_dir))
    history = list_history(opened, (repo.head,), (repo.head,), (), ())
    assert len(history) == 0
    assert cut_history(opened, history, 10, 10) == []


def test_a_lost_commit_takes_a_place(repo: RepositoryBuilder) -> None:
    copy = RepositoryBuilder(repo.path.parent / "lost")
    copy.write("a", "1")
    gone = copy.commit("to be lost")
    copy.write("a", "2")
    copy.commit("stays")
    os.remove(copy.git_dir / "objects" / gone[:2] / gone[2:])
    opened, history = whole(copy)
    assert [history[n] for n in range(len(history))] == [gone, copy.head]
    assert cut_history(opened, history, 1, 10) == [1, 2]
