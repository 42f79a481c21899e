"""Objects in the shape in which GitHub sends them, and files that hold some."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.data import WEBHOOKS

Json = dict[str, Any]

TALLY, TALLY_ID = "ada/tally", 11
HOST = "https://api.github.com/repos"


def payload_files() -> list[Path]:
    """The examples of github.com/octokit/webhooks, sorted; skips the test if they are absent."""
    found = sorted(WEBHOOKS.glob("*/*payload.json"))
    if not found:
        pytest.skip(f"no examples of webhook payloads in {WEBHOOKS}: name their folder")
    return found


def person(login: str = "grace") -> Json:
    return {
        "login": login,
        "id": sum(map(ord, login)),
        "node_id": "U_1",
        "type": "User",
        "site_admin": False,
        "html_url": f"https://github.com/{login}",
    }


def _written(minute: int) -> Json:
    return {
        "user": person(),
        "author_association": "MEMBER",
        "created_at": "2024-05-01T10:00:00Z",
        "updated_at": f"2024-05-01T11:{minute:02}:00Z",
        "reactions": {"total_count": 0, "url": f"{HOST}/x"},
    }


def issue(number: int, minute: int = 0, name: str = TALLY, **changes: Any) -> Json:
    """An issue that was last changed some minutes after eleven."""
    return {
        "url": f"{HOST}/{name}/issues/{number}",
        "repository_url": f"{HOST}/{name}",
        "html_url": f"https://github.com/{name}/issues/{number}",
        "id": 5000 + number,
        "node_id": "I_1",
        "number": number,
        "title": f"Total is wrong ({number})",
        "body": "It says 3 for 1 + 1.",
        "state": "open",
        "state_reason": None,
        "locked": False,
        "labels": [{"id": 1, "name": "bug", "color": "d73a4a", "url": f"{HOST}/x"}],
        "closed_at": None,
        **_written(minute),
        **changes,
    }


def _end(name: str, ref: str) -> Json:
    repo = {"id": TALLY_ID, "full_name": name, "owner": person("ada"), "stargazers_count": 3}
    return {"label": f"ada:{ref}", "ref": ref, "sha": "a" * 40, "repo": repo}


def pull(number: int, minute: int = 0, name: str = TALLY, **changes: Any) -> Json:
    """A pull request as GitHub sends it when asked for it alone."""
    shown = issue(number, minute, name)
    del shown["repository_url"], shown["state_reason"]
    return {
        **shown,
        "url": f"{HOST}/{name}/pulls/{number}",
        "html_url": f"https://github.com/{name}/pull/{number}",
        "title": f"Fix the total ({number})",
        "draft": False,
        "merged": True,
        "merged_at": "2024-05-01T11:00:00Z",
        "merge_commit_sha": "b" * 40,
        "head": _end(name, "fix"),
        "base": _end(name, "main"),
        **changes,
    }


def trimmed(whole: Json) -> Json:
    """What GitHub's public events have left of a pull request since October 2025."""
    kept = {name: whole[name] for name in ("url", "id", "number")}
    for end in ("head", "base"):
        repo = {"id": TALLY_ID, "name": "tally", "url": f"{HOST}/{TALLY}"}
        kept[end] = {"ref": whole[end]["ref"], "sha": whole[end]["sha"], "repo": repo}
    return kept


def comment(id: int, number: int, minute: int = 0, name: str = TALLY, **changes: Any) -> Json:
    return {
        "url": f"{HOST}/{name}/issues/comments/{id}",
        "issue_url": f"{HOST}/{name}/issues/{number}",
        "html_url": f"https://github.com/{name}/issues/{number}#issuecomment-{id}",
        "id": id,
        "body": "I can see it too.",
        **_written(minute),
        **changes,
    }


def review(id: int, number: int, name: str = TALLY, **changes: Any) -> Json:
    return {
        "id": id,
        "user": person(),
        "body": "One thing, then good.",
        "state": "CHANGES_REQUESTED",
        "html_url": f"https://github.com/{name}/pull/{number}#pullrequestreview-{id}",
        "pull_request_url": f"{HOST}/{name}/pulls/{number}",
        "author_association": "MEMBER",
        "submitted_at": "2024-05-01T10:30:00Z",
        "commit_id": "a" * 40,
        **changes,
    }


def review_comment(
    id: int, number: int, minute: int = 0, name: str = TALLY, **changes: Any
) -> Json:
    return {
        "url": f"{HOST}/{name}/pulls/comments/{id}",
        "pull_request_url": f"{HOST}/{name}/pulls/{number}",
        "html_url": f"https://github.com/{name}/pull/{number}#discussion_r{id}",
        "pull_request_review_id": 70,
        "id": id,
        "diff_hunk": "@@ -1,2 +1,2 @@\n-return 3\n+return a + b",
        "path": "tally/money.py",
        "position": 2,
        "original_position": 2,
        "line": 1,
        "original_line": 1,
        "side": "RIGHT",
        "start_line": None,
        "start_side": None,
        "original_start_line": None,
        "in_reply_to_id": 69,
        "commit_id": "a" * 40,
        "original_commit_id": "c" * 40,
        "body": "Name these.",
        **_written(minute),
        **changes,
    }


def cross_reference(source: Json) -> Json:
    return {
        "event": "cross-referenced",
        "actor": person(),
        "created_at": "2024-05-01T10:05:00Z",
        "updated_at": "2024-05-01T10:05:00Z",
        "source": {"type": "issue", "issue": source},
    }


def repository(name: str = TALLY, id: int = TALLY_ID) -> Json:
    return {"id": id, "full_name": name, "owner": person("ada"), "stargazers_count": 3}


def webhook(action: str, name: str = TALLY, **objects: Json) -> Json:
    return {"action": action, **objects, "repository": repository(name), "sender": person()}


def event(
    type: str, payload: Json, name: str = TALLY, repo_id: int = TALLY_ID, at: str = "12:00:00"
) -> Json:
    """An event as GH Archive keeps it."""
    return {
        "id": "41",
        "type": type,
        "actor": {"id": 9, "login": "grace"},
        "repo": {"id": repo_id, "name": name, "url": f"{HOST}/{name}"},
        "payload": payload,
        "public": True,
        "created_at": f"2025-11-01T{at}Z",
    }


def landed(kind: str, object: Json, number: int | None = None, name: str = TALLY) -> Json:
    return {"repository": name, "kind": kind, "number": number, "object": object}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def write_lines(path: Path, lines: Iterable[Any]) -> Path:
    """A file of one JSON text a line (bytes as they are), packed if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join((x if isinstance(x, bytes) else encoded(x)) + b"\n" for x in lines)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path
