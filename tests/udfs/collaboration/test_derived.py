"""What an object repeats is left out; everything else stays."""

from __future__ import annotations

from tests.collaboration import issue, pull
from udfs.collaboration.derived import reduce


def test_addresses_that_follow_are_left_out_and_others_stay() -> None:
    found = reduce(issue(3, parent_issue_url="https://api.github.com/repos/a/b/issues/1"))
    assert not {"url", "repository_url", "node_id"} & found.keys()
    assert found["html_url"].endswith("/issues/3")
    assert found["parent_issue_url"].endswith("/issues/1")
    assert found["labels"] == [{"id": 1, "name": "bug", "color": "d73a4a"}]
    assert found["reactions"] == {"total_count": 0}


def test_people_and_repositories_inside_an_object_are_named() -> None:
    found = reduce(pull(3))
    assert found["user"] == {"login": "grace", "id": 514, "type": "User"}
    assert found["base"]["repo"] == {"id": 11, "full_name": "ada/tally"}


def test_stars_are_no_change_of_a_pull_but_unknown_fields_are() -> None:
    one, starred, odd = pull(3), pull(3), pull(3)
    starred["base"]["repo"]["stargazers_count"] = 4
    odd["base"]["repo"]["sponsored"] = True
    odd["user"]["pronouns"] = "she/her"
    assert reduce(starred) == reduce(one)
    assert reduce(odd)["base"]["repo"]["sponsored"] is True
    assert reduce(odd)["user"]["pronouns"] == "she/her"


def test_the_object_itself_keeps_fields_that_a_nested_one_would_lose() -> None:
    named = {"login": "ada", "full_name": "ada/tally", "html_url": "h", "description": "d"}
    assert reduce(named) == named
