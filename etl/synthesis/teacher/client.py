"""Client of an OpenAI-compatible chat-completions service, with a cache and a record of each call.

Source of the shapes: the OpenAI API reference, "Create chat completion"; of Retry-After: RFC 9110,
section 10.2.3.
"""

import email.utils
import hashlib
import http.client
import json
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, TypedDict
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from etl.errors import SluiceError

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_ERROR_CHARS = 300


class TeacherError(SluiceError):
    """A teacher gave no answer that can be used."""


class Message(TypedDict):
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class TeacherParams(BaseModel):
    """Where the teacher is and how patient the client is; `base_url` ends before `/chat`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    model: str
    timeout_seconds: float = Field(default=120.0, gt=0)
    attempts: int = Field(default=5, gt=0)
    backoff_seconds: float = Field(default=1.0, gt=0)
    longest_wait_seconds: float = Field(default=120.0, gt=0)
    max_response_bytes: int = Field(default=8 * 2**20, gt=0)

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
            raise ValueError("must be an http(s) URL without credentials")
        return value.rstrip("/")


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _AnswerMessage(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _AnswerMessage
    finish_reason: str | None = None


class _Answer(BaseModel):
    """The fields that are read; services add others freely."""

    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


@dataclass(frozen=True)
class Call:
    """Record of one call. `model` is what answered; `attempts` is 0 for an answer from the cache.

    `latency_seconds` spans all attempts and waits.
    """

    request_hash: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    latency_seconds: float
    attempts: int

    @property
    def cached(self) -> bool:
        """Whether the service was not asked."""
        return self.attempts == 0


@dataclass(frozen=True)
class Completion:
    """The teacher's text, why it ended, and the record of the call."""

    text: str
    finish_reason: str | None
    call: Call


class _RetryableError(Exception):
    """An attempt failed in a way that another may not; `wait` is what the service asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another address."""

    def redirect_request(self, *_: object) -> None:
        return None


class TeacherClient:
    """Asks one model. The token goes into the header only: never into hashes, cache or errors."""

    def __init__(
        self,
        params: TeacherParams,
        *,
        token: str | None,
        cache_dir: Path | None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._params = params
        self._token = token
        self._cache_dir = cache_dir
        self._sleep, self._clock, self._now = sleep, clock, now
        self._opener = urllib.request.build_opener(_NoRedirects)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        temperature: float = 0.0,
        max_tokens: int = 2048,
        seed: int | None = None,
    ) -> Completion:
        """One answer; an equal request is answered from the cache.

        Raises:
            TeacherError: the service refused, kept failing, or answered in another shape.
        """
        body: dict[str, Any] = {
            "model": self._params.model,
            "messages": [dict(message) for message in messages],
            "temperature": temperature,
            "max_tokens": max_tokens,
        }
        if seed is not None:
            body["seed"] = seed
        started = self._clock()
        digest = request_hash(self._params.base_url, body)
        kept = self._read_cache(digest)
        if kept is not None:
            return self._completion(kept, digest, started, 0)
        for attempt in range(1, self._params.attempts + 1):
            try:
                raw = self._post(body)
                answer = _parse(raw)
            except _RetryableError as failed:
                self._wait(failed, attempt)
                continue
            self._write_cache(digest, body, raw)
            return self._completion(answer, digest, started, attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _completion(
        self, answer: _Answer, digest: str, started: float, attempts: int
    ) -> Completion:
        usage = answer.usage or _Usage()
        call = Call(
            request_hash=digest,
            model=answer.model or self._params.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            latency_seconds=self._clock() - started,
            attempts=attempts,
        )
        choice = answer.choices[0]
        return Completion(choice.message.content, choice.finish_reason, call)

    def _wait(self, failed: _RetryableError, attempt: int) -> None:
        """Sleep before the next attempt: as long as asked, or twice as long each time."""
        if attempt == self._params.attempts:
            self._fail(f"{failed} ({attempt} attempts)")
        longest = self._params.longest_wait_seconds
        if failed.wait is not None and failed.wait > longest:
            self._fail(f"{failed}; it asks to wait {failed.wait:.0f} s, more than {longest:.0f} s")
        backoff = min(longest, self._params.backoff_seconds * 2 ** (attempt - 1))
        self._sleep(backoff if failed.wait is None else failed.wait)

    def _fail(self, reason: str) -> NoReturn:
        if self._token:  # a service may echo what it was sent
            reason = reason.replace(self._token, "***")
        raise TeacherError(f"The teacher at {self._params.base_url} failed: {reason}")

    def _post(self, body: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(
            f"{self._params.base_url}/chat/completions",
            data=json.dumps(body).encode(),
            headers=headers,
            method="POST",
        )
        limit = self._params.max_response_bytes
        try:
            with self._opener.open(request, timeout=self._params.timeout_seconds) as response:
                raw: bytes = response.read(limit + 1)
        except urllib.error.HTTPError as error:
            with error:
                self._refused(error)
        except (OSError, http.client.HTTPException) as error:
            raise _RetryableError(f"no answer ({error})") from error
        if len(raw) > limit:
            self._fail(f"the answer is larger than {limit} bytes")
        return raw

    def _refused(self, error: urllib.error.HTTPError) -> NoReturn:
        try:
            said = error.read(_ERROR_CHARS).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            said = ""
        reason = f"HTTP {error.code} {' '.join(said.split())}".strip()
        if error.code in _RETRIED:
            raise _RetryableError(
                reason, retry_after(error.headers.get("Retry-After"), self._now())
            )
        self._fail(reason)

    def _cache_path(self, digest: str) -> Path | None:
        return self._cache_dir and self._cache_dir / digest[:2] / f"{digest}.json"

    def _read_cache(self, digest: str) -> _Answer | None:
        path = self._cache_path(digest)
        if path is None:
            return None
        try:
            return _parse(json.dumps(json.loads(path.read_bytes())["response"]).encode())
        except (FileNotFoundError, ValueError, KeyError, TypeError, _RetryableError):
            # A torn or foreign file is no answer: the service is asked again and it is replaced.
            return None

    def _write_cache(self, digest: str, body: Mapping[str, Any], raw: bytes) -> None:
        path = self._cache_path(digest)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"base_url": self._params.base_url, "request": body, "response": json.loads(raw)}
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with open(handle, "w", encoding="utf-8") as stream:
            json.dump(kept, stream, sort_keys=True, indent=1)
        os.replace(temporary, path)


def request_hash(base_url: str, body: Mapping[str, Any]) -> str:
    """SHA-256 of the request's content: the service and the body in canonical JSON."""
    content = json.dumps({"base_url": base_url, "body": body}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for (a number or a date); None if it says nothing."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _parse(raw: bytes) -> _Answer:
    try:
        return _Answer.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _RetryableError(f"the answer has another shape: {place} {first['msg']}") from error
