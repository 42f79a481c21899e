"""A found piece of text, the kinds there are, and how patterns are compiled.

All rules look at UTF-8 bytes, each a character of its own: RE2 then needs no table of offsets, and
reads texts at hundreds of megabytes a second. Every rule ends its values at ASCII characters, so
none is cut.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import re2

EMAIL: Final = "email"
IP: Final = "ip"
PHONE: Final = "phone"
USER: Final = "user"
API_KEY: Final = "api_key"
JWT: Final = "jwt"
PRIVATE_KEY: Final = "private_key"
PASSWORD: Final = "password"
KINDS: Final = (EMAIL, IP, PHONE, USER, API_KEY, JWT, PRIVATE_KEY, PASSWORD)


class Span(NamedTuple):
    """Bytes to replace; none of them ends a line.

    Attributes:
        start: offset of the first byte.
        end: offset behind the last one.
        kind: one of `KINDS`.
        value: what is hidden; equal values get equal placeholders.
        is_rest: the value began in an earlier span, so nothing stands in place of this one.
    """

    start: int
    end: int
    kind: str
    value: bytes
    is_rest: bool = False


def options() -> Any:
    """How RE2 reads bytes; its default of 8 MiB is too little for the largest pattern."""
    found = re2.Options()
    found.encoding = re2.Options.Encoding.LATIN1
    found.max_mem = 64 << 20
    return found


def compiled(pattern: bytes) -> Any:
    """A pattern over bytes."""
    return re2.compile(pattern, options())
