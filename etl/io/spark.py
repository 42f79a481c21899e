"""The Spark session: on a laptop an embedded one with Delta, on Databricks the one that is there.

The only module that may set Spark configuration or environment variables.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pyspark
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession
from pyspark.sql.session import SparkSession as ClassicSession

from etl.errors import MachineError

Mode = Literal["classic", "connect"]

_SPARK = ".".join(pyspark.__version__.split(".")[:2])  # Delta has a JAR for each, as of 4.1
DELTA_PACKAGES = f"io.delta:delta-spark_{_SPARK}_2.13:4.4.0,io.delta:delta-storage:4.4.0"
# Delta declares 31 further JARs (Hadoop, Jackson, Parquet, ...) that Spark already brings;
# resolving them would take most of a minute. Ivy reads these as glob patterns.
ALREADY_IN_SPARK = (
    "com.*:*,org.*:*,net.*:*,at.*:*,de.*:*,dev.*:*,commons-*:*,javax.*:*,jakarta.*:*,"
    "io.unitycatalog:*,io.netty:*,io.dropwizard*:*,io.airlift:*,io.delta:delta-kernel*"
)
MINIMUM_JAVA = 17
# A run is too short to win back what the second compiler costs, which on two cores is 40 of 100
# seconds: it gets only what is called ten times as often as Java's defaults ask.
_JAVA_OPTIONS = (
    "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 "
    "-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
)

# Loggers that write each error of a query to the terminal, as JSON, before it is raised.
_REPEATED = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")


def java_version() -> int | None:
    """Major version of the Java that Spark would start, or None where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return None
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    for word in (answer.stderr + answer.stdout).split():
        digits = word.strip('"').replace("-", ".").split(".")[0]  # 17.0.12, 1.8.0_392, 25-ea
        if word.startswith('"') and digits.isdigit():
            return int(digits)
    return None


def require_java() -> None:
    """Raise MachineError unless a Java that this Spark can run on is present."""
    version = java_version()
    if version is None or version < MINIMUM_JAVA:
        found = "no Java was found" if version is None else f"Java {version} was found"
        raise MachineError(
            f"Spark needs Java {MINIMUM_JAVA} or newer; {found}. Install one "
            f"(Debian/Ubuntu: apt-get install openjdk-{MINIMUM_JAVA}-jre-headless) "
            "or set JAVA_HOME."
        )


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Send this process's stdout and stderr to `log` while a child process is started.

    The JVM and the Python workers inherit the descriptors, so their output stays in the log for
    their whole life and never mixes with what the user reads.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    saved = {number: os.dup(number) for number in (1, 2)}
    sys.stdout.flush()
    sys.stderr.flush()
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        for number in saved:
            os.dup2(target, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in saved.items():
            os.dup2(copy, number)
            os.close(copy)
        os.close(target)


def on_databricks() -> bool:
    """Whether this process runs on a Databricks cluster, which brings its own session."""
    return "DATABRICKS_RUNTIME_VERSION" in os.environ


def build_session(
    scratch: Path,
    *,
    mode: Mode = "classic",
    cores: int = 2,
    memory: str = "4g",
    shuffle_partitions: int = 4,
) -> SparkSession:
    """Start (or reuse) the Spark session.

    Args:
        scratch: folder for the log (`spark.log`), shuffle files and Spark's own warehouse.
        mode: `classic`, or `connect` for a local Spark Connect server in the same process.
        cores: number of task threads.
        memory: heap of the JVM, for example `4g`.
        shuffle_partitions: partitions after a shuffle.

    Raises:
        MachineError: no usable Java, or Spark did not start.
    """
    if on_databricks():
        return SparkSession.builder.getOrCreate()
    require_java()
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    settings = {
        "spark.app.name": "codesluice",
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": _JAVA_OPTIONS,
        "spark.jars.packages": DELTA_PACKAGES,
        "spark.jars.excludes": ALREADY_IN_SPARK,
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.warehouse.dir": str(scratch / "spark-warehouse"),
        "spark.local.dir": str(scratch / "shuffle"),
        "spark.sql.shuffle.partitions": str(shuffle_partitions),
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Text columns are long, and some rows hold megabytes: small Arrow batches bound the memory
        # of the Python workers, which need several times the size of a batch.
        "spark.sql.execution.arrow.maxRecordsPerBatch": "256",
        "spark.sql.execution.arrow.maxBytesPerBatch": "16m",
        # Most queries here are short: compiling each to bytecode costs more than it saves.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        # Without compiled code its cache of common terms costs more than evaluating them again.
        "spark.sql.subexpressionElimination.enabled": "false",
        # Rows that are taken from a Parquet file at a time, each of which may hold a megabyte: with
        # Spark's 4,096 two tasks fill the heap.
        "spark.sql.parquet.columnarReaderBatchSize": "128",
        # Half of what snappy leaves of source code, in less time, since there is less to write.
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.hadoop.parquet.compression.codec.zstd.level": "1",
        # What is merged has been staged, so Delta need not copy it once more to fix it.
        "spark.databricks.delta.merge.materializeSource": "none",
        # Delta replays its log in 50 tasks by default, which is 50 times too many for small tables.
        "spark.databricks.delta.snapshotPartitions": "1",
    }
    builder: SparkSession.Builder = SparkSession.builder
    builder = (
        builder.remote(f"local[{cores}]")
        if mode == "connect"
        else builder.master(f"local[{cores}]")
    )
    for key, value in settings.items():
        builder = builder.config(key, value)
    log = scratch / "spark.log"
    for name in _REPEATED:
        PySparkLogger.getLogger(name).disabled = True
    try:
        with _output_to(log):
            return builder.getOrCreate()
    except Exception as error:
        raise MachineError(
            f"Spark did not start: {error}. Its log is {log}; the first start needs the network "
            "once, to bring the two Delta JARs from Maven Central."
        ) from error


def task_counter(session: SparkSession) -> Callable[[], tuple[int, int]]:
    """A function that says how many Spark tasks of the running stages are done, and of how many."""
    if isinstance(session, ClassicSession):
        tracker = session.sparkContext.statusTracker()

        def ask() -> tuple[int, int]:
            infos = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            known = [info for info in infos if info is not None]
            return sum(i.numCompletedTasks for i in known), sum(i.numTasks for i in known)

        return ask
    latest = [0, 0]

    def note(
        stages: Iterable[Any] | None, inflight: int, operation: str | None, done: bool
    ) -> None:
        known = list(stages or [])
        latest[:] = [sum(s.num_completed_tasks for s in known), sum(s.num_tasks for s in known)]

    session.registerProgressHandler(note)
    return lambda: (latest[0], latest[1])
