"""What titles, bodies and comments of issues and pulls refer to."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from udfs.links.commits import revert_numbers
from udfs.links.references import CLOSES, COMMIT, MENTIONS, Reference, closings, tokens
from udfs.markdown import HIDDEN

MAX_BODY_CHARS = 65_536
"""GitHub takes no longer text."""

_INLINE = re2.compile(r"`[^`\n]*`")
_FIXED_IN = re2.compile(
    r"(?i)\b(?:fixed|resolved|closed|landed|addressed|solved|merged|implemented|done)"
    r"\s+(?:in|by|via|with|as|through)(?::|\s)\s*(?:the\s+)?"
    r"(?:commit\s+|pr\s+|pull request\s+)?[\[(]?$"
)
_OID = re2.compile(r"\b([0-9a-f]{7,40})\b")
_BEFORE = 60


def visible_text(text: str) -> str:
    """A text without what GitHub reads no references in: comments of HTML, code, quotations."""
    kept: list[str] = []
    fence = ""
    for line in HIDDEN.sub("", text[:MAX_BODY_CHARS]).split("\n"):
        start = line.strip()[:3]
        if start in ("```", "~~~") and (not fence or start == fence):
            fence = "" if fence else start
        elif not fence and not line.lstrip().startswith(">"):
            kept.append(_INLINE.sub("``", line))
    return "\n".join(kept)


def title_references(title: str) -> list[Reference]:
    """What a title refers to; GitHub closes nothing by a title, people mean it all the same."""
    found = [
        token.refer(MENTIONS, "mention")
        if evidence is None
        else token.refer(CLOSES, "closing_phrase")
        for token, evidence in closings(title[:MAX_BODY_CHARS])
    ]
    return list(dict.fromkeys(found))


def body_references(body: str, *, closes: bool) -> list[Reference]:
    """What a body refers to.

    Args:
        body: text in Markdown.
        closes: its closing keywords count: it is the body of a pull, whose merge they are about.
    """
    text = visible_text(body)
    found: list[Reference] = revert_numbers(text) if closes else []
    told = {reference.target for reference in found}
    for token, evidence in closings(text):
        if closes and evidence is not None:
            found.append(token.refer(CLOSES, evidence))
        elif token.target not in told:
            found.append(token.refer(MENTIONS, "mention"))
    return list(dict.fromkeys(found))


def comment_references(comment: str) -> list[Reference]:
    """What a comment on an issue or pull refers to: "fixed in 1a2b3c4" names what closed it."""
    text = visible_text(comment)
    found = list(_short_ids(text))
    for token in tokens(text):
        if _FIXED_IN.search(text[max(0, token.start - _BEFORE) : token.start]):
            found.append(token.refer(CLOSES, "fixed_in", is_reverse=True))
        else:
            found.append(token.refer(MENTIONS, "mention"))
    return list(dict.fromkeys(found))


def _short_ids(text: str) -> Iterator[Reference]:
    """Beginnings of object ids right behind "fixed in"; anywhere else such a word may be any."""
    for match in _OID.finditer(text):
        oid = match.group(1)
        is_id = len(oid) < 40 and not oid.isdigit()
        if is_id and _FIXED_IN.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            yield Reference(CLOSES, COMMIT, oid, "fixed_in", is_reverse=True)
