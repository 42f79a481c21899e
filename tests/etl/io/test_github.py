"""One client against a real server on the loopback: pages, entity tags, limits, faults, renames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pydantic
import pytest

from etl.errors import ConfigError
from etl.io.github import (
    FetchError,
    FetchParams,
    GithubClient,
    environment_token,
    is_name,
    limit_wait,
)
from tests.github_server import GithubServer, Reply, serving, tally

TOKEN = "ghp_very_secret"
NOW = 1_800_000_000.0
DEFAULTS: dict[str, Any] = {
    "enabled": True, "host": "github.com", "page_size": 3, "timelines": True,
    "timeout_seconds": 20, "attempts": 4, "backoff_seconds": 2, "most_wait_seconds": 900,
}  # fmt: skip


class Waits(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with serving(tally()) as running:
        yield running


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client(server: GithubServer, waits: Waits) -> Iterator[GithubClient]:
    params = FetchParams(api=server.url, **DEFAULTS)
    with GithubClient(params, token=TOKEN, sleep=waits, now=lambda: NOW) as made:
        yield made


def limited(status: int = 403, said: str = "API rate limit exceeded", **headers: str) -> Reply:
    return Reply(status, {"message": said}, {k.replace("_", "-"): v for k, v in headers.items()})


def test_pages_are_followed_by_their_links(server: GithubServer, client: GithubClient) -> None:
    pages = list(client.pages("/repos/ada/tally/issues?per_page=3&state=all"))
    assert [len(page.body) for page in pages] == [3, 3, 3, 2]
    assert [x["number"] for page in pages for x in page.body] == list(range(1, 12))
    assert len(server.seen) == 4
    for request in server.seen:
        assert request.headers["authorization"] == f"token {TOKEN}"
        assert request.headers["user-agent"] == "codesluice"
        assert "if-none-match" not in request.headers


def test_without_a_token_none_is_sent(server: GithubServer) -> None:
    with GithubClient(FetchParams(api=server.url, **DEFAULTS), token=None) as client:
        assert client.get("/repos/ada/tally") is not None
    assert "authorization" not in server.seen[0].headers


def test_an_unchanged_page_is_not_sent_again(server: GithubServer, client: GithubClient) -> None:
    page = client.get("/repos/ada/tally")
    assert page is not None and page.etag
    assert client.get("/repos/ada/tally", page.etag) is None
    server.projects["Ada/Tally"].fork = True
    changed = client.get("/repos/ada/tally", page.etag)
    assert changed is not None and changed.body["fork"] is True and changed.etag != page.etag


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (limited(x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 30)), 31.0),
        (limited(429, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW) + 30)), 31.0),
        (limited(said="You have exceeded a secondary rate limit", retry_after="17"), 17.0),
        (limited(429, retry_after="Fri, 15 Jan 2027 08:01:40 GMT"), 60.0),
        (limited(429, said="slow down"), 60.0),
        (limited(said="You have exceeded a secondary rate limit"), 60.0),
    ],
    ids=["primary", "primary 429", "secondary", "date", "no header", "no header, but said"],
)
def test_a_limit_is_waited_for(
    server: GithubServer, client: GithubClient, waits: Waits, reply: Reply, wait: float
) -> None:
    server.replies = [("tally", reply)]
    page = client.get("/repos/ada/tally")
    assert page is not None and page.body["id"] == 4242
    assert (waits, len(server.seen)) == ([wait], 2)


def test_a_limit_that_lasts_too_long_ends_the_fetch(
    server: GithubServer, client: GithubClient, waits: Waits
) -> None:
    late = str(int(NOW) + 3000)
    server.replies = [("tally", limited(x_ratelimit_remaining="0", x_ratelimit_reset=late))]
    with pytest.raises(FetchError) as stopped:
        client.get("/repos/ada/tally")
    assert (stopped.value.reason, waits, len(server.seen)) == ("rate_limited", [], 1)


@pytest.mark.parametrize(
    ("headers", "status", "said", "expected"),
    [
        ({}, 403, "Must have admin rights", None),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1"}, 403, "No", None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, 403, "No", None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}, 403, "", float("inf")),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "10"}, 403, "", 1.0),
        ({"retry-after": "5"}, 500, "", None),
        ({"retry-after": "soon"}, 403, "", 60.0),
    ],
)
def test_what_counts_as_a_limit(
    headers: dict[str, str], status: int, said: str, expected: float | None
) -> None:
    assert limit_wait(status, headers, said, NOW) == expected


@pytest.mark.parametrize(
    "broken",
    [
        Reply(500, {"message": "Server Error"}),
        Reply(502, b"<html>Unicorn!</html>"),
        Reply(200, {"id": 4242, "full_name": "Ada/Tally"}, cut=9),
        Reply(200, b'[{"id": 1}, {"id"'),
        Reply(200, b"[" * 100_000),
    ],
    ids=["500", "502 in HTML", "dropped in the body", "cut JSON", "deep JSON"],
)
def test_a_passing_fault_is_retried_with_growing_waits(
    server: GithubServer, client: GithubClient, waits: Waits, broken: Reply
) -> None:
    server.replies = [("tally", broken), ("tally", broken)]
    page = client.get("/repos/ada/tally")
    assert page is not None and page.body["full_name"] == "Ada/Tally"
    assert (waits, len(server.seen)) == ([2.0, 4.0], 3)
    server.replies = [("tally", broken)] * 4
    with pytest.raises(FetchError, match="server_error"):
        client.get("/repos/ada/tally")
    assert server.replies == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "not_found"), (410, "not_found"), (451, "taken_down"), (403, "forbidden"),
     (422, "forbidden")],
)  # fmt: skip
def test_a_refusal_has_a_reason_and_is_not_retried(
    server: GithubServer, client: GithubClient, waits: Waits, status: int, reason: str
) -> None:
    server.replies = [("tally", Reply(status, {"message": f"No, {TOKEN},\n not for you"}))]
    with pytest.raises(FetchError) as refusal:
        client.get("/repos/ada/tally")
    assert refusal.value.reason == reason
    assert refusal.value.detail == f"HTTP {status} No, ***, not for you"
    assert (waits, len(server.seen)) == ([], 1)


def test_a_token_that_is_refused_is_the_users_matter(
    server: GithubServer, client: GithubClient
) -> None:
    server.replies = [("tally", Reply(401, {"message": f"Bad credentials {TOKEN}"}))]
    with pytest.raises(ConfigError, match="refuses the token in GITHUB_TOKEN") as refusal:
        client.get("/repos/ada/tally")
    assert TOKEN not in str(refusal.value) + repr(client)


def test_a_rename_is_followed_on_the_same_address(
    server: GithubServer, client: GithubClient
) -> None:
    server.moved = {"old/name": "Ada/Tally"}
    page = client.get("/repos/old/name")
    assert page is not None and page.body["full_name"] == "Ada/Tally"
    assert [request.path for request in server.seen] == ["/repos/old/name", "/repositories/4242"]
    assert server.seen[1].headers["authorization"] == f"token {TOKEN}"


def test_no_other_address_sees_the_token(server: GithubServer, client: GithubClient) -> None:
    with serving(tally()) as other:
        elsewhere = f"{other.url}/repos/ada/tally"
        for reply in (
            Reply(301, {}, {"Location": elsewhere}),
            Reply(307, {}, {"Location": "/repos/ada/tally"}),
            Reply(302, {}, {}),
            Reply(200, [], {"Link": f'<{elsewhere}>; rel="next"'}),
        ):
            server.replies = [("tally", reply)]
            with pytest.raises(FetchError, match="another address"):
                client.get("/repos/ada/tally")
        assert other.seen == []


def test_redirects_come_to_an_end(server: GithubServer, client: GithubClient) -> None:
    server.moved = {"old/name": "Ada/Tally"}
    circle = Reply(301, {}, {"Location": f"{server.url}/repos/old/name"})
    server.replies = [("old/name", circle)] * 9
    with pytest.raises(FetchError, match="5 redirects"):
        client.get("/repos/old/name")


def test_a_server_that_is_gone_is_reported_after_the_last_attempt(waits: Waits) -> None:
    with serving() as gone:
        url = gone.url
    client = GithubClient(FetchParams(api=url, **DEFAULTS), token=None, sleep=waits)
    with pytest.raises(FetchError, match="no answer"):
        client.get("/repos/ada/tally")
    assert waits == [2.0, 4.0, 8.0]


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    assert environment_token() is None
    monkeypatch.setenv("GH_TOKEN", "second\n")
    assert environment_token() == "second"
    monkeypatch.setenv("GITHUB_TOKEN", "first")
    assert environment_token() == "first"
    monkeypatch.setenv("GITHUB_TOKEN", "two\nlines")
    with pytest.raises(ConfigError, match="GITHUB_TOKEN holds characters") as refusal:
        environment_token()
    assert "two" not in str(refusal.value)


def test_names_are_safe_as_folders() -> None:
    assert is_name("pallets/click") and is_name("a/.github") and is_name("A-b/c_d.e")
    for text in ("", "a", "a/b/c", "a/..", "../b", "./b", "a/", "a/b\n", "a/ü", "/etc/passwd"):
        assert not is_name(text), text


@pytest.mark.parametrize(
    "url", ["http://api.github.com", "ftp://x", "https://u:p@host", "", "http://127.0.0.1.evil.org"]
)
def test_a_token_is_only_sent_where_nobody_reads_along(url: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="https URL without credentials"):
        FetchParams(api=url, **DEFAULTS)
