"""The pairs that the commits of a git directory give, read without tables: to learn and to measure.

What hangs on other rows (licences, links) is left to the pipeline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pygit2

from etl.bronze.git_objects import (
    Caps,
    Rejected,
    Row,
    decode,
    open_repository,
    read_blob,
    read_commit,
    read_fast,
    walk,
)
from etl.config import Config
from etl.errors import SourceError
from udfs.experience import author_key, earlier_commits
from udfs.identities import assistant_of, is_bot
from udfs.pairs import ChangeSet, FileChange, Pair, build_pair


@dataclass(frozen=True)
class Logged:
    """A commit of one parent as the log shows it; `time` is the committer's, in seconds."""

    oid: str
    message: str
    author: tuple[str, str]
    time: int


class ChangeReader:
    """The commits of a repository's HEAD, and their changes with texts.

    Attributes:
        name: the name of its folder, for people.
    """

    def __init__(self, location: str, config: Config) -> None:
        """Open a git directory.

        Raises:
            SourceError: there is none.
        """
        try:
            self._repository = open_repository(location)
            self._head = str(self._repository.head.target)
        except (pygit2.GitError, KeyError) as error:
            raise SourceError(
                f"{location} is no git directory with a HEAD ({error}). Name bare repositories, or "
                "the .git folders of clones."
            ) from error
        self._caps = Caps(**config.ingest.model_dump())
        self._extract = config.extract
        read_fast(self._caps)
        path = Path(location).resolve()
        self.name = path.parent.name if path.name in (".git", "repo") else path.stem

    def log(self) -> Iterator[Logged]:
        """The commits of one parent, parents before children, where they can be read."""
        for oid in walk(self._repository, [self._head], []):
            try:
                commit = self._repository[oid]
                if not isinstance(commit, pygit2.Commit) or len(commit.parent_ids) != 1:
                    continue
                author = _author(commit)
                message = decode(commit.raw_message)[0]
            except (pygit2.GitError, KeyError, ValueError):
                continue
            yield Logged(oid, message, author, commit.commit_time)

    def earlier(self) -> dict[str, int]:
        """How many of the commits that each commit stands on its author wrote, by its id."""
        parents: dict[str, tuple[str, ...]] = {}
        authors: dict[str, str] = {}
        for oid in walk(self._repository, [self._head], []):
            try:
                commit = self._repository[oid]
                if isinstance(commit, pygit2.Commit):
                    parents[oid] = tuple(map(str, commit.parent_ids))
                    authors[oid] = author_key(*_author(commit))
            except (pygit2.GitError, KeyError, ValueError):
                continue
        return earlier_commits(parents, authors)

    def change(self, oid: str, message: str, author: tuple[str, str]) -> ChangeSet | None:
        """A commit with its texts, under a message; None where it changes too many files."""
        found: Row | None = None
        changes: list[Row] = []
        for kind, row in read_commit(self._repository, oid, self._caps):
            if kind == "commit" and isinstance(row, dict):
                found = row
            elif kind == "change" and isinstance(row, dict):
                changes.append(row)
        if found is None or len(changes) > self._extract.max_files:
            return None
        is_assistant = assistant_of(*author) is not None
        return ChangeSet(
            message=message,
            parents=len(found["parents"]),
            is_bot=not is_assistant and is_bot(*author),
            files=tuple(map(self._file, sorted(changes, key=lambda row: row["path"]))),
            is_assistant=is_assistant,
        )

    def _file(self, row: Row) -> FileChange:
        return FileChange(
            path_before=row["old_path"],
            path_after=None if row["status"] == "D" else row["path"],
            status=row["status"],
            before=self._text(row["old_oid"]),
            after=self._text(row["new_oid"]),
            patch=row["patch"] or "",
            is_binary=row["is_binary"],
        )

    def _text(self, oid: str | None) -> str | None:
        blob = None if oid is None else read_blob(self._repository, oid, self._caps)
        if blob is None or isinstance(blob, Rejected):
            return None
        return blob["text"] if blob["size"] <= self._extract.max_text_bytes else None

    def pair(self, commit: Logged) -> Pair | None:
        """The pair of a commit, as the pipeline makes it; None where it makes none."""
        change = self.change(commit.oid, commit.message, commit.author)
        made = None if change is None else build_pair(change, self._extract.limits())
        return made if isinstance(made, Pair) else None


def _author(commit: pygit2.Commit) -> tuple[str, str]:
    return decode(commit.author.raw_name)[0], decode(commit.author.raw_email)[0]


def by_chance(commits: Iterator[Logged]) -> list[Logged]:
    """Commits in the order of their ids' hashes: the first so many are a fair sample."""
    return sorted(commits, key=lambda commit: hashlib.sha256(commit.oid.encode()).hexdigest())
