"""A repository and an author are forgotten: no trace in the home, and runs go on without them."""

from __future__ import annotations

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
from etl.jobs.forget import find_subject, finish_interrupted, forget, plan_removal
from etl.jobs.removals import Removal, removals
from etl.jobs.run import TASKS, run_task
from etl.jobs.verify import verify_all
from etl.schemas import TABLES, Table
from etl.schemas.bronze import FILE_CHANGES
from etl.schemas.ops import REMOVALS
from tests.e2e import compare
from tests.e2e.homes import Place
from tests.repositories import ADA, MIT, RepositoryBuilder, sample_project

EVE = ("Eve Quillfeather", "eve@quillfeather.example")
OF_REPOSITORY, OF_AUTHOR = "brambleknot", "quillfeather"


def diary(path: Path) -> RepositoryBuilder:
    """A repository that says its marker in a message, a path, a text and a docstring."""
    repo = RepositoryBuilder(path)
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
    """Files of a home that hold one of some words, in their name or content, in any case."""
    return {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file()
        for text in (path.name, *pieces(path))
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
    """A home that was run over two repositories, and then forgot one and an author of the other."""

    place: Place
    diary: RepositoryBuilder
    before: set[str]
    mixed: str
    done: list[Removal]


def run_to_the_mix(place: Place) -> None:
    context = place.context()
    for name in TASKS:
        if name != "track_mix":
            run_task(context, name)


@pytest.fixture(scope="module")
def world(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("forget")
    tally = sample_project(folder / "tally", commits=8)
    add_eve(tally)
    other = diary(folder / "diary")
    place = Place(spark, folder / "home", named=(tally.path, other.path))
    place.run()
    context = place.context()
    export_mix(context, None, None, 100)
    mixed = compare.mix_version(place.root)
    left = place.root / "staging" / "left" / "rows.txt"
    left.parent.mkdir(parents=True)
    left.write_text(OF_AUTHOR, encoding="utf-8")
    before = hits(place.root, OF_REPOSITORY, OF_AUTHOR)
    repository = plan_removal(context, find_subject(context, str(other.path)))
    forget(context, repository)
    author = plan_removal(context, find_subject(context, EVE[1].upper()))
    with pytest.raises(InterruptedError):
        forget(replace(context, warehouse=Interrupted(context.warehouse)), author)
    (finished,) = finish_interrupted(place.context())
    assert finished.subject == author.removal.subject
    return World(place, other, before, mixed, [repository.removal, author.removal])


def test_no_file_of_the_home_holds_what_was_forgotten(world: World) -> None:
    for table in ("commits", "file_changes", "blobs"):
        assert any(f"bronze/{table}/" in name for name in world.before)
    for part in ("silver/pairs/", "silver/functions/", "exports/", "mlartifacts/", "staging/"):
        assert any(part in name for name in world.before), part
    assert hits(world.place.root, OF_REPOSITORY, OF_AUTHOR) == set()


def test_the_removals_say_what_went_and_no_name(world: World) -> None:
    repository, author = world.done
    ids = {row["repo_id"] for row in compare.read_rows(world.place.root, TABLES["bronze.repos"])}
    assert repository.subject not in ids
    assert repository.removed["bronze.commits"] == 2
    assert author.removed["bronze.commits"] == 2
    assert author.removed["bronze.file_changes"] == 3
    assert author.removed["bronze.blobs"] == 3
    assert author.removed["silver.functions"] == 1
    assert repository.mixes == {world.mixed: 1}
    assert author.mixes == {world.mixed: author.removed["silver.pairs"]}
    rows = compare.read_rows(world.place.root, REMOVALS)
    assert sorted(r["subject"] for r in rows) == sorted(x.subject for x in world.done)
    assert all(row["is_finished"] for row in rows)


def test_the_checksums_match_what_is_left(world: World) -> None:
    assert verify_all(world.place.context()).faults == ()


def test_a_mix_that_lost_pairs_is_not_exported(world: World, tmp_path: Path) -> None:
    with pytest.raises(RemovedError, match=r"the removal of a repository .* took 1 of its pairs"):
        export_mix(world.place.context(), world.mixed, tmp_path / "mix", 100)
    assert not (tmp_path / "mix").exists()


def test_what_names_nothing_is_refused(world: World) -> None:
    context = world.place.context()
    with pytest.raises(SourceError, match=r"No commit in this home is by nobody@example\.org"):
        find_subject(context, "nobody@example.org")
    with pytest.raises(SourceError, match="`elsewhere` names 0 repositories"):
        find_subject(context, "elsewhere")


def test_a_run_goes_on_as_if_they_had_never_been(world: World, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"was removed on .* is not read again"):
        run_task(world.place.context(), "plan_history")
    tally = world.place.named[:1]
    again = world.place.having(named=tally, listed=(world.diary.path,))
    run_to_the_mix(again)
    assert hits(again.root, OF_AUTHOR) == set()
    rejects = {
        (r["reason"], r["task"]) for r in compare.read_rows(again.root, TABLES["ops.rejects"])
    }
    assert {("removed", "plan_history"), ("author_removed", "ingest_git")} <= rejects
    clean = again.having(root=tmp_path / "clean", listed=())
    context = clean.context()
    known = [replaced_mixes(removal) for removal in removals(again.context())]
    context = clean.context()
    context.warehouse.publish(REMOVALS, context.warehouse.rows(REMOVALS, known), Slice())
    run_to_the_mix(clean)
    assert compare.differences(compare.data(again.root), compare.data(clean.root)) == {}
    left = [row for row in compare.rejects(again.root) if row[0] != "plan_history"]
    assert left == compare.rejects(clean.root)


def replaced_mixes(removal: Removal) -> dict[str, Any]:
    return removal._replace(mixes={}, recorded_at=datetime(2026, 1, 1, tzinfo=UTC)).as_row()
