"""Duplicates on real functions with planted copies, against brute force and scipy."""

from __future__ import annotations

import argparse
import ast
import inspect
import itertools
import json.decoder
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from scipy.sparse import coo_array
from scipy.sparse.csgraph import (
    connected_components as scipy_components,
)

from etl.errors import SluiceError
from etl.gold.link_duplicates import (
    DedupParams,
    Materialise,
    cluster_groups,
    connected_components,
    group_sketches,
    link_duplicates,
    sketch_pairs,
)
from udfs.dedup.jaccard import jaccard
from udfs.dedup.shingles import shingle_texts
from udfs.dedup.text import comparable

DDL = (
    "pair_id string, instruction string, response string, language string, context string, "
    "repo_id string, origin string, "
    "licence string, tier string, author_time bigint, score double, below_bar string"
)
Row = dict[str, Any]


@pytest.fixture
def materialise(spark: SparkSession, tmp_path: Path) -> Materialise:
    calls = itertools.count()

    def write_and_read(frame: DataFrame, name: str) -> DataFrame:
        path = str(tmp_path / f"{next(calls)}_{name}")
        frame.write.parquet(path)
        return spark.read.parquet(path)

    return write_and_read


def diff(code: str, path: str = "a.py") -> str:
    lines = code.rstrip("\n").split("\n")
    body = "\n".join("+" + line for line in lines)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    return f"{head}@@ -3,0 +4,{len(lines)} @@\n{body}\n"


def row(pair_id: str, instruction: str, response: str, **other: Any) -> Row:
    base: Row = {
        "language": "python",
        "context": "",
        "repo_id": "r",
        "origin": "commit",
        "licence": "MIT",
        "tier": "professional",
        "author_time": 1_600_000_000,
        "score": 0.5,
        "below_bar": None,
    }
    return {"pair_id": pair_id, "instruction": instruction, "response": response} | base | other


def link(
    spark: SparkSession, rows: list[Row], materialise: Materialise, **params: Any
) -> dict[str, Row]:
    frame = spark.createDataFrame(rows, DDL)
    result = link_duplicates(frame, DedupParams(**params), materialise).collect()
    assert len(result) == len(rows)
    return {item["pair_id"]: item.asDict() for item in result}


def functions(*modules: ModuleType) -> Iterator[tuple[str, str]]:
    for module in modules:
        source = inspect.getsource(module)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                text = textwrap.dedent(ast.get_source_segment(source, node, padded=True) or "")
                yield f"Add {node.name} to {module.__name__}", text


def corpus() -> list[Row]:
    """Real functions; every fourth has copies edited by a growing number of words."""
    taken = list(functions(argparse, json.decoder, textwrap, inspect))[:240]
    rows = []
    for index, (title, code) in enumerate(taken):
        rows.append(row(f"{index:03d}o", title, diff(code)))
        if index % 4:
            continue
        words = code.split(" ")
        rng = np.random.default_rng(index)
        for copy in range(3):
            edited = list(words)
            for place in rng.integers(0, len(words), copy * (1 + len(words) // 60)):
                edited[place] += "_x"
            rows.append(row(f"{index:03d}c{copy}", title, diff(" ".join(edited), f"old/{copy}.py")))
    return rows


def shingle_set(item: Row, ngram: int = 5) -> set[str]:
    text = comparable(item["instruction"], item["response"])
    parts = {"i": text.instruction, "-": text.removed, "+": text.added}
    return {kind + s for kind, part in parts.items() for s in shingle_texts(part, ngram)}


def exact_clusters(
    rows: list[Row], threshold: float
) -> tuple[dict[str, str], set[tuple[str, str]]]:
    sets = [(item["pair_id"], shingle_set(item)) for item in rows]
    parent = {pair_id: pair_id for pair_id, _ in sets}
    edges = set()

    def find(node: str) -> str:
        while parent[node] != node:
            node = parent[node]
        return node

    for (a, set_a), (b, set_b) in itertools.combinations(sets, 2):
        if jaccard(set_a, set_b) >= threshold:
            edges.add((a, b))
            low, high = sorted((find(a), find(b)))
            parent[high] = low
    return {pair_id: find(pair_id) for pair_id in parent}, edges


def test_recall_precision_and_clusters_against_brute_force(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = corpus()
    found = link(spark, rows, materialise)
    truth, edges = exact_clusters(rows, 0.7)
    assert len(edges) > 100
    by_id = {item["pair_id"]: shingle_set(item) for item in rows}
    together = [found[a]["cluster_id"] == found[b]["cluster_id"] for a, b in edges]
    assert np.mean(together) >= 0.99
    same = [truth[item] == truth[found[item]["cluster_id"]] for item in truth]
    assert all(same)  # precision: no cluster joins what the exact graph keeps apart
    assert np.mean([found[item]["cluster_id"] == truth[item] for item in truth]) >= 0.99
    for item in found.values():
        if item["level"] == "near" and not item["is_kept"]:
            expected = jaccard(by_id[item["pair_id"]], by_id[item["kept_pair_id"]])
            assert item["similarity"] == pytest.approx(expected, abs=1e-12)


def test_order_partitions_and_shuffles_do_not_matter(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = corpus()[:120]
    before = spark.conf.get("spark.sql.shuffle.partitions", "2") or "2"
    first = link(spark, rows, materialise, max_bucket=2, neighbours=2)
    spark.conf.set("spark.sql.shuffle.partitions", "5")
    try:
        frame = spark.createDataFrame(rows[::-1], DDL).repartition(7)
        params = DedupParams(max_bucket=2, neighbours=2, most_in_one_task=0)
        again = link_duplicates(frame, params, materialise).collect()
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    assert {item["pair_id"]: item.asDict() for item in again} == first


def test_what_a_batch_reaches_is_the_same_by_shuffles(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = corpus()[:150]
    held = link(spark, rows[:120], materialise)
    pairs = spark.createDataFrame(rows, DDL)
    states = [
        (item["pair_id"], "new" if place >= 120 else "gone" if place < 6 else "kept", old)
        for place, item in enumerate(rows)
        for old in [held[item["pair_id"]]["cluster_id"] if place < 120 else None]
    ]
    known = spark.createDataFrame(states, "pair_id string, state string, cluster_id string")
    params = DedupParams(max_bucket=2, neighbours=2)
    sketches = sketch_pairs(pairs, params).join(known.drop("cluster_id"), "pair_id")
    clusters = known.where("cluster_id IS NOT NULL").drop("state")
    found = []
    for most in (10**6, 149, 0):  # in one task, in one task what is reached, by shuffles
        chosen = params.model_copy(update={"most_in_one_task": most})
        groups = group_sketches(sketches, pairs, len(rows), chosen, materialise, clusters)
        found.append(
            {tuple(map(str, row)) for row in cluster_groups(pairs, groups, chosen).collect()}
        )
    assert found[0] == found[1] == found[2]
    assert 30 < len(found[0]) < 144


LONG = "def total(items):\n" + "\n".join(f"    value_{i} = step_{i}(items, {i})" for i in range(30))
OTHER = "class Reader:\n" + "\n".join(f"    field_{i}: str = load('{i}')" for i in range(30))
WRITE = "class Writer:\n" + "\n".join(f"    self.save_{i}(field, '{i}')" for i in range(30))
LICENCE = "\n".join(
    ["# Copyright (c) 2020 The Authors", "# Licensed under the Apache License, Version 2.0"]
    + [f"# clause {i} says what everybody may do with all of this" for i in range(20)]
)


def test_levels_keep_rule_and_reasons(spark: SparkSession, materialise: Materialise) -> None:
    rows = [
        row("a", "Sum up (#3)", diff(LONG), score=0.5),
        row("b", "Sum  up", diff(LONG, "backport.py"), score=0.9, author_time=1_700_000_000),
        row(
            "c",
            "Another title",
            diff(LONG + "\n    return 1"),
            score=0.9,
            author_time=1_700_000_001,
        ),
        row("d", "Read fields", diff(OTHER), score=0.4, tier="expert_reviewed"),
        row("e", "Read fields", diff(OTHER), score=0.4),
        row("f", "Say hello", diff("print('hello')")),
        row("g", "Greet", diff("print('hello')")),
        row("h", "Sum up", diff(LONG), score=1.0, below_bar="coherence_below_bar"),
        row("i", "Write fields", diff(WRITE), licence="Apache-2.0", tier="expert_reviewed"),
        row("j", "Write fields", diff(WRITE), licence="Apache-2.0 OR MIT", score=0.4),
        row("y", "", ""),
        row("z", "", ""),
    ]
    found = link(spark, rows, materialise)

    def view(pair_id: str) -> tuple[str, str, bool, str]:
        item = found[pair_id]
        return item["cluster_id"], item["kept_pair_id"], item["is_kept"], item["level"]

    assert view("a") == ("a", "c", False, "near")
    assert view("b") == ("a", "c", False, "near")
    assert view("c") == ("a", "c", True, "near")
    assert view("d") == ("d", "d", True, "exact")
    assert view("e") == ("d", "d", False, "exact")
    assert view("f") == ("f", "f", True, "unique")
    assert view("g") == ("g", "g", True, "unique")
    assert view("h") == ("a", "c", False, "near")
    assert view("z") == ("y", "y", False, "exact")
    assert 0.7 <= found["a"]["similarity"] < 1.0
    assert found["c"]["similarity"] == found["e"]["similarity"] == found["f"]["similarity"] == 1.0
    assert {pair_id: found[pair_id]["rule"].rpartition(": ")[2] for pair_id in found} == {
        "a": "higher score",
        "b": "later author time",
        "c": "later author time",
        "d": "better tier",
        "e": "better tier",
        "f": "no duplicate",
        "g": "no duplicate",
        "h": "above the bar",
        "i": "licence that asks less",
        "j": "licence that asks less",
        "y": "smaller pair_id",
        "z": "smaller pair_id",
    }


def test_licence_headers_and_short_changes_connect_nothing(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = [
        row("a", "Add the parser entry point", diff(f"{LICENCE}\n\nfrom .parse import parse")),
        row("b", "Add colours to the terminal", diff(f"{LICENCE}\n\nfrom .term import colour")),
        row("c", "Turn caching on by default", diff("enabled = True")),
        row("d", "Send statistics unless asked not to", diff("enabled = True")),
    ]
    assert {item["level"] for item in link(spark, rows, materialise).values()} == {"unique"}


def test_a_hot_bucket_is_split_and_loses_nobody(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = [
        row(f"{i:04d}", "Bump the version", diff(f"{LONG}\n    version = '1.{i}'"))
        for i in range(400)
    ]
    found = link(spark, rows, materialise, max_bucket=16, neighbours=4)
    assert {item["cluster_id"] for item in found.values()} == {"0000"}
    assert sum(item["is_kept"] for item in found.values()) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_components_are_those_of_scipy(
    spark: SparkSession, materialise: Materialise, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    chain = [(i, i + 1) for i in range(150, 190)]
    edges = [(int(a), int(b)) for a, b in rng.integers(0, 140, (90, 2)) if a != b] + chain
    names = [f"n{i:03d}" for i in rng.permutation(191)]
    frame = spark.createDataFrame([(names[a], names[b]) for a, b in edges], "a string, b string")
    rows = connected_components(frame, 20, materialise).collect()
    ours = {item["node"]: item["component"] for item in rows}
    assert len(ours) == len(rows)
    a, b = zip(*edges, strict=True)
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(191, 191))
    _, labels = scipy_components(graph, directed=False)
    least: dict[int, str] = {}
    for node, label in enumerate(labels.tolist()):
        least[label] = min(least.get(label, "z"), names[node])
    assert ours == {names[node]: least[labels[node]] for node in {*a, *b}}


def test_unsettled_clusters_are_an_error(spark: SparkSession, materialise: Materialise) -> None:
    edges = spark.createDataFrame(
        [(f"{i:02d}", f"{i + 1:02d}") for i in range(20)], "a string, b string"
    )
    with pytest.raises(SluiceError, match="max_iterations"):
        connected_components(edges, 1, materialise)


def test_the_datasketch_scheme_finds_the_same_clusters(
    spark: SparkSession, materialise: Materialise
) -> None:
    rows = corpus()[:60]
    default = link(spark, rows, materialise)
    assert link(spark, rows, materialise, scheme="datasketch") == default


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="tresh"):
        DedupParams(tresh=0.8)  # type: ignore[call-arg]
