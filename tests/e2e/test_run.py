"""The whole job on small repositories, against oracles: git, `deltalake`, SQLite, sha256sum."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from etl.jobs.context import Done
from etl.jobs.export import export_mix
from etl.jobs.verify import Verification, verify_all
from etl.schemas import TABLES, collaboration
from etl.schemas.ops import FETCH_QUEUE, INPUTS, REMOVALS
from etl.schemas.table import Table
from tests.e2e import compare
from tests.e2e.homes import Place, write_conf
from tests.repositories import RepositoryBuilder, copy_of, sample_project

# Read from files that this world lacks, and it forgets nothing; test_forget.py has both.
UNUSED = {table.full_name for table in (*collaboration.TABLES, FETCH_QUEUE, INPUTS, REMOVALS)}
USED = {name: table for name, table in TABLES.items() if name not in UNUSED}
DATA_TABLES = [table for table in USED.values() if table.schema != "ops"]
GPL = (
    "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n\n"
    "SPDX-License-Identifier: GPL-3.0-or-later\n"
)
BENCHMARKS = {
    "benchmarks": [
        {
            "name": "tiny",
            "path": str(Path(__file__).with_name("benchmark.jsonl")),
            "format": "humaneval",
        }
    ]
}
CHANGES = {
    "ingest.blob_bytes": 1000,
    "profile.activity.min_commits": 5,
    "extract.max_changed_lines": 12,
    "score.bar": {"score": 0.3},
    "dedup.threshold": 0.9,
}


class World(NamedTuple):
    """Repositories on disk, a home that was run over them, and what each task did."""

    tally: RepositoryBuilder
    notes: RepositoryBuilder
    copyleft: RepositoryBuilder
    listed: Path
    place: Place
    done: dict[str, Done]
    folder: Path

    def copy(self, name: str, **changes: Any) -> Place:
        """A copy of the home, which may be run otherwise or damaged."""
        root = self.folder / name
        shutil.copytree(self.place.root, root)
        return self.place.having(root=root, **changes)


def _copyleft(path: Path) -> RepositoryBuilder:
    repo = RepositoryBuilder(path)
    repo.write("COPYING", GPL)
    repo.write("calc.py", '"""Sums."""\n\n\ndef add(a, b):\n    return a + b\n')
    repo.commit("Initial import")
    repo.edit("calc.py", "    return a + b\n", "    return int(a) + int(b)\n")
    repo.commit("Fix add for numbers that are given as text")
    return repo


def _refused_pull(repo: RepositoryBuilder) -> None:
    """A pull request that was closed without being merged: only its reference is left."""
    before = repo.head
    repo.write("draft.py", "def draft():\n    return 1\n")
    repo.git("update-ref", "refs/pull/4/head", repo.commit("Add a draft that review turned down"))
    repo.git("reset", "--quiet", "--hard", before)


@pytest.fixture(scope="module")
def world(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    tally = sample_project(folder / "tally")
    notes = sample_project(folder / "notes", commits=6)
    _refused_pull(notes)
    copyleft = _copyleft(folder / "copyleft")
    listed = copy_of(notes, folder / "listed")
    place = Place(
        spark,
        folder / "home",
        named=(tally.path, notes.path, copyleft.path),
        listed=(listed,),
        conf=write_conf(folder / "conf", BENCHMARKS),
    )
    return World(tally, notes, copyleft, listed, place, place.run(), folder)


def rows_of(home: Path, name: str) -> list[dict[str, Any]]:
    return compare.read_rows(home, TABLES[name])


def repo_ids(home: Path) -> dict[str, str]:
    """Identity of each repository by the name of its folder."""
    return {
        row["source"].rpartition("/")[2]: row["repo_id"] for row in rows_of(home, "bronze.repos")
    }


@pytest.mark.parametrize("table", USED.values(), ids=USED)
def test_every_table_is_a_delta_table_with_its_columns_and_unique_keys(
    world: World, table: Table
) -> None:
    folder = world.place.root / "warehouse" / table.schema / table.name
    delta = DeltaTable(str(folder))
    assert [field.name for field in delta.schema().fields] == table.struct.names
    assert all(field.metadata.get("comment") for field in delta.schema().fields)
    rows = compare.read_rows(world.place.root, table)
    assert rows
    keys = Counter(repr([row[name] for name in table.key]) for row in rows)
    assert keys.most_common(1)[0][1] == 1
    assert not [name for name in table.required for row in rows if row[name] is None]


def test_bronze_holds_what_git_says(world: World) -> None:
    ids = repo_ids(world.place.root)
    commits = rows_of(world.place.root, "bronze.commits")
    mainline = rows_of(world.place.root, "bronze.mainline")
    changes = rows_of(world.place.root, "bronze.file_changes")
    files = rows_of(world.place.root, "bronze.files")
    for name, repo in (
        ("tally", world.tally),
        ("notes", world.notes),
        ("copyleft", world.copyleft),
    ):
        mine = [row for row in commits if row["repo_id"] == ids[name]]
        everything = repo.git("rev-list", "HEAD", "--glob=refs/pull/*/head").split()
        assert sorted(row["commit_oid"] for row in mine) == sorted(everything)
        on_it = [row["commit_oid"] for row in mainline if row["repo_id"] == ids[name]]
        assert sorted(on_it) == sorted(repo.git("rev-list", "HEAD").split())
        found = {row["path"]: row["blob_oid"] for row in files if row["repo_id"] == ids[name]}
        tree = (line.split(None, 3) for line in repo.git("ls-tree", "-r", "HEAD").splitlines())
        assert found == {path: oid for _, _, oid, path in tree}
        for row in mine:
            told = repo.git(
                "diff-tree", "-r", "-M", "--root", "--no-commit-id", "--name-only",
                row["commit_oid"],
            )  # fmt: skip
            assert {c["path"] for c in changes if c["commit_oid"] == row["commit_oid"]
                    and c["repo_id"] == ids[name]} == set(told.splitlines())  # fmt: skip


def test_texts_are_those_of_git(world: World) -> None:
    repo_id = repo_ids(world.place.root)["tally"]
    blobs = [row for row in rows_of(world.place.root, "bronze.blobs") if row["repo_id"] == repo_id]
    for row in blobs:
        text = world.tally.git_bytes("cat-file", "blob", row["blob_oid"])
        assert (row["text"].encode("utf-8"), row["size"]) == (text, len(text))


def _expected_sums(home: Path) -> dict[tuple[str, str, str], tuple[int, int, int, int]]:
    """Sums of the ledger, counted anew from the tables: input, used, rejected, merged."""
    rejected: Counter[tuple[str, str, str]] = Counter(
        {
            (task, repo, batch): len(keys)
            for (task, repo, batch), keys in _grouped_rejects(home).items()
        }
    )
    found: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}

    def add(task: str, repo: str, batch: str, used: int, merged: int = 0) -> None:
        left_out = rejected[task, repo, batch]
        found[task, repo, batch] = (used + left_out + merged, used, left_out, merged)

    held = {
        name: rows_of(home, f"{name}")
        for name in (
            "bronze.commits", "bronze.mainline", "bronze.pull_heads", "bronze.file_changes",
            "bronze.blobs", "bronze.files", "silver.functions", "silver.pairs",
            "gold.scored_pairs", "gold.duplicates",
        )
    }  # fmt: skip

    def count(name: str, repo: str, batch: str) -> int:
        return sum(1 for r in held[name] if (r["repo_id"], r["batch_id"]) == (repo, batch))

    for row in rows_of(home, "ops.batches"):
        unit = (row["repo_id"], row["batch_id"])
        bronze = [name for name in held if name.startswith("bronze.")]
        add("ingest_git", *unit, sum(count(name, *unit) for name in bronze))
        add("profile_repos", *unit, 1)
        parsed = {r["path"] for r in held["silver.functions"] if r["repo_id"] == unit[0]}
        add("parse_functions", *unit, len(parsed))
        add("extract_pairs", *unit, count("silver.pairs", *unit))
        add("score_pairs", *unit, count("gold.scored_pairs", *unit))
        mine = [r for r in held["gold.duplicates"] if (r["repo_id"], r["batch_id"]) == unit]
        kept = sum(row["is_kept"] for row in mine)
        add("link_duplicates", *unit, kept, merged=len(mine) - kept)
    add("ingest_benchmarks", "*", "tiny", len(rows_of(home, "bronze.benchmarks")))
    add("build_mix", "*", "default", len(rows_of(home, "gold.mix_pairs")))
    return found


def _grouped_rejects(home: Path) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in rows_of(home, "ops.rejects"):
        found.setdefault((row["task"], row["repo_id"], row["batch_id"]), set()).add(row["key"])
    return found


def test_the_ledger_closes_and_equals_the_tables(world: World) -> None:
    home = world.place.root
    ledger = {
        (row["task"], row["repo_id"], row["batch_id"]): (
            row["input_keys"], row["used"], row["rejected"], row["merged"],
        )
        for row in rows_of(home, "ops.row_ledger")
        # A link is made of several references, and some follow from others: they sum to no rows.
        if row["task"] not in ("track_mix", "link_changes")
    }  # fmt: skip
    assert ledger == _expected_sums(home)
    assert all(sums[0] == sum(sums[1:]) for sums in ledger.values())
    commits = len(rows_of(home, "bronze.mainline"))
    assert sum(s[0] for (task, *_), s in ledger.items() if task == "extract_pairs") == commits


def test_every_commit_is_a_pair_or_has_one_reason(world: World) -> None:
    home = world.place.root
    fates = Counter(
        (row["repo_id"], f"commit {row['commit_oid']}") for row in rows_of(home, "silver.pairs")
    )
    fates.update(
        (row["repo_id"], row["key"])
        for row in rows_of(home, "ops.rejects")
        if row["task"] == "extract_pairs"
    )
    commits = {
        (row["repo_id"], f"commit {row['commit_oid']}") for row in rows_of(home, "bronze.mainline")
    }
    assert set(fates) == commits
    assert set(fates.values()) == {1}
    reasons = {row["reason"] for row in rows_of(home, "ops.rejects")}
    assert {"merge", "repository_rejected"} <= reasons


def test_each_response_applies_to_the_parent_and_gives_the_commit(
    world: World, tmp_path: Path
) -> None:
    repo_id = repo_ids(world.place.root)["tally"]
    pairs = [row for row in rows_of(world.place.root, "silver.pairs") if row["repo_id"] == repo_id]
    assert len(pairs) >= 12
    for number, pair in enumerate(pairs):
        tree = tmp_path / str(number)
        tree.mkdir()
        oid = pair["commit_oid"]
        parents = world.tally.git("rev-parse", f"{oid}^@").split()
        if parents:
            archive = world.tally.git_bytes("archive", parents[0])
            subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
        applied = subprocess.run(
            ["git", "apply", "-"],
            cwd=tree,
            input=pair["response"].encode("utf-8"),
            env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path)},
            capture_output=True,
            check=False,
        )
        assert applied.returncode == 0, applied.stderr.decode()
        after = set(world.tally.git("ls-tree", "-r", "--name-only", oid).splitlines())
        assert pair["paths"]
        for path in pair["paths"]:
            if path in after:
                wanted = world.tally.git_bytes("cat-file", "blob", f"{oid}:{path}")
                assert (tree / path).read_bytes() == wanted
            else:
                assert not (tree / path).exists()


def test_the_context_does_not_hold_the_answer(world: World) -> None:
    repo_id = repo_ids(world.place.root)["tally"]
    seen = 0
    for pair in rows_of(world.place.root, "silver.pairs"):
        if pair["repo_id"] != repo_id:
            continue
        parents = world.tally.git("rev-parse", f"{pair['commit_oid']}^@").split()
        before = world.tally.git("grep", "-h", "", parents[0]) if parents else ""
        added = {
            line[1:].strip()
            for line in pair["response"].splitlines()
            if line.startswith("+") and not line.startswith("+++")
        }
        new = {line for line in added if len(line) > 12 and line not in before}
        seen += len(new)
        assert not [line for line in new if line in pair["context"]]
    assert seen > 30


def test_a_named_repository_is_kept_whatever_its_activity_and_a_listed_one_is_not(
    world: World,
) -> None:
    ids = repo_ids(world.place.root)
    profiles = {row["repo_id"]: row for row in rows_of(world.place.root, "silver.repo_profiles")}
    named, listed = profiles[ids["notes"]], profiles[ids["listed"]]
    assert (named["keep"], named["reasons"], named["licence"]) == (True, [], "MIT")
    assert named["activity_reasons"] == listed["activity_reasons"] == listed["reasons"] != []
    assert not listed["keep"]
    pairs = Counter(row["repo_id"] for row in rows_of(world.place.root, "silver.pairs"))
    assert pairs[ids["notes"]] > 0
    assert pairs[ids["listed"]] == 0


def test_a_copyleft_repository_is_rejected_even_when_it_is_named(world: World) -> None:
    repo_id = repo_ids(world.place.root)["copyleft"]
    profiles = {row["repo_id"]: row for row in rows_of(world.place.root, "silver.repo_profiles")}
    profile = profiles[repo_id]
    assert profile["named"]
    assert not profile["keep"]
    assert profile["licence"].startswith("GPL-3.0")
    assert profile["reasons"] == [profile["licence_reason"]] != [None]
    assert not [r for r in rows_of(world.place.root, "silver.pairs") if r["repo_id"] == repo_id]


def test_copies_across_repositories_are_merged_into_one(world: World) -> None:
    rows = {row["pair_id"]: row for row in rows_of(world.place.root, "gold.duplicates")}
    ids = repo_ids(world.place.root)
    levels = Counter(row["level"] for row in rows.values())
    assert levels["exact"] >= 2
    assert levels["near"] >= 2  # the change that the sample project makes twice
    for row in rows.values():
        kept = rows[row["kept_pair_id"]]
        assert kept["is_kept"]
        assert row["is_kept"] == (row["pair_id"] == row["kept_pair_id"])
    assert not [
        row for row in rows.values() if row["repo_id"] == ids["notes"] and row["level"] == "unique"
    ]


def test_a_mix_is_one_finished_mlflow_run_with_its_inputs_and_manifest(world: World) -> None:
    home = world.place.root
    version = compare.mix_version(home)
    with sqlite3.connect(f"file:{home / 'mlflow.db'}?mode=ro", uri=True) as store:
        runs = store.execute(
            "SELECT r.run_uuid, r.status, r.artifact_uri FROM runs r JOIN tags t USING (run_uuid) "
            "WHERE t.key = 'codesluice.mix_version' AND t.value = ?",
            (version,),
        ).fetchall()
        assert [status for _, status, _ in runs] == ["FINISHED"]
        run_id, _, address = runs[0]
        inputs = {
            name
            for (name,) in store.execute(
                "SELECT d.name FROM datasets d JOIN inputs i ON i.source_id = d.dataset_uuid "
                "WHERE i.destination_id = ?",
                (run_id,),
            )
        }
        params = dict(store.execute("SELECT key, value FROM params WHERE run_uuid = ?", (run_id,)))
    assert {"silver.pairs", "gold.scored_pairs", "gold.duplicates", "gold.mix_pairs"} <= inputs
    assert params["mix"] == "default"
    folder = Path(address.removeprefix("file://"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == version
    assert manifest["rows"] == len(rows_of(home, "gold.mix_pairs"))
    now = compare.delta_versions(home)
    assert manifest["tables"] == {name: now[name] for name in manifest["tables"]}
    assert (folder / "mix.png").stat().st_size > 1000
    assert "**Instruction**" in (folder / "sample.md").read_text(encoding="utf-8")


def test_running_again_changes_no_table(world: World) -> None:
    before, rows = compare.delta_versions(world.place.root), compare.snapshot(world.place.root)
    done = world.place.run()
    assert {name: one.units for name, one in done.items()} == dict.fromkeys(done, 0)
    assert compare.delta_versions(world.place.root) == before
    assert compare.snapshot(world.place.root) == rows


def test_an_export_is_the_same_bytes_each_time_and_sha256sum_accepts_it(
    world: World, tmp_path: Path
) -> None:
    context = world.place.context()
    reports = [export_mix(context, None, tmp_path / name, 7) for name in ("one", "two")]
    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    ]
    assert contents[0] == contents[1]
    assert reports[0]["digest"] == reports[1]["digest"]
    for name in ("one", "two"):
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
            cwd=tmp_path / name,
            check=True,
        )
    chats = [
        json.loads(line)
        for name in sorted(contents[0])
        if name.endswith(".jsonl")
        for line in contents[0][name].decode("utf-8").splitlines()
    ]
    members = sorted(rows_of(world.place.root, "gold.mix_pairs"), key=lambda row: row["position"])
    assert [chat["pair_id"] for chat in chats] == [row["pair_id"] for row in members]
    assert len([name for name in contents[0] if name.endswith(".parquet")]) == -(-len(members) // 7)


def test_verify_finds_nothing_on_a_healthy_home(world: World) -> None:
    report = verify_all(world.place.context())
    assert report.faults == ()
    assert report.files >= len(DATA_TABLES)


def _data_file(home: Path, table: str, column: str = "batch_id") -> tuple[Path, set[str]]:
    """The first data file of a table, and the batches whose rows it holds."""
    delta = DeltaTable(str(home / "warehouse" / Path(*table.split("."))))
    path = Path(sorted(delta.file_uris())[0].removeprefix("file://"))
    from pyarrow import parquet

    return path, set(parquet.read_table(path, columns=[column])[column].to_pylist())


def _verified(place: Place) -> Verification:
    return verify_all(place.context())


def test_verify_names_the_file_with_a_flipped_byte(world: World) -> None:
    place = world.copy("flipped")
    path, batches = _data_file(place.root, "silver.pairs")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (fault,) = _verified(place).faults
    assert (fault.table, fault.file) == ("silver.pairs", path.name)
    assert set(fault.batch_id.split(", ")) == batches
    assert "SHA-256" in fault.what


def test_verify_names_the_file_that_is_gone(world: World) -> None:
    place = world.copy("gone")
    path, batches = _data_file(place.root, "bronze.commits")
    path.unlink()
    (fault,) = _verified(place).faults
    assert (fault.table, fault.file) == ("bronze.commits", path.name)
    assert set(fault.batch_id.split(", ")) == batches
    assert "missing" in fault.what


def test_verify_names_rows_that_nobody_recorded(world: World) -> None:
    place = world.copy("appended")
    folder = str(place.root / "warehouse" / "gold" / "scored_pairs")
    before = set(DeltaTable(folder).file_uris())
    frame = place.spark.read.format("delta").load(folder)
    row = frame.orderBy("pair_id").limit(1)
    batch = row.collect()[0]["batch_id"]
    row.write.format("delta").mode("append").save(folder)
    (added,) = set(DeltaTable(folder).file_uris()) - before
    (fault,) = _verified(place).faults
    assert fault.table == "gold.scored_pairs"
    assert fault.batch_id == batch
    assert fault.file == added.rpartition("/")[2]


@contextmanager
def _shuffle_partitions(spark: SparkSession, count: int) -> Iterator[None]:
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", str(count))
    try:
        yield
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", str(before))


def _leave_an_unfinished_mix(place: Place) -> None:
    """What a run leaves that is killed right after the pairs of a mix were published."""
    folder = str(place.root / "warehouse" / "gold" / "mix_pairs")
    rows = place.spark.read.format("delta").load(folder).withColumn("mix_version", f.lit("f" * 64))
    rows.write.format("delta").mode("append").save(folder)


def test_new_commits_another_config_and_a_rewritten_tip(world: World) -> None:
    """Last, since it changes the repository that the other tests read.

    Config A, then more commits, then B on one home: each adds or replaces what it should, and the
    end equals B alone on another home, in another order and partitioning. A names a benchmark,
    which B does not.
    """
    place = world.copy("grown")
    earlier = {table: _batches_by_key(place, table) for table in DATA_TABLES}
    repo = world.tally
    repo.edit("tally/report.py", "totals = [", "pairs = totals = [")
    repo.edit("tally/money.py", "count=3", "count=5")
    repo.commit("Return five labels from largest by default, as the page shows five lines")
    oid = repo.head
    done = place.run_tasks("plan_history", "ingest_git", "profile_repos", "extract_pairs")
    assert {name: one.units for name, one in done.items()} == dict.fromkeys(done, 1)
    for table, known in earlier.items():
        now = _batches_by_key(place, table)
        assert {key: now.get(key) for key in known} == known, table.full_name
        assert {now[key] for key in now.keys() - known.keys()}.isdisjoint(known.values())

    then = place.having(conf=write_conf(world.folder / "conf-b", CHANGES))
    _leave_an_unfinished_mix(then)
    before = compare.mix_version(place.root)
    done = then.run()
    again = ("ingest_git", "profile_repos", "extract_pairs", "score_pairs", "build_mix")
    assert min(done[name].units for name in again) > 0
    clean = then.having(
        root=world.folder / "only-b",
        named=tuple(reversed(then.named)),
        conf=write_conf(world.folder / "conf-ranges", CHANGES | {"plan.rows_per_range": 9}),
    )
    with _shuffle_partitions(world.place.spark, 5):
        clean.run()
    assert compare.differences(compare.data(then.root), compare.data(clean.root)) == {}
    assert set(compare.rejects(then.root)) == set(compare.rejects(clean.root))
    assert compare.mix_version(then.root) == compare.mix_version(clean.root) != before
    assert {"blob_too_large", "diff_too_large"} <= {
        row["reason"] for row in rows_of(then.root, "ops.rejects")
    }

    repo.git("commit", "--quiet", "--amend", "--message", "Show five labels in largest by default")
    assert repo.head != oid
    then.run_tasks("plan_history", "ingest_git")
    commits = {row["commit_oid"] for row in rows_of(then.root, "bronze.commits")}
    assert {oid, repo.head} <= commits
    (row,) = [
        row
        for row in rows_of(then.root, "bronze.repos")
        if row["repo_id"] == repo_ids(then.root)["tally"]
    ]
    assert row["tips"] == [repo.head]
    assert verify_all(then.context()).faults == ()


def _batches_by_key(place: Place, table: Table) -> dict[str, str]:
    """The batch of each row of a table that keeps its batches apart."""
    if "batch_id" not in table.scope:
        return {}
    rows = compare.read_rows(place.root, table)
    return {repr([row[name] for name in table.key]): row["batch_id"] for row in rows}
