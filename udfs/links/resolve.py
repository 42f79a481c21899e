"""From what texts and events of one repository say to links between things that are there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from udfs.links.commits import MERGES, REVIEWED, SUBJECT
from udfs.links.history import (
    Commit,
    beside_mainline,
    brought_by_merges,
    first_parents,
    landed_as,
)
from udfs.links.references import CLOSES, COMMIT, EITHER, ISSUE, MENTIONS, PULL, Reference

PART_OF = "part_of"
THROUGH = "through_pull"
EVIDENCE = frozenset({
    "between_parents", "cherry_pick", "closing_keyword", "closing_list", "closing_phrase",
    "event_closed", "event_committed", "event_connected", "event_merged", "event_referenced",
    "event_cross_referenced", "fixed_in", "fixes_oid", "fixup_subject", "mention",
    "merge_commit_sha", "merge_subject", "pr_url", "pull_head", "reachable_from_head", "rebased",
    "revert_number", "revert_oid", "revert_title", "review", "review_commit", REVIEWED,
    "same_subject", "title_suffix",
})  # fmt: skip
"""The rules by which a link is found; beside them `through_pull:N` repeats what a pull closes."""

_PREFIX = 7
"""Digits of the shortest id that a text gives."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reference, and what holds it: `kind` commit, pull, issue, issue_or_pull or review."""

    kind: str
    key: str
    reference: Reference

    @property
    def name(self) -> str:
        """What identifies it among what the repository says, words joined by a space."""
        it = self.reference
        # A commit is the fixup of one subject, whose text stays in its message.
        target = "" if it.kind == SUBJECT else it.target
        name = f"{it.repository}#{target}" if it.repository else target
        relation = f"{it.relation}_by" if it.is_reverse else it.relation
        return f"{self.kind} {self.key} {relation} {it.kind} {name}".rstrip()


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `said` names the references that it was made of."""

    from_kind: str
    from_key: str
    to_kind: str
    to_key: str
    relation: str
    evidence: tuple[str, ...]
    confidence: float
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference that leads nowhere: `commit_unknown`, `commit_ambiguous`, `names_itself`."""

    said: str
    reason: str


@dataclass
class Repository:
    """What is known of one repository.

    Attributes:
        names: every `owner/name` that it has or had, in lower case.
        head: commit that HEAD resolves to.
        commits: all commits by object id.
        kinds: `issue` or `pull` by number, where it is known.
        heads: heads of pulls by number.
    """

    names: Collection[str] = ()
    head: str | None = None
    commits: Mapping[str, Commit] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, Collection[str]] = field(default_factory=dict)


_Edge = tuple[str, str, str, str, str]
_Thing = tuple[str, str]


class _Known:
    """Looks up what a reference means in a repository."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.line = first_parents(repository.commits, repository.head)
        self._on_line = frozenset(self.line)
        self._oids = sorted(repository.commits)
        self._subjects: dict[str, list[str]] | None = None

    def thing(self, kind: str, key: str) -> _Thing:
        """A thing with the kind that is known of its number."""
        if kind in (PULL, ISSUE, EITHER):
            return self.repository.kinds.get(key, kind), key
        return kind, key

    def targets(self, said: Said) -> list[_Thing]:
        """What a reference may mean; several where it is ambiguous."""
        it = said.reference
        if it.repository and it.repository not in self.repository.names:
            return [(it.kind, f"{it.repository}#{it.target}")]
        if it.kind == COMMIT:
            return [(COMMIT, oid) for oid in self._commits(it.target)]
        if it.kind == SUBJECT:
            return [(COMMIT, oid) for oid in self._titled(it.target) if oid != said.key]
        return [self.thing(it.kind, it.target)]

    def is_as_said(self, source: _Thing, target: _Thing, it: Reference) -> bool:
        """Whether a relation can hold between two things; if not, the one mentions the other.

        `(#12)` behind a title names the pull or the issue, a branch may be named after a pull and
        never land, and on a pull "fixed in 1a2b3c4" answers a reviewer.
        """
        if it.evidence == "fixed_in":
            return source[0] != PULL and target[0] != ISSUE
        if it.relation == MERGES and not it.is_reverse:
            is_pull = target[0] in (PULL, EITHER) and "#" not in target[1]
            return is_pull and self._lands(source[1], target[1], it.evidence)
        return True

    def _lands(self, oid: str, number: str, evidence: str) -> bool:
        """Whether a commit that names a pull is on the mainline, and does not mean a fork's pull.

        A merge in a fork's own history names the fork's numbers. Where the heads of pulls are
        known, what it merges is none of them.
        """
        commit = self.repository.commits.get(oid)
        if commit is None or not commit.is_mainline:
            return False
        if evidence != "merge_subject" or not self.repository.heads or oid in self._on_line:
            return True
        heads = self.repository.heads.get(number, ())
        return any(parent in heads for parent in commit.parents[1:])

    def _commits(self, start: str) -> list[str]:
        if len(start) < _PREFIX:
            return []
        place = bisect_left(self._oids, start)
        return [oid for oid in self._oids[place : place + 2] if oid.startswith(start)]

    def _titled(self, subject: str) -> list[str]:
        if self._subjects is None:
            self._subjects = {}
            for oid in self._oids:
                self._subjects.setdefault(self.repository.commits[oid].subject, []).append(oid)
        return self._subjects.get(subject, [])


class _Links:
    """The links found so far."""

    def __init__(self, confidence: Mapping[str, float]) -> None:
        self.confidence = confidence
        self.found: dict[_Edge, tuple[dict[str, float], set[str]]] = {}

    def add(
        self,
        source: _Thing,
        target: _Thing,
        relation: str,
        evidence: str,
        said: Iterable[str] = (),
        confidence: float | None = None,
    ) -> None:
        """One more piece of evidence."""
        edge = (*source, *target, relation)
        evidences, names = self.found.setdefault(edge, ({}, set()))
        evidences[evidence] = self.confidence[evidence] if confidence is None else confidence
        names.update(said)

    def of(self, relation: str) -> Iterator[tuple[_Edge, float]]:
        """The links of one relation in order, with their confidence."""
        for edge in sorted(self.found):
            if edge[4] == relation:
                yield edge, max(self.found[edge][0].values())

    def rows(self) -> list[Link]:
        """All links in order."""
        return [
            Link(
                *edge,
                evidence=tuple(sorted(evidences)),
                confidence=round(max(evidences.values()), 4),
                said=tuple(sorted(names)),
            )
            for edge, (evidences, names) in sorted(self.found.items())
        ]


def resolve(
    repository: Repository,
    said: Iterable[Said],
    confidence: Mapping[str, float],
    most_commits: int,
) -> tuple[list[Link], list[Unresolved]]:
    """Every link of a repository, and every reference that leads nowhere.

    Args:
        repository: what is known of it.
        said: references of its texts and events, in any order.
        confidence: how sure each evidence is, 0 to 1.
        most_commits: commits of a pull; of a larger one only the head is linked.
    """
    known, links = _Known(repository), _Links(confidence)
    loose: dict[str, str] = {}
    # Who reviewed is said beside what names the pull, so that it is heard last.
    for item in sorted(said, key=lambda one: one.reference.evidence == REVIEWED):
        reason = _add(known, links, item)
        if reason is not None:
            loose[item.name] = reason
    _add_parts(repository, known.line, links, most_commits)
    _add_through_pulls(links)
    return links.rows(), [Unresolved(name, loose[name]) for name in sorted(loose)]


def _add(known: _Known, links: _Links, said: Said) -> str | None:
    """Add the link that a reference makes; the reason where it makes none."""
    source, targets = known.thing(said.kind, said.key), known.targets(said)
    if len(targets) != 1:
        return "commit_ambiguous" if targets else "commit_unknown"
    target = targets[0]
    if source == target:
        return "names_itself"
    it = said.reference
    holds = known.is_as_said(source, target, it)
    if it.evidence == REVIEWED:
        holds = holds and (*source, *target, it.relation) in links.found
    if holds:
        ends = (target, source) if it.is_reverse else (source, target)
        links.add(*ends, it.relation, it.evidence, [said.name])
    else:
        certain = links.confidence["mention"]
        links.add(source, target, MENTIONS, it.evidence, [said.name], certain)
    return None


def _add_parts(repository: Repository, line: list[str], links: _Links, most: int) -> None:
    """Link the commits of each pull to it, and the commits that it became."""
    commits = repository.commits
    brought = brought_by_merges(commits, line)
    for number, heads in sorted(repository.heads.items()):
        for head in sorted(heads):
            if head in commits:
                links.add((COMMIT, head), (PULL, number), PART_OF, "pull_head")
    of_head: dict[str, list[str]] = {}
    for number, heads in repository.heads.items():
        for head in heads:
            of_head.setdefault(head, []).append(number)
    for oid in brought:
        for parent in commits[oid].parents[1:]:
            for number in of_head.get(parent, ()):
                links.add((COMMIT, oid), (PULL, number), MERGES, "between_parents")
    merged: set[str] = set()
    taken: set[str] = set()
    for (_, oid, kind, number, _), _ in list(links.of(MERGES)):
        merged.add(number)
        taken.add(oid)
        parts = brought.get(oid, set())
        for part in parts if len(parts) <= most else ():
            links.add((COMMIT, part), (kind, number), PART_OF, "between_parents")
    beside = {}
    for number, heads in sorted(repository.heads.items()):
        found = [beside_mainline(commits, head, most) for head in sorted(heads)]
        beside[number] = set().union(*(parts for parts in found if parts is not None))
        for part in beside[number]:
            links.add((COMMIT, part), (PULL, number), PART_OF, "reachable_from_head")
    waiting = {number: parts for number, parts in beside.items() if number not in merged}
    _add_landed(repository, links, waiting, taken)


def _add_landed(
    repository: Repository,
    links: _Links,
    waiting: Mapping[str, Collection[str]],
    taken: Collection[str],
) -> None:
    """Link pulls to the commits that they became by a rebase or squash without their number."""
    commits = repository.commits
    became: dict[str, dict[str, str]] = {}
    for (oid, number), evidence in landed_as(commits, waiting).items():
        if oid not in taken:
            became.setdefault(number, {})[oid] = evidence
    for number, found in sorted(became.items()):
        titles = {(commits[h].author, commits[h].subject)
                  for h in repository.heads[number] if h in commits}  # fmt: skip
        for oid, evidence in found.items():
            links.add((COMMIT, oid), (PULL, number), PART_OF, evidence)
            is_last = (commits[oid].author, commits[oid].subject) in titles
            if is_last or (len(found) == 1 and evidence == "same_subject"):
                links.add((COMMIT, oid), (PULL, number), MERGES, evidence)


def _add_through_pulls(links: _Links) -> None:
    """What a pull closes, the commit that it became closes."""
    closed: dict[str, list[tuple[_Thing, float]]] = {}
    for (kind, key, to_kind, to_key, _), sure in links.of(CLOSES):
        if kind in (PULL, EITHER) and to_kind != PULL:
            closed.setdefault(key, []).append(((to_kind, to_key), sure))
    for (_, oid, _, number, _), sure in list(links.of(MERGES)):
        for target, other in closed.get(number, ()):
            evidence = f"{THROUGH}:{number}"
            links.add((COMMIT, oid), target, CLOSES, evidence, confidence=min(sure, other))
