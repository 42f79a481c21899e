"""The task that asks GitHub: whom it asks for, what it rejects, and that it can be switched off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.bronze.sources import Source, digest
from etl.config import Config, conf_folder, read_config
from etl.io.github import GithubClient
from etl.io.home import Home
from etl.jobs import fetch_github, plan_history
from etl.jobs.context import Context, Done
from etl.jobs.removals import REPOSITORY, Removal, record_removal
from etl.schemas.ops import REJECTS
from tests.contexts import open_home
from tests.github_server import GithubServer, Project, Reply, serving, tally
from tests.repositories import RepositoryBuilder

GONE = "https://github.com/Grace/Gone"


@pytest.fixture(autouse=True)
def _no_proxy_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GH_TOKEN", raising=False)


@pytest.fixture
def server() -> Iterator[GithubServer]:
    with serving(tally()) as running:
        yield running


def _asking(server: GithubServer, **changed: Any) -> Config:
    config = read_config(conf_folder())
    values = {"enabled": True, "api": server.url, "attempts": 1, **changed}
    return config.model_copy(update={"fetch": config.fetch.model_copy(update=values)})


def _without_spark(home: Path, config: Config, *addresses: str) -> Context:
    """A context that fails at the first query."""
    return Context(
        spark=cast(Any, None), warehouse=cast(Any, None), ledger=cast(Any, None),
        home=Home(home), conf=conf_folder(), config=config, as_of=date(2026, 1, 1),
        sources=tuple(Source(address, is_url=True, named=True) for address in addresses),
        mix="default", meter=lambda name: nullcontext(),
    )  # fmt: skip


def test_it_is_switched_off_as_shipped_and_costs_no_query(tmp_path: Path) -> None:
    context = _without_spark(tmp_path, read_config(conf_folder()), GONE)
    assert fetch_github.run(context) == Done(0, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("github.com/ada/tally", "ada/tally"),
        ("github.com/Ada/Tally", "ada/tally"),
        ("gitlab.com/ada/tally", None),
        ("github.com.evil.example/ada/tally", None),
        ("github.com/ada/tally/tree/main", None),
        ("github.com/ada", None),
        ("github.com/ada/..", None),
        ("/home/github.com/ada/tally", None),
    ],
)
def test_only_repositories_on_the_host_are_asked_for(source: str, name: str | None) -> None:
    assert fetch_github.repository_on("github.com", source) == name


def _rejects(context: Context) -> list[tuple[str, str, str]]:
    rows = context.warehouse.read(REJECTS).where(f"task = '{fetch_github.NAME}'")
    return sorted((row["key"], row["reason"], row["repo_id"]) for row in rows.collect())


def test_one_that_is_gone_is_rejected_and_the_others_land(
    spark: SparkSession, server: GithubServer, tmp_path: Path
) -> None:
    repo = RepositoryBuilder(tmp_path / "clone")
    repo.write("a.py", "A = 1\n")
    repo.commit("Start")
    repo.git("remote", "add", "origin", "git@github.com:Ada/Tally.git")
    local = Source(str(repo.git_dir), is_url=False, named=True)
    context = replace(open_home(spark, tmp_path / "home"), config=_asking(server), sources=(local,))
    plan_history.run(context)
    context = replace(
        context,
        sources=(
            local,
            Source(GONE, is_url=True, named=False),
            Source("https://gitlab.com/ada/tally", is_url=True, named=False),
        ),
    )
    done = fetch_github.run(context)
    objects = len(server.projects["Ada/Tally"].everything())
    assert done == Done(2, {"repositories": 2, "objects": objects, "rejected": 1})
    landed = (tmp_path / "home" / "landing" / "github").rglob("*.jsonl")
    assert {file.parent.relative_to(tmp_path).as_posix() for file in landed} == {
        "home/landing/github/ada/tally"
    }
    gone = digest("repository", "github.com/grace/gone")
    assert _rejects(context) == [("grace/gone", "not_found", gone)]

    server.projects["Grace/Gone"] = Project("Grace/Gone", 77)
    assert fetch_github.run(context).counts == {"repositories": 2, "objects": 1, "rejected": 0}
    assert _rejects(context) == []

    now = datetime(2026, 1, 31, tzinfo=UTC)
    record_removal(context, Removal(REPOSITORY, gone, (gone,), {}, {}, True, now))
    server.seen.clear()
    assert fetch_github.run(context).counts["repositories"] == 1
    assert not [request.path for request in server.seen if "gone" in request.path.lower()]


@pytest.mark.parametrize(
    ("reply", "reason", "asked"),
    [
        (Reply(403, {"message": "rate limit"}, {"retry-after": "9000"}), "rate_limited", 1),
        (Reply(502, b"<html>"), "server_error", 2),
        (Reply(451, {"message": "DMCA"}), "taken_down", 4),
    ],
    ids=["limit", "broken server", "taken down"],
)
def test_a_server_that_answers_nobody_is_asked_no_more(
    server: GithubServer, tmp_path: Path, reply: Reply, reason: str, asked: int
) -> None:
    names = [f"ada/{name}" for name in "abcd"]
    server.replies = [("/repos/ada/", reply)] * 9
    with GithubClient(_asking(server).fetch, token=None) as client:
        objects, faults = fetch_github.fetch_each(
            client, tmp_path, {f"github.com/{name}": name for name in names}, {}
        )
    assert objects == 0
    assert {source: [(x.key, x.reason) for x in found] for source, found in faults.items()} == {
        f"github.com/{name}": [(name, reason)] for name in names
    }
    assert len(server.seen) == asked


def test_what_only_trimmed_events_told_of_is_asked_for_by_number(
    server: GithubServer, tmp_path: Path
) -> None:
    """Not in the first fetch, whose lists bring everything; then once the lists say nothing new."""
    repositories, wanted = {"github.com/ada/tally": "ada/tally"}, {"github.com/ada/tally": [2]}
    number = "/repos/ada/tally/issues/2"
    with GithubClient(_asking(server).fetch, token=None) as client:
        for times in (0, 1):
            server.seen.clear()
            _, faults = fetch_github.fetch_each(client, tmp_path, repositories, wanted)
            assert faults == {"github.com/ada/tally": []}
            asked = [request.path for request in server.seen]
            assert asked.count(number) == times, asked
