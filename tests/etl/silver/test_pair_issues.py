"""Issues of a real history become pairs with the change that closed them, or have a reason."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.schemas.bronze import MAINLINE
from etl.schemas.collaboration import COMMENTS, ISSUES
from etl.schemas.silver import LINKS, PAIRS
from etl.silver.pair_issues import DECIDED, Bronze, PairIssuesParams, pair_issues
from tests.etl.silver.frames import profiles, read_bronze
from tests.etl.silver.rows import rows
from tests.repositories import GRACE, MIT, RepositoryBuilder, sample_project
from udfs.authors import login_digest

CONFIG = read_config(conf_folder())
PARAMS = PairIssuesParams(
    issues=CONFIG.issues, extract=CONFIG.extract, licences=CONFIG.profile.licences()
)
CLOSED = datetime(2026, 1, 1, tzinfo=UTC)
EARLY = datetime(2025, 1, 1, tzinfo=UTC)
GPL = "This project is licensed under the GNU General Public License v3.0.\n"
FIRST = """def first_word(line):
    return line.split()[0]
"""
FIXED = """def first_word(line):
    words = line.split()
    return words[0] if words else ""
"""
ASSISTED = "Co-authored-by: Claude <noreply@anthropic.com>"
BLANK = {
    "number": 4,
    "title": "[Bug]: parse_ledger crashes on a blank line",
    "body": "A ledger that ends with a blank line raises ValueError.\n\n- [x] I have searched",
    "user_login": "grace",
    "state": "closed",
    "closed_at": CLOSED,
    "labels": ["bug"],
}
ROUND = {
    "number": 5,
    "title": "Rounding up fails for text amounts that come from a file",
    "body": "It should take the amounts as they stand in the file.",
    "state": "closed",
    "closed_at": CLOSED,
}
TRACE = "Here it is:\n```\n" + "\n".join(
    ["Traceback (most recent call last):", '  File "tally/rounding.py", line 2, in up', "```"]
)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    """Some commits, and a pull of two commits that touch one file."""
    made = sample_project(tmp_path_factory.mktemp("issues") / "tally", commits=4)
    made.write("LICENSE", GPL)
    made.write("tally/words.py", FIRST)
    made.write("plugin/COPYING", GPL)
    made.write("plugin/words.py", FIRST)
    made.commit("Take another licence")
    made.write("tally/words.py", FIXED)
    made.commit("Fix words under it")
    made.write("LICENSE", MIT)
    made.commit("Give it up")
    made.write("plugin/words.py", FIXED)
    made.commit("Fix plugin under its own")
    made.write("tally/rounding.py", "def up(value):\n    return round(value + 0.5)\n")
    made.commit("Round amounts up")
    made.edit("tally/rounding.py", "value + 0.5", "value + 0.499")
    made.commit("Keep halves", author=("Claude", "noreply@anthropic.com"))
    made.branch("text")
    made.edit("tally/rounding.py", "round(value", "round(float(value)")
    made.commit("Take text", author=GRACE)
    made.edit("tally/rounding.py", "def up(value):\n", "def up(value):\n    value = value or 0\n")
    made.commit(f"Take nothing too\n\n{ASSISTED}", author=GRACE)
    made.checkout("main")
    made.merge("text", "Merge pull request #7 from grace/text")
    return made


@pytest.fixture(scope="module")
def decided(spark: SparkSession, repo: RepositoryBuilder) -> dict[int, dict[str, Any]]:
    """The rows by number of the issue."""
    bronze = read_bronze(spark, {"tally": repo})
    lines = repo.git("log", "--format=%H %s").splitlines()
    oid = {line[41:].split(" ", 1)[1].split(" ")[0]: line[:40] for line in lines}
    blank, merge, text, nothing = oid["crash"], oid["pull"], oid["text"], oid["nothing"]

    def link(start: str, relation: str, kind: str, key: str, *evidence: str) -> dict[str, Any]:
        ends = {"from_kind": "commit", "from_key": start, "to_kind": kind, "to_key": key}
        return {**ends, "relation": relation, "evidence": list(evidence)}

    links = [
        *(link(blank, "closes", "issue", number) for number in ("4", "8", "9", "10")),
        link(merge, "closes", "issue", "5"),
        link(text, "closes", "issue", "5"),
        link(merge, "merges", "pull", "7"),
        *(link(part, "part_of", "pull", "7", "between_parents") for part in (text, nothing)),
        link(oid["words"], "closes", "issue", "12"),
        link(oid["plugin"], "closes", "issue", "13"),
        link(oid["halves"], "closes", "issue", "14"),
        link(blank, "closes", "issue", "11"),
        link(nothing, "closes", "issue", "11"),
    ]
    issues = [
        BLANK,
        ROUND,
        {**BLANK, "number": 6},
        {**BLANK, "number": 8, "state": "open"},
        {**BLANK, "number": 9, "user_login": "stale[bot]", "user_type": "Bot"},
        {**BLANK, "number": 10, "deleted": True},
        {**BLANK, "number": 11},
        {**BLANK, "number": 12, "title": "IndexError in first_word for a line without words"},
        {**BLANK, "number": 13, "title": "IndexError in first_word for a line without words"},
        {**BLANK, "number": 14, "title": "Rounding up half a cent gives a whole one"},
    ]
    comments = [
        {"comment_id": 1, "number": 5, "body": "Can you show a whole trace?", "created_at": EARLY,
         "user_login": "ada", "author_association": "OWNER"},
        {"comment_id": 2, "number": 5, "body": TRACE, "created_at": EARLY, "user_login": "eve"},
        {"comment_id": 3, "number": 5, "body": "Now it is fixed in main.", "created_at": CLOSED},
    ]  # fmt: skip
    frame = pair_issues(
        Bronze(
            issues=rows(spark, ISSUES, *issues),
            comments=rows(spark, COMMENTS, *comments),
            commits=bronze.commits,
            mainline=bronze.commits.select(*MAINLINE.struct.names),
            changes=bronze.changes,
            files=bronze.files,
            blobs=bronze.blobs,
            links=rows(spark, LINKS, *links),
            profiles=profiles(spark, {"tally": True}),
        ),
        PARAMS,
        lambda frame, name: spark.createDataFrame(frame.collect(), frame.schema),
    )
    assert frame.schema.names == DECIDED.names
    found = [row.asDict(recursive=True) for row in frame.collect()]
    assert len(found) == len(issues)
    return {row["number"]: row for row in found}


def test_every_issue_is_a_pair_or_has_a_reason(decided: dict[int, dict[str, Any]]) -> None:
    assert {number: row["reason"] for number, row in decided.items()} == {
        4: None,
        5: None,
        6: "no_change_known",
        8: "issue_open",
        9: "bot",
        14: "ai_author",
        10: "deleted",
        11: "several_changes",
        12: "licence_at_commit",
        13: "licence_of_file",
    }
    required = set(PAIRS.required) - {"rule_version", "batch_id"}
    for row in decided.values():
        if row["reason"] is None:
            assert all(row[name] is not None for name in required)


def test_an_issue_is_asked_in_its_own_words(
    repo: RepositoryBuilder, decided: dict[int, dict[str, Any]]
) -> None:
    row = decided[4]
    assert (row["origin"], row["category"], row["references"]) == ("issue", "bug_fix", ["#4"])
    assert row["instruction"] == (
        "parse_ledger crashes on a blank line\n\n"
        "A ledger that ends with a blank line raises ValueError."
    )
    assert "+        if line.strip():" in row["response"]
    assert "test_blank_lines" in row["tests"]
    assert row["hangs_on"] == [login_digest("grace")]


def test_the_commits_of_a_pull_are_one_change_that_applies(
    repo: RepositoryBuilder, decided: dict[int, dict[str, Any]], tmp_path: Path
) -> None:
    row = decided[5]
    assert row["commit_oid"] == repo.head
    assert row["category"] == "debugging_session"
    assert "**Maintainer:** Can you show" in row["instruction"]
    assert "**Participant:** Here it is:" in row["instruction"]
    assert "Now it is fixed" not in row["instruction"], "that was said after the fix"
    assert "def up(value)" in row["context"]
    assert "float" not in row["context"], "the context is the text before the first commit"
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "before"), "main^1")
    subprocess.run(
        ["git", "apply", "-"], input=row["response"].encode(), cwd=tmp_path / "before", check=True
    )
    after = repo.git("show", "main:tally/rounding.py")
    assert (tmp_path / "before/tally/rounding.py").read_text().strip() == after
    parts = [repo.git("rev-parse", f"text{place}") for place in ("", "^")]
    assert row["hangs_on"] == sorted([login_digest("ada"), login_digest("eve"), *parts])


def test_a_pair_says_its_licence_and_who_wrote_its_change(
    decided: dict[int, dict[str, Any]],
) -> None:
    found = {n: (decided[n]["authorship"], decided[n]["authorship_evidence"]) for n in (4, 5)}
    assert found[4] == ("unknown", ["no_mark_since:2021-06-29"])
    assert found[5] == ("ai_assisted", ["co-authored-by:claude"]), "by one of its commits"
    assert [decided[n]["licence"] for n in (4, 5)] == ["MIT", "MIT"]
    assert decided[12]["detail"] == "GPL-3.0-only AND MIT", "as the manifest says"
    assert decided[13]["detail"].startswith("plugin/words.py: ")
