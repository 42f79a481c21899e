"""The job graph, read from the file that Databricks runs."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from etl.errors import ConfigError


@dataclass(frozen=True)
class Step:
    """One task of the job: its name, and the tasks that come before it."""

    name: str
    after: tuple[str, ...]


def job_file(conf: Path) -> Path:
    """The file that holds the one job graph."""
    return conf / "resources" / "sluice.job.yml"


def read_job(path: Path) -> dict[str, Any]:
    """The job `sluice` as the file has it.

    Raises:
        ConfigError: the file is absent, is not YAML, or holds no such job.
    """
    try:
        job = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]["jobs"]["sluice"]
    except FileNotFoundError as error:
        raise ConfigError(f"There is no {path}, which holds the job graph.") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} holds no resources.jobs.sluice: {error}.") from error
    if not isinstance(job, dict):
        raise ConfigError(f"{path}: resources.jobs.sluice is not a mapping.")
    return job


def read_steps(path: Path) -> list[Step]:
    """The tasks in an order that respects `depends_on`; the file's order breaks ties.

    Raises:
        ConfigError: a task depends on one that is not there, or on itself through others.
    """
    tasks = read_job(path)["tasks"]
    steps = {
        task["task_key"]: Step(
            task["task_key"], tuple(d["task_key"] for d in task.get("depends_on", []))
        )
        for task in tasks
    }
    for step in steps.values():
        for before in step.after:
            if before not in steps:
                known = ", ".join(steps)
                raise ConfigError(
                    f"{path}: {step.name} depends on {before}, which is no task. Tasks: {known}."
                )
    sorter = TopologicalSorter({step.name: step.after for step in steps.values()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ConfigError(f"{path}: the tasks {error.args[1]} depend on each other.") from error
    order: list[Step] = []
    while sorter.is_active():
        free = set(sorter.get_ready())
        ready = [name for name in steps if name in free]
        for name in ready:
            order.append(steps[name])
            sorter.done(name)
    return order
