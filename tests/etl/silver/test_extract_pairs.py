"""Every commit of a real history becomes a pair that holds its change, or gets a reason."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from etl.config import conf_folder, read_config
from etl.gold.score_pairs import score_pairs
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import (
    DECIDED,
    MinConfidence,
    PairParams,
    extract_pairs,
    pair_identity,
)
from tests.etl.silver.frames import Bronze, profiles, read_bronze
from tests.repositories import MIT, RepositoryBuilder, sample_project
from udfs.diffs import apply_patch, parse_patch

CONFIG = read_config(conf_folder())
# The few refactors of the sample project are not so sure as the configuration asks for.
EXTRACT = CONFIG.extract.model_copy(
    update={"min_confidence": MinConfidence(bug_fix=0.5, new_feature=0.5, refactor=0.5)}
)
PARAMS = PairParams(extract=EXTRACT, licences=CONFIG.profile.licences())
_GREETING = '''"""Words for the owner of a ledger – “friendly” ones."""

# né en janvier: ça reste à l’été
DEFAULT = "café"


def greeting(name):
    """Greet the owner by the first name."""
    return "Ça va, " + name.split()[0] + "?"
'''
_GREETING_FIXED = _GREETING.replace(
    '    return "Ça', '    if not name.split():\n        return "Ça va, café?"\n    return "Ça'
)
_GREETING_MESSAGE = """Fix crash of greeting when the owner has an empty name (IndexError)

Co-authored-by: Claude <noreply@anthropic.com>
"""


_GPL = "This project is licensed under the GNU General Public License v3.0.\n"
_APACHE = '# Licensed under the Apache License, Version 2.0 (the "License")\n'
_FIRST = """def first_word(line):
    return line.split()[0]
"""
_FIXED = """def first_word(line):
    words = line.split()
    return words[0] if words else ""
"""


def relicensed_project(path: Path) -> RepositoryBuilder:
    """A project that left the GPL, with a folder that did not."""
    made = RepositoryBuilder(path)
    made.write("LICENSE", _GPL)
    for name in ("words", "lines", "rows", "cells"):
        made.write(f"src/{name}.py", _FIRST)
    made.commit("Begin")
    made.write("src/words.py", _FIXED)
    made.commit("Fix IndexError of first_word for a blank line, long ago")
    made.write("LICENSE", MIT)
    made.write("plugin/COPYING", _GPL)
    made.write("plugin/tool.py", _FIRST)
    made.write("plugin/more.py", _FIRST)
    made.write("src/ported.py", _APACHE + _FIRST)
    made.commit("Change the licence")
    made.write("src/lines.py", _FIXED)
    made.commit("Fix IndexError of first_word for a blank line in lines")
    made.write("plugin/tool.py", _FIXED)
    made.commit("Fix IndexError of first_word for a blank line in the plugin")
    made.write("plugin/more.py", _FIXED)
    made.write("src/rows.py", _FIXED)
    made.commit("Fix IndexError of first_word for a blank line in both")
    made.write("src/ported.py", _APACHE + _FIXED)
    made.commit("Fix IndexError of first_word for a blank line in the port")
    return made


def careless_project(path: Path) -> RepositoryBuilder:
    """A project that makes the same fix in two files, and in one of them forgets its end."""
    made = RepositoryBuilder(path)
    made.write("LICENSE", MIT)
    for name in ("words", "lines"):
        made.write(f"src/{name}.py", _FIRST)
    made.commit("Begin")
    made.write("src/words.py", _FIXED)
    made.commit("Fix IndexError of first_word for a blank line in words")
    made.write("src/lines.py", _FIXED.replace('else ""', "else"))
    made.commit("Fix IndexError of first_word for a blank line in lines")
    made.write("src/lines.py", _FIXED)
    made.commit("Fix crash of first_word, whose last line has no end")
    return made


@pytest.fixture(scope="module")
def relicensed(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    return relicensed_project(tmp_path_factory.mktemp("extract") / "relicensed")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = sample_project(tmp_path_factory.mktemp("extract") / "tally")
    made.commit("Nothing at all")
    for number in range(70):
        made.write(f"tally/many/part_{number}.py", f"PART = {number}\n")
    made.commit("Add seventy parts at once")
    made.write("tally/greeting.py", _GREETING.encode("windows-1252"))
    made.commit("Add a greeting for the owner of a ledger")
    made.write("tally/greeting.py", _GREETING_FIXED.encode("windows-1252"))
    made.commit(_GREETING_MESSAGE)
    return made


@pytest.fixture(scope="module")
def bronze(
    spark: SparkSession,
    repo: RepositoryBuilder,
    relicensed: RepositoryBuilder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bronze:
    other = sample_project(tmp_path_factory.mktemp("extract") / "refused", commits=4)
    return read_bronze(spark, {"tally": repo, "refused": other, "relicensed": relicensed})


def decide(spark: SparkSession, bronze: Bronze, params: PairParams = PARAMS) -> DataFrame:
    return extract_pairs(
        bronze.commits,
        bronze.changes,
        bronze.blobs,
        profiles(spark, {"tally": True, "refused": False, "relicensed": True}),
        params,
        history=bronze.commits,
        files=bronze.files,
    )


@pytest.fixture(scope="module")
def rows(spark: SparkSession, bronze: Bronze) -> list[dict[str, Any]]:
    frame = decide(spark, bronze)
    assert frame.schema.names == DECIDED.names
    return [row.asDict(recursive=True) for row in frame.collect()]


def subjects(repo: RepositoryBuilder) -> dict[str, str]:
    lines = repo.git("log", "--format=%H %s").splitlines()
    return {line[:40]: line[41:] for line in lines}


def test_every_commit_has_exactly_one_fate(
    repo: RepositoryBuilder, rows: list[dict[str, Any]]
) -> None:
    mine = [row for row in rows if row["repo_id"] == "tally"]
    assert sorted(row["commit_oid"] for row in mine) == sorted(subjects(repo))
    assert all((row["pair_id"] is None) == (row["reason"] is not None) for row in rows)
    refused = [row["reason"] for row in rows if row["repo_id"] == "refused"]
    assert refused == ["repository_rejected"] * 4


def test_reasons_are_those_of_the_commits(
    repo: RepositoryBuilder, rows: list[dict[str, Any]]
) -> None:
    subject = subjects(repo)
    found = {
        subject[row["commit_oid"]]: row["reason"]
        for row in rows
        if row["repo_id"] == "tally" and row["reason"]
    }
    expected = {
        "Initial import of the ledger reader": "initial_import",
        "docs: describe the format of a ledger line in the README": "message_about_docs",
        "Bump version to 0.2.0": "version_bump",
        "Bump jest from 29.7.0 to 30.0.0 in /web": "bot",
        "Merge branch 'report' (#12)": "merge",
        "Move the web page's formatting to text.js": "rename_only",
        "Reformat the table of symbols": "formatting_only",
        # A function more and one shorter: as much a feature as a refactor.
        "Extract currencies from report so that other modules can use it": "category_unclear",
        "Nothing at all": "no_changes",
        "Add seventy parts at once": "too_many_files",
    }
    assert found == expected
    assert all(re.fullmatch("[a-z][a-z_]*", reason) for reason in found.values())


def test_a_pair_says_what_the_commit_did(
    repo: RepositoryBuilder, rows: list[dict[str, Any]]
) -> None:
    subject = subjects(repo)
    (row,) = [
        r
        for r in rows
        if r["repo_id"] == "tally" and "blank lines (#4)" in subject[r["commit_oid"]]
    ]
    assert (row["category"], row["language"], row["licence"]) == ("bug_fix", "python", "MIT")
    assert row["patterns"] and len(row["pattern_evidence"]) >= len(row["patterns"])
    assert "blank lines" in row["instruction"]
    assert "#4" not in row["instruction"]
    assert row["references"]
    assert "+        if line.strip():" in row["response"]
    assert "test_blank_lines" in row["tests"]
    assert "test_blank_lines" not in row["response"]
    assert "def parse_ledger" in row["context"]
    assert "line.strip()" not in row["context"], "the context is the text before the change"
    assert row["tests_touched"] is True
    assert row["paths"] == ["tally/parse.py"]
    assert row["test_paths"] == ["tests/test_parse.py"]
    assert (row["additions"], row["deletions"]) == (2, 1)
    assert row["authorship"] == "unknown", "nothing says that no assistant had a part"


def test_a_commit_is_judged_by_the_licences_of_its_time_and_its_files(
    relicensed: RepositoryBuilder, rows: list[dict[str, Any]]
) -> None:
    subject = subjects(relicensed)
    found = {
        subject[row["commit_oid"]].split(" blank line")[-1].strip(): (
            row["reason"] or row["paths"],
            row["detail"] or row["licence"],
        )
        for row in rows
        if row["repo_id"] == "relicensed"
    }
    del found["Change the licence"]
    assert found == {
        "Begin": ("licence_at_commit", "GPL-3.0-only"),
        ", long ago": ("licence_at_commit", "GPL-3.0-only"),
        "in lines": (["src/lines.py"], "MIT"),
        "in the plugin": ("licence_of_file", "plugin/tool.py: GPL-3.0-only"),
        "in both": (["src/rows.py"], "MIT"),
        "in the port": (["src/ported.py"], "MIT AND Apache-2.0"),
    }
    (both,) = [
        row for row in rows if "left_out:licence_of_file:plugin/more.py" in (row["flags"] or ())
    ]
    assert "plugin" not in both["response"] + both["context"]


def test_categories_are_all_met(rows: list[dict[str, Any]]) -> None:
    found = {row["category"] for row in rows if row["pair_id"]}
    fixes = {row["category"] for row in rows if row["patterns"] is not None}
    assert fixes == {"bug_fix"}
    assert found == {"bug_fix", "new_feature", "refactor", "ui_component"}


def test_responses_and_tests_apply_to_the_parent(
    repo: RepositoryBuilder, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Response and tests together turn the parent's files into the commit's."""

    def git(*arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", f"--git-dir={repo.git_dir}", *arguments],
            cwd=tmp_path,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_INDEX_FILE": str(tmp_path / "i")},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    pairs = [row for row in rows if row["pair_id"] and row["repo_id"] == "tally"]
    assert len(pairs) >= 15
    for row in pairs:
        git("read-tree", f"{row['commit_oid']}^")
        charset = [
            flag.removeprefix("encoding:") for flag in row["flags"] if "encoding:" in flag
        ] or ["utf-8"]
        patches = row["response"] + (row["tests"] or "")
        git("apply", "--cached", "-", stdin=patches.encode(charset[0]))
        for path in [*row["paths"], *row["test_paths"]]:
            entry = git("ls-files", "-s", path).split()
            assert entry[1] == git("rev-parse", f"{row['commit_oid']}:{path}")


def test_a_pair_has_all_that_its_table_requires(rows: list[dict[str, Any]]) -> None:
    required = set(PAIRS.required) - {"rule_version"}
    for row in rows:
        if row["pair_id"]:
            assert all(row[name] is not None for name in required)
    identities = [row["pair_id"] for row in rows if row["pair_id"]]
    assert len(identities) == len(set(identities))


def test_a_change_that_breaks_a_file_is_less_healthy_than_the_same_made_well(
    spark: SparkSession, tmp_path: Path
) -> None:
    made = careless_project(tmp_path / "careless")
    bronze = read_bronze(spark, {"careless": made})
    decided = extract_pairs(
        bronze.commits,
        bronze.changes,
        bronze.blobs,
        profiles(spark, {"careless": True}),
        PARAMS,
        history=bronze.commits,
        files=bronze.files,
    )
    scored = score_pairs(decided.where("reason IS NULL"), CONFIG.score).collect()
    found = {row["instruction"].split()[-1]: row for row in scored}
    figures = {name: row["health"].asDict() for name, row in found.items()}
    whole = {"files": 1, "broken": 0, "mended": 0, "complexity_before": 1, "complexity_after": 2}
    none = dict.fromkeys(whole, 0) | {"files": 1}
    assert figures == {"words": whole, "lines": none | {"broken": 1}, "end": none | {"mended": 1}}
    values = {name: row["quality"]["code_health"] for name, row in found.items()}
    assert values == {"words": 1.0, "lines": 0.5, "end": 1.0}


def test_partitions_do_not_matter(
    spark: SparkSession, bronze: Bronze, rows: list[dict[str, Any]]
) -> None:
    again = decide(spark, bronze.repartitioned(5)).collect()
    assert sorted(map(repr, (row.asDict(recursive=True) for row in again))) == sorted(
        map(repr, rows)
    )


def test_a_text_over_the_cap_gives_a_reason_and_no_pair(
    spark: SparkSession, bronze: Bronze
) -> None:
    small = PARAMS.model_copy(update={"extract": EXTRACT.model_copy(update={"max_text_bytes": 10})})
    rows = [row for row in decide(spark, bronze, small).collect() if row["repo_id"] == "tally"]
    assert len(rows) == bronze.commits.where("repo_id = 'tally'").count()
    assert all(row["reason"] for row in rows if row["repo_id"] == "tally")


def test_an_identity_holds_the_place_of_every_part() -> None:
    parts = ("repo", "commit", "instruction", "context", "response")
    identity = pair_identity(*parts)
    assert identity == pair_identity(*parts)
    assert len(identity) == 64
    names = ("repo_id", "commit_oid", "instruction", "context", "response")
    given = dict(zip(names, parts, strict=True))
    others = {pair_identity(**(given | {name: given[name] + "x"})) for name in names}
    others |= {pair_identity("repo", "commit", "instruction", "contextr", "esponse")}
    others |= {pair_identity("repo", "commit", "context", "instruction", "response")}
    assert len(others) == 7
    assert identity not in others


def test_a_text_in_windows_1252_gives_a_pair(
    repo: RepositoryBuilder, rows: list[dict[str, Any]]
) -> None:
    oid = repo.git("rev-parse", "HEAD")
    (row,) = [row for row in rows if row["commit_oid"] == oid]
    assert (row["reason"], row["category"]) == (None, "bug_fix")
    assert row["patterns"] == ["missing_guard"]
    assert "encoding:windows-1252" in row["flags"]
    assert (row["authorship"], row["authorship_evidence"]) == (
        "ai_assisted",
        ["co-authored-by:claude"],
    )
    assert _GREETING in row["context"]
    (patch,) = parse_patch(row["response"])
    assert apply_patch(_GREETING, patch) == _GREETING_FIXED
