"""Where a notice of copyright or licence names its holders: that must stay as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from udfs.secrets.spans import Span, compiled

_NOTICE: Final = compiled(
    rb"(?i)copyright|copyleft|\(c\)[ \t]+(?:\w+[ \t]+)?(?:19|20)\d\d|\xc2\xa9|all rights reserved"
    rb"|spdx-|licen[sc]ed (?:under|to)|permission is hereby granted|apache license"
    rb"|redistribution and use|\b[al]?gplv?[ -]?\d|mit licen[sc]e|bsd licen[sc]e"
    rb"|under the terms of|permission to use, copy|this is free software"
)
_COMMENT: Final = compiled(
    rb"^[ +-]?[ \t]*(?:#|//|/?\*|<!--|--|;|%|\"\"\"|'''|dnl\b|rem\b|REM\b|\.\.|!|\{-|\(\*)"
)
# A line below the notice that only names one more holder, as in a licence text.
_HOLDER: Final = compiled(
    rb"^[ +-]?\W*(?:\d{4}[\d, -]*)?(?:and |by )?[^=:{}\"]{0,80}<?[^\s<>]+@[^\s<>]+>?\W*$"
)
_MOST_LINES: Final = 60  # of a header around an address


def attributed(data: bytes, spans: Iterable[Span]) -> set[bytes]:
    """Values that stand in a notice: on its line, in its comment, or in the list below it."""
    return {span.value for span in spans if _is_attributed(data, span)}


def _is_attributed(data: bytes, span: Span) -> bool:
    start = data.rfind(b"\n", 0, span.start) + 1
    end = data.find(b"\n", span.end)
    line = data[start : end if end >= 0 else len(data)]
    if _NOTICE.search(line):
        return True
    above = data[max(0, start - 6_000) : start].split(b"\n")[:-1][-_MOST_LINES:]
    below = data[end + 1 : end + 6_000].split(b"\n")[:_MOST_LINES] if end >= 0 else []
    if _COMMENT.match(line):
        return _meets_notice(reversed(above), _COMMENT) or _meets_notice(below, _COMMENT)
    return bool(_HOLDER.match(line)) and _meets_notice(reversed(above), _HOLDER)


def _meets_notice(lines: Iterable[bytes], going_on: object) -> bool:
    for line in lines:
        if _NOTICE.search(line):
            return True
        if not going_on.match(line):  # type: ignore[attr-defined]
            return False
    return False
