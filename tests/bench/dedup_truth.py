"""Compare clusters with exact Jaccard over all pairs: python -m tests.bench.dedup_truth CORPUS.

CORPUS is a Parquet file with the columns id and content, some thousand real files. Every two of
them are compared by their true Jaccard similarity over five-word shingles, as strings, by a sparse
matrix product; then the engine runs, in one task and by shuffles. Said are the recall of pairs at
or above the threshold (two ends in one cluster), its precision (links that the exact graph lacks,
as clusters that join what it keeps apart) and the share of documents whose cluster is the exact
one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pyspark.sql import functions as f
from rich.console import Console
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from etl.gold.link_duplicates import PlainTextParams, as_pairs
from tests.bench.dedup_runs import link, open_session
from udfs.dedup.shingles import shingle_texts
from udfs.dedup.text import normalise

_BLOCK = 500  # rows of the product at a time


def exact_pairs(texts: list[str], ngram: int, threshold: float) -> Iterator[tuple[int, int]]:
    """All pairs at or above the threshold, by counting what every two share."""
    sets = [set(shingle_texts(text, ngram)) for text in texts]
    spread = Counter(item for items in sets for item in items)
    numbers = {item: n for n, item in enumerate(s for s, count in spread.items() if count > 1)}
    columns = [sorted(numbers[item] for item in items if item in numbers) for items in sets]
    bounds = np.cumsum([0, *map(len, columns)])
    flat = np.fromiter((c for row in columns for c in row), np.int64, int(bounds[-1]))
    table = csr_array(
        (np.ones(len(flat), np.int32), flat, bounds), shape=(len(sets), max(len(numbers), 1))
    )
    sizes = np.array([len(items) for items in sets])
    other = table.T.tocsr()
    for start in range(0, len(sets), _BLOCK):
        shared = (table[start : start + _BLOCK] @ other).tocoo()
        rows, cols = shared.row + start, shared.col
        union = sizes[rows] + sizes[cols] - shared.data
        hit = (rows < cols) & (shared.data >= threshold * union)
        yield from zip(rows[hit].tolist(), cols[hit].tolist(), strict=True)
    copies: dict[str, int] = {}
    for index, text in enumerate(texts):
        if (first := copies.setdefault(normalise(text), index)) != index:
            yield first, index


def main() -> None:
    """Measure one corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--skip-shuffles", action="store_true")
    arguments = parser.parse_args()
    table = pq.read_table(arguments.corpus, columns=["id", "content"])
    ids, texts = (table.column(name).to_pylist() for name in ("id", "content"))
    params = PlainTextParams()
    edges = sorted(set(exact_pairs(texts, params.ngram, params.threshold)))
    place = {name: index for index, name in enumerate(ids)}
    graph = csr_array(
        (np.ones(len(edges), np.int8), tuple(np.array(edges).reshape(-1, 2).T)),
        shape=(len(ids), len(ids)),
    )
    _, truth = connected_components(graph, directed=False)
    console = Console()
    console.print(f"{len(ids):,} documents, {len(edges):,} pairs, {truth.max() + 1:,} clusters")
    with tempfile.TemporaryDirectory() as folder:
        session, _ = open_session(Path(folder), arguments.cores, arguments.memory)
        pairs = as_pairs(session.read.parquet(str(arguments.corpus)), f.col("id"), f.col("content"))
        for name, most in (("one task", 10**9), ("shuffles", 0)):
            if name == "shuffles" and arguments.skip_shuffles:
                continue
            chosen = params.model_copy(update={"most_in_one_task": most})
            rows = link(session, pairs, Path(folder), chosen, name.replace(" ", "_"))
            found = np.full(len(ids), -1)
            for row in rows.select("pair_id", "cluster_id").collect():
                found[place[row[0]]] = place[row[1]]
            report(console, name, edges, truth, found)
        session.stop()


def report(
    console: Console,
    name: str,
    edges: list[tuple[int, int]],
    truth: np.ndarray,
    found: np.ndarray,
) -> None:
    """Print what holds of one run."""
    one, other = np.array(edges).reshape(-1, 2).T
    recall = float(np.mean(found[one] == found[other])) if len(one) else 1.0
    first: dict[int, int] = {}
    for index, label in enumerate(truth.tolist()):
        first.setdefault(label, index)
    exact = np.array([first[label] for label in truth.tolist()])
    wrong = int(np.sum(truth != truth[found]))
    members = Counter(found.tolist()), Counter(exact.tolist())
    # Equal clusters: those with the same members, so each must be as large as the exact one.
    same = [
        truth[index] == truth[found[index]] and members[0][found[index]] == members[1][exact[index]]
        for index in range(len(found))
    ]
    console.print(
        f"{name}: recall of pairs {recall:.4f}, documents joined wrongly {wrong}, "
        f"documents in an equal cluster {np.mean(same):.4f}"
    )


if __name__ == "__main__":
    main()
