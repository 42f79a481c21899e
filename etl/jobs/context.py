"""What a task gets to work with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from etl.bronze.sources import Source
from etl.config import Config
from etl.io.home import Home
from etl.io.tables import Warehouse
from etl.jobs.ledger import Ledger, Posted


class Unit(NamedTuple):
    """What a task is done for, piece by piece: a batch, a repository's newest state, or everything.

    `input_version` says what the task would read; a unit is done again only when it differs.
    """

    repo_id: str
    batch_id: str
    input_version: str


EVERYTHING = "*"


def of_repositories(units: Iterable[Unit]) -> Column:
    """Condition that a row is of the repositories of some units."""
    return f.col("repo_id").isin(sorted({unit.repo_id for unit in units}))


def of_batches(units: Iterable[Unit]) -> Column:
    """Condition that a row is of some units that are batches."""
    listed = list(units)
    batches = sorted({unit.batch_id for unit in listed})
    return of_repositories(listed) & f.col("batch_id").isin(batches)


def version_of(parts: Iterable[str]) -> str:
    """One version for several, whatever their order."""
    return hashlib.sha256("\0".join(sorted(parts)).encode()).hexdigest()[:32]


class Done(NamedTuple):
    """What a task did, for the summary.

    Attributes:
        units: batches, repositories or mixes that were done again.
        counts: rows by what they are, in the order to show.
    """

    units: int
    counts: dict[str, int]


Meter = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Context:
    """The surroundings of a run.

    Attributes:
        spark: the session.
        warehouse: the tables.
        ledger: what is done.
        home: folders beside the tables.
        conf: folder of the configuration.
        config: every threshold.
        as_of: the day on which activity is judged.
        sources: what to ingest.
        mix: name of the mix to build.
        meter: shows a step while it runs.
    """

    spark: SparkSession
    warehouse: Warehouse
    ledger: Ledger
    home: Home
    conf: Path
    config: Config
    as_of: date
    sources: tuple[Source, ...]
    mix: str
    meter: Meter

    def posted(self, task: str) -> dict[tuple[str, str], Posted]:
        """The ledger of a task, by (repo_id, batch_id)."""
        return self.ledger.posted(task)

    def stage(self, name: str, frame: DataFrame) -> DataFrame:
        """Write rows once to the staging area and read them back."""
        return self.warehouse.stage(name, frame)
