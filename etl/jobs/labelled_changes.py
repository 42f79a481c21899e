"""Commits that say by a conventional prefix what they are, read as if they did not."""

from __future__ import annotations

from dataclasses import dataclass

from etl.config import Config
from etl.jobs.commit_pairs import ChangeReader, Logged, by_chance
from udfs.change_features import Change
from udfs.declared_intent import declared_intent, without_prefixes
from udfs.identities import is_bot
from udfs.pairs import Rejection, change_to_classify

_NOBODY = ("", "")  # what a commit is does not hang on who made it


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
        self._reader = ChangeReader(location, config)
        self._limits = config.extract.limits()
        self.name = self._reader.name
        found = (_labelled(commit) for commit in by_chance(self._reader.log()))
        self.commits = [commit for commit in found if commit is not None]

    def read(self, commit: LabelledCommit) -> Change | None:
        """What would be classified of a commit; None where it would make no pair."""
        change = self._reader.change(commit.oid, commit.message, _NOBODY)
        if change is None:
            return None
        seen = change_to_classify(change, self._limits)
        return None if isinstance(seen, Rejection) else seen


def _labelled(commit: Logged) -> LabelledCommit | None:
    intent = declared_intent(commit.message)
    if intent is None or is_bot(*commit.author):
        return None
    return LabelledCommit(commit.oid, intent, without_prefixes(commit.message))
