"""Compare the AST UDF inside Spark with tree-sitter alone: python -m tests.bench.ast_speed REPO...

Takes source files at HEAD of bare repositories as one corpus, and the same ten times. Over each,
in turn and several times: a loop on one thread that parses every file and walks a cursor over all
nodes, and `functions_udf` on one core and on two, reading the same texts from Parquet. Prints the
median megabytes per second and core, and the share of the loop's. Not a test: the figures are for
people, and depend on the machine; what stands side by side was measured side by side.

`--language python` takes files of one language; `--megabytes` bounds the corpus.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq
import pygit2
from pyspark.sql import functions as f
from rich.console import Console
from rich.table import Table
from tree_sitter import Parser

from etl.bronze.git_objects import open_repository
from etl.io.spark import build_session
from udfs.ast import SUPPORTED
from udfs.ast.functions_udf import functions_udf
from udfs.ast.parsing import ts_language
from udfs.language import detect_language
from udfs.paths import looks_generated, looks_minified

FILES = 16  # of Parquet, so that two tasks end at about the same time
MOST_BYTES = 1_000_000
Text = tuple[str, str]


def texts_of(location: str, wanted: str | None) -> list[Text]:
    """Text and language of the source files at HEAD."""
    found: list[Text] = []
    repository = open_repository(location)
    todo: list[tuple[str, pygit2.Object]] = [("", repository.head.peel(pygit2.Tree))]
    while todo:
        path, item = todo.pop()
        if isinstance(item, pygit2.Tree):
            todo += [(f"{path}/{entry.name}", entry) for entry in item]
        elif isinstance(item, pygit2.Blob) and item.size <= MOST_BYTES and not item.is_binary:
            text = item.data.decode("utf-8", "replace")
            language = detect_language(path, text)
            if language not in SUPPORTED or language != (wanted or language):
                continue
            if not (looks_generated(text) or looks_minified(text)):
                found.append((text, language))
    return found


def loop(corpus: list[Text]) -> float:
    """Seconds of parsing every text and visiting all nodes of its tree, with nothing kept."""
    parsers = {language: Parser(ts_language(language)) for _, language in corpus}
    sources = [(text.encode(), language) for text, language in corpus]
    started = time.perf_counter()
    for source, language in sources:
        cursor = parsers[language].parse(source).walk()
        while True:
            if cursor.goto_first_child():
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    break
            else:
                continue
            break
    return time.perf_counter() - started


def write(corpus: list[Text], folder: Path) -> None:
    """The corpus as Parquet, every file with as much of it as the others."""
    folder.mkdir(parents=True)
    for number in range(FILES):
        part = corpus[number::FILES]
        columns = {"text": [text for text, _ in part], "language": [name for _, name in part]}
        pq.write_table(pa.table(columns), folder / f"{number:02}.parquet", row_group_size=256)


def serve(cores: int, scratch: Path) -> None:
    """Answer each folder on standard input with the seconds that the UDF took over it."""
    spark = build_session(scratch, cores=cores)
    for line in sys.stdin:
        started = time.perf_counter()
        spark.read.parquet(line.strip()).select(functions_udf("text", "language").alias("p")).agg(
            f.sum(f.size("p.functions")), f.count(f.when(f.col("p.error").isNotNull(), 1))
        ).collect()
        print(time.perf_counter() - started, flush=True)


class Server:
    """A Spark of so many cores in a process of its own."""

    def __init__(self, cores: int, scratch: Path) -> None:
        """Start it."""
        scratch.mkdir(parents=True)
        command = [sys.executable, "-m", "tests.bench.ast_speed", "--serve", str(cores)]
        self._process = subprocess.Popen(
            [*command, "--scratch", str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, folder: Path) -> float:
        """Seconds over one corpus."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="*", help="bare git directories")
    parser.add_argument("--language", choices=sorted(SUPPORTED))
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.scratch)
        return
    found = [item for place in chosen.repositories for item in texts_of(place, chosen.language)]
    corpus, room = [], chosen.megabytes * 1e6
    for item in found:
        room -= _size([item])
        if room < 0:
            break
        corpus.append(item)
    compare(corpus, chosen.rounds)


def _size(corpus: list[Text]) -> int:
    return sum(len(text.encode()) for text, _ in corpus)


def compare(corpus: list[Text], rounds: int) -> None:
    """Measure and print everything."""
    shown = Table(title=f"{len(corpus):,} files, {_size(corpus) / 1e6:,.1f} MB")
    for heading in ("corpus", "", "seconds", "MB/s per core", "of the loop"):
        shown.add_column(heading, justify="right" if heading not in ("corpus", "") else "left")
    with tempfile.TemporaryDirectory(prefix="ast-speed-") as temporary:
        scratch = Path(temporary)
        servers = {cores: Server(cores, scratch / f"spark-{cores}") for cores in (1, 2)}
        for times in (1, 10):
            repeated = corpus * times
            folder = scratch / f"corpus-{times}"
            write(repeated, folder)
            for server in servers.values():  # its Python workers start with the first query
                server.seconds(folder if times == 1 else scratch / "corpus-1")
            took: dict[int, list[float]] = {0: [], 1: [], 2: []}
            for _ in range(rounds):
                took[0].append(loop(repeated))
                for cores, server in servers.items():
                    took[cores].append(server.seconds(folder))
            speeds = {
                cores: _size(repeated) / 1e6 / median(seconds) / max(cores, 1)
                for cores, seconds in took.items()
            }
            for cores, name in ((0, "loop"), (1, "Spark, 1 core"), (2, "Spark, 2 cores")):
                share = speeds[cores] / speeds[0]
                row = f"{median(took[cores]):.2f}", f"{speeds[cores]:.2f}", f"{share:.2f}"
                shown.add_row(f"{times}x", name, *row)
        for server in servers.values():
            server.stop()
    Console(width=100).print(shown)


if __name__ == "__main__":
    main()
