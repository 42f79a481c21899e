"""Bronze: what GitHub said about issues, pulls, reviews and comments.

A row is a version of an object: an edit adds a row and changes none.
"""

from __future__ import annotations

from pyspark.sql import types as t

from etl.schemas.bronze import BATCH_ID, REPO_ID
from etl.schemas.table import Table, column

_STRING, _LONG, _INT, _BOOL = t.StringType(), t.LongType(), t.IntegerType(), t.BooleanType()
_TIME, _STRINGS = t.TimestampType(), t.ArrayType(t.StringType(), False)

VERSION = column("version", _STRING, "SHA-256 of all that the object says", nullable=False)
_GITHUB_ID = column("github_id", _LONG, "GitHub's id of the object")
_BELONGS_TO = column("number", _LONG, "Issue or pull that it belongs to")
_LAST = (
    column("deleted", _BOOL, "GitHub said that the object was deleted", nullable=False),
    column("completeness", _INT, "Typed fields that the object held, null or not", nullable=False),
    column("extra", _STRING, "Canonical JSON of the other fields; null if there are none"),
    BATCH_ID,
)


def _person(role: str) -> tuple[t.StructField, ...]:
    return (
        column(f"{role}_login", _STRING, f"Login of the {role}; null for a ghost"),
        column(f"{role}_id", _LONG, f"GitHub's id of the {role}"),
        column(f"{role}_type", _STRING, f"Type of the {role}: User, Bot, Organization"),
    )


def _end(role: str, of: str) -> tuple[t.StructField, ...]:
    return (
        column(f"{role}_ref", _STRING, f"Branch {of}"),
        column(f"{role}_sha", _STRING, f"Commit {of}"),
        column(f"{role}_repository", _STRING, f"Repository {of}; null when it is gone"),
    )


_WRITTEN = (
    *_person("user"),
    column("author_association", _STRING, "What the user is to the repository, such as MEMBER"),
    column("body", _STRING, "Text, half surrogate pairs escaped"),
    column("html_url", _STRING, "Address for people"),
    column("created_at", _TIME, "When it was written"),
    column("updated_at", _TIME, "When it was last changed"),
)
_ASKED = (
    REPO_ID,
    column("number", _LONG, "Number in the repository", nullable=False),
    VERSION,
    _GITHUB_ID,
    column("title", _STRING, "Title, half surrogate pairs escaped"),
    column("state", _STRING, "open or closed"),
    *_WRITTEN,
    column("closed_at", _TIME, "When it was closed"),
    column("labels", _STRINGS, "Names of its labels, in GitHub's order"),
    column("locked", _BOOL, "Nobody may comment"),
)

ISSUES = Table(
    "bronze",
    "issues",
    "One version of an issue, or of a pull request as the list of issues shows it",
    ("repo_id", "number", "version"),
    (
        *_ASKED,
        column("state_reason", _STRING, "Why it was closed, such as not_planned"),
        column("is_pull", _BOOL, "It is a pull request", nullable=False),
        *_LAST,
    ),
)

PULLS = Table(
    "bronze",
    "pulls",
    "One version of a pull request",
    ("repo_id", "number", "version"),
    (
        *_ASKED,
        column("draft", _BOOL, "Not ready for review"),
        column("merged", _BOOL, "It was merged; null where GitHub's lists leave that out"),
        column("merged_at", _TIME, "When it was merged, as a merge, squash or rebase"),
        column("merge_commit_sha", _STRING, "Commit that it became; a test merge while it is open"),
        *_end("head", "that it asks to take in"),
        *_end("base", "that it asks to go into"),
        *_LAST,
    ),
)

COMMENTS = Table(
    "bronze",
    "comments",
    "One version of a comment on an issue or pull",
    ("repo_id", "comment_id", "version"),
    (
        REPO_ID,
        column("comment_id", _LONG, "GitHub's id of the comment", nullable=False),
        VERSION,
        _BELONGS_TO,
        *_WRITTEN,
        *_LAST,
    ),
)

REVIEWS = Table(
    "bronze",
    "reviews",
    "One version of a review of a pull",
    ("repo_id", "review_id", "version"),
    (
        REPO_ID,
        column("review_id", _LONG, "GitHub's id of the review", nullable=False),
        VERSION,
        _BELONGS_TO,
        *_person("user"),
        column("author_association", _STRING, "What the user is to the repository"),
        column("body", _STRING, "Text, half surrogate pairs escaped"),
        column("html_url", _STRING, "Address for people"),
        column("state", _STRING, "approved, changes_requested, commented, dismissed; in any case"),
        column("commit_id", _STRING, "Commit that was reviewed"),
        column("submitted_at", _TIME, "When it was submitted"),
        *_LAST,
    ),
)

REVIEW_COMMENTS = Table(
    "bronze",
    "review_comments",
    "One version of a comment on lines of a pull",
    ("repo_id", "comment_id", "version"),
    (
        REPO_ID,
        column("comment_id", _LONG, "GitHub's id of the comment", nullable=False),
        VERSION,
        _BELONGS_TO,
        *_WRITTEN,
        column("diff_hunk", _STRING, "Hunk of the diff, up to the line commented on"),
        column("path", _STRING, "File that it is about"),
        column("commit_id", _STRING, "Newest commit that the comment still fits"),
        column("original_commit_id", _STRING, "Commit that it was written on"),
        column("side", _STRING, "LEFT (before) or RIGHT (after)"),
        column("start_side", _STRING, "Side of the first line of a comment on several"),
        column("position", _LONG, "Line of the diff, from 1; null when outdated"),
        column("original_position", _LONG, "Line of the diff that it was written on"),
        column("line", _LONG, "Line of the file, the last of several; null when outdated"),
        column("original_line", _LONG, "Line of the file when it was written"),
        column("start_line", _LONG, "First line of a comment on several"),
        column("original_start_line", _LONG, "First line when it was written"),
        column("in_reply_to_id", _LONG, "Comment that it replies to"),
        column("pull_request_review_id", _LONG, "Review that it belongs to"),
        *_LAST,
    ),
)

TIMELINE_EVENTS = Table(
    "bronze",
    "timeline_events",
    "One version of an event in the life of an issue or pull",
    ("repo_id", "event_id", "version"),
    (
        REPO_ID,
        column(
            "event_id",
            _STRING,
            "GitHub's id; SHA-256 of who did what when to what where it gives none",
            nullable=False,
        ),
        VERSION,
        _BELONGS_TO,
        _GITHUB_ID,
        column("event", _STRING, "What happened, such as cross-referenced", nullable=False),
        column("commit_id", _STRING, "Commit that the event names"),
        *_person("actor"),
        column("created_at", _TIME, "When it happened"),
        column("label", _STRING, "Label that was given or taken"),
        column("rename_from", _STRING, "Title before"),
        column("rename_to", _STRING, "Title after"),
        column("source_repository", _STRING, "Repository of the issue or pull that refers to it"),
        column("source_number", _LONG, "Number of the issue or pull that refers to it"),
        *_LAST,
    ),
)

REPO_NAMES = Table(
    "bronze",
    "repo_names",
    "A name under which GitHub showed a repository: a renamed one has several",
    ("repo_id", "name", "version"),
    (
        REPO_ID,
        column("name", _STRING, "owner/name in lower case", nullable=False),
        VERSION,
        column("github_id", _LONG, "GitHub's id, which a renaming keeps", nullable=False),
        BATCH_ID,
    ),
)

TABLES = (ISSUES, PULLS, COMMENTS, REVIEWS, REVIEW_COMMENTS, TIMELINE_EVENTS, REPO_NAMES)
