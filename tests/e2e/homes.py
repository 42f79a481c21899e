"""A home for a test: its own folder, configuration and sources, in the one Spark session."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pyspark.sql import SparkSession

from etl.bronze.sources import find_sources
from etl.config import conf_folder, read_config
from etl.jobs.context import Context, Done
from etl.jobs.run import run_job, run_task
from tests.contexts import open_home

AS_OF = date(2026, 3, 1)


def write_conf(target: Path, changes: Mapping[str, Any]) -> Path:
    """A copy of the shipped configuration with some values changed.

    Args:
        target: folder to make.
        changes: new values by dotted key, such as `extract.max_changed_lines`.
    """
    shutil.copytree(conf_folder(), target)
    place = target / "pipeline.yml"
    values = yaml.safe_load(place.read_text(encoding="utf-8"))
    for key, value in changes.items():
        *above, last = key.split(".")
        section = values
        for name in above:
            section = section[name]
        if last not in section:
            raise KeyError(key)
        section[last] = value
    place.write_text(yaml.safe_dump(values), encoding="utf-8")
    return target


@dataclass(frozen=True)
class Place:
    """One home and how it is run.

    Attributes:
        spark: the session.
        root: folder of the home.
        named: repositories that are named one by one.
        listed: repositories that come from a list.
        conf: folder of the configuration.
        as_of: day on which activity is judged.
    """

    spark: SparkSession
    root: Path
    named: tuple[Path, ...] = ()
    listed: tuple[Path, ...] = ()
    conf: Path = field(default_factory=conf_folder)
    as_of: date = AS_OF

    def having(self, **changes: Any) -> Place:
        """The same home, run otherwise."""
        return replace(self, **changes)

    def context(self) -> Context:
        """A context as the command line makes it."""
        named, listed = [str(path) for path in self.named], [str(path) for path in self.listed]
        return replace(
            open_home(self.spark, self.root),
            conf=self.conf,
            config=read_config(self.conf),
            as_of=self.as_of,
            sources=tuple(find_sources(named, listed, Path.cwd())),
        )

    def run_tasks(self, *names: str) -> dict[str, Done]:
        """Run some tasks in turn; what each did."""
        context = self.context()
        return {name: run_task(context, name) for name in names}

    def run(self) -> dict[str, Done]:
        """Run the whole job; what each task did."""
        done: dict[str, Done] = {}
        run_job(self.context(), done.__setitem__)
        return done
