"""Pairs straight from a git directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.jobs.commit_pairs import ChangeReader, by_chance
from tests.repositories import BOT, RepositoryBuilder

CONFIG = read_config(conf_folder())
TALLY = "def total(xs):\n    return sum(xs)\n"
MEAN = TALLY + "\n\ndef mean(xs):\n    return total(xs) / len(xs)\n"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> ChangeReader:
    made = RepositoryBuilder(tmp_path_factory.mktemp("pairs") / "tally")
    made.write("tally.py", TALLY)
    made.commit("First commit")
    made.write("tally.py", MEAN)
    made.commit("feat: add the mean of numbers to the tally")
    made.write("tally.py", MEAN + "\n\nLIMIT = 3\n")
    made.commit("feat: add the limit of numbers", author=BOT)
    return ChangeReader(str(made.git_dir), CONFIG)


def test_commits_of_one_parent_are_listed(reader: ChangeReader) -> None:
    logged = list(reader.log())
    assert [commit.message.strip() for commit in logged] == [
        "feat: add the mean of numbers to the tally",
        "feat: add the limit of numbers",
    ]
    assert sorted(by_chance(iter(logged)), key=logged.index) == logged
    assert reader.name == "tally"


def test_people_give_pairs_as_in_the_pipeline(reader: ChangeReader) -> None:
    mean, limit = reader.log()
    pair = reader.pair(mean)
    assert pair is not None
    assert pair.category == "new_feature"
    assert "+def mean(xs):" in pair.response
    assert "def total(xs):" in pair.context
    assert reader.pair(limit) is None


def test_what_is_no_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no git directory"):
        ChangeReader(str(tmp_path / "nothing"), CONFIG)
