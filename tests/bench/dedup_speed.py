"""Time deduplication, beside its peers: python -m tests.bench.dedup_speed CORPUS [CORPUS...].

Each CORPUS is a Parquet file with the columns id and content. First the signatures alone, on one
core: ours, `datasketch.MinHash.update_batch`, and rensa where it is installed, each from shingles
that are there already, and ours from texts as well. Then, corpus by corpus, everything from reading
the file to the ids that are kept; Spark's start is shown apart. The peer is `datasketch` with its
LSH index, in as many processes. Times are of the wall: on a machine that others use only ratios say
something, so rounds of all runs follow each other (`--repeat`), and the least of each counts. Not a
test.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from datasketch import MinHash, MinHashLSH
from pyspark.sql import functions as f
from rich.console import Console

from etl.gold.link_duplicates import PlainTextParams, as_pairs
from tests.bench.dedup_runs import link, open_session, timed, work
from udfs.dedup.components import Union
from udfs.dedup.minhash import signatures
from udfs.dedup.shingles import shingle_texts, shingles

_PERMUTATIONS = 256
_SAMPLE = 400
_CHUNK = 250


def signature_rates(texts: Sequence[str], console: Console) -> None:
    """Signatures a second on one core."""
    sample = random.Random(1).sample(list(texts), min(_SAMPLE, len(texts)))
    tokens = [sorted(set(shingle_texts(text, 5))) for text in sample]
    encoded = [[item.encode() for item in items] for items in tokens]
    blocks = [shingles(sample[i : i + 64], 5).distinct() for i in range(0, len(sample), 64)]

    def cpu(run: Any) -> float:
        least = float("inf")
        for _ in range(10):
            begun = time.process_time()
            run()
            least = min(least, time.process_time() - begun)
        return len(sample) / least

    def sketch() -> None:
        for items in encoded:
            MinHash(num_perm=_PERMUTATIONS, seed=1).update_batch(items)

    rates = {
        "ours, from shingles": cpu(lambda: [signatures(b, _PERMUTATIONS, 1) for b in blocks]),
        "ours, from texts": cpu(
            lambda: [
                signatures(shingles(sample[i : i + 64], 5).distinct(), _PERMUTATIONS, 1)
                for i in range(0, len(sample), 64)
            ]
        ),
        "datasketch update_batch, from shingles": cpu(sketch),
    }
    try:
        rensa = importlib.import_module("rensa")
    except ModuleNotFoundError:
        console.print("rensa is not installed")
    else:
        rates["rensa RMinHash, from shingles"] = cpu(
            lambda: rensa.RMinHash.from_token_sets(tokens, _PERMUTATIONS, 42)
        )
    for name, rate in rates.items():
        console.print(f"{rate:>10,.0f} documents/s  {name}")


def _peer_chunk(texts: list[str]) -> np.ndarray:
    rows = ([s.encode() for s in set(shingle_texts(text, 5))] for text in texts)
    return np.stack(
        [m.hashvalues for m in MinHash.generator(rows, num_perm=_PERMUTATIONS, seed=42)]
    )


def peer(corpus: Path, processes: int) -> int:
    """`datasketch` from file to kept ids; returns how many are kept."""
    table = pq.read_table(corpus, columns=["id", "content"])
    texts = table.column("content").to_pylist()
    base = MinHash(num_perm=_PERMUTATIONS, seed=42)
    index, sets = MinHashLSH(threshold=0.7, num_perm=_PERMUTATIONS), Union(len(texts))
    chunks = [texts[i : i + _CHUNK] for i in range(0, len(texts), _CHUNK)]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        number = 0
        for rows in pool.imap(_peer_chunk, chunks):
            for row in rows:
                sketch = MinHash(
                    seed=42, hashvalues=row, permutations=base.permutations, scheme=base.scheme
                )
                if not sketch.is_empty():
                    for other in index.query(sketch):
                        sets.join(other, number)
                    index.insert(number, sketch, check_duplication=False)
                number += 1
    return sum(sets.find(i) == i for i in range(len(texts)))


def main() -> None:
    """Measure some corpora."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--memory", default="4g")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    arguments = parser.parse_args()
    console = Console()
    params = PlainTextParams()
    signature_rates(pq.read_table(arguments.corpus[0])["content"].to_pylist(), console)
    with tempfile.TemporaryDirectory() as folder:
        session, start = open_session(Path(folder), arguments.cores, arguments.memory)
        console.print(f"Spark starts in {start:.1f} s")
        least: dict[tuple[Path, str], float] = {}
        for _ in range(arguments.repeat):
            for corpus in arguments.corpus:
                rows = pq.read_metadata(corpus).num_rows

                def ours(corpus: Path = corpus) -> int:
                    pairs = as_pairs(
                        session.read.parquet(str(corpus)), f.col("id"), f.col("content")
                    )
                    found = link(session, pairs, Path(folder), params, corpus.stem)
                    return len(found.where("is_kept").select("pair_id").collect())

                before = work(session)
                seconds, kept = timed(ours)
                done = work(session).since(before)
                least[corpus, "ours"] = min(seconds, least.get((corpus, "ours"), seconds))
                console.print(
                    f"{corpus.name}: ours {seconds:.1f} s, {rows / seconds:,.0f}/s, kept {kept:,} "
                    f"of {rows:,}; {done.jobs} jobs, {done.shuffled / rows:,.0f} bytes shuffled "
                    f"a document, {done.spilled:,} spilled"
                )
                if not arguments.no_peer:
                    seconds, kept = timed(partial(peer, corpus, arguments.cores))
                    least[corpus, "peer"] = min(seconds, least.get((corpus, "peer"), seconds))
                    console.print(f"{corpus.name}: datasketch {seconds:.1f} s, kept {kept:,}")
        for (corpus, name), seconds in least.items():
            rows = pq.read_metadata(corpus).num_rows
            console.print(
                f"least: {corpus.name} {name} {seconds:.1f} s, {1e6 * seconds / rows:,.0f} "
                "microseconds a document"
            )
        session.stop()
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    console.print(f"largest process: {peak / 1024:,.0f} MiB resident")


if __name__ == "__main__":
    main()
