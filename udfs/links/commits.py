"""What a commit message refers to."""

from __future__ import annotations

import re2

from udfs.links.references import CLOSES, COMMIT, EITHER, MENTIONS, PULL, Reference, closings

MERGES, REVERTS, CHERRY_PICKS, FOLLOWS_UP = "merges", "reverts", "cherry_picks", "follows_up"
REVIEWED = "reviewed_by"
"""Evidence beside another one: the message also names who reviewed the pull."""

SUBJECT = "subject"
"""Kind of a reference whose target is the first line of another commit."""

MAX_MESSAGE_CHARS = 65_536

_NUMBER = r"(?:#|(?i:gh)-)([0-9]{1,9})"
_MERGE = re2.compile(
    rf"^(?:Merge pull request|Merge(?:d)? PR|Merge pull|Auto merge of|Merge) {_NUMBER}\b"
)
_SUFFIX = re2.compile(rf"\({_NUMBER}\)\s*$")
_PR_URL = re2.compile(
    r"(?im)^(?:pr-url|pull-request(?:-url)?|pr):[ \t]*"
    r"(?:https?://(?:www\.)?github\.com/([\w-]+/[\w.-]+)/pulls?/|#)([0-9]{1,9})\b"
)
_REVIEWED = re2.compile(r"(?im)^reviewed-by:[ \t]*\S")
_REVERT_OID = re2.compile(r"(?i)\breverts? (?:the )?commits?:? ([0-9a-f]{7,40})\b")
_REVERT_NUMBER = re2.compile(
    rf"(?im)^(?:this )?reverts? (?:(?:pr|pull request) )?(?:([\w-]+/[\w.-]+))?{_NUMBER}\b"
)
_REVERT_TITLE = re2.compile(rf"^(?i:revert):? \"(?:.*)\({_NUMBER}\)\"")
_QUOTES = re2.compile(r"^(?i:revert|reapply):? \"")
_CHERRY_PICK = re2.compile(
    r"(?i)\((?:cherry[ -]picked|backported|picked) from commit ([0-9a-f]{7,40})"
)
_FIXES_OID = re2.compile(r"(?im)^fixes:[ \t]*(?:commit )?([0-9a-f]{7,40})\b")
_FIXUP = re2.compile(r"^(?:fixup|squash|amend)! (.+)$")


def _number(text: str) -> str:
    return str(int(text))


def commit_references(message: str) -> list[Reference]:
    """Everything that a commit message refers to, once each, in order of the rules.

    Args:
        message: the whole message; its first `MAX_MESSAGE_CHARS` characters are read.
    """
    text = message[:MAX_MESSAGE_CHARS]
    subject = text.split("\n", 1)[0].strip()
    found = [*_landing(subject, text), *_of_commits(subject, text)]
    told = {(reference.target, reference.repository) for reference in found}
    # The title of what is reverted says what that had closed.
    quoted = len(text.split("\n", 1)[0]) if _QUOTES.match(subject) else 0
    for token, evidence in closings(text):
        if evidence is not None and token.start >= quoted:
            found.append(token.refer(CLOSES, evidence))
        elif not _is_told(token.target, token.repository, told):
            found.append(token.refer(MENTIONS, "mention"))
    return list(dict.fromkeys(found))


def _is_told(target: str, repository: str | None, told: set[tuple[str, str | None]]) -> bool:
    return (target, repository) in told or (target, None) in told


def _landing(subject: str, text: str) -> list[Reference]:
    """The pull that became this commit."""
    found = []
    merge = _MERGE.search(subject)
    if merge is not None:
        found.append(Reference(MERGES, PULL, _number(merge.group(1)), "merge_subject"))
    suffix = _SUFFIX.search(subject)
    if suffix is not None:
        found.append(Reference(MERGES, EITHER, _number(suffix.group(1)), "title_suffix"))
    for url in _PR_URL.finditer(text):
        name = url.group(1)
        found.append(
            Reference(MERGES, PULL, _number(url.group(2)), "pr_url", name.lower() if name else None)
        )
    if _REVIEWED.search(text):
        found += [Reference(MERGES, x.kind, x.target, REVIEWED, x.repository) for x in tuple(found)]
    return found


def _of_commits(subject: str, text: str) -> list[Reference]:
    """What the message says about earlier commits and pulls."""
    found = [
        Reference(relation, COMMIT, match.group(1).lower(), evidence)
        for relation, evidence, rule in (
            (REVERTS, "revert_oid", _REVERT_OID),
            (CHERRY_PICKS, "cherry_pick", _CHERRY_PICK),
            (FOLLOWS_UP, "fixes_oid", _FIXES_OID),
        )
        for match in rule.finditer(text)
    ]
    title = _REVERT_TITLE.search(subject)
    if title is not None:
        found.append(Reference(REVERTS, EITHER, _number(title.group(1)), "revert_title"))
    found += revert_numbers(text)
    fixup = _FIXUP.match(subject)
    if fixup is not None:
        found.append(Reference(FOLLOWS_UP, SUBJECT, fixup.group(1).strip(), "fixup_subject"))
    return found


def revert_numbers(text: str) -> list[Reference]:
    """The pulls that a text says it reverts, as GitHub's button and people write it."""
    return [
        Reference(
            REVERTS,
            EITHER,
            _number(match.group(2)),
            "revert_number",
            match.group(1).lower() if match.group(1) else None,
        )
        for match in _REVERT_NUMBER.finditer(text)
    ]
