"""What of a pair is compared with other pairs: its words without the trimmings of one branch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from udfs.quality.patch import file_changes

# All four patterns are anchored or have bounded repetitions, so they are linear on any text.
_TRAILER: Final = re.compile(
    r"(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|cc|change-id"
    r"|reviewed-on|backport-of|cherry-picked-from)\s{0,4}:|\(cherry[ -]picked from commit",
    re.IGNORECASE,
)
_BRANCH_PREFIX: Final = re.compile(r"\[(?=[^\]]{0,40}(?:[0-9]|backport))[^\]]{1,40}\]\s{0,4}", re.I)
_NUMBER_SUFFIX: Final = re.compile(r"\s{0,4}\((?:#|GH-|gh-)[0-9]{1,9}\)$")
_LICENCE: Final = re.compile(
    r"spdx-license-identifier|licensed under|permission is hereby granted|all rights reserved"
    r"|redistribution and use in source|general public license|mozilla public license"
    r"|without warranties or conditions|copyright (?:\(c\)|©|[0-9]{4})",
    re.IGNORECASE,
)
_COMMENT_STARTS: Final = ("#", "//", "/*", "*", "--", ";", "%", "<!--", '"""', "'''", "..", "dnl ")
_BLOCK_COMMENTS: Final = {"/*": "*/", "<!--": "-->"}


@dataclass(frozen=True, slots=True)
class Comparable:
    """The three texts of a pair that deduplication looks at, normalised."""

    instruction: str
    removed: str
    added: str


def normalise(text: str) -> str:
    """Makes texts equal that differ only in white space.

    Runs of white space (line ends and indentation included) become one space and the ends
    are cut. Case and punctuation stay: they carry meaning in code.
    """
    return " ".join(text.split())


def comparable(instruction: str, response: str) -> Comparable:
    """Reduces a pair to what makes it a duplicate for training.

    Two pairs are duplicates when they teach the same change for the same request, wherever
    it was made: on another branch, as a backport, in a fork. So these don't count: paths,
    hunk positions and unchanged lines of the diff, white space, trailers, a ``[3.12]`` or
    ``[backport 2.x]`` before the title, a ``(#123)`` after it, and comment blocks that hold
    a licence or copyright notice (else any two small new files of one project would look
    alike). The sign of a line does count: a revert isn't a copy of what it reverts. A change of
    nothing but a licence notice keeps it. A response that isn't a diff counts as added.
    """
    files = file_changes(response)
    if not any(change.hunks for change in files):
        return Comparable(_instruction(instruction), "", normalise(response))
    removed = [line for change in files for line in change.removed]
    added = [line for change in files for line in change.added]
    kept_removed, kept_added = without_licence_notices(removed), without_licence_notices(added)
    if any(line.strip() for line in kept_removed) or any(line.strip() for line in kept_added):
        removed, added = kept_removed, kept_added
    return Comparable(
        _instruction(instruction), normalise("\n".join(removed)), normalise("\n".join(added))
    )


def without_licence_notices(lines: list[str]) -> list[str]:
    """Leaves out each comment block in which a line reads like a licence or copyright notice.

    A block is a run of comment lines; an empty line or code ends it.
    """
    kept: list[str] = []
    block: list[str] = []
    closing = ""
    for line in lines:
        text = line.strip()
        if closing:
            block.append(line)
            if closing in text:
                closing = ""
            continue
        if text.startswith(_COMMENT_STARTS):
            block.append(line)
            for start, end in _BLOCK_COMMENTS.items():
                if text.startswith(start) and end not in text[len(start) :]:
                    closing = end
            continue
        _flush(block, kept)
        block = []
        kept.append(line)
    _flush(block, kept)
    return kept


def _flush(block: list[str], kept: list[str]) -> None:
    if block and not any(_LICENCE.search(line) for line in block):
        kept.extend(block)


def _instruction(text: str) -> str:
    lines = [line for line in text.split("\n") if not _TRAILER.match(line.strip())]
    for index, line in enumerate(lines):
        if line.strip():
            title = line.strip()
            if (prefix := _BRANCH_PREFIX.match(title)) is not None:
                title = title[prefix.end() :]
            lines[index] = _strip_numbers(title)
            break
    return normalise("\n".join(lines))


def _strip_numbers(title: str) -> str:
    while (shorter := _NUMBER_SUFFIX.sub("", title)) != title:
        title = shorter
    return title
