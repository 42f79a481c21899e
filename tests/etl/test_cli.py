"""A user's mistake is one message, exit code 2, and nothing written: real processes, no Spark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

import etl
from etl.config import conf_folder
from etl.jobs.context import Done
from etl.jobs.summary import Step, summary_text, task_line
from tests.repositories import RepositoryBuilder

WIDTH = 80


def sluice(
    *arguments: str, here: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "etl.cli", *arguments],
        cwd=here,
        env={
            **{name: value for name, value in os.environ.items() if name != "SLUICE_HOME"},
            "PYTHONPATH": str(Path(str(etl.__file__)).parents[1]),
            "COLUMNS": str(WIDTH),
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One clear message on stderr, exit code 2."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("sluice: ")
    for word in words:
        assert word in done.stderr


def everything_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if ".git" not in path.parts}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    builder = RepositoryBuilder(tmp_path_factory.mktemp("cli") / "repo")
    builder.write("a.py", "A = 1\n")
    builder.commit("Start")
    return builder.path


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "file.txt").write_text("text\n", encoding="utf-8")
    before = everything_in(tmp_path)
    for source, words in {
        "absent": ("There is no `absent`",),
        "plain": ("`plain` is not a git repository",),
        "file.txt": ("`file.txt` is not a git repository",),
        "ftp://example.org/x/y": ("`ftp` is not allowed", "https"),
        "file:///srv/x": ("`file` is not allowed", "by its path"),
        "ext::sh -c true": ("remote helpers",),
        "https://": ("names no host",),
    }.items():
        assert_refused(sluice("run", source, here=tmp_path), *words)
    assert_refused(sluice("run", here=tmp_path), "is in no git repository")
    assert everything_in(tmp_path) == before


def test_a_list_that_is_absent_is_named(tmp_path: Path) -> None:
    done = sluice("run", "--list", "repos.txt", here=tmp_path)
    assert_refused(done, "repos.txt", "No such file")
    assert not everything_in(tmp_path)


def _conf(target: Path, section: str, key: str, value: object) -> Path:
    shutil.copytree(conf_folder(), target)
    place = target / "pipeline.yml"
    values = yaml.safe_load(place.read_text(encoding="utf-8"))
    values[section][key] = value
    place.write_text(yaml.safe_dump(values), encoding="utf-8")
    return target


def test_a_wrong_configuration_is_named_with_what_is_allowed(repo: Path, tmp_path: Path) -> None:
    unknown = _conf(tmp_path / "unknown", "extract", "max_fles", 3)
    wrong = _conf(tmp_path / "wrong", "dedup", "threshold", 1.5)
    broken = _conf(tmp_path / "broken", "extract", "max_files", 3)
    (broken / "pipeline.yml").write_text("extract: [1\n", encoding="utf-8")
    before = everything_in(tmp_path)
    for conf, words in (
        (unknown, ("extract.max_fles", "unknown key", "max_files")),
        (wrong, ("dedup.threshold", "less than or equal to 1")),
        (broken, ("pipeline.yml is not valid YAML",)),
        (tmp_path / "absent", ("is not a folder",)),
    ):
        done = sluice("run", str(repo), "--conf", str(conf), here=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("sluice: ")
        assert "Traceback" not in done.stderr
        assert all(word in done.stderr for word in words), done.stderr
    assert everything_in(tmp_path) == before


def test_options_that_name_nothing_are_refused(repo: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (("--mix", "nonesuch"), ("no mix `nonesuch`", "Known mixes: default")),
        (("--as-of", "yesterday"), ("--as-of yesterday", "2026-01-31")),
        (("--as-of", "2026-02-30"), ("--as-of 2026-02-30",)),
    ):
        assert_refused(sluice("run", str(repo), *arguments, here=tmp_path), *words)
    assert not everything_in(tmp_path)


def test_an_option_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = sluice("run", "--colour", here=tmp_path)
    assert done.returncode == 2
    assert "--colour" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_java_the_message_says_how_to_get_it(repo: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    home = tmp_path / "home"
    done = sluice(
        "run", str(repo), "--home", str(home),
        here=tmp_path, environment={"PATH": str(tools), "JAVA_HOME": ""},
    )  # fmt: skip
    assert_refused(done, "Java 17", "apt-get install openjdk-17")
    done = sluice(
        "run", str(repo), "--home", str(home),
        here=tmp_path, environment={"JAVA_HOME": str(tmp_path / "no-jdk")},
    )  # fmt: skip
    assert_refused(done, "Java 17", "JAVA_HOME")
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_named(repo: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file\n", encoding="utf-8")
    for home in (taken, taken / "below"):
        assert_refused(sluice("run", str(repo), "--home", str(home), here=tmp_path), str(home))
    assert taken.read_text(encoding="utf-8") == "a file\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("sql", "select 1"),
        ("status",),
        ("verify",),
        ("sample", "silver.pairs"),
        ("export",),
        ("forget", "me@example.org", "--yes"),
        ("status", "--json"),
    ],
    ids=" ".join,
)
def test_reports_on_a_home_without_tables_are_refused(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = sluice(*arguments, "--home", str(tmp_path / "none"), here=tmp_path)
    assert_refused(done, "There are no tables", "sluice run", "--home")
    assert not everything_in(tmp_path)


def test_the_help_fits_the_terminal(tmp_path: Path) -> None:
    commands = ("run", "sql", "status", "sample", "verify", "export", "forget", "doctor", "task")
    for arguments in ((), *((command,) for command in commands)):
        done = sluice(*arguments, "--help", here=tmp_path)
        assert done.returncode == 0
        assert [line for line in done.stdout.splitlines() if len(line) > WIDTH] == []
        if arguments:
            assert "Usage: " in done.stdout


def _summary(name: str, reasons: list[str]) -> dict[str, object]:
    repository = {
        "name": name, "licence": "MIT AND (Apache-2.0 OR BSD-3-Clause) AND Unlicense",
        "commits": 1234567, "pairs": 234567, "keep": False, "reasons": reasons,
        "activity_reasons": reasons,
    }  # fmt: skip
    category = {"category": "debugging_session", "target": 2000000, "taken": 1, "weight": 1.0}
    return {
        "home": "/home/somebody/" + "project/" * 6 + ".sluice",
        "seconds": 123456.7,
        "tasks": {},
        "repositories": [repository, {**repository, "keep": True}] * 10,
        "pairs": {"bug_fix": 10**7},
        "trimmed": 10**7,
        "rejects": {f"response_does_not_apply_{number}": 10**6 for number in range(12)},
        "mix": {
            "name": "default", "version": "f" * 64, "rows": 10**7, "mlflow_run": "e" * 32,
            "categories": [category],
        },
    }  # fmt: skip


def test_the_summary_fits_the_terminal_but_for_what_is_copied() -> None:
    reasons = [f"too_few_of_something_{number}" for number in range(6)]
    text = summary_text(_summary("owner-of-the-project/" + "name" * 12, reasons), "uv run ")
    wide = [line for line in text.splitlines() if len(line) > WIDTH]
    # A command that names the home is printed whole, so that it can be copied.
    assert all("/home/somebody/" in line for line in wide), wide


def test_a_line_on_a_task_fits_the_terminal() -> None:
    counts = {f"bronze.table_of_a_long_name_{number}": 10**9 for number in range(8)}
    line = task_line(Step("link_duplicates", 12345.6, Done(3, counts)))
    assert len(line) <= WIDTH
    assert "1,000,000,000 table of a long name 0" in line
    assert "nothing new" in task_line(Step("link_duplicates", 0.1, Done(0, {})))
