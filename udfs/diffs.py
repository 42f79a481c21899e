r"""Unified diffs as git writes them: parse, apply strictly, make.

Only "\n" ends a line, as in git: a lone "\r", a form feed or U+2028 is part of its line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pygit2
from pygit2.enums import DiffOption

# Bounded digits, each followed by another sign: linear, and ten times as fast as re2 at one line.
_HUNK_HEADER = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_NO_NEWLINE = "\\"
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_UNESCAPES = {code: letter for letter, code in _ESCAPES.items()}


class PatchError(ValueError):
    """A patch that cannot be read, or that does not apply to the text it is given."""


@dataclass(frozen=True, slots=True)
class Hunk:
    r"""One hunk. A line is its mark (" ", "-" or "+") and its text with the "\n", if it has one."""

    before_start: int
    before_count: int
    after_start: int
    after_count: int
    lines: tuple[tuple[str, str], ...]

    @property
    def offset(self) -> int:
        """Index, from 0, of the first line of the before text that the hunk covers."""
        return self.before_start - 1 if self.before_count else self.before_start


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a patch does to one file; `status` is git's letter: A, M, D, R or C."""

    path_before: str | None
    path_after: str | None
    status: str
    is_binary: bool
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """The path after the change, or before it where the file is gone."""
        return self.path_after or self.path_before or ""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Line numbers from 1: removed ones of the before text, added ones of the after text.

    `anchors` are before lines next to which text is inserted (the line above it; 0 is the top).
    """

    removed: tuple[int, ...]
    added: tuple[int, ...]
    anchors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DiffStats:
    """Sizes of a patch, in files, hunks and lines."""

    files: int
    hunks: int
    additions: int
    deletions: int


def split_lines(text: str) -> list[str]:
    r"""Split after each "\n", keeping it; a last line without "\n" stays as it is."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    if last:
        lines.append(last)
    return lines


def quote_path(path: str) -> str:
    """Write a path as git does: C-quoted where it has control, quote or non-ASCII bytes."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in (0x22, 0x5C) for byte in raw):
        return path
    quoted = "".join(
        "\\" + _UNESCAPES[byte]
        if byte in _UNESCAPES
        else chr(byte)
        if 0x20 <= byte < 0x7F
        else f"\\{byte:03o}"
        for byte in raw
    )
    return f'"{quoted}"'


def unquote_path(quoted: str) -> str:
    """Undo `quote_path`; a path without quotes is returned as it is.

    Raises:
        PatchError: If an escape is not one of git's.

    """
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        return quoted
    raw = bytearray()
    body = quoted[1:-1]
    position = 0
    while position < len(body):
        character = body[position]
        if character != "\\":
            raw += character.encode("utf-8", "surrogateescape")
            position += 1
            continue
        escape = body[position + 1 : position + 2]
        octal = body[position + 1 : position + 4]
        if escape in _ESCAPES:
            raw.append(_ESCAPES[escape])
            position += 2
        elif len(octal) == 3 and octal[0] in "0123" and all(digit in "01234567" for digit in octal):
            raw.append(int(octal, 8))
            position += 4
        else:
            raise PatchError(f"path {quoted[:200]} has an escape that git does not write")
    return raw.decode("utf-8", "surrogateescape")


def parse_patch(text: str) -> tuple[FilePatch, ...]:
    """Read a git patch of any number of files.

    Args:
        text: What `git diff`, `git show` or `git format-patch` prints. Text before the first
            file header is skipped. A plain `---`/`+++` patch without `diff --git` is read too.

    Returns:
        The files, in the order of the patch.

    Raises:
        PatchError: If a hunk is shorter or longer than its header says, or a header is broken.

    """
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    files: list[FilePatch] = []
    position = 0
    while position < len(lines):
        if lines[position].startswith("diff --git ") or _starts_plain(lines, position):
            file_patch, position = _parse_file(lines, position)
            files.append(file_patch)
        else:
            position += 1
    return tuple(files)


def _starts_plain(lines: list[str], position: int) -> bool:
    return (
        lines[position].startswith("--- ")
        and position + 2 < len(lines)
        and lines[position + 1].startswith("+++ ")
        and lines[position + 2].startswith("@@ -")
    )


def _parse_file(lines: list[str], position: int) -> tuple[FilePatch, int]:
    before: str | None = None
    after: str | None = None
    status = "M"
    is_binary = False
    if lines[position].startswith("diff --git "):
        before, after = _header_paths(lines[position][len("diff --git ") :])
        position += 1
        while position < len(lines):
            line = lines[position]
            if line.startswith("new file mode "):
                status = "A"
            elif line.startswith("deleted file mode "):
                status = "D"
            elif line.startswith(("rename from ", "copy from ")):
                status = "R" if line.startswith("rename") else "C"
                before = unquote_path(line.split(" from ", 1)[1])
            elif line.startswith(("rename to ", "copy to ")):
                after = unquote_path(line.split(" to ", 1)[1])
            elif line.startswith(("Binary files ", "GIT binary patch")):
                is_binary = True
            elif not line.startswith(
                ("index ", "old mode ", "new mode ", "similarity index ", "dissimilarity index ")
            ):
                break
            position += 1
        while is_binary and position < len(lines) and not lines[position].startswith("diff --git "):
            position += 1
    if position < len(lines) and _is_file_line(lines, position):
        before = _file_line_path(lines[position])
        after = _file_line_path(lines[position + 1])
        position += 2
    if status == "A":
        before = None
    elif status == "D":
        after = None
    elif before is None:
        status = "A"
    elif after is None:
        status = "D"
    hunks: list[Hunk] = []
    while position < len(lines) and lines[position].startswith("@@ -"):
        hunk, position = _parse_hunk(lines, position, after or before or "?", len(hunks) + 1)
        hunks.append(hunk)
    return FilePatch(before, after, status, is_binary, tuple(hunks)), position


def _is_file_line(lines: list[str], position: int) -> bool:
    return (
        lines[position].startswith("--- ")
        and position + 1 < len(lines)
        and lines[position + 1].startswith("+++ ")
    )


def _file_line_path(line: str) -> str | None:
    quoted = line[4:].split("\t", 1)[0]
    if quoted == "/dev/null":
        return None
    path = unquote_path(quoted)
    return path[2:] if path.startswith(("a/", "b/")) else path


def _header_paths(rest: str) -> tuple[str | None, str | None]:
    """Split "a/x b/x": where the names differ, the rename lines that follow say them instead."""
    if rest.endswith('"') or rest.startswith('"'):
        if rest.startswith('"'):
            end = rest.find('" ', 1)
            halves = (rest[: end + 1], rest[end + 2 :])
        else:
            start = rest.find(' "')
            halves = (rest[:start], rest[start + 1 :])
        first, second = (unquote_path(half) for half in halves)
        return first[2:], second[2:]
    half = len(rest) // 2
    if len(rest) % 2 and rest[half] == " " and rest[2:half] == rest[half + 3 :]:
        return rest[2:half], rest[half + 3 :]
    first, separator, second = rest.partition(" b/")
    return (first[2:], second) if separator else (None, None)


def _parse_hunk(lines: list[str], position: int, path: str, number: int) -> tuple[Hunk, int]:
    header = _HUNK_HEADER.match(lines[position])
    if header is None:
        raise PatchError(f"{path}: hunk {number} has no readable header: {lines[position][:80]!r}")
    before_start, before_count, after_start, after_count = (
        1 if group is None else int(group) for group in header.groups()
    )
    position += 1
    taken: list[tuple[str, str]] = []
    befores = afters = 0
    end = len(lines)
    while position < end:
        line = lines[position]
        mark = line[:1] or " "  # some mailers drop the blank of an empty context line
        if mark == _NO_NEWLINE:
            if not taken:
                raise PatchError(f"{path}: hunk {number} starts with a no-newline mark")
            taken[-1] = (taken[-1][0], taken[-1][1][:-1])
            position += 1
            continue
        if (befores >= before_count and afters >= after_count) or mark not in (" ", "-", "+"):
            break
        befores += mark != "+"
        afters += mark != "-"
        taken.append((mark, line[1:] + "\n"))
        position += 1
    if (befores, afters) != (before_count, after_count):
        raise PatchError(
            f"{path}: hunk {number} has {befores} before and {afters} after lines, "
            f"but its header says {before_count} and {after_count}"
        )
    return Hunk(before_start, before_count, after_start, after_count, tuple(taken)), position


def apply_patch(before: str | None, file_patch: FilePatch) -> str | None:
    """Apply one file's patch exactly: no offset and no fuzz.

    Args:
        before: Text of the file, or None where there is none (an added file).
        file_patch: One file of `parse_patch`.

    Returns:
        The text afterwards, or None where the patch deletes the file.

    Raises:
        PatchError: If the patch is binary, or a hunk does not meet the lines it names; the
            message names the file, the hunk and the line.

    """
    path = file_patch.path
    if file_patch.is_binary:
        raise PatchError(f"{path}: a binary patch holds no text to apply")
    if (before is None) != (file_patch.path_before is None):
        expected = "no text" if file_patch.path_before is None else "a text"
        raise PatchError(f"{path}: the patch expects {expected} before it")
    lines = split_lines(before or "")
    result: list[str] = []
    position = 0
    for number, hunk in enumerate(file_patch.hunks, 1):
        start = hunk.offset
        if not position <= start <= len(lines):
            raise PatchError(f"{path}: hunk {number} starts at line {start + 1} of {len(lines)}")
        result += lines[position:start]
        position = start
        for mark, line in hunk.lines:
            if mark == "+":
                result.append(line)
                continue
            if position >= len(lines) or lines[position] != line:
                raise PatchError(f"{path}: hunk {number} does not match line {position + 1}")
            if mark == " ":
                result.append(line)
            position += 1
    result += lines[position:]
    text = "".join(result)
    if text.count("\n") < len(result) - 1:
        raise PatchError(f"{path}: text follows a line that the patch leaves without a newline")
    if file_patch.path_after is None:
        if result:
            raise PatchError(f"{path}: the patch deletes the file but {len(result)} lines remain")
        return None
    return text


def make_patch(
    path_before: str | None,
    before: str | None,
    path_after: str | None,
    after: str | None,
    context_lines: int = 3,
) -> str:
    """Write the patch of one file, valid for `git apply`.

    The line comparison is libgit2's xdiff (Myers with git's cost cap), so its worst case is
    bounded as git's own is; no repository is opened.

    Args:
        path_before: Path before, or None for an added file.
        before: Text before, None exactly where `path_before` is.
        path_after: Path after, or None for a deleted file.
        after: Text after, None exactly where `path_after` is.
        context_lines: Unchanged lines around each change.

    Returns:
        The patch, or "" where neither the text nor the path changes.

    Raises:
        PatchError: If a path comes without a text or the other way round.

    """
    if (path_before is None) != (before is None) or (path_after is None) != (after is None):
        raise PatchError("a path and its text must be given together, or both be None")
    shown_before = path_before if path_before is not None else path_after
    shown_after = path_after if path_after is not None else path_before
    if shown_before is None or shown_after is None:
        raise PatchError("a patch needs a path before or after the change")
    header = [f"diff --git {quote_path('a/' + shown_before)} {quote_path('b/' + shown_after)}\n"]
    if before is None:
        header.append("new file mode 100644\n")
    elif after is None:
        header.append("deleted file mode 100644\n")
    elif path_before != path_after:
        header.append(
            f"rename from {quote_path(shown_before)}\nrename to {quote_path(shown_after)}\n"
        )
    elif before == after:
        return ""
    hunks = _hunks_text(before or "", after or "", context_lines)
    if hunks:
        header.append(_file_line("---", None if before is None else "a/" + shown_before))
        header.append(_file_line("+++", None if after is None else "b/" + shown_after))
    return "".join(header) + hunks


def _file_line(mark: str, path: str | None) -> str:
    quoted = "/dev/null" if path is None else quote_path(path)
    return f"{mark} {quoted}" + ("\t\n" if path is not None and " " in quoted else "\n")


def _hunks_text(before: str, after: str, context_lines: int) -> str:
    if before == after:
        return ""
    # libgit2 reads these buffers until the patch is written and pygit2 does not hold them: the
    # names keep them alive.
    old = before.encode("utf-8", "surrogatepass")
    new = after.encode("utf-8", "surrogatepass")
    patch = pygit2.Patch.create_from(
        old,
        new,
        flag=DiffOption.FORCE_TEXT,
        context_lines=context_lines,
    )
    data = patch.data
    start = data.find(b"\n@@ -") + 1
    return data[start:].decode("utf-8", "surrogatepass") if start else ""


def changed_lines(file_patch: FilePatch) -> ChangedLines:
    """Say which lines a patch touches, on both sides; see `ChangedLines`."""
    removed: list[int] = []
    added: list[int] = []
    anchors: list[int] = []
    for hunk in file_patch.hunks:
        before = hunk.offset
        after = hunk.after_start - 1 if hunk.after_count else hunk.after_start
        for mark, _ in hunk.lines:
            if mark == "+":
                after += 1
                added.append(after)
                if not anchors or anchors[-1] != before:
                    anchors.append(before)
            else:
                before += 1
                if mark == "-":
                    removed.append(before)
                else:
                    after += 1
    return ChangedLines(tuple(removed), tuple(added), tuple(anchors))


def diff_stats(files: Iterable[FilePatch]) -> DiffStats:
    """Count files, hunks, added and removed lines."""
    count = hunks = additions = deletions = 0
    for file_patch in files:
        count += 1
        hunks += len(file_patch.hunks)
        for hunk in file_patch.hunks:
            additions += sum(mark == "+" for mark, _ in hunk.lines)
            deletions += sum(mark == "-" for mark, _ in hunk.lines)
    return DiffStats(count, hunks, additions, deletions)
