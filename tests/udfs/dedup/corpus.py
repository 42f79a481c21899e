"""Pairs with planted copies, and their clusters by the Arrow functions alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pyarrow as pa

from udfs.dedup.candidates import Search
from udfs.dedup.cluster_udf import INPUTS, Judgement, Judging, cluster_batches
from udfs.dedup.group_udf import group_batches
from udfs.dedup.sketch_udf import SketchSpec, sketch_batches

Row = dict[str, Any]
SPEC = SketchSpec(5, 96, 1, bands=16, rows=6, scheme="binned", min_structure=30, plain=False)
SEARCH = Search(threshold=0.7, max_bucket=6, neighbours=2)
JUDGING = Judging(
    Judgement(5, SEARCH.threshold), (Judgement(2, 0.5), Judgement(5, 0.7), Judgement(5, 0.7))
)
PLACE: Row = {"context": "", "repo_id": "r", "origin": "commit"}
RANK: Row = {
    **dict.fromkeys(("below_bar", "licence", "tier", "author_time")),
    "score": 0.5,
}


def diff(code: str, path: str = "a.py") -> str:
    lines = code.split("\n")
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    return f"{head}@@ -3,0 +4,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)


def pair(pair_id: str, instruction: str, code: str, **other: Any) -> Row:
    response = diff(code) if code else ""
    base = {"pair_id": pair_id, "instruction": instruction, "response": response}
    return base | {"language": "python", **PLACE} | RANK | other


def planted(seed: int, families: int) -> list[Row]:
    """Families of near copies that chain into each other, copies, renamed ones, and loners."""
    random = Random(seed)
    rows: list[Row] = []
    for family in range(families):
        words = [f"name_{random.randrange(400)}" for _ in range(60)]
        for _ in range(random.choice((1, 2, 3, 9))):
            for _ in range(random.randrange(4)):
                words[random.randrange(60)] = f"name_{random.randrange(400)}"
            names = words
            if random.random() < 0.2:
                names = [f"{word}_x" for word in words]
            code = "\n".join(f"{a} = {b}({c})" for a, b, c in zip(*[iter(names)] * 3, strict=True))
            copies = random.choice((1, 1, 2))
            for _ in range(copies):
                rows.append(
                    pair(
                        f"{random.getrandbits(64):016x}",
                        f"Change number {family}",
                        code,
                        score=random.choice((0.3, 0.6)),
                    )
                )
    return [*rows, pair("empty1", "", ""), pair("empty2", "", "")]


def sketches(rows: Sequence[Row]) -> list[Row]:
    """What `sketch_batches` says of each row."""
    batch = pa.RecordBatch.from_pylist(list(rows))
    return [row for done in sketch_batches(iter([batch]), spec=SPEC) for row in done.to_pylist()]


def grouped(sketched: Sequence[Row], search: Search = SEARCH) -> list[Row]:
    """What `group_batches` says of sketches, in batches of seven."""
    schema = pa.schema(
        [
            ("pair_id", pa.string()),
            ("exact_hash", pa.string()),
            ("structure", pa.string()),
            ("size", pa.int32()),
            ("bands", pa.list_(pa.int64())),
            *((name, pa.string()) for name in ("state", "cluster_id") if name in sketched[0]),
        ]
    )
    batches = pa.Table.from_pylist(list(sketched), schema=schema).to_batches(max_chunksize=7)
    return [row for done in group_batches(iter(batches), search=search) for row in done.to_pylist()]


def clustered(rows: Sequence[Row], groups: Sequence[Row]) -> dict[str, Row]:
    """What `cluster_batches` says of the pairs that met another."""
    by_id = {row["pair_id"]: row for row in rows}
    met = sorted((g for g in groups if g["group"]), key=lambda g: (g["group"], hash(g["pair_id"])))
    joined = [{k: v for k, v in (by_id[g["pair_id"]] | g).items() if k in INPUTS} for g in met]
    for row in joined:
        if row["links"] is None:
            row["instruction"] = row["response"] = None
    schema = pa.schema(
        [
            ("group", pa.string()),
            ("pair_id", pa.string()),
            ("exact_hash", pa.string()),
            ("structure", pa.string()),
            ("links", pa.list_(pa.string())),
            ("instruction", pa.string()),
            ("response", pa.string()),
            ("context", pa.string()),
            ("repo_id", pa.string()),
            ("origin", pa.string()),
            ("below_bar", pa.string()),
            ("score", pa.float64()),
            ("licence", pa.string()),
            ("tier", pa.string()),
            ("author_time", pa.int64()),
        ]
    )
    batches = pa.Table.from_pylist(joined, schema=schema).to_batches(max_chunksize=5)
    done = cluster_batches(iter(batches), judging=JUDGING)
    return {row["pair_id"]: row for batch in done for row in batch.to_pylist()}
