"""Find secrets and personal data in texts, and put typed placeholders in their place.

One scan by all patterns at once says which rules have anything to look at; most source has nothing
for any. Texts that belong together are redacted together: equal values get equal placeholders, what
was found in one text is hidden in the others too, and no line is added or lost, so that a diff
between redacted texts is a diff again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import re2

from udfs.secrets.addresses import FOURS, SIXES, find_ipv4, find_ipv6
from udfs.secrets.assignments import NAMES, find_assigned
from udfs.secrets.attribution import attributed
from udfs.secrets.encoded import ENCODED, find_encoded
from udfs.secrets.people import EMAILS, HOMES, PHONES, find_emails, find_homes, find_phones
from udfs.secrets.private_keys import BLOCKS, find_private_keys
from udfs.secrets.spans import API_KEY, EMAIL, JWT, PASSWORD, Span, compiled, options
from udfs.secrets.split import PIECES, find_split
from udfs.secrets.tokens import FORMS, JWTS, URLS, find_jwts, find_tokens, find_urls

Finder = Callable[[bytes], Iterator[Span]]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and how many places of each kind were replaced."""

    text: str
    counts: Mapping[str, int]


# What hides a secret by itself; the first rule that claims a place keeps it.
_PLAIN: Final[tuple[tuple[bytes, Finder], ...]] = (
    (BLOCKS, find_private_keys),
    (JWTS, find_jwts),
    (FORMS, find_tokens),
    (URLS, find_urls),
    (NAMES, find_assigned),
)
_PERSONAL: Final[tuple[tuple[bytes, Finder], ...]] = (
    (EMAILS, find_emails),
    (FOURS, find_ipv4),
    (SIXES, find_ipv6),
    (HOMES, find_homes),
    (PHONES, find_phones),
)


def _find_plain(data: bytes) -> Iterator[Span]:
    for _, find in _PLAIN:
        yield from find(data)


def _decoded(data: bytes) -> Iterator[Span]:
    return find_encoded(data, _find_plain)


def _joined(data: bytes) -> Iterator[Span]:
    return find_split(data, lambda text: [*_find_plain(text), *find_encoded(text, _find_plain)])


_RULES: Final = (*_PLAIN, (ENCODED, _decoded), (PIECES, _joined), *_PERSONAL)


def _compile() -> Any:
    together = re2.Set.SearchSet(options())
    for pattern, _ in _RULES:
        together.Add(pattern)
    together.Compile()
    return together


_ALL: Final = _compile()
_KNOWN: Final = frozenset({API_KEY, JWT, PASSWORD})
_MIN_KNOWN: Final = 8  # a shorter value may be a word somewhere else
_PLACEHOLDER: Final = compiled(
    rb"<(EMAIL|IP|PHONE|USER|API_KEY|JWT|PRIVATE_KEY|PASSWORD)_(\d{1,6})>"
)


def redact(text: str) -> Redacted:
    """Replace secrets and personal data by placeholders such as `<EMAIL_1>`."""
    return redact_all([text])[0]


def redact_all(texts: Sequence[str]) -> list[Redacted]:
    """Redact texts that belong together under one numbering, in the order given.

    The number of lines of each text stays. A value that a notice of copyright shows stays in all.
    """
    data = [text.encode("utf-8", "surrogatepass") for text in texts]
    found = [_scan(one) for one in data]
    if not any(found):
        return [Redacted(text, {}) for text in texts]
    shown: set[bytes] = set()
    for one, spans in zip(data, found, strict=True):
        shown |= attributed(one, [span for span in spans if span.kind == EMAIL])
    kept = [[span for span in spans if span.value not in shown] for spans in found]
    known = {
        span.value: span.kind
        for spans in kept
        for span in spans
        if span.kind in _KNOWN and len(span.value) >= _MIN_KNOWN
    }
    complete = [
        _apart([*spans, *_again(one, known)]) for one, spans in zip(data, kept, strict=True)
    ]
    names = _names(data, complete)
    return [
        _replaced(text, one, spans, names)
        for text, one, spans in zip(texts, data, complete, strict=True)
    ]


def placeholders(text: str) -> frozenset[tuple[str, str]]:
    """The placeholders of a text, each as its kind and itself."""
    matches = _PLACEHOLDER.finditer(text.encode("utf-8", "surrogatepass"))
    return frozenset((m.group(1).decode().lower(), m.group().decode()) for m in matches)


def without_numbers(text: str) -> str:
    """A text in which all placeholders of a kind are equal."""
    data = text.encode("utf-8", "surrogatepass")
    return str(_PLACEHOLDER.sub(rb"<\1>", data).decode("utf-8", "surrogatepass"))


def _scan(data: bytes) -> list[Span]:
    rules = sorted(_ALL.Match(data) or ())
    return _apart([span for rule in rules for span in _RULES[rule][1](data)])


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans in order of place, none over another: the first in the list stays."""
    taken: list[Span] = []
    for span in spans:
        place = bisect_left(taken, span.start, key=_start)
        before, after = taken[max(0, place - 1) : place], taken[place : place + 1]
        if all(x.end <= span.start for x in before) and all(span.end <= x.start for x in after):
            taken.insert(place, span)
    return taken


_start = attrgetter("start")


def _again(data: bytes, known: Mapping[bytes, str]) -> Iterator[Span]:
    """Further places of values that were found, where no letter or digit touches them."""
    for value, kind in known.items():
        start = data.find(value)
        while start >= 0:
            end = start + len(value)
            if not data[start - 1 : start].isalnum() and not data[end : end + 1].isalnum():
                yield Span(start, end, kind, value)
            start = data.find(value, end)


def _names(data: Sequence[bytes], found: Sequence[Sequence[Span]]) -> dict[bytes, str]:
    """Placeholders by value, numbered as they appear, behind those that are there already."""
    used: Counter[str] = Counter()
    for one in data:
        for match in _PLACEHOLDER.finditer(one):
            kind = match.group(1).decode().lower()
            used[kind] = max(used[kind], int(match.group(2)))
    names: dict[bytes, str] = {}
    for spans in found:
        for span in spans:
            if span.value not in names:
                used[span.kind] += 1
                names[span.value] = f"<{span.kind.upper()}_{used[span.kind]}>"
    return names


def _replaced(
    text: str, data: bytes, spans: Sequence[Span], names: Mapping[bytes, str]
) -> Redacted:
    if not spans:
        return Redacted(text, {})
    pieces: list[bytes] = []
    position = 0
    for span in spans:
        pieces.append(data[position : span.start])
        if not span.is_rest:
            pieces.append(names[span.value].encode())
        position = span.end
    pieces.append(data[position:])
    counts = Counter(span.kind for span in spans if not span.is_rest)
    return Redacted(b"".join(pieces).decode("utf-8", "surrogatepass"), dict(sorted(counts.items())))
