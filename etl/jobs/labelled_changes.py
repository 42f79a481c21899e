"""Commits that say by a conventional prefix what they are, read as if they did not."""

from __future__ import annotations

import hashlib
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
from udfs.change_features import Change
from udfs.declared_intent import declared_intent, without_prefixes
from udfs.identities import is_bot
from udfs.pairs import ChangeSet, FileChange, Rejection, change_to_classify


@dataclass(frozen=True)
class LabelledCommit:
    """A commit of one parent; `message` is without its prefixes."""

    oid: str
    intent: str
    message: str


class LabelledRepository:
    """The labelled commits of a repository's HEAD.

    Attributes:
        name: the name of its folder, for people.
        commits: in the order of their ids' hashes, so that the first so many are a fair sample,
            and always the same.
    """

    def __init__(self, location: str, config: Config) -> None:
        """Open a git directory and list its commits.

        Raises:
            SourceError: there is none.
        """
        try:
            self._repository = open_repository(location)
            head = str(self._repository.head.target)
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
        listed = (self._labelled(oid) for oid in walk(self._repository, [head], []))
        found = [commit for commit in listed if commit is not None]
        self.commits = sorted(found, key=lambda c: hashlib.sha256(c.oid.encode()).hexdigest())

    def _labelled(self, oid: str) -> LabelledCommit | None:
        try:
            commit = self._repository[oid]
            if not isinstance(commit, pygit2.Commit) or len(commit.parent_ids) != 1:
                return None
            author = [decode(text)[0] for text in (commit.author.raw_name, commit.author.raw_email)]
            message = decode(commit.raw_message)[0]
        except (pygit2.GitError, KeyError, ValueError):
            return None
        intent = declared_intent(message)
        if intent is None or is_bot(*author):
            return None
        return LabelledCommit(oid, intent, without_prefixes(message))

    def read(self, commit: LabelledCommit) -> Change | None:
        """What would be classified of a commit; None where it would make no pair."""
        found: Row | None = None
        changes: list[Row] = []
        for kind, row in read_commit(self._repository, commit.oid, self._caps):
            if kind == "commit" and isinstance(row, dict):
                found = row
            elif kind == "change" and isinstance(row, dict):
                changes.append(row)
        if found is None or len(changes) > self._extract.max_files:
            return None
        change = ChangeSet(
            message=commit.message,
            parents=len(found["parents"]),
            is_bot=False,
            files=tuple(map(self._file, sorted(changes, key=lambda row: row["path"]))),
        )
        seen = change_to_classify(change, self._extract.limits())
        return None if isinstance(seen, Rejection) else seen

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
