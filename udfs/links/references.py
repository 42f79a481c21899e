"""What a text refers to: numbers of issues and pulls, ids of commits, and which of them it closes.

GitHub's own grammar
(docs.github.com/get-started/writing-on-github/working-with-advanced-formatting), and what people
write beside it: `fixes #1, #2`, `fix for issue #3`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import re2

COMMIT, PULL, ISSUE, EITHER = "commit", "pull", "issue", "issue_or_pull"
CLOSES, MENTIONS = "closes", "mentions"
MAX_REFERENCES = 100
"""Of one text; a changelog names hundreds and is about none of them."""

_NAME = r"[\w-]{1,100}/[\w.-]{1,100}"
_TOKEN = re2.compile(
    rf"(?i)https?://(?:www\.)?github\.com/({_NAME})/(issues|pulls?)/([0-9]{{1,9}})\b"
    rf"|https?://(?:www\.)?github\.com/({_NAME})/commits?/([0-9a-f]{{7,40}})\b"
    rf"|(?:\b({_NAME})|^|[^\w&/#])#([0-9]{{1,9}})\b"
    r"|\bgh-([0-9]{1,9})\b"
    r"|\bcommits?:? ([0-9a-f]{7,40})\b"
    r"|\b([0-9a-f]{40})\b"
)
_VERB = r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)"
_KEYWORD = re2.compile(rf"(?i){_VERB}(?::\s*|\s+)[\[(]?$")
_PHRASE = re2.compile(
    rf"(?i){_VERB}:?\s+(?:for\s+)?(?:the\s+|an?\s+)?"
    r"(?:(?:github\s+)?(?:issue|bug|ticket|problem|pr|pull request)s?:?\s+)?[\[(]?$"
)
_DENIED = re2.compile(
    rf"(?i)(?:\bnot|n't|\bnever|\bcannot|\bpartial(?:ly)?|\bpartly)[ \t]+{_VERB}\W"
)
_LIST = re2.compile(r"(?i)^[\])]*(?:\([^()\s]*\))?\s*(?:,|&|\+|/|and|,\s*and)\s*[\[(]*$")
_BEFORE = 60


@dataclass(frozen=True, slots=True)
class Reference:
    """What one text says about something else.

    Attributes:
        relation: what it says, such as `closes` or `mentions`.
        kind: what it is said about: commit, pull, issue, issue_or_pull.
        target: a number, an object id or its beginning, or the subject of a commit.
        evidence: name of the rule that found it.
        repository: `owner/name` in lower case, where the text says so.
        is_reverse: the link leads from the target to what holds the text: "fixed by #12".
    """

    relation: str
    kind: str
    target: str
    evidence: str
    repository: str | None = None
    is_reverse: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A number or an object id in a text, and where it stands."""

    start: int
    end: int
    kind: str
    target: str
    repository: str | None = None

    def refer(self, relation: str, evidence: str, *, is_reverse: bool = False) -> Reference:
        """The reference that this token is."""
        return Reference(relation, self.kind, self.target, evidence, self.repository, is_reverse)


def tokens(text: str) -> Iterator[Token]:
    """Every number and object id in a text, in order; at most `MAX_REFERENCES`."""
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count == MAX_REFERENCES:
            return
        url, place, number, commit_url, url_oid, name, plain, gh, said_oid, oid = found.groups()
        start = found.start()
        if number:
            kind = PULL if place.lower().startswith("pull") else EITHER
            yield Token(start, found.end(), kind, str(int(number)), url.lower())
        elif url_oid:
            yield Token(start, found.end(), COMMIT, url_oid.lower(), commit_url.lower())
        elif plain:
            start = start if name else found.start(7) - 1
            home = name.lower() if name else None
            yield Token(start, found.end(), EITHER, str(int(plain)), home)
        elif gh:
            yield Token(start, found.end(), EITHER, str(int(gh)))
        else:
            yield Token(start, found.end(), COMMIT, (said_oid or oid).lower())


def closing_evidence(text: str, token: Token) -> str | None:
    """The rule by which the words before a number say that it is closed; None where they do not."""
    before = text[max(0, token.start - _BEFORE) : token.start]
    if not _PHRASE.search(before):
        return None
    denied = [match.start() for match in _DENIED.finditer(before + " ")]
    if denied and not _PHRASE.search(before[denied[-1] + 12 :]):
        return None
    return "closing_keyword" if _KEYWORD.search(before) else "closing_phrase"


def closings(text: str) -> Iterator[tuple[Token, str | None]]:
    """Each number and id of a text with the evidence that it is closed.

    A list continues its first member: GitHub would close that alone, the author means all.
    """
    last: Token | None = None
    is_closing = False
    for token in tokens(text):
        evidence = closing_evidence(text, token) if token.kind != COMMIT else None
        follows = last is not None and _LIST.match(text[last.end : token.start][:_BEFORE])
        if evidence is None and is_closing and follows and token.kind != COMMIT:
            evidence = "closing_list"
        is_closing = evidence is not None
        last = token
        yield token, evidence
