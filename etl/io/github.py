"""GitHub's REST API: the only module that knows githubkit.

One request at a time, as GitHub asks ("Best practices for using the REST API"). What limits mean is
from "Rate limits for the REST API", what pages are from "Using pagination in the REST API".
"""

from __future__ import annotations

import email.utils
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import re2
from pydantic import BaseModel, ConfigDict, Field, field_validator

from etl.errors import ConfigError

_HEADERS = {"X-GitHub-Api-Version": "2022-11-28"}
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_PASSING = (408, 425)  # beside 5xx: the server took too long, or not yet
_LEAST_LIMIT_WAIT = 60.0  # GitHub: without a header that says more, at least a minute
_DETAIL_CHARS = 200
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_NAME = re2.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class FetchParams(BaseModel):
    """How GitHub is asked.

    Attributes:
        enabled: whether the task asks at all.
        api: base URL of the REST API.
        host: host of the repositories that this API knows.
        page_size: objects a page.
        timelines: whether the events of each issue and pull request are fetched.
        timeout_seconds: longest silence of the server.
        attempts: most requests for one page.
        backoff_seconds: first wait after a fault; each next one is twice as long.
        most_wait_seconds: longest single wait; what asks for more is left to a later run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool
    api: str
    host: str = Field(min_length=1)
    page_size: int = Field(ge=1, le=100)
    timelines: bool
    timeout_seconds: float = Field(gt=0)
    attempts: int = Field(gt=0)
    backoff_seconds: float = Field(ge=0)
    most_wait_seconds: float = Field(ge=0)

    @field_validator("api")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or plain) or not parts.netloc or "@" in parts.netloc:
            raise ValueError("must be an https URL without credentials: a token is sent there")
        return value.rstrip("/")


class FetchError(Exception):
    """The API does not give what was asked for.

    Attributes:
        reason: `not_found`, `taken_down`, `forbidden`, `server_error` or `rate_limited`.
        detail: what exactly, for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class _PassingFaultError(FetchError):
    """Another attempt may succeed; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: str, detail: str, wait: float | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait


class Page(NamedTuple):
    """An answer: its JSON, its entity tag, and the path of the page that follows it."""

    body: Any
    etag: str | None
    next: str | None


def is_name(text: str) -> bool:
    """Whether `text` is `owner/name` as GitHub spells it, and safe as two folders."""
    return bool(_NAME.fullmatch(text)) and not {".", ".."} & set(text.split("/"))


def environment_token() -> str | None:
    """The token in GITHUB_TOKEN, else in GH_TOKEN; None to go without.

    Raises:
        ConfigError: it holds what no token has.
    """
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        token = os.environ.get(name, "").strip()
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            raise ConfigError(f"{name} holds characters that no token has. Set it anew, or unset.")
        if token:
            return token
    return None


def limit_wait(status: int, headers: Mapping[str, str], said: str, now: float) -> float | None:
    """Seconds to wait where a refusal is about the rate; None where it is about something else.

    Args:
        status: of the answer.
        headers: of the answer, by lower-case name.
        said: the message in the answer.
        now: seconds since the epoch.
    """
    if status not in (403, 429):
        return None
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    if asked:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - now)
        except (ValueError, OverflowError):
            return _LEAST_LIMIT_WAIT
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdecimal():
        return max(0.0, float(reset) - now) + 1  # clocks differ by less than a second
    return _LEAST_LIMIT_WAIT if status == 429 or "rate limit" in said.lower() else None


class GithubClient:
    """Asks one API. The token goes into the header of requests to it, and nowhere else.

    Use it as a context manager: the requests of a block share a connection.
    """

    def __init__(
        self,
        params: FetchParams,
        *,
        token: str | None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make a client.

        Args:
            params: see FetchParams.
            token: None for the sixty requests an hour that everybody has.
            sleep: waits for some seconds.
            now: seconds since the epoch.
        """
        from githubkit import GitHub  # half a second, so only who asks pays for it

        self.params, self._token = params, token
        self._sleep, self._now = sleep, now
        # Its own cache, retries and redirects would hide what is recorded here.
        self._github = GitHub(
            token or None,
            base_url=params.api,
            user_agent="codesluice",
            timeout=params.timeout_seconds,
            follow_redirects=False,
            http_cache=False,
            auto_retry=False,
        )

    def __enter__(self) -> GithubClient:
        self._github.__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        self._github.__exit__(*error)

    def get(self, path: str, etag: str | None = None) -> Page | None:
        """One page.

        Args:
            path: below the base URL, with a leading `/`.
            etag: entity tag of the page that is here already.

        Returns:
            The page; None where it is still the one of `etag`.

        Raises:
            FetchError: the API refuses, or kept failing, or asks for a longer wait than allowed.
            ConfigError: the API refuses the token.
        """
        for attempt in range(1, self.params.attempts + 1):
            try:
                return self._ask(path, etag)
            except _PassingFaultError as fault:
                wait = fault.wait
                if wait is None:
                    wait = self.params.backoff_seconds * 2 ** (attempt - 1)
                if attempt == self.params.attempts or wait > self.params.most_wait_seconds:
                    raise FetchError(fault.reason, fault.detail) from fault
                self._sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def pages(self, path: str) -> Iterator[Page]:
        """A page and those that follow it.

        Raises:
            FetchError: as for `get`.
        """
        following: str | None = path
        while following is not None:
            page = self.get(following)
            if page is None:
                raise FetchError("server_error", "the answer is 304, but nothing was here before")
            yield page
            following = page.next

    def _ask(self, path: str, etag: str | None) -> Page | None:
        for _ in range(_MOST_REDIRECTS):
            response = self._send(path, etag)
            if response.status_code == 304:
                return None
            if response.status_code in _REDIRECTS:  # a renamed repository, for one
                path = self._path_of(response.headers.get("location", ""))
                continue
            try:
                body = response.json()
            except (ValueError, RecursionError) as error:
                raise _PassingFaultError("server_error", "the answer is no JSON") from error
            link = response.raw_response.links.get("next", {}).get("url")
            etag = response.headers.get("etag")
            return Page(body, etag, self._path_of(link) if link else None)
        raise FetchError("server_error", f"more than {_MOST_REDIRECTS} redirects")

    def _send(self, path: str, etag: str | None) -> Any:
        from githubkit.exception import GitHubException, RequestFailed

        headers = {**_HEADERS, **({"If-None-Match": etag} if etag else {})}
        try:
            return self._github.request("GET", self.params.api + path, headers=headers)
        except RequestFailed as error:
            raise self._judged(error.response) from None  # its trace holds the request
        except GitHubException as error:
            cause = getattr(error, "exc", error)
            detail = self._shown(f"no answer ({type(cause).__name__}: {cause})")
            raise _PassingFaultError("server_error", detail) from None
        except ValueError:  # githubkit reads a Retry-After that is no number, and stumbles
            wait = _LEAST_LIMIT_WAIT
            raise _PassingFaultError("rate_limited", "the rate is limited", wait) from None

    def _judged(self, response: Any) -> Exception:
        """What an answer that is an error means."""
        status: int = response.status_code
        said = self._shown(_message(response))
        detail = f"HTTP {status} {said}".strip()
        wait = limit_wait(status, response.headers, said, self._now())
        if wait is not None:
            return _PassingFaultError("rate_limited", "the rate of requests is limited", wait)
        if status == 401:
            want = "refuses the token in GITHUB_TOKEN" if self._token else "asks for a token"
            return ConfigError(
                f"{self.params.api} {want}. Set GITHUB_TOKEN to one that it takes"
                + (", or unset it to go without." if self._token else ".")
            )
        if status >= 500 or status in _PASSING:
            return _PassingFaultError("server_error", detail)
        reasons = {404: "not_found", 410: "not_found", 451: "taken_down"}
        return FetchError(reasons.get(status, "forbidden"), detail)

    def _path_of(self, url: str) -> str:
        """Path of an address below the base URL: no other may see the token.

        Raises:
            FetchError: the address is elsewhere.
        """
        if not url.startswith(f"{self.params.api}/"):
            raise FetchError("server_error", self._shown(f"it names another address: {url}"))
        return url.removeprefix(self.params.api)

    def _shown(self, text: str) -> str:
        """A server's words, short and on one line, and without the token if it echoes that."""
        if self._token:
            text = text.replace(self._token, "***")
        return " ".join(text.split())[:_DETAIL_CHARS]


def _message(response: Any) -> str:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""
