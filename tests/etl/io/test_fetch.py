"""A repository lands whole, once, however its fetch was interrupted: against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import etl
from etl.io.fetch import Fault, Fetched, fetch_numbers, fetch_repository
from etl.io.github import FetchParams, GithubClient
from etl.io.landing import Landing
from tests.data import WEBHOOKS
from tests.github_server import GithubServer, Project, Reply, at, serving, tally

TOKEN = "ghp_very_secret"
HOURS_AWAY = {"retry-after": "7200"}
LIMIT = Reply(403, {"message": "secondary rate limit"}, HOURS_AWAY)
BROKEN = Reply(500, {"message": "Server Error"})

Line = tuple[str, int | None, str]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with serving(tally()) as running:
        yield running


def _params(server: GithubServer, **changed: Any) -> FetchParams:
    return FetchParams(**{
        "enabled": True, "api": server.url, "host": "github.com", "page_size": 3,
        "timelines": True, "timeout_seconds": 20, "attempts": 3, "backoff_seconds": 1,
        "most_wait_seconds": 900, **changed,
    })  # fmt: skip


def fetch(
    server: GithubServer,
    root: Path,
    name: str = "ada/tally",
    *,
    sleep: Callable[[float], None] = lambda seconds: None,
    work: Callable[[GithubClient, Landing], Fetched] = fetch_repository,
    **changed: Any,
) -> Fetched:
    """Fetch a repository once, as a new process would."""
    params = _params(server, **changed)
    with GithubClient(params, token=TOKEN, sleep=sleep) as client:
        return work(client, Landing(root, name, objects_per_file=params.page_size))


def lines(root: Path, name: str = "ada/tally") -> list[Line]:
    """What landed, in order; every file is whole JSON lines under its number."""
    found: list[Line] = []
    files = sorted((root / "github" / name).glob("*.jsonl"))
    assert [file.name for file in files] == [f"{n:08d}.jsonl" for n in range(1, len(files) + 1)]
    for file in files:
        for text in file.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            assert list(line) == ["repository", "kind", "number", "object"]
            assert line["repository"] == name
            found.append((line["kind"], line["number"], json.dumps(line["object"])))
    return found


def expected(project: Project) -> set[Line]:
    return {(kind, number, json.dumps(x)) for kind, number, x in project.everything()}


def test_everything_lands_as_it_was_sent(server: GithubServer, tmp_path: Path) -> None:
    project = server.projects["Ada/Tally"]
    done = fetch(server, tmp_path)
    landed = lines(tmp_path)
    assert set(landed) == expected(project)
    assert (done.objects, done.faults) == (len(landed), [])
    # One request a page and list, a second one an issue, a third one a pull request.
    assert len(server.asked("/timeline")) == 11
    assert len(server.asked("/reviews")) == 4
    assert len(server.seen) < 45
    state = json.loads((tmp_path / "github" / "ada" / "tally" / "state.json").read_text())
    assert (state["full_name"], state["github_id"]) == ("Ada/Tally", 4242)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(TOKEN in path.read_text(encoding="utf-8") for path in everything)
    assert not any(path.name.startswith(".") for path in everything)


def test_without_timelines_they_cost_no_request(server: GithubServer, tmp_path: Path) -> None:
    fetch(server, tmp_path, timelines=False)
    kinds = {kind for kind, _, _ in lines(tmp_path)}
    assert kinds == {"repository", "issue", "pull", "comment", "review", "review_comment"}
    assert server.asked("/timeline") == []


def test_nothing_new_costs_a_request_a_list_and_lands_nothing(
    server: GithubServer, tmp_path: Path
) -> None:
    fetch(server, tmp_path)
    before = lines(tmp_path)
    server.seen.clear()
    assert fetch(server, tmp_path) == Fetched(0, [])
    assert lines(tmp_path) == before
    assert len(server.seen) == 5
    assert all("if-none-match" in request.headers for request in server.seen)


def test_an_update_brings_what_belongs_to_it_and_no_more(
    server: GithubServer, tmp_path: Path
) -> None:
    project = server.projects["Ada/Tally"]
    fetch(server, tmp_path)
    before = len(lines(tmp_path))
    project.touch(9, 500)
    project.reviews[9].append({**project.reviews[9][0], "id": 1, "state": "APPROVED"})
    project.comment(2, 501)
    server.seen.clear()
    fetch(server, tmp_path)
    fresh = lines(tmp_path)[before:]
    # The pull request that was the newest comes again: another may be of the same second.
    assert sorted((kind, number) for kind, number, _ in fresh) == [
        ("comment", 2), ("issue", 9), ("pull", 9), ("pull", 11), ("review", 9), ("review", 9),
        ("timeline_event", 9), ("timeline_event", 9),
    ]  # fmt: skip
    assert set(lines(tmp_path)) >= expected(project)
    assert server.asked("/timeline") == ["/repos/Ada/Tally/issues/9/timeline?per_page=3"]


@pytest.mark.parametrize("together", [range(1, 12), range(2, 9), range(4, 12)], ids=str)
def test_more_updates_in_one_second_than_a_page_holds(
    server: GithubServer, tmp_path: Path, together: range
) -> None:
    project = server.projects["Ada/Tally"]
    for number in together:  # as after a label was put on them all
        project.touch(number, 300)
    for comment in project.comments:
        comment["updated_at"] = at(300)
    fetch(server, tmp_path)
    assert set(lines(tmp_path)) == expected(project)
    server.seen.clear()
    assert fetch(server, tmp_path).objects == 0
    project.touch(5, 301)
    fetch(server, tmp_path)
    assert set(lines(tmp_path)) >= expected(project)


def test_an_update_during_the_walk_hides_nothing(server: GithubServer, tmp_path: Path) -> None:
    project = server.projects["Ada/Tally"]
    clock = iter(range(400, 500))

    def meanwhile(path: str) -> None:
        # Before each further page of a list, what stood first on it is updated: it goes to the
        # other end, and everything moves by one place.
        if "since=" in path and "/issues?" in path and len(server.asked("/issues?")) < 4:
            oldest = min(project.issues, key=lambda x: str(x["updated_at"]))
            project.touch(oldest["number"], next(clock))
        if "page=2" in path and "/pulls?" in path:
            project.touch(8, next(clock))

    server.before = meanwhile
    fetch(server, tmp_path)
    server.before = lambda path: None
    landed = set(lines(tmp_path))
    numbers = {(kind, number) for kind, number, _ in landed}
    # A pull request that is updated while the walk goes down is what the next one begins with.
    assert {(kind, number) for kind, number, _ in expected(project)} - numbers == {("pull", 8)}
    fetch(server, tmp_path)
    assert set(lines(tmp_path)) >= expected(project)


def test_a_fetch_that_was_stopped_anywhere_goes_on(tmp_path: Path) -> None:
    with serving(tally()) as clean:
        fetch(clean, tmp_path / "clean")
        wanted = expected(clean.projects["Ada/Tally"])
        requests = len(clean.seen)
    for stop in range(1, requests, 4):
        with serving(tally()) as server:
            root = tmp_path / str(stop)

            def limit(path: str, server: GithubServer = server, stop: int = stop) -> None:
                if len(server.seen) == stop:
                    server.replies = [("", LIMIT)]

            server.before = limit
            first = fetch(server, root)
            assert first.limited and first.faults[0].reason == "rate_limited"
            assert len(server.seen) == stop + 1  # nothing is asked for after a limit
            assert set(lines(root)) <= wanted
            assert fetch(server, root).faults == []
            assert set(lines(root)) == wanted
            # Asked again: the one that was refused, whether the repository and each list that was
            # done are still what they were, and the first page of pull requests.
            assert len(server.seen) <= requests + 7


KILLED = """
import os, sys
from pathlib import Path
from etl.io.fetch import fetch_repository
from etl.io.github import FetchParams, GithubClient
from etl.io.landing import Landing

params = FetchParams.model_validate_json(sys.argv[1])
with GithubClient(params, token=None, sleep=lambda seconds: os._exit(9)) as client:
    fetch_repository(client, Landing(Path(sys.argv[2]), "ada/tally", objects_per_file=3))
"""


def test_a_process_that_is_killed_loses_nothing(server: GithubServer, tmp_path: Path) -> None:
    server.before = lambda path: (
        server.replies.append(("", BROKEN)) if len(server.seen) == 13 else None
    )
    done = subprocess.run(
        [sys.executable, "-c", KILLED, _params(server).model_dump_json(), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": _path()},
        check=False,
    )
    assert done.returncode == 9
    asked = len(server.seen)
    landed = lines(tmp_path)
    assert 3 < len(landed) < 30
    fetch(server, tmp_path)
    assert set(lines(tmp_path)) == expected(server.projects["Ada/Tally"])
    clean = len(_requests_of_a_clean_fetch(tmp_path))
    assert len(server.seen) - asked <= clean - asked + 1 + 3, "more than a page was repeated"


def _path() -> str:
    here = str(Path(str(etl.__file__)).parents[1])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", "")]))


def _requests_of_a_clean_fetch(root: Path) -> list[str]:
    with serving(tally()) as server:
        fetch(server, root / "clean")
        return server.asked("")


def test_a_state_that_cannot_be_read_starts_anew(server: GithubServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    once = lines(tmp_path)
    state = tmp_path / "github" / "ada" / "tally" / "state.json"
    for text in ("", "{", '{"full_name": 3}', '{"of_a_newer_version": true}'):
        state.write_text(text, encoding="utf-8")
        assert fetch(server, tmp_path).faults == []
    assert set(lines(tmp_path)) == set(once)
    assert len(lines(tmp_path)) == 5 * len(once)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404, {"message": "Not Found"}), "not_found"),
        (Reply(451, {"message": "Repository access blocked"}), "taken_down"),
        (Reply(403, {"message": "Resource not accessible"}), "forbidden"),
        (LIMIT, "rate_limited"),
        (Reply(200, [1, 2]), "server_error"),
        (Reply(200, {"id": 1, "full_name": "../../etc"}), "server_error"),
    ],
    ids=["404", "451", "403", "limit", "odd JSON", "odd name"],
)
def test_a_repository_that_is_refused_leaves_no_trace(
    server: GithubServer, tmp_path: Path, reply: Reply, reason: str
) -> None:
    server.replies = [("ada/tally", reply)]
    done = fetch(server, tmp_path)
    assert [(fault.key, fault.reason) for fault in done.faults] == [("ada/tally", reason)]
    assert (done.objects, done.limited) == (0, reason == "rate_limited")
    assert list(tmp_path.iterdir()) == []


def test_a_renamed_repository_keeps_the_name_it_was_asked_by(
    server: GithubServer, tmp_path: Path
) -> None:
    server.moved = {"ada/old": "Ada/Tally"}
    assert fetch(server, tmp_path, "Ada/Old").faults == []
    assert set(lines(tmp_path, "ada/old")) == expected(server.projects["Ada/Tally"])
    state = json.loads((tmp_path / "github" / "ada" / "old" / "state.json").read_text())
    assert (state["full_name"], state["github_id"]) == ("Ada/Tally", 4242)
    assert len(server.asked("/repos/ada/old")) == 1


def test_a_name_that_another_repository_took_starts_anew(
    server: GithubServer, tmp_path: Path
) -> None:
    fetch(server, tmp_path)
    before = len(lines(tmp_path))
    other = Project("Ada/Tally", 5555)
    other.issue(1, -100)  # older than everything that is here
    server.projects = {"Ada/Tally": other}
    fetch(server, tmp_path)
    assert set(lines(tmp_path)[before:]) == expected(other)


def test_issues_that_are_switched_off_hide_no_pull_request(
    server: GithubServer, tmp_path: Path
) -> None:
    project = server.projects["Ada/Tally"]
    project.has_issues = False
    done = fetch(server, tmp_path, timelines=False)
    assert done.faults == [
        Fault(f"ada/tally {part}", "not_found", "HTTP 410 Issues are disabled for this repo")
        for part in ("issues", "comments")
    ]
    kept = ("repository", "pull", "review", "review_comment")
    assert set(lines(tmp_path)) == {line for line in expected(project) if line[0] in kept}


def test_one_issue_that_fails_holds_up_no_other(server: GithubServer, tmp_path: Path) -> None:
    project = server.projects["Ada/Tally"]
    waits: list[float] = []
    server.replies = [("/issues/2/timeline", BROKEN)] * 3
    done = fetch(server, tmp_path, sleep=waits.append)
    assert done.faults == [Fault("ada/tally issues/2", "server_error", "HTTP 500 Server Error")]
    assert waits == [1.0, 2.0]
    missing = expected(project) - set(lines(tmp_path))
    assert {(kind, number) for kind, number, _ in missing} == {("timeline_event", 2)}
    server.seen.clear()
    assert fetch(server, tmp_path).faults == []
    assert set(lines(tmp_path)) == expected(project)
    assert len(server.asked("/timeline")) == 1


def test_a_server_that_keeps_failing_is_left_alone(server: GithubServer, tmp_path: Path) -> None:
    server.replies = [("/timeline", BROKEN)] * 99
    done = fetch(server, tmp_path)
    assert [fault.reason for fault in done.faults] == ["server_error", "server_error"]
    assert len(server.asked("/timeline")) == 6
    server.replies = []
    assert fetch(server, tmp_path).faults == []
    assert set(lines(tmp_path)) == expected(server.projects["Ada/Tally"])


def test_an_issue_that_was_deleted_meanwhile_is_named(server: GithubServer, tmp_path: Path) -> None:
    server.replies = [("/issues/3/timeline", Reply(410, {"message": "This issue was deleted"}))]
    done = fetch(server, tmp_path)
    assert [(fault.key, fault.reason) for fault in done.faults] == [
        ("ada/tally issues/3", "not_found")
    ]


def test_single_numbers_are_fetched_by_request(server: GithubServer, tmp_path: Path) -> None:
    def some(client: GithubClient, landing: Landing) -> Fetched:
        return fetch_numbers(client, landing, [2, 99, 9])

    done = fetch(server, tmp_path, work=some)
    assert [(kind, number) for kind, number, _ in lines(tmp_path)] == [
        ("issue", 2), ("issue", 9), ("pull", 9)
    ]  # fmt: skip
    assert set(lines(tmp_path)) <= expected(server.projects["Ada/Tally"])
    assert [(fault.key, fault.reason) for fault in done.faults] == [
        ("ada/tally issues/99", "not_found")
    ]
    assert len(server.seen) == 4


def test_odd_values_come_through(server: GithubServer, tmp_path: Path) -> None:
    project = server.projects["Ada/Tally"]
    odd = {"body": "\ud83d \x00 \u2028 ", "id": 10**30, "deep": [[[[]]]], "new_field": {"a": None}}
    project.issues[0].update(odd)
    fetch(server, tmp_path)
    assert set(lines(tmp_path)) == expected(project)


@pytest.mark.skipif(not WEBHOOKS.is_dir(), reason="needs recorded payloads")
def test_recorded_objects_land_unchanged(tmp_path: Path) -> None:
    project = Project("Codertocat/Hello-World", 186853002)
    kinds = {
        "issues": "issue",
        "issue_comment": "comment",
        "pull_request": "pull_request",
        "pull_request_review": "review",
        "pull_request_review_comment": "comment",
    }
    recorded: dict[str, dict[int, dict[str, Any]]] = {event: {} for event in kinds}
    for event, key in kinds.items():
        for path in sorted((WEBHOOKS / event).glob("*.json")):
            payload = json.loads(path.read_text(encoding="utf-8"))
            recorded[event][payload[key]["id"]] = payload[key]
    project.issues = list(recorded["issues"].values())
    project.comments = list(recorded["issue_comment"].values())
    project.pulls = list(recorded["pull_request"].values())
    project.review_comments = list(recorded["pull_request_review_comment"].values())
    for issue in project.issues:
        project.timelines[issue["number"]] = []
        if "pull_request" in issue:
            project.reviews[issue["number"]] = list(recorded["pull_request_review"].values())
    assert all(recorded.values()) and project.reviews
    with serving(project) as server:
        done = fetch(server, tmp_path, project.name)
    assert done.faults == []
    assert set(lines(tmp_path, project.name.lower())) == expected(project)
