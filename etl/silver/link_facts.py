"""What one row of bronze says about the links of its repository.

A fact is a dict: a commit, what a number is, the head of a pull, a name or the tip of the
repository, or a reference, with the fields that this kind of fact has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from udfs.links import (
    Commit,
    Reference,
    Repository,
    Said,
    body_references,
    comment_references,
    commit_references,
    title_references,
)

Row = Mapping[str, Any]
Fact = dict[str, Any]
REFERENCE = ("relation", "kind", "target", "evidence", "repository", "is_reverse")

_EITHER = "issue_or_pull"
# Event: what it is told of, the relation, what tells it, and where its id or number stands.
_EVENTS: Mapping[str, tuple[str, str, str, str]] = {
    "closed": (_EITHER, "closes", "commit", "oid"),
    "merged": ("pull", "merges", "commit", "oid"),
    "committed": ("pull", "part_of", "commit", "oid"),
    "referenced": (_EITHER, "mentions", "commit", "oid"),
    "cross-referenced": (_EITHER, "mentions", _EITHER, "source_number"),
    # Told with the other end in some payloads alone.
    "connected": (_EITHER, "closes", _EITHER, "source_number"),
}
EVENTS = tuple(_EVENTS)
"""The events that link anything."""


def _said(kind: str, key: str, references: Iterable[Reference]) -> Iterator[Fact]:
    for reference in references:
        told = {name: getattr(reference, name) for name in REFERENCE}
        yield {"fact": "said", "from_kind": kind, "from_key": key, **told}


def _told(
    row: Row, kind: str, key: str, relation: str, target: tuple[str, str], evidence: str
) -> Iterator[Fact]:
    """What GitHub tells from the other end; `target` is a kind and a field of the row."""
    if row[target[1]] is not None:
        home = row["repository"] if target[1] == "source_number" else None
        reference = Reference(relation, target[0], str(row[target[1]]), evidence, home, True)
        yield from _said(kind, key, [reference])


def _commit(row: Row) -> Iterator[Fact]:
    message = row["body"] or ""
    yield {
        "fact": "commit",
        "from_key": row["oid"],
        "parents": row["parents"],
        "is_mainline": row["is_mainline"],
        "author": (row["author"] or "").lower(),
        "time": row["time"],
        "subject": message.split("\n", 1)[0].strip(),
    }
    yield from _said("commit", row["oid"], commit_references(message))


def _asked(row: Row, number: str) -> Iterator[Fact]:
    """What an issue or pull says itself."""
    kind = "pull" if row["is_pull"] else "issue"
    yield {"fact": "kind", "from_key": number, "kind": kind}
    yield from _said(kind, number, title_references(row["title"] or ""))
    yield from _said(kind, number, body_references(row["body"] or "", closes=kind == "pull"))


def _pull(row: Row, number: str) -> Iterator[Fact]:
    yield from _asked({**row, "is_pull": True}, number)
    if row["head_oid"] is not None:
        yield {"fact": "head", "from_key": number, "target": row["head_oid"]}
    if row["is_merged"]:
        target = ("commit", "oid")
        yield from _told(row, "pull", number, "merges", target, "merge_commit_sha")


def _comment(row: Row, number: str) -> Iterator[Fact]:
    yield from _said(_EITHER, number, comment_references(row["body"] or ""))


def _review(row: Row, number: str | None) -> Iterator[Fact]:
    """What a review, or a comment in it, is about and says."""
    if row["review"] is None:
        return
    key = str(row["review"])
    found = body_references(row["body"] or "", closes=False)
    if number is not None:
        found.append(Reference("reviews", "pull", number, "review"))
    if row["oid"] is not None:
        found.append(Reference("reviews", "commit", row["oid"], "review_commit"))
    yield from _said("review", key, found)


def _event(row: Row, number: str) -> Iterator[Fact]:
    kind, relation, told_by, place = _EVENTS[row["event"]]
    evidence = f"event_{row['event'].replace('-', '_')}"
    yield from _told(row, kind, number, relation, (told_by, place), evidence)


def _head(row: Row, number: str) -> Iterator[Fact]:
    yield {"fact": "kind", "from_key": number, "kind": "pull"}
    yield {"fact": "head", "from_key": number, "target": row["head_oid"]}


_OF_NUMBER: Mapping[str, Callable[[Row, str], Iterator[Fact]]] = {
    "issues": _asked,
    "pulls": _pull,
    "comments": _comment,
    "timeline_events": _event,
    "pull_heads": _head,
}


def facts_of(row: Row) -> Iterator[Fact]:
    """The facts of one row.

    Args:
        row: a value, or None, for each column of etl.silver.link_changes.SOURCE; `table` names the
            table of bronze that it is from.
    """
    number = None if row["number"] is None else str(row["number"])
    match row["table"]:
        case "commits":
            yield from _commit(row)
        case "reviews" | "review_comments":
            yield from _review(row, number)
        case "repos":
            yield {"fact": "tip", "target": row["oid"]}
            yield {"fact": "name", "target": row["title"]}
        case "repo_names":
            yield {"fact": "name", "target": row["title"]}
        case table if number is not None:
            yield from _OF_NUMBER[table](row, number)


def gather(facts: Iterable[Fact]) -> tuple[Repository, list[Said]]:
    """One repository and its references, from its facts in any order."""
    names: set[str] = set()
    commits: dict[str, Commit] = {}
    kinds: dict[str, str] = {}
    heads: dict[str, set[str]] = {}
    said: list[Said] = []
    tip = None
    for fact in facts:
        match fact["fact"]:
            case "commit":
                commits[fact["from_key"]] = Commit(
                    tuple(fact["parents"]),
                    fact["is_mainline"],
                    fact["author"],
                    fact["time"],
                    fact["subject"],
                )
            case "said":
                reference = Reference(**{name: fact[name] for name in REFERENCE})
                said.append(Said(fact["from_kind"], fact["from_key"], reference))
            case "kind" if kinds.get(fact["from_key"]) != "pull":
                kinds[fact["from_key"]] = fact["kind"]
            case "head":
                heads.setdefault(fact["from_key"], set()).add(fact["target"])
            case "name":
                names.add(fact["target"].lower())
            case "tip":
                tip = fact["target"]
    return Repository(names, tip, commits, kinds, heads), said
