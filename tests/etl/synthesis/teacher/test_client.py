import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pydantic
import pytest

from etl.synthesis.teacher.client import (
    Message,
    TeacherClient,
    TeacherError,
    TeacherParams,
    request_hash,
    retry_after,
)

TOKEN = "sk-very-secret"
ASK: list[Message] = [{"role": "user", "content": "Schreib über Ü."}]

# The shape that the public API documents, with fields that this client does not read.
ANSWER: dict[str, Any] = {
    "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "teacher-2025-04-14",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hallo 👋", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 19,
        "completion_tokens": 10,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 0},
    },
    "service_tier": "default",
}


@dataclass
class Reply:
    """What the service does with one request; `declared` is the Content-Length it announces."""

    status: int = 200
    body: bytes = field(default_factory=lambda: json.dumps(ANSWER).encode())
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None


class Service(ThreadingHTTPServer):
    """A loopback service that plays replies in order and records what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.seen: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        reply = self.server.replies.pop(0)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = len(reply.body) if reply.declared is None else reply.declared
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Waits(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def _client(
    service: Service, cache: Path | None = None, **changed: Any
) -> tuple[TeacherClient, Waits]:
    params = TeacherParams(base_url=service.url, model="teacher", **changed)
    waits = Waits()
    return TeacherClient(params, token=TOKEN, cache_dir=cache, sleep=waits), waits


def test_a_call_sends_the_request_and_returns_text_and_record(service: Service) -> None:
    service.replies = [Reply()]
    client, waits = _client(service)
    completion = client.complete(ASK, temperature=0.5, max_tokens=7, seed=3)
    assert (completion.text, completion.finish_reason) == ("Hallo 👋", "stop")
    call = completion.call
    assert (call.model, call.prompt_tokens, call.completion_tokens) == (
        "teacher-2025-04-14",
        19,
        10,
    )
    assert (call.attempts, call.cached, list(waits)) == (1, False, [])
    assert call.latency_seconds >= 0
    (path, headers, body) = service.seen[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert json.loads(body) == {
        "model": "teacher",
        "messages": ASK,
        "temperature": 0.5,
        "max_tokens": 7,
        "seed": 3,
    }
    assert call.request_hash == request_hash(service.url, json.loads(body))


def test_an_equal_request_is_answered_from_the_cache(service: Service, tmp_path: Path) -> None:
    service.replies = [Reply(), Reply()]
    first = _client(service, tmp_path)[0].complete(ASK)
    again = _client(service, tmp_path)[0].complete(ASK)
    assert len(service.seen) == 1
    assert (again.text, again.call.request_hash) == (first.text, first.call.request_hash)
    assert (again.call.attempts, again.call.cached) == (0, True)
    _client(service, tmp_path)[0].complete(ASK, seed=1)
    assert len(service.seen) == 2
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(TOKEN in text for text in kept)


@pytest.mark.parametrize("content", ["", "{", '{"response": {}}', "[]", "null"])
def test_a_torn_cache_file_is_replaced(service: Service, tmp_path: Path, content: str) -> None:
    service.replies = [Reply(), Reply()]
    client, _ = _client(service, tmp_path)
    client.complete(ASK)
    (path,) = tmp_path.rglob("*.json")
    path.write_text(content)
    assert client.complete(ASK).call.cached is False
    assert client.complete(ASK).call.cached is True
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_a_passing_fault_is_retried_with_growing_waits(service: Service, status: int) -> None:
    service.replies = [Reply(status), Reply(status), Reply(status), Reply()]
    client, waits = _client(service, backoff_seconds=2.0, longest_wait_seconds=5.0)
    assert client.complete(ASK).call.attempts == 4
    assert waits == [2.0, 4.0, 5.0]


def test_retry_after_is_honoured_and_bounded(service: Service) -> None:
    service.replies = [Reply(429, headers={"Retry-After": "17"}), Reply()]
    client, waits = _client(service)
    client.complete(ASK)
    assert waits == [17.0]
    service.replies = [Reply(429, headers={"Retry-After": "86400"})]
    with pytest.raises(TeacherError, match="wait 86400 s, more than 120 s"):
        client.complete(ASK)
    assert waits == [17.0]


def test_retry_after_may_be_a_date() -> None:
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_790.0) == 9.0
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT", 2e9) == 0.0
    assert retry_after("3", 0.0) == 3.0
    for nonsense in (None, "soon", "-5", "٣", "1.5"):
        assert retry_after(nonsense, 0.0) is None


@pytest.mark.parametrize(
    "broken",
    [
        Reply(body=b"<html>"),
        Reply(body=b'{"choices": []}'),
        Reply(body=b'{"choices": [{"message": {"content": null}}]}'),
        Reply(body=b'{"cho', declared=5000),
    ],
    ids=["not json", "no choice", "no text", "cut off"],
)
def test_an_unusable_answer_is_retried_and_never_kept(
    service: Service, tmp_path: Path, broken: Reply
) -> None:
    client, waits = _client(service, tmp_path, attempts=2)
    service.replies = [broken, broken]
    with pytest.raises(TeacherError, match="2 attempts"):
        client.complete(ASK)
    assert list(tmp_path.rglob("*.json")) == []
    service.replies = [broken, Reply()]
    assert client.complete(ASK).text == "Hallo 👋"
    assert waits == [1.0, 1.0]


def test_a_refusal_is_not_retried_and_shows_no_token(service: Service) -> None:
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {TOKEN}"}}).encode()
    service.replies = [Reply(401, body=said)]
    client, waits = _client(service)
    with pytest.raises(TeacherError) as refusal:
        client.complete(ASK)
    assert "HTTP 401" in str(refusal.value)
    assert "Incorrect API key" in str(refusal.value)
    assert TOKEN not in str(refusal.value)
    assert TOKEN not in repr(client)
    assert (len(service.seen), list(waits)) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_since_it_would_carry_the_token_away(
    service: Service, status: int
) -> None:
    with Service() as other:
        service.replies = [Reply(status, headers={"Location": other.url}, body=b"")]
        with pytest.raises(TeacherError, match=f"HTTP {status}"):
            _client(service)[0].complete(ASK)
        assert other.seen == []


def test_a_huge_answer_is_refused_without_reading_it_whole(service: Service) -> None:
    service.replies = [Reply(body=b"x" * 100_000)]
    with pytest.raises(TeacherError, match="larger than 1000 bytes"):
        _client(service, max_response_bytes=1000)[0].complete(ASK)


def test_a_service_that_is_gone_is_reported_after_the_last_attempt() -> None:
    with Service() as gone:
        pass
    client, waits = _client(gone, attempts=3)
    with pytest.raises(TeacherError, match="no answer"):
        client.complete(ASK)
    assert waits == [1.0, 2.0]


def test_usage_may_be_missing(service: Service) -> None:
    bare = {"choices": [{"message": {"content": "x"}}]}
    service.replies = [Reply(body=json.dumps(bare).encode())]
    call = _client(service)[0].complete(ASK).call
    assert (call.model, call.prompt_tokens, call.completion_tokens) == ("teacher", 0, 0)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/v1", "localhost:80", "https://user:pw@host/v1", ""]
)
def test_only_plain_http_addresses_are_allowed(url: str) -> None:
    with pytest.raises(pydantic.ValidationError):
        TeacherParams(base_url=url, model="m")
