"""A response as lines that it removes, adds and shows, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field

from udfs.diffs import PatchError, parse_patch


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
