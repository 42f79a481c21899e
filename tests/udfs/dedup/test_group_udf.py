"""A batch meets the others as if all had come at once, and only what it can reach is looked at."""

from __future__ import annotations

from random import Random

import pytest

from tests.udfs.dedup.corpus import SEARCH, Row, clustered, grouped, planted, sketches
from udfs.dedup.candidates import Search
from udfs.dedup.choice import ALONE
from udfs.dedup.group_udf import GONE, KEPT, NEW

# Nearly every bucket with copies is hot.
HOT = Search(threshold=0.7, max_bucket=2, neighbours=1)


def links_of(groups: list[Row], due: set[str]) -> dict[str, set[str]]:
    """The candidates of some pairs among each other."""
    return {
        row["pair_id"]: due & set(row["links"] or ()) for row in groups if row["pair_id"] in due
    }


def full(rows: list[Row], search: Search = SEARCH) -> dict[str, Row]:
    groups = grouped(sketches(rows), search)
    assert {row["pair_id"] for row in groups} == {row["pair_id"] for row in rows}
    return alone(groups) | clustered(rows, groups)


def alone(groups: list[Row]) -> dict[str, Row]:
    return {
        row["pair_id"]: {
            "pair_id": row["pair_id"],
            "cluster_id": row["pair_id"],
            "kept_pair_id": row["pair_id"],
            "is_kept": True,
            "level": "unique",
            "similarity": 1.0,
            "instruction_similarity": 1.0,
            "response_similarity": 1.0,
            "rule": ALONE,
        }
        for row in groups
        if row["group"] is None
    }


@pytest.mark.parametrize("seed", range(8))
def test_batches_that_come_change_and_go_give_what_a_full_run_gives(seed: int) -> None:
    random = Random(seed)
    world = planted(seed, 25)
    held: dict[str, Row] = {}
    found: dict[str, Row] = {}
    looked_at = 0
    for _ in range(6):
        coming = {row["pair_id"]: row for row in random.sample(world, random.randrange(1, 15))}
        going = {name for name in held if random.random() < 0.1}
        before = sketches(list(held.values())) if held else []
        states = [
            row
            | {
                "state": GONE if row["pair_id"] in going | set(coming) else KEPT,
                "cluster_id": found[row["pair_id"]]["cluster_id"],
            }
            for row in before
        ]
        now = [row | {"state": NEW, "cluster_id": None} for row in sketches(list(coming.values()))]
        both = [*states, *now]
        random.shuffle(both)
        rescored = {
            name: row | {"score": random.choice((0.3, 0.6, 0.9))} for name, row in coming.items()
        }
        held = {name: row for name, row in held.items() if name not in going} | rescored
        groups = grouped(both, HOT)
        links = links_of(
            grouped(sketches(list(held.values())), HOT), {g["pair_id"] for g in groups}
        )
        assert links_of(groups, set(links)) == links
        looked_at += len(groups)
        found = {name: row for name, row in found.items() if name in held}
        found |= alone(groups) | clustered(list(held.values()), groups)
        assert found == full(list(held.values()), HOT)
    assert looked_at < 6 * len(held)


def test_what_a_batch_cannot_reach_is_not_looked_at() -> None:
    world = planted(3, 25)
    found = full(world)
    states = [
        row | {"state": KEPT, "cluster_id": found[row["pair_id"]]["cluster_id"]}
        for row in sketches(world)
    ]
    newcomer = sketches([world[0] | {"pair_id": "new"}])[0] | {"state": NEW, "cluster_id": None}
    reached = {row["pair_id"] for row in grouped([*states, newcomer])}
    cluster = found[world[0]["pair_id"]]["cluster_id"]
    assert reached >= {n for n, row in found.items() if row["cluster_id"] == cluster} | {"new"}
    assert len(reached) < len(world) / 2


def test_the_order_of_sketches_does_not_matter() -> None:
    rows = sketches(planted(5, 30))
    assert grouped(rows) == grouped(rows[::-1])


def test_a_bucket_is_as_hot_for_a_batch_as_for_all() -> None:
    """Two of a cluster share a hot bucket with others, which the batch does not reach."""

    def sketch(pair_id: str, bands: list[int], structure: str | None = None) -> Row:
        row = {"pair_id": pair_id, "exact_hash": pair_id, "structure": structure, "size": 9}
        return row | {"bands": bands}

    old = [
        sketch("d1", [1, 11, 21], "s"),
        sketch("d2", [1, 12, 22], "s"),
        sketch("e1", [1, 13, 23]),
        sketch("e2", [1, 14, 24]),
    ]
    new = sketch("x", [2, 11, 25])
    clusters = {"d1": "d1", "d2": "d1", "e1": "e1", "e2": "e2"}
    states = [row | {"state": KEPT, "cluster_id": clusters[row["pair_id"]]} for row in old]
    groups = grouped([*states, new | {"state": NEW, "cluster_id": None}], HOT)
    assert {row["pair_id"] for row in groups} == {"d1", "d2", "x"}
    everyone = links_of(grouped([*old, new], HOT), {"d1", "d2", "x"})
    assert links_of(groups, set(everyone)) == everyone == {"d1": {"x"}, "d2": set(), "x": set()}
