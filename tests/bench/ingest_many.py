"""Ingest many repositories in one call, checked by git: python -m tests.bench.ingest_many LIST.

Prints what the two bronze tasks took (wall time, peak memory of all processes together, texts per
second), rejects by reason, and for every repository its rows beside what git itself counts: commits
by `rev-list --count`, lines by the sums of `log --numstat`; a few lines differ where libgit2 and
git do not agree on what is a rename. Then both tasks once more, with nothing new. Not a test: the
figures are for people.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from deltalake import DeltaTable
from rich.console import Console
from rich.table import Table

from tests.bench.run_twice import Measured, measure

TASKS = ("plan_history", "ingest_git")


def git(path: str, *arguments: str) -> str:
    """Output of git about a repository; its settings do not matter for what is asked here."""
    done = subprocess.run(["git", "-C", path, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", errors="replace")


def lines_of_git(path: str) -> tuple[int, int] | None:
    """Lines added and deleted by all commits but merges, as `git log --numstat` counts them.

    None where git gives up, because it lacks an object.
    """
    try:
        told = git(path, "log", "--no-merges", "--numstat", "-M", "-l400", "--format=", "HEAD")
    except subprocess.CalledProcessError:
        return None
    rows = [line.split("\t", 2)[:2] for line in told.splitlines() if line]
    numbers = [(int(a), int(d)) for a, d in rows if a != "-"]
    return sum(a for a, _ in numbers), sum(d for _, d in numbers)


def run(home: Path, listed: Path) -> dict[str, Measured]:
    """Both tasks over a list."""
    tasks = {}
    for task in TASKS:
        command = [sys.executable, "-m", "etl.cli", "task", task, "--home", str(home)]
        tasks[task] = measure([*command, "--list", str(listed)])
    return tasks


def table_of(home: Path, name: str, columns: list[str]) -> Any:
    """Some columns of a table, read without Spark."""
    folder = home / "warehouse" / name.replace(".", "/")
    return DeltaTable(str(folder)).to_pyarrow_table(columns=columns)


def report(home: Path, first: dict[str, Measured], second: dict[str, Measured]) -> None:
    """Print everything."""
    console = Console(width=100)
    repos = table_of(home, "bronze.repos", ["repo_id", "name", "source"]).to_pylist()
    batches = {
        row["repo_id"]: row
        for row in table_of(
            home, "ops.batches", ["repo_id", "location", "commits", "pull_commits"]
        ).to_pylist()
    }
    counts = {
        name: Counter(table_of(home, f"bronze.{name}", ["repo_id"])["repo_id"].to_pylist())
        for name in ("commits", "mainline", "pull_heads", "file_changes", "blobs", "files")
    }
    commits = table_of(home, "bronze.commits", ["repo_id", "commit_oid", "additions", "deletions"])
    mainline = {
        (row["repo_id"], row["commit_oid"])
        for row in table_of(home, "bronze.mainline", ["repo_id", "commit_oid"]).to_pylist()
    }
    lines: dict[str, list[int]] = {repo["repo_id"]: [0, 0] for repo in repos}
    for row in commits.to_pylist():
        if (row["repo_id"], row["commit_oid"]) in mainline:
            lines[row["repo_id"]][0] += row["additions"]
            lines[row["repo_id"]][1] += row["deletions"]
    shown = Table(title="Rows, and what git counts")
    for heading in ("", "mainline", "git", "pull", "changes", "texts", "lines +/-", "git +/-"):
        shown.add_column(heading, justify="right" if heading else "left", overflow="fold")
    for repo in sorted(repos, key=lambda repo: str(repo["name"])):
        key, place = repo["repo_id"], batches[repo["repo_id"]]["location"]
        added, deleted = lines[key]
        told = lines_of_git(place)
        shown.add_row(
            repo["name"],
            f"{counts['mainline'][key]:,}",
            f"{int(git(place, 'rev-list', '--count', 'HEAD')):,}",
            f"{counts['commits'][key] - counts['mainline'][key]:,}",
            f"{counts['file_changes'][key]:,}",
            f"{counts['blobs'][key]:,}",
            f"{added:,}/{deleted:,}",
            f"{told[0]:,}/{told[1]:,}" if told else "git gives up",
        )
    console.print(shown)
    rejects = table_of(home, "ops.rejects", ["task", "reason"]).to_pylist()
    for (task, reason), times in Counter((r["task"], r["reason"]) for r in rejects).most_common():
        console.print(f"{times:>7,} {task}: {reason}")
    size = pc.sum(table_of(home, "bronze.blobs", ["size"])["size"]).as_py()
    seconds = first["ingest_git"].seconds
    console.print(
        f"ingest_git read {size / 1e6:,.0f} MB of texts at {size / 1e6 / seconds:,.1f} MB/s on "
        f"{os.cpu_count()} cores, {sum(counts['commits'].values()) / seconds:,.0f} commits/s"
    )
    for name, tasks in (("first run", first), ("nothing new", second)):
        for task, found in tasks.items():
            console.print(
                f"{name}, {task}: {found.seconds:,.1f} s, peak {found.peak >> 20:,} MiB (PSS)"
            )


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path, help="file with one repository on this machine a line")
    parser.add_argument("--home", type=Path, help="a new folder; default: a temporary one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-many-") as temporary:
        home: Path = chosen.home or Path(temporary) / "home"
        if home.exists():
            parser.error(f"{home} exists already: the first run must start from nothing")
        first = run(home, chosen.list)
        (home / "first.json").write_text(json.dumps(first), encoding="utf-8")
        report(home, first, run(home, chosen.list))


if __name__ == "__main__":
    main()
