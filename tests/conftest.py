"""Fixtures that many tests share: one Spark session for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from etl.io.spark import build_session

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The one session; SLUICE_TEST_MODE=connect runs the same tests over Spark Connect."""
    mode = cast(Literal["classic", "connect"], os.environ.get("SLUICE_TEST_MODE", "classic"))
    scratch: Path = tmp_path_factory.mktemp("spark")
    session = build_session(scratch, mode=mode, cores=2, memory="2g", shuffle_partitions=2)
    yield session
    session.stop()
