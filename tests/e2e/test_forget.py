"""A repository and a person are forgotten: no trace in the home, and runs go on without them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.errors import RemovedError, SourceError
from etl.io.tables import Slice, Warehouse
from etl.jobs.export import export_mix
from etl.jobs.forget import finish_interrupted, forget, plan_removal
from etl.jobs.removals import Removal, removals
from etl.jobs.run import run_task
from etl.jobs.subjects import find_subject
from etl.jobs.verify import verify_all
from etl.schemas import TABLES, Table
from etl.schemas.bronze import FILE_CHANGES
from etl.schemas.ops import REMOVALS
from tests.collaboration import (
    comment,
    issue,
    landed,
    person,
    pull,
    repository,
    review,
    review_comment,
    write_lines,
)
from tests.e2e import compare
from tests.e2e.homes import Place, write_conf
from tests.repositories import ADA, MIT, RepositoryBuilder, sample_project

OF_REPOSITORY, OF_AUTHOR = "brambleknot", "quillfeather"
LOGIN = OF_AUTHOR.title()
EVE = ("Eve", f"7+{LOGIN}@users.noreply.github.com")


def diary(path: Path) -> RepositoryBuilder:
    """A repository that says its marker in its name, a message, a path, a text and a docstring."""
    repo = RepositoryBuilder(path)
    repo.git("remote", "add", "origin", f"https://github.com/ada/{OF_REPOSITORY}")
    repo.write("LICENSE", MIT)
    repo.write(f"{OF_REPOSITORY}.py", "def entries(lines):\n    return list(lines)\n")
    repo.commit("Initial import")
    repo.write(
        f"{OF_REPOSITORY}.py",
        f'def entries(lines):\n    """Entries of a {OF_REPOSITORY} diary."""\n'
        "    return [line for line in lines if line.strip()]\n",
    )
    repo.commit(f"Fix entries, which counted the empty lines of a {OF_REPOSITORY} diary")
    return repo


def reviewed(tally: Path) -> dict[str, Any]:
    """A comment on the newest change of a file by others."""
    repo, path = RepositoryBuilder(tally), "tally/parse.py"
    oid = repo.git("log", "-1", "--format=%H", "--", path)
    patch = repo.git("show", "--format=", oid, "--", path)
    hunk = patch[patch.index("@@ ") :]
    said = (
        f"{OF_AUTHOR} thinks that `parse_ledger` should say in its docstring that it skips blank "
        "lines, as `line.strip()` leaves nothing of them."
    )
    return review_comment(
        71, 2, body=said, user=person(LOGIN), path=path, in_reply_to_id=None, commit_id=oid,
        original_commit_id=oid, diff_hunk=hunk[: hunk.rindex("\n", 0, hunk.rindex("\n "))],
    )  # fmt: skip


def fetched(home: Path, tally: Path) -> None:
    """What GitHub said of both repositories, as a fetch lands it."""
    eve, name = person(LOGIN), f"ada/{OF_REPOSITORY}"
    who = {"name": EVE[0], "email": EVE[1], "date": "2025-02-01T10:00:00Z"}
    commit = {"event": "committed", "sha": "d" * 40, "author": who, "committer": who}
    of_tally = [
        landed("repository", repository()),
        landed("issue", issue(1)),
        landed("issue", issue(2, user=eve, body=f"{OF_AUTHOR} asks")),
        landed("comment", comment(21, 1, user=eve, body=f"{OF_AUTHOR} answers")),
        landed("pull", pull(2)),
        landed("review", review(70, 2), 2),
        landed("review_comment", reviewed(tally), 2),
        landed("timeline_event", {**commit, "message": f"{OF_AUTHOR} wrote"}, 2),
    ]
    of_diary = [
        landed("repository", repository(name, 12), name=name),
        landed("issue", issue(1, name=name, body=OF_REPOSITORY), name=name),
    ]
    write_lines(home / "landing/github/ada/tally/00000001.jsonl", of_tally)
    write_lines(home / f"landing/github/{name}/00000001.jsonl", of_diary)


def add_eve(repo: RepositoryBuilder) -> None:
    """Two commits by Eve, one by Ada on what Eve wrote, and one on a file of Ada's own."""
    repo.write("tally/eve.py", f'def eve():\n    """{OF_AUTHOR}."""\n    return 1\n')
    repo.write("tally/shared.py", "def shared(values):\n    return len(values)\n")
    repo.commit(f"Add eve and shared, as {OF_AUTHOR} asked for", author=EVE)
    repo.edit("tally/eve.py", "    return 1\n", f"    return '{OF_AUTHOR}'\n")
    repo.commit("Fix eve, which returned a number where a name was wanted", author=EVE)
    repo.edit("tally/shared.py", "    return len(values)\n", "    return len(set(values))\n")
    repo.commit("Fix shared, which counted equal values more than once", author=ADA)


def pieces(path: Path) -> Iterator[str]:
    """Everything that a file says: data files decompressed, databases row by row."""
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pydict())
    elif path.suffix == ".db":
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            yield from store.iterdump()
    else:
        yield path.read_bytes().decode("utf-8", errors="replace")


def hits(home: Path, *words: str) -> set[str]:
    """Files of a home that hold one of some words, in their path or content, in any case."""
    return {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file()
        for text in (str(path.relative_to(home)), *pieces(path))
        if any(word in text.lower() for word in words)
    }


class Interrupted(Warehouse):
    """A warehouse whose process ends when some tables have lost their rows and others have not."""

    def __init__(self, warehouse: Warehouse) -> None:
        super().__init__(warehouse.spark, warehouse.root, warehouse.staging)

    def delete_keys(self, table: Table, keys: DataFrame) -> None:
        """Delete up to the table from which the lost texts are known."""
        if table is FILE_CHANGES:
            raise InterruptedError
        super().delete_keys(table, keys)


class World(NamedTuple):
    """A home that was run over two repositories, and then forgot one and a person of the other."""

    place: Place
    diary: RepositoryBuilder
    before: set[str]
    mixed: str
    done: list[Removal]


def read_again(place: Place) -> None:
    """Everything up to the pairs; what follows starts from their versions."""
    place.run_tasks(
        "plan_history", "ingest_git", "plan_collaboration", "ingest_collaboration",
        "profile_repos", "link_changes", "parse_functions", "extract_pairs",
        "pair_issues", "pair_reviews",
    )  # fmt: skip


def content(home: Path) -> dict[str, list[str]]:
    """What the tables of bronze and silver hold, but for who wrote it when."""
    return {
        name: sorted(
            repr([row[column] for column in table.content_columns])
            for row in compare.read_rows(home, table)
        )
        for name, table in TABLES.items()
        if table.schema in ("bronze", "silver")
    }


@pytest.fixture(scope="module")
def world(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("forget")
    tally = sample_project(folder / "tally", commits=4)
    tally.git("remote", "add", "origin", "https://github.com/ada/tally")
    add_eve(tally)
    other = diary(folder / OF_REPOSITORY)
    place = Place(
        spark,
        folder / "home",
        named=(tally.path, other.path),
        conf=write_conf(folder / "conf", {"score.bar": {"score": 0.0}}),  # each pair is in the mix
    )
    fetched(place.root, tally.path)
    place.run()
    context = place.context()
    export_mix(context, None, None, 100)
    mixed = compare.mix_version(place.root)
    left = place.root / "staging" / "left" / "rows.txt"
    left.parent.mkdir(parents=True)
    left.write_text(OF_AUTHOR, encoding="utf-8")
    before = hits(place.root, OF_REPOSITORY, OF_AUTHOR)
    gone = plan_removal(context, find_subject(context, f"ada/{OF_REPOSITORY}"))
    forget(context, gone)
    author = plan_removal(context, find_subject(context, f"@{OF_AUTHOR.upper()}"))
    with pytest.raises(InterruptedError):
        forget(replace(context, warehouse=Interrupted(context.warehouse)), author)
    (finished,) = finish_interrupted(place.context())
    assert finished.subject == author.removal.subject
    return World(place, other, before, mixed, [gone.removal, author.removal])


def test_no_file_of_the_home_holds_what_was_forgotten(world: World) -> None:
    for table in ("commits", "blobs", "issues", "comments", "review_comments", "timeline_events"):
        assert any(f"bronze/{table}/" in name for name in world.before), table
    for part in (
        *("silver/pairs/", "silver/functions/", "ops/batches/", "ops/inputs/"),
        *("exports/", "mlartifacts/", "staging/", "landing/github/ada/tally/"),
        f"landing/github/ada/{OF_REPOSITORY}/",
    ):
        assert any(part in name for name in world.before), part
    assert hits(world.place.root, OF_REPOSITORY, OF_AUTHOR) == set()
    assert not (world.place.root / "landing/github/ada" / OF_REPOSITORY).exists()


def test_the_removals_say_what_went_and_no_name(world: World) -> None:
    gone, author = world.done
    ids = {row["repo_id"] for row in compare.read_rows(world.place.root, TABLES["bronze.repos"])}
    assert gone.subject not in ids
    assert len(ids) == 1
    assert gone.removed["bronze.commits"] == 2
    assert gone.removed["bronze.issues"] == 1
    expected = {"commits": 2, "mainline": 2, "file_changes": 3, "blobs": 3, "issues": 1}
    expected |= {"comments": 1, "review_comments": 1, "timeline_events": 1}
    for name, count in expected.items():
        assert author.removed[f"bronze.{name}"] == count, name
    assert author.removed["silver.functions"] == 1
    assert gone.mixes == {world.mixed: 1}
    assert author.mixes == {world.mixed: author.removed["silver.pairs"]}
    rows = compare.read_rows(world.place.root, REMOVALS)
    assert sorted(r["subject"] for r in rows) == sorted(x.subject for x in world.done)
    assert all(row["is_finished"] for row in rows)


def test_checksums_and_ledger_match_what_is_left(world: World) -> None:
    assert verify_all(world.place.context()).faults == ()
    for row in compare.read_rows(world.place.root, TABLES["ops.row_ledger"]):
        assert row["input_keys"] == row["used"] + row["rejected"] + row["merged"], row


def test_a_mix_that_lost_pairs_is_not_exported(world: World, tmp_path: Path) -> None:
    with pytest.raises(RemovedError, match=r"the removal of a repository .* took 1 of its pairs"):
        export_mix(world.place.context(), world.mixed, tmp_path / "mix", 100)
    assert not (tmp_path / "mix").exists()


def test_what_names_nothing_is_refused(world: World) -> None:
    context = world.place.context()
    for nobody in ("nobody@example.org", "@nobody"):
        with pytest.raises(SourceError, match=f"Nothing in this home is by {nobody}"):
            find_subject(context, nobody)
    with pytest.raises(SourceError, match="`elsewhere` names 0 repositories"):
        find_subject(context, "elsewhere")


def test_a_run_goes_on_as_if_they_had_never_been(world: World, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"was removed on .* is not read again"):
        run_task(world.place.context(), "plan_history")
    again = world.place.having(named=world.place.named[:1], listed=(world.diary.path,))
    # The home is told again of what it forgot: by the sources, and by a file of GitHub's answers.
    fetched(again.root, again.named[0])
    read_again(again)
    (again.root / "landing/github/ada/tally/00000001.jsonl").unlink()
    shutil.rmtree(again.root / "landing/github/ada" / OF_REPOSITORY)
    assert hits(again.root / "warehouse", OF_AUTHOR) == set()
    rejects = {
        (r["reason"], r["task"]) for r in compare.read_rows(again.root, TABLES["ops.rejects"])
    }
    assert rejects >= {
        ("removed", "plan_history"),
        ("author_removed", "ingest_git"),
        ("author_removed", "ingest_collaboration"),
    }
    clean = again.having(root=tmp_path / "clean", listed=())
    fetched(clean.root, clean.named[0])
    context = clean.context()
    known = [without_mixes(removal) for removal in removals(again.context())]
    context = clean.context()
    context.warehouse.publish(REMOVALS, context.warehouse.rows(REMOVALS, known), Slice())
    read_again(clean)
    assert content(again.root) == content(clean.root)


def without_mixes(removal: Removal) -> dict[str, Any]:
    return removal._replace(mixes={}, recorded_at=datetime(2026, 1, 1, tzinfo=UTC)).as_row()
