"""Arrow wrapper: groups of candidates are verified and become clusters, each with its kept pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from udfs.dedup.choice import NO_TIME, SYNTHETIC, Rank, choose, place_of, relation
from udfs.dedup.components import Union
from udfs.dedup.shingles import shingles
from udfs.dedup.sketch_udf import KINDS, comparables, hashed
from udfs.dedup.text import Comparable
from udfs.licence.conditions import conditions

Hashes = NDArray[np.uint64]
_NONE: Final = np.zeros(0, np.uint64)

CLUSTER_DDL: Final = (
    "pair_id string, cluster_id string, kept_pair_id string, is_kept boolean, level string, "
    "similarity double, instruction_similarity double, response_similarity double, "
    "context_similarity double, alike array<string>, relation string, rule string"
)
SIDES: Final = ("instruction", "response", "context")
INPUTS: Final = (
    "group",
    "pair_id",
    "exact_hash",
    "structure",
    "links",
    "instruction",
    "response",
    "context",
    "repo_id",
    "origin",
    "below_bar",
    "licence",
    "tier",
    "score",
    "author_time",
)
_KEYS: Final = (
    "group",
    "exact_hash",
    "structure",
    "links",
    "repo_id",
    "origin",
    "below_bar",
    "licence",
    "tier",
    "score",
    "author_time",
)


class Judgement(NamedTuple):
    """How two texts are judged.

    Attributes:
        ngram: words per shingle.
        threshold: smallest Jaccard similarity at which they are alike.
    """

    ngram: int
    threshold: float


@dataclass(frozen=True, slots=True)
class Judging:
    """How pairs are judged.

    Attributes:
        together: instruction and response as one, which makes clusters.
        sides: each of `SIDES` by itself, which is said of a pair and its kept one. None for texts
            of any kind, which have no sides: see `udfs.dedup.sketch_udf.SketchSpec.plain`.
    """

    together: Judgement
    sides: tuple[Judgement, Judgement, Judgement] | None


class Sets(NamedTuple):
    """The shingles of a pair: sorted distinct hashes, of the compared text and of each side."""

    together: Hashes
    instruction: Hashes
    response: Hashes
    context: Hashes


_SAME: Final = (1.0, 1.0, 1.0)


@dataclass
class _Member:
    pair_id: str
    exact_hash: str
    structure: str | None
    links: list[str] | None
    origin: str
    repo_id: str
    rank: Rank
    sets: Sets


@dataclass
class _Group:
    name: str
    members: list[_Member] = field(default_factory=list)


def likeness(one: Hashes, other: Hashes) -> float | None:
    """The true Jaccard similarity of two sets; None where both are empty."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    if not len(large):
        return None
    place = np.searchsorted(large, small)
    place[place == len(large)] = 0
    shared = int(np.count_nonzero(large[place] == small))
    return shared / (len(one) + len(other) - shared)


def cluster_batches(
    batches: Iterator[pa.RecordBatch], *, judging: Judging
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: columns `INPUTS`, a group's rows one after the other, to `CLUSTER_DDL`.

    Each link is verified by the true Jaccard similarity, unless its ends are of one cluster
    already; pairs that are equal, or equal but for names, are of one cluster anyway. A pair without
    ``links`` needs no text but its context: it is the copy of one that has them.
    """
    open_group = _Group("")
    for batch in batches:
        rows: list[dict[str, Any]] = []
        for name, member in _members(batch, judging):
            if name != open_group.name:
                rows += _resolve(open_group.members, judging)
                open_group = _Group(name)
            open_group.members.append(member)
        yield _batch(rows)
    yield _batch(_resolve(open_group.members, judging))


def _batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=_SCHEMA)


_TYPES: Final = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "double": pa.float64(),
    "array<string>": pa.list_(pa.string()),
}
_SCHEMA: Final = pa.schema(
    [
        pa.field(name, _TYPES[kind])
        for name, kind in (column.split(" ") for column in CLUSTER_DDL.split(", "))
    ]
)


def _members(batch: pa.RecordBatch, judging: Judging) -> Iterator[tuple[str, _Member]]:
    ids = batch.column("pair_id").to_pylist()
    columns = [batch.column(name).to_pylist() for name in _KEYS]
    contexts = batch.column("context").to_pylist()
    rows = zip(*columns, strict=True)
    for start, texts in comparables(batch, plain=judging.sides is None):
        every = _sets(texts, contexts[start : start + len(texts)], judging)
        for place, (sets, row) in enumerate(zip(every, rows, strict=False), start):
            group, exact, structure, links, repo, origin, below, licence, tier, score, time = row
            rank = Rank(
                origin == SYNTHETIC,
                below is not None,
                conditions(licence),
                place_of(tier),
                -(score or 0.0),
                NO_TIME if time is None else -time,
                ids[place],
            )
            yield group, _Member(ids[place], exact, structure, links, origin, repo, rank, sets)


def _sets(
    texts: Sequence[Comparable], contexts: Sequence[str | None], judging: Judging
) -> list[Sets]:
    whole = hashed(texts, judging.together.ngram)
    together = whole.merged(len(KINDS)).distinct()
    rows = range(len(texts))
    if judging.sides is None:
        return [Sets(together.of(row), _NONE, together.of(row), _NONE) for row in rows]
    instruction, response = (
        (whole if side.ngram == judging.together.ngram else hashed(texts, side.ngram))
        .merged(1, 2)
        .distinct()
        for side in judging.sides[:2]
    )
    context = shingles([text or "" for text in contexts], judging.sides[2].ngram).distinct()
    return [
        Sets(together.of(row), instruction.of(2 * row), response.of(2 * row + 1), context.of(row))
        for row in rows
    ]


def _resolve(members: list[_Member], judging: Judging) -> list[dict[str, Any]]:
    """The rows of a group: its clusters, and what became of each pair."""
    members = sorted(members, key=lambda member: member.pair_id)
    place = {member.pair_id: index for index, member in enumerate(members)}
    lead: dict[str, int] = {}
    like: dict[str, int] = {}
    union = Union(len(members))
    for index, member in enumerate(members):
        union.join(lead.setdefault(member.exact_hash, index), index)
        if member.structure is not None:
            union.join(like.setdefault(member.structure, index), index)
    for index, member in enumerate(members):
        for link in member.links or ():
            other = place[link]
            if union.find(index) == union.find(other):
                continue
            similarity = likeness(member.sets.together, members[other].sets.together)
            if (similarity or 0.0) >= judging.together.threshold:
                union.join(index, other)
    clusters: dict[int, list[int]] = {}
    for index in range(len(members)):
        clusters.setdefault(union.find(index), []).append(index)
    # Of equal pairs only the first has its text here, and each its context.
    sets = [
        members[lead[member.exact_hash]].sets._replace(context=member.sets.context)
        for member in members
    ]
    return [row for inside in clusters.values() for row in _rows(members, sets, inside, judging)]


def _rows(
    members: Sequence[_Member], sets: Sequence[Sets], inside: Sequence[int], judging: Judging
) -> Iterator[dict[str, Any]]:
    best, rules = choose([members[index].rank for index in inside])
    kept, of_kept = members[inside[best]], sets[inside[best]]
    for index, rule in zip(inside, rules, strict=True):
        member, mine, is_kept = members[index], sets[index], index == inside[best]
        compared = [members[i] for i in inside] if is_kept else [member]
        is_copy = member.exact_hash == kept.exact_hash
        sides = _SAME if is_kept else tuple(map(likeness, mine[1:], of_kept[1:]))
        yield {
            "pair_id": member.pair_id,
            "cluster_id": members[inside[0]].pair_id,
            "kept_pair_id": kept.pair_id,
            "is_kept": is_kept,
            "level": "unique" if len(inside) == 1 else _level(compared, kept),
            "similarity": 1.0 if is_copy else likeness(mine.together, of_kept.together) or 0.0,
            **{f"{side}_similarity": value for side, value in zip(SIDES, sides, strict=True)},
            "alike": _alike(sides, judging),
            "relation": None
            if is_kept
            else relation(member.origin, member.repo_id, kept.origin, kept.repo_id),
            "rule": rule,
        }


def _alike(similarities: Sequence[float | None], judging: Judging) -> list[str]:
    """The sides that are alike by themselves."""
    return [
        side
        for side, found, judged in zip(SIDES, similarities, judging.sides or (), strict=False)
        if found is not None and found >= judged.threshold
    ]


def _level(members: Sequence[_Member], kept: _Member) -> str:
    """How like the kept pair all of some are."""
    if all(member.exact_hash == kept.exact_hash for member in members):
        return "exact"
    if kept.structure is not None and all(m.structure == kept.structure for m in members):
        return "structural"
    return "near"
