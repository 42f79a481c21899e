"""Where fetched objects land: one folder a repository, numbered files of JSON lines, one state.

A line is `{"repository": …, "kind": …, "number": …, "object": …}`. A file and the state are written
whole under another name and renamed, the file first: a process that is killed between the two
repeats what the file holds, and never loses any.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Kept(BaseModel):
    """A part of the state."""

    model_config = ConfigDict(extra="forbid")


class Held(_Kept):
    """A page that is here: its entity tag, and the path of the one that follows."""

    etag: str | None
    next: str | None


class Window(_Kept):
    """How far a list has been read that is sorted by time of update, oldest first.

    Attributes:
        since: everything updated before is here.
        at: page to go on with; None for the first one since then.
        pages: pages since then, by path.
        seen: time of update of what these pages held, by id.
    """

    since: str | None = None
    at: str | None = None
    pages: dict[str, Held] = Field(default_factory=dict)
    seen: dict[str, str] = Field(default_factory=dict)


class Descent(_Kept):
    """How far a list has been read that is sorted by time of update, newest first.

    Attributes:
        known: everything updated before is here.
        newest: newest update that the walk under way began with.
        at: page to go on with; None where no walk is under way.
        etag: entity tag of the first page.
    """

    known: str | None = None
    newest: str | None = None
    at: str | None = None
    etag: str | None = None


class Errand(_Kept):
    """A page to fetch for one issue or pull request."""

    kind: str
    number: int
    path: str


class State(_Kept):
    """What of a repository is here, and where to go on.

    Attributes:
        full_name: what GitHub calls it now.
        github_id: number that stays when it is renamed.
        etag: entity tag of the repository itself.
        issues, comments, review_comments, pulls: how far each list has been read.
        errands: pages to fetch for issues that are here.
        later: errands that failed and are for another run.
    """

    full_name: str | None = None
    github_id: int | None = None
    etag: str | None = None
    issues: Window = Field(default_factory=Window)
    comments: Window = Field(default_factory=Window)
    review_comments: Window = Field(default_factory=Window)
    pulls: Descent = Field(default_factory=Descent)
    errands: list[Errand] = Field(default_factory=list)
    later: list[Errand] = Field(default_factory=list)


def landing_folder(root: Path, repository: str) -> Path:
    """Folder of what was fetched of `owner/name`, under the folder of all landings."""
    return root / "github" / repository.lower()


def drop_landing(root: Path, repository: str) -> None:
    """Remove all that was fetched of a repository."""
    folder = landing_folder(root, repository)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        folder.parent.rmdir()


def drop_lines(root: Path, is_dropped: Callable[[bytes], bool]) -> int:
    """Remove lines from all that was fetched; return how many.

    Args:
        root: folder of all landings.
        is_dropped: whether a line is to go.
    """
    dropped = 0
    for file in sorted((root / "github").glob("*/*/*.jsonl")):
        lines = file.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not is_dropped(line)]
        if len(kept) < len(lines):
            _replace(file, b"".join(kept))
            dropped += len(lines) - len(kept)
    return dropped


def _replace(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, file)


class Landing:
    """The folder of one repository."""

    def __init__(self, root: Path, repository: str, *, objects_per_file: int) -> None:
        """Open the folder; nothing is written before there is something to keep.

        Args:
            root: folder of all landings.
            repository: `owner/name` as it was asked for.
            objects_per_file: objects that wait in memory for a file of their own.
        """
        self.repository = repository.lower()
        self.folder = landing_folder(root, repository)
        self.objects = 0
        self.state = self._read_state()
        self._size = objects_per_file
        self._lines: list[str] = []
        self._answers = 0
        self._sequence = max((int(p.stem) for p in self._files()), default=0)

    def _files(self) -> list[Path]:
        return [p for p in self.folder.glob("*.jsonl") if p.stem.isdecimal()]

    def _read_state(self) -> State:
        try:
            return State.model_validate_json((self.folder / "state.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return State()  # of another version or damaged: fetching again gives the same objects

    def add(self, kind: str, objects: Iterable[tuple[int | None, dict[str, Any]]]) -> None:
        """Take the objects of one answer, each with the issue or pull request it belongs to."""
        for number, found in objects:
            line = {
                "repository": self.repository,
                "kind": kind,
                "number": number,
                "object": found,
            }
            self._lines.append(json.dumps(line, separators=(",", ":")))
        self._answers += 1

    def keep(self, *, at_once: bool = True) -> None:
        """Write what was taken, then the state.

        Args:
            at_once: False to wait until a file is worth its while; what a kill then makes to be
                fetched again is at most as many answers as a page has objects.
        """
        if not at_once and max(len(self._lines), self._answers) < self._size:
            return
        if not self._lines and not self.folder.is_dir():
            return  # nothing ever came
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._lines:
            self._sequence += 1
            self._write(f"{self._sequence:08d}.jsonl", "".join(f"{x}\n" for x in self._lines))
            self.objects += len(self._lines)
        self._lines, self._answers = [], 0
        self._write("state.json", self.state.model_dump_json(exclude_defaults=True))

    def _write(self, name: str, text: str) -> None:
        _replace(self.folder / name, text.encode("utf-8"))
