"""What the benches of deduplication share: texts as pairs, a run, and what Spark did."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pyspark.sql import DataFrame, SparkSession

from etl.gold.link_duplicates import PlainTextParams, link_duplicates
from etl.io.spark import build_session


@dataclass(frozen=True)
class Work:
    """What the stages of a session did so far.

    Attributes:
        jobs: jobs of Spark.
        read: rows read from files.
        shuffled: bytes written to shuffles.
        spilled: bytes that did not fit into memory, on disk.
    """

    jobs: int
    read: int
    shuffled: int
    spilled: int

    def since(self, other: Work) -> Work:
        """The difference."""
        return Work(
            self.jobs - other.jobs,
            self.read - other.read,
            self.shuffled - other.shuffled,
            self.spilled - other.spilled,
        )


def open_session(folder: Path, cores: int, memory: str) -> tuple[SparkSession, float]:
    """A session in classic mode, and the seconds that its start and a first Python task take."""
    begun = time.perf_counter()
    session = build_session(folder / "scratch", cores=cores, memory=memory)
    rows = session.range(cores).mapInArrow(lambda batches: batches, "id bigint")
    rows.write.format("noop").mode("overwrite").save()
    return session, time.perf_counter() - begun


def work(session: SparkSession) -> Work:
    """What Spark's own store of stages says; it is there with the UI off, in classic mode only."""
    context = cast(Any, session).sparkContext
    store = context._jsc.sc().statusStore()
    none = context._gateway.new_array(context._jvm.double, 0)
    stages = store.stageList(None, False, False, none, context._jvm.java.util.ArrayList())
    found = [stages.apply(index) for index in range(stages.size())]
    return Work(
        store.jobsList(None).size(),
        sum(stage.inputRecords() for stage in found),
        sum(stage.shuffleWriteBytes() for stage in found),
        sum(stage.diskBytesSpilled() for stage in found),
    )


def link(
    session: SparkSession, pairs: DataFrame, folder: Path, params: PlainTextParams, name: str
) -> DataFrame:
    """Run the engine to its end; the clusters as they were written."""
    number = itertools.count()
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)

    def materialise(frame: DataFrame, stage: str) -> DataFrame:
        path = str(place / f"{next(number)}_{stage}")
        frame.write.option("parquet.enable.dictionary", "false").parquet(path)
        return session.read.schema(frame.schema).parquet(path)

    return materialise(link_duplicates(pairs, params, materialise), "clusters")


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the wall, and the result."""
    begun = time.perf_counter()
    result = run()
    return time.perf_counter() - begun, result
