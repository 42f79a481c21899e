"""Where everything of one installation lives."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from etl.errors import MachineError, SourceError

LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Home:
    """The folder of one installation; nothing is written outside it.

    Attributes:
        root: absolute path.
    """

    root: Path

    @property
    def warehouse(self) -> Path:
        """`<schema>/<table>`: plain Delta tables."""
        return self.root / "warehouse"

    @property
    def staging(self) -> Path:
        """Rows that are not published yet; removed after each run."""
        return self.root / "staging"

    @property
    def clones(self) -> Path:
        """Cached clones of URLs."""
        return self.root / "clones"

    @property
    def landing(self) -> Path:
        """Objects that were fetched from an API, as they came."""
        return self.root / "landing"

    @property
    def exports(self) -> Path:
        """Where `sluice export` writes by default."""
        return self.root / "exports"

    @property
    def scratch(self) -> Path:
        """Spark's log and shuffle files."""
        return self.root / "logs"

    @property
    def tracking_uri(self) -> str:
        """MLflow's store."""
        return f"sqlite:///{self.root / 'mlflow.db'}"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts."""
        return self.root / "mlartifacts"

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            MachineError: it cannot be written, or its disk is full.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / ".gitignore").write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise MachineError(
                f"The home {self.root} cannot be written ({error.strerror}). "
                "Choose another with --home or SLUICE_HOME."
            ) from error
        if not os.access(self.root, os.W_OK):
            raise MachineError(f"The home {self.root} cannot be written. Choose another: --home.")
        free = shutil.disk_usage(self.root).free
        if free < LEAST_FREE_BYTES:
            raise MachineError(
                f"The disk of {self.root} has {free >> 20} MiB free; at least "
                f"{LEAST_FREE_BYTES >> 20} MiB are needed. Free some, or choose another --home."
            )

    def require_tables(self) -> None:
        """Refuse a home that was never run.

        Raises:
            SourceError: there are no tables.
        """
        if not self.warehouse.is_dir():
            raise SourceError(
                f"There are no tables under {self.root}. "
                "Run `sluice run` first, or name the home: --home."
            )

    def sweep(self) -> None:
        """Remove what runs left beside the tables: staged rows, shuffle files, logs, halves.

        Call it before Spark starts, and with the home locked: a session at work needs its own.
        """
        for folder in (self.staging, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
        for part in self.exports.glob(".*.part"):
            shutil.rmtree(part)
        for part in self.clones.glob("*.part"):
            shutil.rmtree(part)
        for pattern in ("github/*/*/.*.part", "pairs/.*.part"):
            for part in self.landing.glob(pattern):
                part.unlink()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs off this home; the lock goes with the process, however it ends.

        Raises:
            MachineError: another process holds it.
        """
        with (self.root / ".lock").open("w", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise MachineError(
                    f"Another sluice run is at work in {self.root}. Wait for it, or use another "
                    "--home."
                ) from error
            yield
