"""What is new of each source: nothing, all, or what its references gained or lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql.types import StructType

from etl.bronze.clone import CloneParams
from etl.bronze.git_objects import open_repository
from etl.bronze.identify_sources import NAMES
from etl.bronze.plan_history import SOURCES, PlanParams, inspect, plan_history, read_tips
from etl.bronze.sources import digest
from etl.schemas.ops import BATCHES
from tests.repositories import RepositoryBuilder

PARAMS = PlanParams(
    refs=("HEAD", "refs/heads/*"),
    pulls=True,
    rows_per_range=4,
    most_entries=100,
    clone=CloneParams(seconds=60),
)


Known = tuple[str, str, str, list[str], list[Row], bool]
KNOWN = ("repo_id", "batch_id", "source", "tips", "pulls", "named")


@pytest.fixture
def repo(tmp_path: Path) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path / "work" / "project")
    for number in range(3):
        made.write("a.py", f"A = {number}\n")
        made.commit(f"change {number}")
    return made


def plan(
    spark: SparkSession,
    addresses: list[tuple[str, bool]],
    known: list[Known] | None = None,
    rule: str = "v1",
    names: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Planned rows of sources (address, named) when some repositories, and names, are known."""
    sources = spark.createDataFrame([(a, "://" in a, n) for a, n in addresses], SOURCES)
    shape = StructType([BATCHES.struct[name] for name in KNOWN])
    repos = spark.createDataFrame(known or [], shape)
    called = spark.createDataFrame(list((names or {}).items()), NAMES)
    found = plan_history(
        sources,
        repos,
        called,
        cache="/nonexistent",
        params=PARAMS,
        rule_version=rule,
        removed={},
    ).collect()
    return sorted((row.asDict() for row in found), key=lambda row: row["source"])


def read_before(row: dict[str, Any]) -> Known:
    repo_id, batch_id, source, tips, pulls, named = (row[name] for name in KNOWN)
    return (repo_id, batch_id, source, tips, pulls, named)


def test_a_life_of_a_repository(spark: SparkSession, repo: RepositoryBuilder) -> None:
    """New, nothing new, a new commit, a force-push, a branch and its end: one batch each."""
    address = str(repo.git_dir)
    (new,) = plan(spark, [(address, True)])
    assert new["error"] is None
    assert (new["commits"], new["known_tips"], new["tips"]) == (3, [], [repo.head])
    assert (new["source"], new["name"]) == (str(repo.path), "work/project")
    assert (new["location"], new["head_oid"], new["head_ref"]) == (
        address,
        repo.head,
        "refs/heads/main",
    )
    (again,) = plan(spark, [(address, True)])
    assert again["batch_id"] == new["batch_id"]
    assert plan(spark, [(address, True)], [read_before(new)]) == []

    repo.write("a.py", "A = 'more'\n")
    second = repo.commit("more")
    (more,) = plan(spark, [(address, True)], [read_before(new)])
    assert (more["commits"], more["tips"], more["known_tips"]) == (1, [second], new["tips"])
    assert more["batch_id"] != new["batch_id"]

    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    (back,) = plan(spark, [(address, True)], [read_before(more)])
    repo.git("reset", "--quiet", "--hard", second)
    (there,) = plan(spark, [(address, True)], [read_before(back)])
    assert (there["commits"], there["tips"]) == (1, [second])
    assert there["batch_id"] != more["batch_id"], "a push that is undone twice is new twice"

    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    repo.write("a.py", "A = 'other'\n")
    other = repo.commit("other")
    (pushed,) = plan(spark, [(address, True)], [read_before(more)])
    assert (pushed["commits"], pushed["tips"]) == (1, [other])

    repo.branch("topic")
    repo.write("b.py", "B = 1\n")
    topic = repo.commit("on a branch")
    (branched,) = plan(spark, [(address, True)], [read_before(pushed)])
    assert (branched["commits"], branched["tips"]) == (1, sorted([other, topic]))

    repo.checkout("main")
    repo.git("branch", "--quiet", "-D", "topic")
    (deleted,) = plan(spark, [(address, True)], [read_before(branched)])
    assert (deleted["commits"], deleted["tips"]) == (0, [other])


def test_pull_requests_are_planned_with_their_heads(
    spark: SparkSession, repo: RepositoryBuilder
) -> None:
    """A head that moves is news; the reference of a test merge beside it is not."""
    address, base = str(repo.git_dir), repo.head
    for number in range(3):
        repo.write("a.py", f"A = 'review {number}'\n")
        repo.commit(f"review {number}")
    head = repo.head
    repo.git("reset", "--quiet", "--hard", base)
    repo.git("update-ref", "refs/pull/12/head", head)
    repo.git("update-ref", "refs/pull/12/merge", head)
    (new,) = plan(spark, [(address, True)])
    assert [tuple(pull) for pull in new["pulls"]] == [(12, head)]
    assert (new["commits"], new["pull_commits"], new["cuts"][-1]) == (3, 3, 6)
    assert new["cuts"] == sorted(set(new["cuts"])) and len(new["cuts"]) > 1
    assert plan(spark, [(address, True)], [read_before(new)]) == []
    repo.git("update-ref", "refs/pull/12/head", f"{head}~1")
    (moved,) = plan(spark, [(address, True)], [read_before(new)])
    assert (moved["commits"], moved["pull_commits"], moved["known_pulls"]) == (0, 0, [head])
    without = inspect(
        address, False, True, "/nonexistent", PARAMS.model_copy(update={"pulls": False})
    )
    assert without["pulls"] == []


def test_another_rule_is_another_batch(spark: SparkSession, repo: RepositoryBuilder) -> None:
    (one,) = plan(spark, [(str(repo.git_dir), True)], rule="v1")
    (two,) = plan(spark, [(str(repo.git_dir), True)], rule="v2")
    assert one["repo_id"] == two["repo_id"]
    assert one["batch_id"] != two["batch_id"]


def test_one_unreadable_source_does_not_stop_the_others(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    bad, url = str(tmp_path / "empty"), "file://elsewhere/repo"
    helper = f"ext::touch {tmp_path}/ran ://host/a"
    borrower = RepositoryBuilder(tmp_path / "borrower")
    lent = borrower.git_dir / "objects" / "info" / "alternates"
    lent.write_text(f"{repo.git_dir}/objects\n")
    borrower.set_branch("main", repo.head)
    borrowed = str(borrower.git_dir)
    good = str(repo.git_dir)
    found = plan(spark, [(good, True), *((a, False) for a in (bad, url, helper, borrowed))])
    errors = {row["source"]: row["error"] for row in found}
    assert errors[str(repo.path)] is None
    assert bad in errors[bad]
    assert errors[url] is not None
    assert "not allowed" in errors[helper]
    assert "objects/info/alternates" in errors[borrowed]
    assert not (tmp_path / "ran").exists()
    failed = [row for row in found if row["error"]]
    assert all(row["batch_id"] == "*" and row["tips"] == [] for row in failed)
    assert len({row["repo_id"] for row in found}) == 5


def test_two_addresses_of_one_origin_are_read_once(
    spark: SparkSession, repo: RepositoryBuilder, tmp_path: Path
) -> None:
    repo.git("remote", "add", "origin", "git@example.org:owner/project.git")
    copy = tmp_path / "copy.git"
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(copy))
    repo.git("-C", str(copy), "remote", "set-url", "origin", "https://example.org/owner/project")
    (row,) = plan(spark, [(str(copy), False), (str(repo.git_dir), True)])
    assert row["source"] == "example.org/owner/project"
    assert row["name"] == "owner/project"
    assert row["repo_id"] == digest("repository", "example.org/owner/project")
    assert row["named"]
    assert row["location"] == str(repo.git_dir), "the one that was named goes first"


def test_naming_a_listed_repository_is_news(spark: SparkSession, repo: RepositoryBuilder) -> None:
    address = str(repo.git_dir)
    (listed,) = plan(spark, [(address, False)])
    (named,) = plan(spark, [(address, True)], [read_before(listed)])
    assert (listed["named"], named["named"], named["commits"]) == (False, True, 0)
    assert plan(spark, [(address, False)], [read_before(named)]) == [], "a name is kept"


def test_a_renamed_repository_goes_on_where_it_was(
    spark: SparkSession, repo: RepositoryBuilder
) -> None:
    """Under its new name it is the same one; what the name alone changes is a batch too."""
    address = str(repo.git_dir)
    repo.git("remote", "add", "origin", "https://example.org/ada/tally")
    (old,) = plan(spark, [(address, True)])
    repo.git("remote", "set-url", "origin", "https://example.org/ada/sums")
    names = {"example.org/ada/tally": old["repo_id"], "example.org/ada/sums": old["repo_id"]}
    (new,) = plan(spark, [(address, True)], [read_before(old)], names=names)
    assert (new["repo_id"], new["source"]) == (old["repo_id"], "example.org/ada/sums")
    assert (new["name"], new["commits"], new["known_tips"]) == ("ada/sums", 0, old["tips"])
    assert plan(spark, [(address, True)], [read_before(new)], names=names) == []

    repo.git("remote", "set-url", "origin", "https://example.org/ada/tally")
    known = {"example.org/ada/sums": old["repo_id"]}
    (passed,) = plan(spark, [(address, True)], [read_before(new)], names=known)
    assert "known as example.org/ada/sums" in passed["error"]
    assert passed["batch_id"] == "*"


def look(location: Path, params: PlanParams = PARAMS) -> dict[str, Any]:
    return inspect(str(location), False, True, "/nonexistent", params)


def test_a_repository_without_a_commit_is_read_as_empty(tmp_path: Path) -> None:
    row = look(RepositoryBuilder(tmp_path / "new").git_dir)
    assert row["error"] is None
    assert (row["head_oid"], row["head_ref"], row["tips"]) == (None, None, [])


def test_a_detached_head_is_read(repo: RepositoryBuilder) -> None:
    old = repo.git("rev-parse", "HEAD~1")
    repo.checkout(old)
    row = look(repo.git_dir, PARAMS.model_copy(update={"refs": ("HEAD",)}))
    assert (row["head_ref"], row["head_oid"], row["tips"]) == (None, old, [old])


def test_tags_lead_to_their_commits_and_odd_ones_nowhere(repo: RepositoryBuilder) -> None:
    repo.git("tag", "light")
    repo.git(
        "-c", "user.name=A", "-c", "user.email=a@b", "tag", "-m", "annotated", "heavy", "HEAD~1"
    )
    repo.git("tag", "of-a-blob", "HEAD:a.py")
    tips = read_tips(open_repository(str(repo.git_dir)), ("refs/tags/*",))
    assert tips == sorted([repo.head, repo.git("rev-parse", "HEAD~1")])


def test_only_the_asked_references_count(repo: RepositoryBuilder) -> None:
    main = repo.head
    repo.branch("topic")
    topic = repo.commit("on a branch")
    repository = open_repository(str(repo.git_dir))
    assert read_tips(repository, ("refs/heads/main",)) == [main]
    assert read_tips(repository, ("HEAD",)) == [topic]
    assert read_tips(repository, ("refs/heads/*",)) == sorted([main, topic])


def test_a_local_origin_does_not_name_a_repository(repo: RepositoryBuilder) -> None:
    """Where a clone was made from on this machine says nothing about what it is."""
    for origin in ("/srv/git/thing.git", "file:///srv/git/thing.git", "../thing"):
        repo.git("config", "remote.origin.url", origin)
        assert look(repo.git_dir)["source"] == str(repo.path)


def test_a_hostile_configuration_is_not_obeyed(repo: RepositoryBuilder, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "core.pager"):
        repo.git("config", key, f"touch {marker}")
    hook = repo.git_dir / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    before = sorted(p for p in repo.git_dir.rglob("*"))
    assert look(repo.git_dir)["error"] is None
    assert not marker.exists()
    assert sorted(p for p in repo.git_dir.rglob("*")) == before, "nothing is written there"


def test_a_removed_repository_is_refused_and_not_cloned_again(
    repo: RepositoryBuilder, tmp_path: Path
) -> None:
    url = "https://forge.invalid/owner/project"
    removed = {
        digest("repository", "forge.invalid/owner/project"): "2026-01-31",
        digest("repository", str(repo.path)): "2026-02-28",
    }
    for address, is_url, day in ((url, True, "2026-01-31"), (str(repo.git_dir), False, "02-28")):
        row = inspect(address, is_url, False, str(tmp_path / "clones"), PARAMS, removed)
        assert row["reason"] == "removed"
        assert "was removed on" in row["error"] and day in row["error"]
        assert row["repo_id"] is None
    assert not (tmp_path / "clones").exists()
