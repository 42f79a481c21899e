"""Secrets inside base64."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import re2

from udfs.secrets.spans import Span, compiled

# What a secret, or the name of one, begins with; base64 shows it in three forms, by where in a
# group of three bytes it starts.
_STARTS: Final = (
    "AKIA", "ASIA", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xoxb-",
    "xoxp-", "xoxa-", "sk_live_", "sk_test_", "rk_live_", "AIzaSy", "GOCSPX-", "npm_", "pypi-AgE",
    "sk-proj-", "sk-ant-", "eyJhbGci", "eyJ0eXAi", "PRIVATE KEY", "password", "Password",
    "PASSWORD", "passwd", "secret", "Secret", "SECRET", "token", "Token", "TOKEN", "api_key",
    "API_KEY", "apiKey", "apikey", "postgres", "mysql://", "mongodb", "redis://", "https://",
    "amqp://", "_PASS", "_pass", "T3BlbkFJ", "hooks.slack.com",
)  # fmt: skip


def _forms(start: str) -> Iterator[bytes]:
    """The characters of base64 that depend on `start` alone, for each of the three places."""
    for skipped in range(3):
        text = b64encode(b"\0" * skipped + start.encode() + b"\0\0")
        first = -(-skipped * 8 // 6)
        yield text[first : (skipped + len(start)) * 8 // 6]


_ANCHORS: Final = rb"|".join(
    sorted({re2.escape(form) for start in _STARTS for form in _forms(start) if len(form) >= 4})
)
ENCODED: Final = rb"[A-Za-z0-9+/_-]{0,3}(?:" + _ANCHORS + rb")[A-Za-z0-9+/_-]{4}"
_ENCODED: Final = compiled(rb"[A-Za-z0-9+/_-]*(?:" + _ANCHORS + rb")[A-Za-z0-9+/_-]{4,}={0,2}")
_MIN: Final = 16
_MOST: Final = 20_000  # a private key, and what stands around it
_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"


def find_encoded(data: bytes, find: Callable[[bytes], Iterable[Span]]) -> Iterator[Span]:
    """Runs of base64 whose text holds what `find` finds; a run is replaced as a whole."""
    for match in _ENCODED.finditer(data):
        start, end = match.span()
        if not _MIN <= end - start <= _MOST:
            continue
        run = match.group().rstrip(b"=")
        try:
            text = urlsafe_b64decode(
                run.translate(bytes.maketrans(b"+/", b"-_")) + b"=" * (-len(run) % 4)
            )
        except ValueError:
            continue
        if text.translate(None, _PRINTABLE):
            continue
        inner = next(iter(find(text)), None)
        if inner is not None:
            yield Span(start, end, inner.kind, match.group())
