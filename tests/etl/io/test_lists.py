"""What a list of repositories may be, and what is said of one that is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.io.github import FetchParams
from etl.io.lists import is_table, read_list, read_table
from tests.github_server import Project, Reply, serving

FETCH = read_config(conf_folder()).fetch


@pytest.fixture(autouse=True)
def _no_proxy_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GH_TOKEN", raising=False)


def silent(note: str) -> None:
    raise AssertionError(f"nothing is left out, but: {note}")


def read(text: str, params: FetchParams = FETCH) -> list[str]:
    return read_list(text, params, silent)


def test_a_file_has_one_repository_a_line(tmp_path: Path) -> None:
    place = tmp_path / "Volumes.main.repos"  # a file goes before a table of that name
    place.write_text("# mine\n/srv/a.git\n\n  https://github.com/a/b \n", encoding="utf-8")
    assert not is_table(str(place))
    assert read(str(place)) == ["/srv/a.git", "https://github.com/a/b"]


def test_a_file_goes_before_a_pattern_and_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("main.ops.repos", "repos[1].txt"):
        Path(name).write_text("/srv/a.git\n", encoding="utf-8")
        assert not is_table(name)
        assert read(name) == ["/srv/a.git"]


def test_every_match_of_a_pattern_is_a_source(tmp_path: Path) -> None:
    for name in ("b.git", "a.git", "notes"):
        (tmp_path / name).mkdir()
    assert read(f"{tmp_path}/*.git") == [f"{tmp_path}/a.git", f"{tmp_path}/b.git"]
    assert read(f"{tmp_path}/[ab]?git") == [f"{tmp_path}/a.git", f"{tmp_path}/b.git"]


def test_what_is_no_list_is_refused_with_what_is_one(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for text, words in {
        f"{tmp_path}/*.git": "Nothing matches the pattern",
        f"{tmp_path}/repos.txt": "cannot be read: No such file",
        f"{tmp_path}": "cannot be read: Is a directory",
        f"{tmp_path}/binary": "is no text in UTF-8",
        "github:": "is no name of an account",
        "github:a/b": "is no name of an account",
    }.items():
        with pytest.raises(SourceError, match="github:ACCOUNT") as refusal:
            read(text)
        assert words in str(refusal.value)


@pytest.mark.parametrize("kind", ["orgs", "users"])
def test_an_account_lists_its_repositories_but_no_forks(kind: str) -> None:
    projects = [Project(f"Ada/{name}", number) for number, name in enumerate("cbade")]
    projects[3].fork = True
    notes: list[str] = []
    with serving(*projects, Project("Grace/other", 99)) as server:
        server.owners = {"Ada": kind}
        params = FETCH.model_copy(update={"api": server.url, "page_size": 2})
        found = read_list("github:Ada", params, notes.append)
        pages = server.asked(f"/{kind}/Ada/repos")
    assert found == [f"https://github.com/Ada/{name}.git" for name in "abce"]
    assert notes == ["github:Ada: 4 repositories; 1 forks are left out."]
    assert len(pages) == 3


def test_an_account_that_cannot_be_listed_is_named() -> None:
    with serving() as server:
        params = FETCH.model_copy(update={"api": server.url, "attempts": 1})
        with pytest.raises(SourceError, match="knows no organisation or user `ada`"):
            read("github:ada", params)
        server.replies = [("/orgs/", Reply(403, {"message": "Resource protected by SAML"}))]
        with pytest.raises(SourceError, match="forbidden: HTTP 403 Resource protected by SAML"):
            read("github:ada", params)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("main.ops.repos", True),
        ("delta:/srv/list", True),
        ("parquet:s3://bucket/list", True),
        ("repos.txt", False),
        ("ops.repos", False),
        ("/Volumes/main/ops/lists/repos.txt", False),
        ("github:ada", False),
        ("delta", False),
        ("", False),
    ],
)
def test_what_counts_as_a_table(text: str, expected: bool) -> None:
    assert is_table(text) is expected


def test_tables_are_read_by_their_column(spark: SparkSession, tmp_path: Path) -> None:
    def table(form: str, column: str, values: list[Any]) -> str:
        place = f"{tmp_path}/{form}-{column}"
        frame = spark.createDataFrame([(value, 1) for value in values], f"{column} string, n int")
        frame.coalesce(1).write.format(form).save(place)
        return f"{form}:{place}"

    delta = table("delta", "url", ["https://github.com/b/b", " /srv/a.git", None, "", "/srv/a.git"])
    assert read_table(delta, spark) == ["/srv/a.git", "https://github.com/b/b"]
    spark.sql("CREATE SCHEMA IF NOT EXISTS spark_catalog.lists")
    spark.sql(f"CREATE TABLE spark_catalog.lists.repos USING DELTA LOCATION '{delta[6:]}'")
    assert read_table("spark_catalog.lists.repos", spark) == read_table(delta, spark)
    spark.sql("DROP TABLE spark_catalog.lists.repos")
    wrong = table("parquet", "address", ["/srv/a.git"])
    with pytest.raises(SourceError, match="no column of strings named source, url, path"):
        read_table(wrong, spark)
    for text in ("spark_catalog.lists.repos", f"parquet:{tmp_path}/absent"):
        with pytest.raises(SourceError, match="cannot be read as a table") as refusal:
            read_table(text, spark)
        assert "Traceback" not in str(refusal.value) and "\n" not in str(refusal.value)
