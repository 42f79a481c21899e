"""Corpora in a home: read by repository, judged like any other, and giving way to git."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from etl.bronze.ingest_corpus import CorpusColumns, CorpusParams
from etl.bronze.sources import digest, parse_source
from etl.errors import ConfigError, SourceError
from etl.jobs.context import Context
from etl.jobs.removals import REPOSITORY, Removal, record_removal
from etl.jobs.run import run_task
from etl.jobs.verify import verify_all
from etl.schemas import TABLES
from etl.schemas.silver import REPO_PROFILES
from tests.contexts import open_home
from tests.repositories import MIT, RepositoryBuilder, sample_project

GPL = "SPDX-License-Identifier: GPL-3.0-only\n"
CODE = 'def double(x):\n    """Twice x."""\n    return 2 * x\n'
ADA, BOB, EVE = (digest("repository", f"github.com/{x}") for x in ("ada/tally", "bob/b", "eve/e"))


def stack(path: Path, *rows: tuple[str, str, str]) -> CorpusParams:
    """A Parquet corpus in the layout of The Stack, its files given as repository, path, text."""
    names = ("max_stars_repo_name", "max_stars_repo_path", "content")
    path.mkdir(exist_ok=True)
    table = pa.Table.from_pylist(
        [{**dict(zip(names, row, strict=True)), "lang": "Python"} for row in rows],
        schema=pa.schema(
            [(name, pa.string()) for name in (*names, "hexsha", "lang")]
            + [("max_stars_repo_head_hexsha", pa.string())]
        ),
    )
    pq.write_table(table, path / "part.parquet")
    return CorpusParams(
        name=path.name, path=str(path), format="parquet", named=True, layout="the-stack-v1"
    )


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    repo = sample_project(tmp_path_factory.mktemp("git") / "tally", commits=4)
    repo.git("remote", "add", "origin", "git@github.com:Ada/Tally.git")
    return repo


def having(context: Context, *corpora: CorpusParams, **changes: Any) -> Context:
    config = context.config.model_copy(update={"corpora": corpora})
    return replace(context, config=config, **changes)


def rows(context: Context, table: str, *columns: str, where: str = "true") -> set[tuple[Any, ...]]:
    found = context.warehouse.read(TABLES[table]).where(where).select(*columns).collect()
    assert len(set(found)) == len(found)
    return {tuple(row) for row in found}


def reasons(context: Context) -> set[tuple[str, str, str]]:
    found = rows(context, "ops.rejects", "batch_id", "key", "reason", where="task='ingest_corpus'")
    return {(batch.split(" ")[1], key, reason) for batch, key, reason in found}


def test_corpora_over_their_life(
    spark: SparkSession, tmp_path: Path, tally: RepositoryBuilder
) -> None:
    first = stack(
        tmp_path / "first",
        ("ada/tally", "LICENSE", MIT),
        ("ada/tally", "tally/old.py", CODE),
        ("bob/b", "LICENSE", MIT),
        ("Bob/b", "b.py", CODE),
        ("nobody", "x.py", CODE),
    )
    place = str(tmp_path / "second")
    texts = [("eve/e", "LICENSE", GPL), ("eve/e", "e.py", CODE), ("bob/b", "other.py", CODE)]
    spark.createDataFrame(texts, "repo string, file string, body string").write.format(
        "delta"
    ).save(place)
    columns = CorpusColumns(repository="repo", path="file", content="body")
    second = CorpusParams(
        name="second", path=place, format="delta", named=False, layout="columns", columns=columns
    )
    home = having(open_home(spark, tmp_path / "home"), first, second)

    # 3 repositories and the rows of each corpus that name none; bob's second copy loses.
    assert run_task(home, "ingest_corpus").units == 6
    files = {
        (ADA, "LICENSE"), (ADA, "tally/old.py"), (BOB, "LICENSE"), (BOB, "b.py"),
        (EVE, "LICENSE"), (EVE, "e.py"),
    }  # fmt: skip
    assert rows(home, "bronze.files", "repo_id", "path") == files
    assert rows(home, "bronze.blobs", "repo_id", "text") == {
        (ADA, MIT), (ADA, CODE), (BOB, MIT), (BOB, CODE), (EVE, GPL), (EVE, CODE),
    }  # fmt: skip
    oid = tally.hash_object("blob", CODE.encode())
    left_out = {
        ("first", f"row nobody x.py {oid}", "no_repository"),
        ("second", f"repository {BOB}", "repository_in_another_corpus"),
    }
    assert reasons(home) == left_out
    assert run_task(home, "ingest_corpus").units == 0

    for name in ("profile_repos", "parse_functions"):
        run_task(home, name)
    profiles = {r["repo_id"]: r for r in home.warehouse.read(REPO_PROFILES).collect()}
    assert {repo: (r["licence"], r["keep"], r["reasons"]) for repo, r in profiles.items()} == {
        ADA: ("MIT", True, []),
        BOB: ("MIT", True, []),
        EVE: (
            "GPL-3.0-only",
            False,
            [profiles[EVE]["licence_reason"], *profiles[EVE]["activity_reasons"]],
        ),
    }
    assert {"too_few_commits", "inactive"} <= set(profiles[EVE]["activity_reasons"])
    functions = rows(home, "silver.functions", "repo_id", "path", "docstring")
    assert functions == {(ADA, "tally/old.py", "Twice x."), (BOB, "b.py", "Twice x.")}

    # One repository is read from git now, one has changed, and the second corpus is no more.
    changed = stack(
        tmp_path / "first",
        ("ada/tally", "LICENSE", MIT),
        ("bob/b", "LICENSE", MIT),
        ("Bob/b", "c.py", CODE),
    )
    source = parse_source(str(tally.path), named=True)
    grown = having(home, changed, sources=(source,))
    for name in ("plan_history", "ingest_git"):
        run_task(grown, name)
    assert run_task(grown, "ingest_corpus").units == 3, "ada, bob, and the corpus itself"
    tree = set(tally.git("ls-tree", "-r", "--name-only", "HEAD").splitlines())
    assert rows(grown, "bronze.files", "repo_id", "path") == {
        *((ADA, path) for path in tree), (BOB, "LICENSE"), (BOB, "c.py"),
    }  # fmt: skip
    assert reasons(grown) == {("first", f"repository {ADA}", "repository_read_from_git")}
    heads = rows(grown, "bronze.repos", "repo_id", "head_oid")
    assert heads == {(ADA, tally.head), (BOB, None)}

    # What is forgotten stays out, though the corpus has it still.
    now = datetime(2026, 1, 31, tzinfo=UTC)
    record_removal(grown, Removal(REPOSITORY, BOB, (BOB,), {}, {}, True, now))
    assert run_task(grown, "ingest_corpus").units == 1
    assert rows(grown, "bronze.repos", "repo_id") == {(ADA,)}
    assert reasons(grown) == {
        ("first", f"repository {ADA}", "repository_read_from_git"),
        ("first", f"repository {BOB}", "repository_removed"),
    }
    assert verify_all(grown).faults == ()


def test_a_mistake_about_a_corpus_is_one_message(spark: SparkSession, tmp_path: Path) -> None:
    home = open_home(spark, tmp_path / "home")
    right = stack(tmp_path / "x", ("a/b", "x.py", CODE))
    for kind in ("parquet", "delta"):
        absent = right.model_copy(update={"path": str(tmp_path / "nowhere"), "format": kind})
        with pytest.raises(SourceError, match=f"no {kind} table at .*nowhere"):
            run_task(having(home, absent), "ingest_corpus")
    other = right.model_copy(update={"layout": "the-stack-v2"})
    with pytest.raises(ConfigError, match=r"repository: the column repo_name is missing.*hexsha"):
        run_task(having(home, other), "ingest_corpus")
