"""What a fix of a vulnerability says of the code before it: the lines that no pair may teach.

A line that such a fix takes away was brought by some earlier change (Śliwerski, Zimmermann and
Zeller 2005, "When do changes induce fixes?"). A fix that only adds, as of a missing check, shows
the place: the lines around what it adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import re2

from udfs.diffs import FilePatch, Hunk, PatchError, parse_patch

# What a title says of a fix, in lower case; ids of advisories count in the whole message.
ADVISORIES: Final = ("cve-1", "cve-2", "ghsa-")
TITLES: Final = (
    "vulnerab", "security fix", "security issue", "security bug", "security hole", "security flaw",
    "xss", "ssrf", "redos", "cross-site scripting", "cross site scripting",
    "sql injection", "command injection", "code injection", "shell injection", "header injection",
    "crlf injection", "html injection", "path traversal", "directory traversal",
    "prototype pollution", "privilege escalation", "denial of service", "denial-of-service",
    "open redirect", "timing attack", "buffer overflow", "heap overflow", "use-after-free",
    "use after free", "out-of-bounds read", "out-of-bounds write", "out of bounds read",
    "out of bounds write", "double free", "double-free",
)  # fmt: skip

# How titles begin that speak of such things without mending any.
NO_FIX: Final = ("revert", "remove", "feat", "docs", "test", "add ", "release")

# Fewer letters and digits are no statement: `}`, `else:`, `return x`.
_LEAST_SIGNS: Final = 10
_SIGNS: Final = re2.compile(r"[A-Za-z0-9_]")
_COMMENT: Final = re2.compile(r"^(?://|#|/?\*|\*|<!--|--\s|\"\"\"|''')")
_IMPORT: Final = re2.compile(
    r"^(?:import\b|from\s+\S+\s+import\b|#include\b|use\s|package\b|require)"
)
_AROUND: Final = 2


def flawed_lines(patch: str) -> tuple[tuple[str, ...], ...]:
    """The code that a fix of one file finds wanting, for each place that it mends.

    Args:
        patch: unified diff of the file.

    Returns:
        Lines without the white space around them: those that the fix takes away, or, where it only
        adds, up to two before and two after. Comments, imports and short lines do not count; a
        place without any line that counts is left out, and so is a patch that cannot be read.
    """
    places = (_place(hunk) for file in _files(patch) for hunk in file.hunks)
    return tuple(place for place in places if place)


def brings(patch: str, path: str, places: Sequence[Sequence[str]]) -> bool:
    """Say whether a diff adds what a fix finds wanting in a file: at least half of its places.

    A place is added by all of its lines, in their order. One of many proves nothing, since a large
    fix rewrites lines that were right.
    """
    added = [
        line.strip()
        for file in _files(patch)
        if file.path == path
        for hunk in file.hunks
        for mark, line in hunk.lines
        if mark == "+"
    ]
    return 2 * sum(_holds(added, place) for place in places) >= len(places) > 0


def _holds(added: Sequence[str], place: Sequence[str]) -> bool:
    rest = iter(added)
    return all(line in rest for line in place)


def _files(patch: str) -> tuple[FilePatch, ...]:
    try:
        return parse_patch(patch)
    except PatchError:
        return ()


def _place(hunk: Hunk) -> tuple[str, ...]:
    removed = _code(line for mark, line in hunk.lines if mark == "-")
    kept = {line.strip() for mark, line in hunk.lines if mark != "-"}
    if removed:
        # What comes back elsewhere in the hunk only moves.
        return tuple(line for line in removed if line not in kept)
    added = [number for number, (mark, _) in enumerate(hunk.lines) if mark == "+"]
    if not added:
        return ()
    before = _code(line for _, line in hunk.lines[: added[0]])
    after = _code(line for mark, line in hunk.lines[added[-1] :] if mark == " ")
    around = (*before[-_AROUND:], *after[:_AROUND])
    return around if before and after else ()


def _code(lines: Iterable[str]) -> tuple[str, ...]:
    stripped = (line.strip() for line in lines)
    return tuple(line for line in stripped if _counts(line))


def _counts(line: str) -> bool:
    if _COMMENT.match(line) or _IMPORT.match(line):
        return False
    return len(_SIGNS.findall(line[:200])) >= _LEAST_SIGNS
