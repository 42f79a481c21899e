"""Names and numbers in GitHub's addresses."""

from __future__ import annotations

from typing import Any

import pytest

from udfs.collaboration.names import number_in, number_of_url, plain_name, repository_of_url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.github.com/repos/Ada/Tally.js/issues/4", "ada/tally.js"),
        ("https://api.github.com/repos/ada/tally", "ada/tally"),
        ("https://github.com/ada/tally/pull/4#discussion_r5", "ada/tally"),
        ("https://api.github.com/users/ada", None),
        ("https://github.com.example.org/ada/tally", None),
        ("https://example.org/https://github.com/ada/tally", None),
        ("https://github.com/ada", None),
        ("https://github.com/ada/\ud83d", None),
        (None, None),
        (7, None),
    ],
)
def test_the_repository_of_an_address(url: Any, name: str | None) -> None:
    assert repository_of_url(url) == name


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://api.github.com/repos/a/b/issues/12", 12),
        ("https://api.github.com/repos/a/b/pulls/12/comments", 12),
        ("https://github.com/a/b/pull/12#discussion_r99", 12),
        ("https://api.github.com/repos/a/b/issues/comments/99", None),
        ("https://api.github.com/repos/a/b/pulls/comments/99", None),
        ("https://github.com/a/b/issues/" + "9" * 40, None),
        (None, None),
    ],
)
def test_the_number_in_an_address(url: Any, number: int | None) -> None:
    assert number_of_url(url) == number


def test_a_name_is_owner_and_name_in_lower_case() -> None:
    assert plain_name("Ada/Tally-2_x.y") == "ada/tally-2_x.y"
    for wrong in ("ada", "ada/tally/x", "/tally", "ada/", "ad a/tally", "ada/t\nx", None, ["a/b"]):
        assert plain_name(wrong) is None


def test_a_number_is_one_that_a_table_can_hold() -> None:
    assert number_in({"number": 7}) == 7
    for wrong in (None, "7", True, -1, 2**63, 7.0):
        assert number_in({"number": wrong}) is None
