"""Under which licence a pair stands and who wrote it, asked alike wherever it is from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from udfs.authorship import Authorship, Signed, authorship, joint_authorship
from udfs.identities import assistant_of, is_bot
from udfs.licence import file_licence, joint_licence
from udfs.pairs import FileChange, Pair, Rejection

# Columns of bronze.commits that say who made a commit.
SIGNED = (
    "author_name",
    "author_email",
    "committer_name",
    "committer_email",
    "author_time",
    "committer_time",
    "message",
)


@dataclass(frozen=True, slots=True)
class CommitTerms:
    """The licences in force at one commit.

    Attributes:
        project: of the whole.
        reason: why that one does not allow use; None if it does.
        folders: (folder, licence) of those under another one.
    """

    project: str
    reason: str | None
    folders: tuple[tuple[str, str], ...]

    def refused(self) -> Rejection | None:
        """Why nothing of the commit may be learned from."""
        return None if self.reason is None else Rejection("licence_at_commit", self.project)

    def licences(self, files: Iterable[FileChange]) -> dict[str, str]:
        """The licence of each changed file, on both sides of the change, by its path."""
        return {
            change.path: joint_licence(
                file_licence(path, [text or ""], self.project, self.folders)
                for path, text in (
                    (change.path_before, change.before),
                    (change.path_after, change.after),
                )
                if path is not None
            )
            for change in files
        }


def commit_terms(followed: Mapping[str, Any] | None, licence: str) -> CommitTerms:
    """Read the terms at a commit.

    Args:
        followed: columns of follow_licences.FOLLOWED; None where the commit is not there.
        licence: of the profile, which holds where nothing spoke of one yet.
    """
    found = followed or {}
    return CommitTerms(
        found.get("licence_then") or licence,
        found.get("licence_reason"),
        tuple((item["folder"], item["licence"]) for item in found.get("folders") or ()),
    )


def barred(licences: Mapping[str, str], may_learn: Callable[[str], bool]) -> dict[str, str]:
    """Those of the files, with their licences, that may not be learned from."""
    return {path: named for path, named in licences.items() if not may_learn(named)}


def licence_of(pair: Pair, licences: Mapping[str, str]) -> str:
    """The licence of what a pair shows."""
    return joint_licence(
        licences[path] for path in (*pair.paths, *pair.test_paths, *pair.shown_paths)
    )


def signed(commit: Mapping[str, Any]) -> Signed:
    """Who made a commit, from the columns SIGNED."""
    author, committer = (
        (commit[f"{role}_name"] or "", commit[f"{role}_email"] or "")
        for role in ("author", "committer")
    )
    times = (commit["author_time"] or 0, commit["committer_time"] or 0)
    return Signed(author, committer, *times, commit["message"] or "")


def change_authorship(
    commits: Iterable[Mapping[str, Any]], merge: Mapping[str, Any] | None, since: date
) -> Authorship:
    """Who wrote a change.

    Args:
        commits: those that the change is made of, with the columns SIGNED.
        merge: the merge that brought them. Who merges wrote none of it, and so it counts only
            where it speaks of an assistant, since it may tell what the pull said of itself.
        since: see udfs.authorship.
    """
    found = [authorship(signed(commit), since) for commit in commits]
    merged = None if merge is None else authorship(signed(merge), since)
    if merged is not None and merged.verdict == "ai_assisted":
        found.append(merged)
    return joint_authorship(found)


def refuse_automata(commits: Iterable[Mapping[str, Any]]) -> Rejection | None:
    """Why a change is not learned from whose commits, with the columns SIGNED, are by no person.

    One commit by an assistant is enough (`ai_author`); what a bot adds to people's commits, such as
    layout, is part of their change, and `bot` is said where all are by bots.
    """
    authors = [signed(commit).author for commit in commits]
    if any(assistant_of(*author) is not None for author in authors):
        return Rejection("ai_author")
    return Rejection("bot") if all(is_bot(*author) for author in authors) else None


def text_authorship(
    login: str | None, written_at: int, changed_at: int, text: str, since: date
) -> Authorship:
    """Who wrote a comment, by the rule for commits: its date, its author, and what it says.

    Args:
        login: of who signed it; None if that is not known.
        written_at: seconds since 1970.
        changed_at: of its newest state, likewise.
        text: what it says.
        since: see udfs.authorship.
    """
    who = (login or "", "")
    return authorship(Signed(who, who, written_at, changed_at, text), since)


def authorship_columns(found: Authorship) -> dict[str, Any]:
    """The columns of silver.pairs that say who wrote it."""
    return {"authorship": found.verdict, "authorship_evidence": list(found.evidence)}


def without_repeats(decided: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The rows that have their pair, and those that are merged into such a one.

    Args:
        decided: pairs by `key`, and rows with a `reason`; of equal pairs the smallest key has it.
    """
    found = decided.where("reason IS NULL")
    first = found.groupBy("pair_id").agg(f.min("key").alias("key"))
    kept = found.join(first, ["pair_id", "key"], "left_semi")
    return kept, found.join(first, ["pair_id", "key"], "left_anti")
