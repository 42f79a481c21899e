"""A loopback server that answers as GitHub's REST API does, pages, entity tags and faults included.

Objects have the shapes of GitHub's answers, cut to the fields that tell something.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
PREFIX = "/api/v3"  # as on GitHub Enterprise
Found = dict[str, Any]


def at(minutes: float) -> str:
    """A time as GitHub writes it."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str) -> Found:
    """An account."""
    return {"login": login, "id": sum(map(ord, login)), "type": "User", "site_admin": False}


@dataclass
class Project:
    """A repository with its issues, pull requests and what was said about them."""

    name: str
    github_id: int
    fork: bool = False
    has_issues: bool = True
    issues: list[Found] = field(default_factory=list)
    comments: list[Found] = field(default_factory=list)
    pulls: list[Found] = field(default_factory=list)
    review_comments: list[Found] = field(default_factory=list)
    reviews: dict[int, list[Found]] = field(default_factory=dict)
    timelines: dict[int, list[Found]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the API has it."""
        return f"https://api.github.com/repos/{self.name}"

    def itself(self) -> Found:
        """The repository object."""
        owner = self.name.partition("/")[0]
        return {
            "id": self.github_id, "full_name": self.name, "owner": user(owner), "fork": self.fork,
            "html_url": f"https://github.com/{self.name}", "archived": False,
            "clone_url": f"https://github.com/{self.name}.git", "default_branch": "main",
            "has_issues": self.has_issues, "topics": ["ledger"],
        }  # fmt: skip

    def issue(self, number: int, minutes: float, **more: Any) -> Found:
        """Open an issue, with an event on its timeline."""
        found = {
            "id": 7000 + number, "number": number, "title": f"Totals are off by {number}",
            "body": "Adding `3.20` and `2.10` gives 5.300000000000001.", "state": "open",
            "user": user("ada"), "labels": [{"id": 1, "name": "bug", "color": "d73a4a"}],
            "url": f"{self.address}/issues/{number}", "created_at": at(minutes),
            "updated_at": at(minutes), "closed_at": None, "author_association": "OWNER", **more,
        }  # fmt: skip
        self.issues.append(found)
        self.timelines[number] = [
            {"id": 90_000 + number, "event": "labeled", "label": {"name": "bug"}},
            {"event": "cross-referenced", "source": {"type": "issue", "issue": {"number": 1}}},
        ]
        return found

    def pull(self, number: int, minutes: float) -> Found:
        """Open a pull request (an issue too), with a review and a comment on a line."""
        self.issue(number, minutes, pull_request={"url": f"{self.address}/pulls/{number}"})
        found = {
            "id": 8000 + number, "number": number, "title": "Sum amounts as decimals",
            "body": "Fixes #1", "state": "closed", "draft": False, "user": user("grace"),
            "merged_at": at(minutes), "merge_commit_sha": f"{number:040x}",
            "head": {"ref": "decimals", "sha": f"{number + 1:040x}"}, "base": {"ref": "main"},
            "created_at": at(minutes), "updated_at": at(minutes),
        }  # fmt: skip
        self.pulls.append(found)
        self.reviews[number] = [
            {"id": 60_000 + number, "state": "CHANGES_REQUESTED", "body": "Round once, at the end.",
             "user": user("ada"), "pull_request_url": f"{self.address}/pulls/{number}"}
        ]  # fmt: skip
        self.review_comments.append(
            {"id": 50_000 + number, "path": "tally/money.py", "diff_hunk": "@@ -1 +1 @@\n-a\n+b",
             "body": "Use `Decimal`.", "pull_request_url": f"{self.address}/pulls/{number}",
             "created_at": at(minutes), "updated_at": at(minutes)}
        )  # fmt: skip
        return found

    def comment(self, number: int, minutes: float) -> Found:
        """Say something under an issue."""
        found = {
            "id": 40_000 + len(self.comments), "body": "I see this too.", "user": user("grace"),
            "issue_url": f"{self.address}/issues/{number}",
            "created_at": at(minutes), "updated_at": at(minutes),
        }  # fmt: skip
        self.comments.append(found)
        return found

    def touch(self, number: int, minutes: float) -> None:
        """Update an issue, and the pull request that it is."""
        for found in (*self.issues, *self.pulls):
            if found["number"] == number:
                found["updated_at"] = at(minutes)

    def everything(self) -> list[tuple[str, int | None, Found]]:
        """Every object as it should land: kind, number, object."""
        said: list[tuple[str, int | None, Found]] = [("repository", None, self.itself())]
        said += [("issue", x["number"], x) for x in self.issues]
        said += [("pull", x["number"], x) for x in self.pulls]
        for kind, objects, key in (
            ("comment", self.comments, "issue_url"),
            ("review_comment", self.review_comments, "pull_request_url"),
        ):
            said += [(kind, int(x[key].rpartition("/")[2]), x) for x in objects]
        said += [("review", number, x) for number, xs in self.reviews.items() for x in xs]
        said += [("timeline_event", n, x) for n, xs in self.timelines.items() for x in xs]
        return said


class Reply(NamedTuple):
    """An answer that is not GitHub's usual one; `cut` ends the connection after so many bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    cut: int | None = None


class Request(NamedTuple):
    """What the server was asked: the path below its prefix, and the headers by lower-case name."""

    path: str
    headers: dict[str, str]


class GithubServer(ThreadingHTTPServer):
    """The API over some projects.

    Attributes:
        projects: what it knows, by name.
        owners: kind of each account, `orgs` or `users`.
        seen: requests, in order.
        replies: answers to give instead, each once, to the next request whose path holds the text.
        before: called with each path before it is answered.
    """

    daemon_threads = True

    def __init__(self, *projects: Project) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.projects = {project.name: project for project in projects}
        self.moved: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.seen: list[Request] = []
        self.replies: list[tuple[str, Reply]] = []
        self.before: Callable[[str], None] = lambda path: None

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return f"http://127.0.0.1:{self.server_address[1]}{PREFIX}"

    def asked(self, text: str) -> list[str]:
        """Paths of the requests that hold a text."""
        return [request.path for request in self.seen if text in request.path]

    def answer(self, path: str, headers: dict[str, str]) -> Reply:
        """What GitHub would say."""
        for number, (text, reply) in enumerate(self.replies):
            if text in path:
                del self.replies[number]
                return reply
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")
        query = dict(parse_qsl(parts.query))
        if words[0] in ("orgs", "users"):
            return self._owner(words, query, headers)
        if words[0] == "repositories":
            project = next(
                (p for p in self.projects.values() if str(p.github_id) == words[1]), None
            )
            rest = words[2:]
        else:
            name, rest = "/".join(words[1:3]).lower(), words[3:]
            if name in self.moved:
                project = self.projects[self.moved[name]]
                tail = "".join(f"/{word}" for word in rest)
                place = f"{self.url}/repositories/{project.github_id}{tail}"
                return Reply(301, {"message": "Moved Permanently"}, {"Location": place})
            project = next((p for n, p in self.projects.items() if n.lower() == name), None)
        if project is None:
            return Reply(404, {"message": "Not Found"})
        return self._project(project, rest, query, headers)

    def _owner(self, words: list[str], query: dict[str, str], headers: dict[str, str]) -> Reply:
        if self.owners.get(words[1]) != words[0]:
            return Reply(404, {"message": "Not Found"})
        mine = [p.itself() for n, p in self.projects.items() if n.startswith(f"{words[1]}/")]
        return self._page(mine, "/".join(words), query, headers)

    def _project(
        self, project: Project, rest: list[str], query: dict[str, str], headers: dict[str, str]
    ) -> Reply:
        lists = {
            ("issues",): project.issues,
            ("issues", "comments"): project.comments,
            ("pulls",): project.pulls,
            ("pulls", "comments"): project.review_comments,
        }
        if not rest:
            return _tagged(project.itself(), headers)
        if rest[0] == "issues" and not project.has_issues:
            return Reply(410, {"message": "Issues are disabled for this repo"})
        place = f"repositories/{project.github_id}/{'/'.join(rest)}"
        if tuple(rest) in lists:
            found = sorted(lists[tuple(rest)], key=lambda x: x["updated_at"])
            if query.get("direction") == "desc":
                found.reverse()
            found = [x for x in found if x["updated_at"] >= query.get("since", "")]
            return self._page(found, place, query, headers)
        if len(rest) == 3:
            by_number = project.timelines if rest[2] == "timeline" else project.reviews
            return self._page(by_number[int(rest[1])], place, query, headers)
        one = next((x for x in lists[(rest[0],)] if str(x["number"]) == rest[1]), None)
        return _tagged(one, headers) if one else Reply(404, {"message": "Not Found"})

    def _page(
        self, found: list[Found], place: str, query: dict[str, str], headers: dict[str, str]
    ) -> Reply:
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        reply = _tagged(found[size * (page - 1) : size * page], headers)
        if size * page >= len(found):
            return reply
        following = f"{self.url}/{place}?{urlencode({**query, 'page': page + 1})}"
        links = f'<{following}>; rel="next", <{self.url}/{place}?page=99>; rel="last"'
        return reply._replace(headers={**reply.headers, "Link": links})


def _tagged(body: Any, headers: dict[str, str]) -> Reply:
    etag = f'W/"{hashlib.sha256(json.dumps(body).encode()).hexdigest()}"'
    if headers.get("if-none-match") == etag:
        return Reply(304, None, {"ETag": etag})
    return Reply(200, body, {"ETag": etag, "x-ratelimit-remaining": "4999"})


class _Handler(BaseHTTPRequestHandler):
    server: GithubServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait for each other 40 ms

    def do_GET(self) -> None:
        path = self.path.removeprefix(PREFIX)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.before(path)
        self.server.seen.append(Request(path, headers))
        reply = self.server.answer(path, headers)
        if isinstance(reply.body, bytes):
            body = reply.body
        else:
            body = b"" if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: reply.cut])
        self.close_connection = reply.cut is not None

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serving(*projects: Project) -> Iterator[GithubServer]:
    """A server that runs for a while."""
    with GithubServer(*projects) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def tally(*, issues: int = 7, pulls: int = 4) -> Project:
    """A small project: issues, then pull requests, a minute apart, and a comment on each."""
    project = Project("Ada/Tally", 4242)
    for number in range(1, issues + 1):
        project.issue(number, number)
    for number in range(issues + 1, issues + pulls + 1):
        project.pull(number, number)
    for number in range(1, issues + pulls + 1):
        project.comment(number, 100 + number)
    return project
