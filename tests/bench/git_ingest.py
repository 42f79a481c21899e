"""Compare ingesting a git history with what else reads one: python tests/bench/git_ingest.py PATH.

Side by side, in turn, several times over, each in a process of its own: `git log -p -M` (what C
does, the limit), a bare loop over pygit2 that computes the same rows in memory, PyDriller reading
message, diff and the texts before and after, and the tasks plan_history and ingest_git, which write
Delta tables, on one core and on two. One core means that all processes of a peer share it. Before
Codesluice's clock starts, the session has ingested a repository of one commit. The history of HEAD
is read; heads of pull requests are left out. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pygit2
from pygit2.enums import ObjectType, SortMode
from rich.console import Console
from rich.table import Table

import etl

SOURCE = Path(str(etl.__file__)).parents[1]


def by_git(path: str) -> int:
    """Commits that `git log` prints with their patches and renames."""
    command = ["git", "-C", path, "log", "-p", "-M", "--no-color", "--no-ext-diff", "HEAD"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return 0


def by_pygit2(path: str) -> int:
    """The rows of commits, changes and texts in memory, as anybody would write it."""
    repository = pygit2.Repository(path)
    rows: list[tuple[Any, ...]] = []
    seen: set[pygit2.Oid] = set()
    count = 0
    for commit in repository.walk(repository.head.target, SortMode.TOPOLOGICAL | SortMode.REVERSE):
        count += 1
        author, committer = commit.author, commit.committer
        rows.append(
            (str(commit.id), str(commit.tree_id), [str(p) for p in commit.parent_ids],
             author.name, author.email, author.time, author.offset,
             committer.name, committer.email, committer.time, committer.offset, commit.message)
        )  # fmt: skip
        if len(commit.parents) > 1:
            continue
        diff = (
            commit.parents[0].tree.diff_to_tree(commit.tree)
            if commit.parents
            else commit.tree.diff_to_tree(swap=True)
        )
        diff.find_similar()
        for patch in diff:
            if patch is None:
                continue
            delta = patch.delta
            text = None if delta.is_binary else patch.data.decode("utf-8", errors="replace")
            rows.append(
                (delta.new_file.path, delta.old_file.path, delta.status_char(),
                 str(delta.old_file.id), str(delta.new_file.id), *patch.line_stats, text)
            )  # fmt: skip
            oid = delta.new_file.id
            if delta.is_binary or oid in seen or oid not in repository:
                continue
            seen.add(oid)
            blob = repository[oid]
            if blob.type == ObjectType.BLOB:
                data = blob.read_raw()
                rows.append((str(oid), len(data), data.decode("utf-8", errors="replace")))
        if len(rows) > 10_000:  # a reader hands them on
            rows.clear()
    return count


def by_pydriller(path: str) -> int:
    """Message, diff, and the texts before and after of every changed file."""
    from pydriller import Repository

    count = 0
    for commit in Repository(path).traverse_commits():
        count += 1
        _ = commit.msg
        for file in commit.modified_files:
            _ = file.diff, file.source_code_before, file.source_code
    return count


def by_codesluice(path: str, cores: int) -> dict[str, Any]:
    """Plan and ingest into the Delta tables of a new home."""
    from etl.bronze.sources import find_sources
    from etl.config import conf_folder, read_config
    from etl.io.home import Home
    from etl.io.spark import build_session
    from etl.io.tables import Warehouse
    from etl.jobs.context import Context
    from etl.jobs.ledger import Ledger
    from etl.jobs.run import run_task

    config = read_config(conf_folder())
    config = config.model_copy(update={"plan": config.plan.model_copy(update={"pulls": False})})
    with tempfile.TemporaryDirectory(prefix="git-ingest-") as folder:
        home = Home(Path(folder) / "home")
        home.prepare()
        tiny = Path(folder) / "tiny"
        author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", "init", "--quiet", str(tiny)], check=True)
        (tiny / "a.txt").write_text("a\n", encoding="utf-8")
        subprocess.run(["git", "-C", str(tiny), "add", "a.txt"], check=True)
        subprocess.run(["git", *author, "-C", str(tiny), "commit", "-qm", "first"], check=True)
        spark = build_session(
            home.scratch,
            cores=cores,
            memory=config.session.memory,
            shuffle_partitions=config.session.shuffle_partitions,
        )
        warehouse = Warehouse(spark, str(home.warehouse), str(home.staging))
        seconds: dict[str, float] = {}
        for place in (str(tiny), path):
            context = Context(
                spark=spark,
                warehouse=warehouse,
                ledger=Ledger(warehouse),
                home=home,
                conf=conf_folder(),
                config=config,
                as_of=date(2026, 1, 1),
                sources=tuple(find_sources([place], [], Path.cwd())),
                mix="default",
                meter=lambda name: nullcontext(),
            )
            for task in ("plan_history", "ingest_git"):
                started = time.perf_counter()
                done = run_task(context, task)
                seconds[task] = time.perf_counter() - started
        written = sum(p.stat().st_size for p in home.warehouse.rglob("*.parquet"))
        spark.stop()
    return {"seconds": sum(seconds.values()), "tasks": seconds, "written": written, **done.counts}


PEERS: dict[str, tuple[int, Callable[[str], Any]]] = {
    "git log -p -M": (1, by_git),
    "pygit2 loop": (1, by_pygit2),
    "PyDriller": (1, by_pydriller),
    "codesluice, 1 core": (1, lambda path: by_codesluice(path, 1)),
    "codesluice, 2 cores": (2, lambda path: by_codesluice(path, 2)),
}


def run_alone(peer: str, path: str) -> None:
    """In a process of its own: run one peer on its cores and print what it took."""
    cores, work = PEERS[peer]
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    started = time.perf_counter()
    found = work(path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    told = found if isinstance(found, dict) else {}
    print(json.dumps({"seconds": seconds, "peak_mib": peak, **told}))


def measure(peer: str, path: str) -> dict[str, Any]:
    """What one run of a peer took."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), path, "--alone", peer],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def count(path: str) -> int:
    """Commits of the history of HEAD."""
    command = ["git", "-C", path, "rev-list", "--count", "HEAD"]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def shortened(path: str, share: float, folder: Path) -> str:
    """A copy of a repository whose HEAD is where this share of its history ends.

    Not a bare one: PyDriller does not find all of those.
    """
    place = folder / f"part-{share}"
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", path, str(place)], check=True)
    listed = subprocess.run(
        ["git", "-C", path, "rev-list", "--topo-order", "--reverse", "HEAD"],
        capture_output=True, check=True, text=True,
    ).stdout.split()  # fmt: skip
    head = listed[int(len(listed) * share) - 1]
    (place / ".git" / "HEAD").write_text(f"{head}\n", encoding="ascii")
    return str(place)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="git directory or work tree")
    parser.add_argument("--runs", type=int, default=5, help="of each peer; the median counts")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--share", type=float, default=1.0, help="read only so much of the history")
    parser.add_argument("--alone", choices=list(PEERS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone:
        run_alone(chosen.alone, chosen.path)
        return
    folder = Path(tempfile.mkdtemp(prefix="git-ingest-"))
    try:
        path = shortened(chosen.path, chosen.share, folder)
        commits = count(path)
        found: dict[str, list[dict[str, Any]]] = {peer: [] for peer in chosen.peers}
        for _ in range(chosen.runs):
            for peer in chosen.peers:
                found[peer].append(measure(peer, path))
                print(f"{peer}: {found[peer][-1]}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    medians = {
        peer: statistics.median(run["seconds"] for run in runs) for peer, runs in found.items()
    }
    table = Table(title=f"{Path(chosen.path).name}: {commits:,} commits, median of {chosen.runs}")
    for heading in ("", "seconds", "commits/s", "to the loop"):
        table.add_column(heading, justify="left" if not heading else "right")
    base = medians.get("pygit2 loop")
    for peer, seconds in medians.items():
        ratio = f"{base / seconds:.2f}" if base else ""
        table.add_row(peer, f"{seconds:.2f}", f"{commits / seconds:,.0f}", ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
