"""The job graph is right: what the platform's own validator does not look at."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from etl.cli import app
from etl.jobs.graph import job_file, read_job, read_steps
from etl.jobs.run import TASKS
from tests.architecture.tree import ROOT

FILE = job_file(ROOT / "conf")
JOB = read_job(FILE)
BUNDLE = yaml.safe_load((ROOT / "databricks.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TASK_OPTIONS = {
    option
    for parameter in typer.main.get_command(app).commands["task"].params  # type: ignore[attr-defined]
    for option in parameter.opts
    if option.startswith("--")
}
# Values that the platform fills in; job parameters come from the file itself.
PLATFORM = {"task.name", "job.start_time.iso_date"}

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FIELDS: tuple[tuple[str, int, int, list[str], int], ...] = (
    ("second", 0, 59, [], 0),
    ("minute", 0, 59, [], 0),
    ("hour", 0, 23, [], 0),
    ("day of month", 1, 31, [], 0),
    ("month", 1, 12, _MONTHS, 1),
    ("day of week", 1, 7, _DAYS, 1),
    ("year", 1970, 2099, [], 0),
)


_SPECIAL = {
    "day of month": r"\?|L|LW|([1-9]|[12]\d|3[01])W|L-([1-9]|[12]\d|30)",
    "day of week": r"\?|L|[1-7]L|[1-7]#[1-5]",
}
_ITEM = re.compile(r"(?:\*|([0-9A-Z]+)(?:-([0-9A-Z]+))?)(?:/[1-9][0-9]*)?")


def _fits(item: str, low: int, high: int, words: list[str], first: int) -> bool:
    match = _ITEM.fullmatch(item)
    if match is None:
        return False
    ends = [end for end in match.groups() if end is not None]
    if not all(end.isdigit() or end in words for end in ends):
        return False
    values = [int(end) if end.isdigit() else words.index(end) + first for end in ends]
    return values == sorted(values) and all(low <= value <= high for value in values)


def quartz_problems(text: str) -> list[str]:
    """What is wrong with a Quartz cron expression (Quartz scheduler, CronExpression)."""
    parts = text.split()
    if len(parts) not in (6, 7):
        return [f"{len(parts)} fields, expected 6 or 7"]
    problems = [
        f"{name}: {item}"
        for part, (name, low, high, words, first) in zip(parts, _FIELDS, strict=False)
        if not re.fullmatch(_SPECIAL.get(name, r"(?!)"), part)
        for item in part.split(",")
        if not _fits(item, low, high, words, first)
    ]
    if (parts[3] == "?") == (parts[5] == "?"):
        problems.append("exactly one of day of month and day of week must be ?")
    return problems


def _strings(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for value in data.values() for text in _strings(value)]
    if isinstance(data, list):
        return [text for value in data for text in _strings(value)]
    return [data] if isinstance(data, str) else []


def _tasks() -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = JOB["tasks"]
    return tasks


each_task = pytest.mark.parametrize("task", _tasks(), ids=lambda task: task["task_key"])


def test_tasks_of_the_file_and_of_the_code_are_the_same() -> None:
    names = [task["task_key"] for task in _tasks()]
    assert len(set(names)) == len(names)
    assert set(names) == set(TASKS)


def test_the_order_respects_what_a_task_depends_on() -> None:
    steps = read_steps(FILE)  # raises for an unknown name or a cycle
    assert {step.name for step in steps} == set(TASKS)
    seen: set[str] = set()
    for step in steps:
        assert set(step.after) <= seen, f"{step.name} comes before what it depends on"
        seen.add(step.name)
    declared = {t["task_key"]: {d["task_key"] for d in t.get("depends_on", [])} for t in _tasks()}
    assert {step.name: set(step.after) for step in steps} == declared


@each_task
def test_the_entry_point_is_a_script_of_the_wheel(task: dict[str, Any]) -> None:
    wheel = task["python_wheel_task"]
    assert wheel["package_name"] == PROJECT["name"]
    assert wheel["entry_point"] in PROJECT["scripts"]


@each_task
def test_parameters_are_what_the_command_takes(task: dict[str, Any]) -> None:
    first, name, *rest = task["python_wheel_task"]["parameters"]
    assert (first, name) == ("task", "{{task.name}}")
    options, values = rest[::2], rest[1::2]
    assert len(options) == len(values) == len(set(options))
    assert set(options) <= TASK_OPTIONS
    declared = {f"job.parameters.{parameter['name']}" for parameter in JOB["parameters"]}
    for value in values:
        assert set(re.findall(r"{{\s*(.+?)\s*}}", value)) <= declared | PLATFORM, value


def test_every_job_parameter_is_used_and_has_a_default() -> None:
    used = " ".join(_strings(JOB["tasks"]))
    for parameter in JOB["parameters"]:
        assert isinstance(parameter["default"], str)
        assert f"job.parameters.{parameter['name']}" in used
        found = set(re.findall(r"{{\s*(.+?)\s*}}", parameter["default"]))
        assert found <= PLATFORM


@each_task
def test_a_task_has_one_place_to_run(task: dict[str, Any]) -> None:
    clusters = {cluster["job_cluster_key"] for cluster in JOB["job_clusters"]}
    environments = {environment["environment_key"] for environment in JOB["environments"]}
    assert ("job_cluster_key" in task) != ("environment_key" in task)
    if "job_cluster_key" in task:
        assert task["job_cluster_key"] in clusters
        assert task["libraries"], "a cluster gets the wheel as a library"
    else:
        assert task["environment_key"] in environments
        assert "libraries" not in task, "serverless compute takes the wheel from its environment"


def test_the_schedule_is_a_quartz_expression() -> None:
    assert quartz_problems(JOB["schedule"]["quartz_cron_expression"]) == []
    assert JOB["schedule"]["pause_status"] in ("PAUSED", "UNPAUSED")


@pytest.mark.parametrize(
    "text",
    [
        "0 30 2 * * ?",
        "0 0/15 8-18 ? * MON-FRI",
        "0 0 0 L * ?",
        "0 0 12 ? JAN 6#3 2027",
        "0 5,35 * * * ?",
    ],
)
def test_right_expressions_pass(text: str) -> None:
    assert quartz_problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "30 2 * * *",
        "0 30 2 * * *",
        "0 30 2 ? * ?",
        "0 60 2 * * ?",
        "0 30 24 * * ?",
        "0 30 2 32 * ?",
        "0 30 2 ? * 8",
        "0 30 2 ? * XYZ",
        "0 30-10 2 * * ?",
        "0 30 2 * 13 ?",
        "0 */0 2 * * ?",
        "? 30 2 * * ?",
    ],
)
def test_wrong_expressions_are_seen(text: str) -> None:
    assert quartz_problems(text)


def test_the_bundle_includes_the_file_and_declares_its_variables() -> None:
    included = {path.resolve() for pattern in BUNDLE["include"] for path in ROOT.glob(pattern)}
    assert FILE.resolve() in included
    texts = _strings(BUNDLE)
    for path in included:
        texts += _strings(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    wanted = {name for text in texts for name in re.findall(r"\${var\.([A-Za-z0-9_]+)}", text)}
    assert wanted <= BUNDLE["variables"].keys(), "a variable is not declared in databricks.yml"
    assert BUNDLE["variables"].keys() <= wanted, "a variable is declared and not used"
    assert all(variable.get("description") for variable in BUNDLE["variables"].values())
