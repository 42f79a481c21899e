"""What the import contracts cannot say: words that a room must not use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import attributes, imports, modules, name_of, strings

SOURCES = modules("etl", "udfs")
SESSION = "etl/io/spark.py"
CLASSIC_ONLY = {"rdd", "sparkContext", "_sc", "_jvm", "_jsc", "_jdf", "_jsparkSession"}
NOT_SERVERLESS = {"cache", "persist", "unpersist", "checkpoint", "localCheckpoint", "toPandas"}
ENVIRONMENT = {
    SESSION,
    "etl/io/github.py",
    "etl/io/tracking.py",
    "etl/cli.py",
    "etl/bronze/clone.py",
}
DELTA_SQL = re.compile(
    r"\b(MERGE INTO|DESCRIBE HISTORY|USING DELTA|OPTIMIZE|VACUUM|RESTORE TABLE)\b|_delta_log"
)


def _places(path: Path, words: set[str]) -> list[str]:
    return [f"{name_of(path)}:{line} .{word}" for word, line in attributes(path) if word in words]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_everything_runs_on_spark_connect(path: Path) -> None:
    banned = NOT_SERVERLESS if name_of(path) == SESSION else NOT_SERVERLESS | CLASSIC_ONLY
    # The decorator of functools is imported by name, so `.cache` is always that of a frame.
    assert _places(path, banned) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_named_modules_read_the_environment(path: Path) -> None:
    if name_of(path) not in ENVIRONMENT:
        assert _places(path, {"environ", "environb", "getenv", "putenv"}) == []
        assert not {name for name, _ in imports(path)} & {"os.environ", "os.getenv"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_tables_writes_delta_sql(path: Path) -> None:
    if name_of(path) != "etl/io/tables.py":
        found = [
            f"{name_of(path)}:{line}" for text, line in strings(path) if DELTA_SQL.search(text)
        ]
        assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_docker_is_loaded_in_one_place(path: Path) -> None:
    """The engine's package is loaded by name, which an import contract does not see."""
    if name_of(path) != "etl/sandbox/docker.py":
        loads = any(name in ("importlib", "importlib.import_module") for name, _ in imports(path))
        assert not (loads and any(text.split(".")[0] == "docker" for text, _ in strings(path)))


@pytest.mark.parametrize("path", modules("udfs"), ids=name_of)
def test_only_thin_wrappers_of_udfs_know_spark(path: Path) -> None:
    if not path.stem.endswith("_udf"):
        known = [name for name, _ in imports(path)]
        assert [name for name in known if name.split(".")[0] == "pyspark"] == []
        assert [n for n in known if any(part.endswith("_udf") for part in n.split("."))] == []
