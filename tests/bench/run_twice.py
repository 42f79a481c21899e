"""Measure `sluice run` on a repository, twice in one home: python -m tests.bench.run_twice PATH.

Prints, for each of the two runs, wall time and the peak memory of all its processes together, and
then the rows of every table. Not a test: the figures are for people, and depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from deltalake import DeltaTable

from tests.processes import members_of

POLL_SECONDS = 0.2


class Measured(NamedTuple):
    """One run.

    Attributes:
        seconds: wall time.
        peak: largest sum of the proportional set sizes (PSS) of all processes, bytes: memory that
            several processes share is counted once.
    """

    seconds: float
    peak: int


def _memory(process: int) -> int:
    """Proportional set size of a process, bytes; 0 when it is gone."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(x.split()[1]) * 1024 for x in text.splitlines() if x.startswith("Pss:")), 0)


def measure(command: list[str]) -> Measured:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_memory, members_of(process.pid))))
        time.sleep(POLL_SECONDS)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(time.monotonic() - started, peak)


def rows(home: Path) -> dict[str, int]:
    """Rows of every table of a home, read without Spark."""
    folders = sorted(path.parent for path in home.glob("warehouse/*/*/_delta_log"))
    return {
        f"{folder.parent.name}.{folder.name}": DeltaTable(str(folder))
        .to_pyarrow_dataset()
        .count_rows()
        for folder in folders
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", help="path or URL, as for `sluice run`")
    parser.add_argument("--home", type=Path, help="a new folder; default: a temporary one")
    parser.add_argument("--as-of", help="day on which activity is judged")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="run-twice-") as temporary:
        home: Path = chosen.home or Path(temporary) / "home"
        if home.exists():
            parser.error(f"{home} exists already: the first run must start from nothing")
        command = [sys.executable, "-m", "etl.cli", "run", chosen.repository, "--home", str(home)]
        if chosen.as_of:
            command += ["--as-of", chosen.as_of]
        runs = [measure(command) for _ in range(2)]
        report = {
            "repository": chosen.repository,
            "cores": os.cpu_count(),
            "runs": [
                {"seconds": round(run.seconds, 1), "peak_mib": run.peak >> 20} for run in runs
            ],
            "rows": rows(home),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
