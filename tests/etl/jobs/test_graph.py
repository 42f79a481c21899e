"""The order of the tasks comes from the job file alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from etl.config import conf_folder
from etl.errors import ConfigError
from etl.jobs.graph import Step, job_file, read_job, read_steps
from etl.jobs.run import TASKS


def job_of(edges: dict[str, list[str]]) -> dict[str, object]:
    tasks = [
        {"task_key": name, **({"depends_on": [{"task_key": b} for b in before]} if before else {})}
        for name, before in edges.items()
    ]
    return {"resources": {"jobs": {"sluice": {"tasks": tasks}}}}


def write(folder: Path, edges: dict[str, list[str]]) -> Path:
    place = folder / "job.yml"
    place.write_text(yaml.safe_dump(job_of(edges), sort_keys=False))
    return place


def test_the_shipped_job_holds_every_task_once() -> None:
    names = [step.name for step in read_steps(job_file(conf_folder()))]
    assert sorted(names) == sorted(TASKS)


def test_a_task_comes_after_those_it_depends_on_and_ties_keep_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": [], "z": []})
    assert [step.name for step in read_steps(path)] == ["a", "z", "b", "c", "d"]
    assert Step("d", ("b", "c")) in read_steps(path)


names = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)


@given(names, st.data())
def test_any_graph_without_a_circle_is_put_in_order(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], data: st.DataObject
) -> None:
    edges = {
        name: data.draw(st.lists(st.sampled_from(order[:at]), unique=True)) if at else []
        for at, name in enumerate(order)
    }
    shuffled = data.draw(st.permutations(order))
    path = write(tmp_path_factory.mktemp("graph"), {name: edges[name] for name in shuffled})
    found = [step.name for step in read_steps(path)]
    assert sorted(found) == sorted(order)
    assert all(found.index(b) < found.index(name) for name in order for b in edges[name])


def test_a_circle_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="depend on each other") as caught:
        read_steps(write(tmp_path, {"a": ["b"], "b": ["a"], "c": []}))
    assert "'a'" in str(caught.value)
    assert "'b'" in str(caught.value)


def test_a_task_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"b depends on x, which is no task\. Tasks: a, b"):
        read_steps(write(tmp_path, {"a": [], "b": ["x"]}))


@pytest.mark.parametrize("text", ["", "resources: {}", ": [", "resources: {jobs: {sluice: 3}}"])
def test_a_file_without_the_job_is_refused(tmp_path: Path, text: str) -> None:
    place = tmp_path / "job.yml"
    place.write_text(text)
    with pytest.raises(ConfigError, match=r"job\.yml"):
        read_job(place)
    with pytest.raises(ConfigError, match="There is no"):
        read_job(tmp_path / "none.yml")
