"""Killed with SIGKILL at seeded moments and run again: the tables equal those of a clean run.

Each kill costs the cold start of a JVM, so there are three here; SLUICE_TEST_KILLS=20 makes more.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import etl
from etl.config import conf_folder
from tests.e2e import compare
from tests.processes import members_of
from tests.repositories import sample_project

KILLS = int(os.environ.get("SLUICE_TEST_KILLS", "3"))
KILLS_TO_MEET_EVERY_LAYER = 20
SEED = 20
LONGEST_DELAY = 0.8  # seconds after a commit: the next one is then being made, or just out
POLL = 0.01


@dataclass(frozen=True)
class Kill:
    """Where one run was killed.

    Attributes:
        last: table whose commit came last before the kill.
        new: commits that the run had made.
    """

    last: str
    new: int


class Runner:
    """Starts the command line in its own session, so that all of it can be killed."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder
        self._repositories = [
            sample_project(folder / "tally").path,
            sample_project(folder / "notes", commits=6).path,
        ]
        self._conf = folder / "conf"
        shutil.copytree(conf_folder(), self._conf)
        place = self._conf / "pipeline.yml"
        values = yaml.safe_load(place.read_text(encoding="utf-8"))
        values["session"] = {"cores": 1, "memory": "1g", "shuffle_partitions": 2}
        place.write_text(yaml.safe_dump(values), encoding="utf-8")

    def start(self, home: Path) -> subprocess.Popen[bytes]:
        """Begin a run in `home`."""
        chosen = ("--conf", str(self._conf), "--as-of", "2026-03-01")
        return self._sluice(home, "run", *map(str, self._repositories), *chosen)

    def verify(self, home: Path) -> subprocess.Popen[bytes]:
        """Begin to recompute every checksum of `home`."""
        return self._sluice(home, "verify")

    def _sluice(self, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
        source = str(Path(str(etl.__file__)).parents[1])
        return subprocess.Popen(
            [sys.executable, "-m", "etl.cli", *arguments, "--home", str(home)],
            # Most runs are killed young: an optimising compiler would only take time from them.
            env={
                **os.environ,
                "PYTHONPATH": source,
                "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            },
            stdout=self._log(home).open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _log(self, home: Path) -> Path:
        return self._logs / f"{home.name}.txt"

    def finish(self, home: Path, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end, which must be a good one."""
        status = process.wait()
        assert status == 0, self._log(home).read_text(encoding="utf-8", errors="replace")


def kill_session(leader: subprocess.Popen[bytes]) -> None:
    """SIGKILL every process of a session: the command, its JVM and all Python workers."""
    for member in members_of(leader.pid):
        try:
            os.kill(member, signal.SIGKILL)
        except ProcessLookupError:
            continue
    leader.wait()


def commits_of(home: Path) -> dict[Path, int]:
    """Time of every Delta commit under a home."""
    found = {}
    for path in home.glob("warehouse/*/*/_delta_log/*.json"):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found


def run_until_killed(runner: Runner, home: Path, choice: random.Random) -> Kill | None:
    """Run until some commits and a moment more have passed; None when the run ended before."""
    wanted, delay = choice.randint(1, 9), choice.uniform(0, LONGEST_DELAY)
    known = commits_of(home).keys()
    process = runner.start(home)
    while len(commits_of(home).keys() - known) < wanted:
        if process.poll() is not None:
            runner.finish(home, process)
            return None
        time.sleep(POLL)
    time.sleep(delay)
    if process.poll() is not None:
        runner.finish(home, process)
        return None
    kill_session(process)
    commits = commits_of(home)
    last = max(commits, key=lambda path: commits[path])
    table = ".".join(last.parts[-4:-2])
    return Kill(table, len(commits.keys() - known))


def _finished_runs(home: Path) -> list[str]:
    with sqlite3.connect(f"file:{home / 'mlflow.db'}?mode=ro", uri=True) as store:
        rows = store.execute("SELECT status FROM runs").fetchall()
    return [status for (status,) in rows if status != "KILLED"]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("kill"))


def kill_often(runner: Runner, home: Path) -> list[Kill]:
    """Kill the runs of a home at seeded moments until it was often enough; let one end."""
    choice = random.Random(SEED)
    kills: list[Kill] = []
    while len(kills) < KILLS:
        kill = run_until_killed(runner, home, choice)
        if kill is None:
            break
        kills.append(kill)
    runner.finish(home, runner.start(home))
    return kills


def test_killed_anywhere_and_run_again_the_tables_are_those_of_a_clean_run(
    runner: Runner, tmp_path: Path
) -> None:
    clean, home = tmp_path / "clean", tmp_path / "killed"
    with ThreadPoolExecutor(1) as beside:
        run = beside.submit(lambda: runner.finish(clean, runner.start(clean)))
        kills = kill_often(runner, home)
        run.result()
    assert len(kills) == KILLS
    assert compare.differences(compare.snapshot(home), compare.snapshot(clean)) == {}
    assert _finished_runs(home) == ["FINISHED"]
    runner.finish(home, runner.verify(home))
    fell = [kill.last for kill in kills]
    print(*(f"{kill.last} after {kill.new} commits" for kill in kills), sep="\n")
    if len(kills) >= KILLS_TO_MEET_EVERY_LAYER:
        layers = {table.partition(".")[0] for table in fell}
        assert {"bronze", "ops"} <= layers
        assert layers & {"silver", "gold"}
        assert "ops.checksums" in fell or "ops.rejects" in fell  # data is out, the ledger is not
