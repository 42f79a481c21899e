"""A name leads to the repository of the home that GitHub's id says it is."""

from __future__ import annotations

from itertools import permutations

import pytest

from etl.bronze.repo_names import (
    find_renamed,
    ids_of_home,
    input_batch,
    repo_id_of,
    resolve_names,
)
from etl.bronze.sources import canonical_url, digest

HOME = {"ada/tally": "T", "ada/report": "R"}


def test_identity_is_that_of_the_url() -> None:
    assert repo_id_of("ada/tally") == digest(
        "repository", canonical_url("git@github.com:Ada/Tally")
    )


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ([("ada/tally", 0)], {"ada/tally": "T"}),
        ([("ada/tally", 1), ("ada/sums", 1)], {"ada/tally": "T", "ada/sums": "T"}),
        ([("ada/tally", 1), ("ada/sums", 2)], {"ada/tally": "T", "ada/sums": None}),
        ([("ada/sums", 1), ("ada/money", 1)], {"ada/sums": None, "ada/money": None}),
        # A new repository took the old name of a renamed one: both ids lead to it.
        ([("ada/tally", 1), ("ada/tally", 2), ("ada/sums", 1)],
         {"ada/tally": "T", "ada/sums": "T"}),
        ([("ada/tally", 1), ("ada/report", 2), ("ada/x", 1), ("ada/x", 2)],
         {"ada/tally": "T", "ada/report": "R", "ada/x": None}),
        ([("ada/tally", 1), ("ada/report", 1)], {"ada/tally": "T", "ada/report": "R"}),
    ],
)  # fmt: skip
def test_names_lead_to_the_home_in_any_order(
    said: list[tuple[str, int]], names: dict[str, str | None]
) -> None:
    wanted = {name: repo_id or repo_id_of(name) for name, repo_id in names.items()}
    for order in permutations(said):
        assert resolve_names(order, HOME) == wanted


@pytest.mark.parametrize(
    ("said", "renamed"),
    [
        ([("ada/tally", 1), ("ada/sums", 1), ("ada/money", 1)],
         {"ada/sums": "T", "ada/money": "T"}),
        ([("ada/tally", 0), ("ada/sums", 0)], {}),
        ([("ada/tally", 1), ("ada/sums", 2)], {}),
        # A name that passed from one repository to another: which one was read, nobody knows.
        ([("ada/tally", 1), ("ada/sums", 1), ("ada/sums", 3)], {}),
        ([("ada/tally", 1), ("ada/tally", 2), ("ada/sums", 1)], {}),
        # The home read one repository under two names before it was known to be one.
        ([("ada/tally", 1), ("ada/report", 1), ("ada/sums", 1)], {}),
        ([("ada/tally", 1), ("ada/report", 2), ("ada/x", 2), ("ada/y", 4)], {"ada/x": "R"}),
    ],
)  # fmt: skip
def test_only_a_sure_name_is_one_of_a_renamed_repository(
    said: list[tuple[str, int]], renamed: dict[str, str]
) -> None:
    for order in permutations(said):
        assert find_renamed(order, HOME) == renamed


def test_ids_of_the_home_are_those_beside_its_names() -> None:
    said = [("ada/tally", 1), ("ada/sums", 2), ("ada/report", 0)]
    assert ids_of_home(said, HOME) == {1}


def test_a_batch_is_what_a_file_says_about_one_repository() -> None:
    assert len({input_batch(sha, repo) for sha in ("a", "b") for repo in ("T", "R")}) == 4
