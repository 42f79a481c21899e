"""Arrow wrapper: groups of candidates are verified and become clusters, each with its kept pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from udfs.dedup.choice import NO_TIME, Rank, choose
from udfs.dedup.components import Union
from udfs.dedup.sketch_udf import comparables, hashed

CLUSTER_DDL: Final = (
    "pair_id string, cluster_id string, kept_pair_id string, is_kept boolean, level string, "
    "similarity double, instruction_similarity double, response_similarity double, rule string"
)
INPUTS: Final = (
    "group",
    "pair_id",
    "exact_hash",
    "structure",
    "links",
    "instruction",
    "response",
    "below_bar",
    "score",
    "tests_touched",
    "author_time",
)
_KEYS: Final = (
    "group",
    "exact_hash",
    "structure",
    "links",
    "below_bar",
    "score",
    "tests_touched",
    "author_time",
)


class Sides(NamedTuple):
    """The shingle sets of a pair: sorted distinct hashes of the instruction and of the response.

    Shingles of the two never match, so together they are the pair's set.
    """

    instruction: NDArray[np.uint64]
    response: NDArray[np.uint64]


class Likeness(NamedTuple):
    """Jaccard similarity of two pairs, together and side by side.

    A side on which neither has a shingle has none.
    """

    together: float
    instruction: float | None
    response: float | None


_SAME: Final = Likeness(1.0, 1.0, 1.0)


@dataclass
class _Member:
    pair_id: str
    exact_hash: str
    structure: str | None
    links: list[str] | None
    rank: Rank
    sides: Sides


@dataclass
class _Group:
    name: str
    members: list[_Member] = field(default_factory=list)


def likeness(one: Sides, other: Sides) -> Likeness:
    """The true similarities of two pairs."""
    shared = [_shared(a, b) for a, b in zip(one, other, strict=True)]
    union = [len(a) + len(b) - n for a, b, n in zip(one, other, shared, strict=True)]
    instruction, response = (n / of if of else None for n, of in zip(shared, union, strict=True))
    return Likeness(sum(shared) / sum(union) if sum(union) else 0.0, instruction, response)


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    if not len(small):
        return 0
    place = np.searchsorted(large, small)
    place[place == len(large)] = 0
    return int(np.count_nonzero(large[place] == small))


def cluster_batches(
    batches: Iterator[pa.RecordBatch], *, ngram: int, threshold: float, plain: bool
) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: columns `INPUTS`, a group's rows one after the other, to `CLUSTER_DDL`.

    Each link is verified by the true Jaccard similarity, unless its ends are of one cluster
    already; pairs that are equal, or equal but for names, are of one cluster anyway. A pair without
    ``links`` needs no text: it is the copy of one that has them.
    """
    open_group = _Group("")
    for batch in batches:
        rows: list[dict[str, Any]] = []
        for name, member in _members(batch, ngram, plain):
            if name != open_group.name:
                rows += _resolve(open_group.members, threshold)
                open_group = _Group(name)
            open_group.members.append(member)
        yield _batch(rows)
    yield _batch(_resolve(open_group.members, threshold))


def _batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=_SCHEMA)


_TYPES: Final = {"string": pa.string(), "boolean": pa.bool_(), "double": pa.float64()}
_SCHEMA: Final = pa.schema(
    [
        pa.field(name, _TYPES[kind])
        for name, kind in (column.split(" ") for column in CLUSTER_DDL.split(", "))
    ]
)


def _members(batch: pa.RecordBatch, ngram: int, plain: bool) -> Iterator[tuple[str, _Member]]:
    ids = batch.column("pair_id").to_pylist()
    columns = [batch.column(name).to_pylist() for name in _KEYS]
    rows = zip(*columns, strict=True)
    for start, texts in comparables(batch, plain=plain):
        sets = hashed(texts, ngram).merged(1, 2).distinct()
        for index in range(len(texts)):
            group, exact, structure, links, below, score, tested, time = next(rows)
            pair_id = ids[start + index]
            rank = Rank(
                below is not None,
                -(score or 0.0),
                not tested,
                NO_TIME if time is None else time,
                pair_id,
            )
            sides = Sides(sets.of(2 * index), sets.of(2 * index + 1))
            yield group, _Member(pair_id, exact, structure, links, rank, sides)


def _resolve(members: list[_Member], threshold: float) -> list[dict[str, Any]]:
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
            if likeness(member.sides, members[other].sides).together >= threshold:
                union.join(index, other)
    clusters: dict[int, list[int]] = {}
    for index in range(len(members)):
        clusters.setdefault(union.find(index), []).append(index)
    # Of equal pairs only the first has its text here.
    sides = [members[lead[member.exact_hash]].sides for member in members]
    return [row for inside in clusters.values() for row in _rows(members, sides, inside)]


def _rows(
    members: Sequence[_Member], sides: Sequence[Sides], inside: Sequence[int]
) -> Iterator[dict[str, Any]]:
    best, rules = choose([members[index].rank for index in inside])
    kept = members[inside[best]]
    of_kept = sides[inside[best]]
    for index, rule in zip(inside, rules, strict=True):
        member, is_kept = members[index], index == inside[best]
        compared = [members[i] for i in inside] if is_kept else [member]
        alike = _SAME if is_kept else likeness(sides[index], of_kept)
        yield {
            "pair_id": member.pair_id,
            "cluster_id": members[inside[0]].pair_id,
            "kept_pair_id": kept.pair_id,
            "is_kept": is_kept,
            "level": "unique" if len(inside) == 1 else _level(compared, kept),
            "similarity": 1.0 if member.exact_hash == kept.exact_hash else alike.together,
            "instruction_similarity": alike.instruction,
            "response_similarity": alike.response,
            "rule": rule,
        }


def _level(members: Sequence[_Member], kept: _Member) -> str:
    """How like the kept pair all of some are."""
    if all(member.exact_hash == kept.exact_hash for member in members):
        return "exact"
    if kept.structure is not None and all(m.structure == kept.structure for m in members):
        return "structural"
    return "near"
