r"""Private keys in PEM or PGP armour: over lines, in one string with `\n`, quoted or in a diff."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from udfs.secrets.examples import is_example
from udfs.secrets.spans import PRIVATE_KEY, Span, compiled

BLOCKS: Final = rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"
_BEGIN: Final = compiled(BLOCKS + rb"(?: BLOCK)?-----")
_END: Final = b"-----END"
# An RSA key of 8,192 bits has 6.5 kB; quotes, marks and indentation of each line come on top.
_MOST_BYTES: Final = 20_000
# Escapes of line ends are no part of the key, and headers (`DEK-Info: …`, `Version: …`) are none.
_PART: Final = compiled(rb"\\+[nrt]|[A-Z][A-Za-z-]{2,20}: [^\n\\\"']{0,80}|([A-Za-z0-9+/=_-]{4,})")
_RUN: Final = 40  # of a key without an end, lines with fewer base64 characters are something else


def find_private_keys(data: bytes) -> Iterator[Span]:
    """The lines between BEGIN and END, which stay; the first takes the placeholder."""
    for match in _BEGIN.finditer(data):
        start = match.end()
        end = data.find(_END, start, start + _MOST_BYTES)
        body = data[start : end if end >= 0 else start + _MOST_BYTES]
        if b"-----BEGIN" in body:
            end, body = -1, body[: body.index(b"-----BEGIN")]
        parts = _parts(body, is_whole=end >= 0)
        text = b"".join(body[slice(*part)] for part in parts)
        if len(text) < _RUN or is_example(text[:200]):
            continue
        value = hashlib.sha256(text).digest()
        for number, (left, right) in enumerate(parts):
            yield Span(start + left, start + right, PRIVATE_KEY, value, is_rest=number > 0)


def _parts(body: bytes, *, is_whole: bool) -> list[tuple[int, int]]:
    found = [match.span(1) for match in _PART.finditer(body) if match.group(1) is not None]
    if is_whole:
        return found
    parts: list[tuple[int, int]] = []
    for start, end in found:
        if end - start < _RUN and parts:
            break
        if end - start >= _RUN:
            parts.append((start, end))
    return parts
