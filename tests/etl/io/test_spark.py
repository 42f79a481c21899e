"""Which Java is found and refused, and what the one session promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from etl.errors import MachineError
from etl.io.spark import MINIMUM_JAVA, java_version, require_java, task_counter

OPENJDK_17 = 'openjdk version "17.0.12" 2024-07-16\nOpenJDK Runtime Environment (build 17.0.12+7)\n'
JAVA_8 = 'java version "1.8.0_392"\nJava(TM) SE Runtime Environment (build 1.8.0_392-b08)\n'
EARLY_25 = 'openjdk version "25-ea" 2025-09-16\n'


def fake_java(folder: Path, says: str) -> None:
    """A `java` that prints a version and does nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "java"
    script.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}END\n")
    script.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first on PATH, with no JAVA_HOME."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    return tmp_path / "bin"


@pytest.mark.parametrize(
    ("says", "version"),
    [(OPENJDK_17, 17), (JAVA_8, 1), (EARLY_25, 25), ("Error: no JVM\n", None)],
)
def test_the_version_of_the_java_on_the_path(path: Path, says: str, version: int | None) -> None:
    fake_java(path, says)
    assert java_version() == version


def test_java_home_goes_first(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(path, OPENJDK_17)
    fake_java(tmp_path / "jdk" / "bin", 'openjdk version "21.0.4" 2024-07-16\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert java_version() == 21
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nothing"))
    assert java_version() is None


def test_an_old_java_is_refused_with_the_remedy(path: Path) -> None:
    fake_java(path, 'openjdk version "11.0.24" 2024-07-16\n')
    with pytest.raises(MachineError) as caught:
        require_java()
    message = str(caught.value)
    assert "Java 11 was found" in message
    assert f"apt-get install openjdk-{MINIMUM_JAVA}-jre-headless" in message
    assert "JAVA_HOME" in message


def test_no_java_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="no Java was found"):
        require_java()


def test_a_java_that_is_new_enough_passes(path: Path) -> None:
    fake_java(path, OPENJDK_17)
    require_java()


def test_the_session_counts_time_in_utc(spark: SparkSession) -> None:
    row = spark.sql("SELECT cast(timestamp_seconds(0) AS string) AS epoch").first()
    assert row is not None
    assert row["epoch"] == "1970-01-01 00:00:00"


def test_tasks_are_counted(spark: SparkSession) -> None:
    count = task_counter(spark)
    spark.range(10).count()
    done, total = count()
    assert 0 <= done <= total
