"""A response as lines that it removes, adds and shows, file by file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from udfs.diffs import PatchError, parse_patch

# Bounded digits, each followed by another sign: linear, as in udfs.diffs.
_COUNTS: Final = re.compile(r"[0-9]{1,9}(?:,([0-9]{1,9}))? \+[0-9]{1,9}(?:,([0-9]{1,9}))? @@")
_FACTS: Final = ("index ", "new file mode ", "old mode ", "new mode ", "similarity index ")


@dataclass(slots=True)
class FileChange:
    """The changes of one file; lines carry no sign and no line end."""

    path: str
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    hunks: int = 0


def file_changes(response: str) -> list[FileChange]:
    """Read a unified diff.

    Returns:
        One entry per file, in the order of the diff; an empty list for a text that is no
        diff, or a broken one.
    """
    if response.startswith("diff --git "):
        plain = _plain_changes(response)
        if plain is not None:
            return plain
    try:
        files = parse_patch(response)
    except PatchError:
        return []
    changes = []
    for file in files:
        change = FileChange(file.path, hunks=len(file.hunks))
        sides = {"-": change.removed, "+": change.added, " ": change.context}
        for hunk in file.hunks:
            for mark, line in hunk.lines:
                sides[mark].append(line.rstrip("\n"))
        changes.append(change)
    return changes


def _plain_changes(response: str) -> list[FileChange] | None:
    """The same, several times as fast, of a diff without anything odd in it; None of another."""
    changes = []
    for text in response.removeprefix("diff --git ").split("\ndiff --git "):
        head, *hunks = text.removesuffix("\n").split("\n@@ -")
        path = _plain_path(head)
        if path is None:
            return None
        change = FileChange(path, hunks=len(hunks))
        removed, added, shown = change.removed, change.added, change.context
        sides: dict[str, list[str]] = {"-": removed, "+": added, " ": shown, "\\": []}
        before = after = 0
        for hunk in hunks:
            header, *lines = hunk.split("\n")
            counts = _COUNTS.match(header)
            if counts is None or hunk.startswith("\\", len(header) + 1):
                return None
            try:
                for line in lines:
                    sides[line[:1]].append(line[1:])
            except KeyError:
                return None
            before += int(counts[1] or 1)
            after += int(counts[2] or 1)
            if (len(removed) + len(shown), len(added) + len(shown)) != (before, after):
                return None
        changes.append(change)
    return changes


def _plain_path(head: str) -> str | None:
    """The path that the lines before the first hunk name; None where they are not as usual."""
    _, *facts = head.split("\n")
    if len(facts) > 1 and facts[-1].startswith("+++ b/") and facts[-2].startswith("--- "):
        path = facts[-1][len("+++ b/") :]
        if all(fact.startswith(_FACTS) for fact in facts[:-2]) and "\t" not in path:
            return path
    try:
        (file,) = parse_patch(f"diff --git {head}")
    except ValueError:
        return None
    return file.path
