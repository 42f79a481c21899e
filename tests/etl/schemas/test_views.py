"""What the views count, on rows whose counts are known."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from etl.schemas import TABLES
from etl.schemas.bronze import COMMITS, FILE_CHANGES, FILES
from etl.schemas.silver import LINKS, PAIRS, REPO_PROFILES
from etl.schemas.views import BUG_PATTERNS, PAIR_FATES, REPOSITORY_COPIES, VIEWS
from tests.etl.silver.rows import rows

_DIFF = """diff --git a/{path} b/{path}
index 1..2 100644
--- a/{path}
+++ b/{path}
@@ -{line},2 +{line},2 @@ def f():
 a = 1
-if a < {bound}:
+if a <= {bound}:
"""


def test_a_fix_counts_once_wherever_it_stands(spark: SparkSession) -> None:
    first = _DIFF.format(path="a.py", line=1, bound=5)
    fix = {"language": "python", "patterns": ["off_by_one"]}
    pairs = rows(
        spark, PAIRS,
        {**fix, "pair_id": "1", "response": first},
        {**fix, "pair_id": "2", "response": _DIFF.format(path="old/b.py", line=9, bound=5)},
        {**fix, "pair_id": "3", "response": "The cause is in a.py.\n\n" + first},
        {**fix, "pair_id": "4", "response": _DIFF.format(path="a.py", line=1, bound=6)},
        {**fix, "pair_id": "5", "response": "-a\n+b\n", "patterns": ["wrong_name", "wrong_call"]},
        {**fix, "pair_id": "6", "response": "-a\n+c\n", "patterns": []},
        {**fix, "pair_id": "7", "response": first, "language": "go"},
        {**fix, "pair_id": "8", "response": "-x\n", "patterns": None},
    )  # fmt: skip
    pairs.createOrReplaceTempView("counted_pairs")
    found = spark.sql(BUG_PATTERNS.query.format(pairs="counted_pairs")).collect()
    assert {tuple(row[:2]): (row["fixes"], row["share"], row["examples"]) for row in found} == {
        ("go", "off_by_one"): (1, 1.0, ["7"]),
        ("python", "off_by_one"): (2, 0.5, ["1", "4"]),
        ("python", "wrong_name"): (1, 0.25, ["5"]),
        ("python", "wrong_call"): (1, 0.25, ["5"]),
    }
    assert found[0].asDict().keys() == dict(BUG_PATTERNS.columns).keys()


def test_the_fate_of_a_pair_is_what_later_commits_say_of_its_own(spark: SparkSession) -> None:
    day = 86_400
    rows(
        spark, PAIRS, {"pair_id": "1", "commit_oid": "a", "author_time": 10 * day},
        {"pair_id": "2", "commit_oid": "b", "author_time": 11 * day},
        {"pair_id": "3", "commit_oid": "a", "author_time": 10 * day, "repo_id": "other"},
    ).createOrReplaceTempView("fated_pairs")  # fmt: skip
    link = {"from_kind": "commit", "to_kind": "commit"}
    rows(
        spark, LINKS, link | {"from_key": "c", "to_key": "a", "relation": "reverts"},
        link | {"from_key": "d", "to_key": "a", "relation": "follows_up"},
        link | {"from_key": "d", "to_key": "b", "relation": "mentions"},
    ).createOrReplaceTempView("fated_links")  # fmt: skip
    rows(
        spark, COMMITS, {"commit_oid": "c", "author_time": 12 * day + 5},
        {"commit_oid": "d", "author_time": 41 * day},
    ).createOrReplaceTempView("fated_commits")  # fmt: skip
    query = PAIR_FATES.query.format(
        pairs="fated_pairs", links="fated_links", commits="fated_commits"
    )
    found = spark.sql(query).collect()
    assert {tuple(row)[2:] for row in found} == {("reverted", "c", 2), ("fixed_up", "d", 31)}
    assert {row["pair_id"] for row in found} == {"1"}
    assert found[0].asDict().keys() == dict(PAIR_FATES.columns).keys()


def test_a_copy_is_what_came_later_and_a_fork_begins_alike(spark: SparkSession) -> None:
    def tree(repo: str, folder: str, *numbers: int) -> list[dict[str, Any]]:
        return [
            {"repo_id": repo, "path": f"{folder}src/{n}.py", "blob_oid": f"b{n}", "size": 400}
            for n in numbers
        ]

    files: list[dict[str, Any]] = [
        *tree("a", "", *range(8)),
        *tree("b", "", *range(7), 20),
        *tree("c", "third_party/a/", 1, 2, 3), *tree("c", "", 30, 31, 32),
        *({"repo_id": "d", "path": f"{n}/x", "blob_oid": f"b{n}", "size": 400} for n in range(4)),
        *({"repo_id": repo, "path": f"{n}", "blob_oid": f"s{n}", "size": 9}
          for repo in "ce" for n in range(5)),
    ]  # fmt: skip
    times = {"a": 100, "b": 100, "c": 300, "d": 200, "e": 50, "f": 60}
    begun = dict(a="first", b="first", e="begun", f="begun")
    commits = [
        {"repo_id": repo, "commit_oid": begun.get(repo, f"of {repo}"), "committer_time": time}
        for repo, time in times.items()
    ]
    # What came from elsewhere later is no history in common.
    commits += [
        {"repo_id": repo, "commit_oid": "taken over", "parents": ["one"], "committer_time": 400}
        for repo in "cd"
    ]
    changes = [
        {"repo_id": file["repo_id"], "new_oid": file["blob_oid"], "path": file["path"],
         "commit_oid": begun.get(file["repo_id"], f"of {file['repo_id']}")}
        for file in files
    ]  # fmt: skip
    tiers = {"a": "educational", "b": "professional"}
    profiles = [
        {
            "repo_id": repo,
            "name": repo,
            "tier": tiers.get(repo),
            "as_of": date(2024, 1, 1),
            "commits": 7 if repo == "f" else 5,
        }
        for repo in times
    ]
    given = {FILES: files, FILE_CHANGES: changes, COMMITS: commits, REPO_PROFILES: profiles}
    for table, known in given.items():
        rows(spark, table, *known).createOrReplaceTempView(f"copied_{table.name}")
    named = {table.name: f"copied_{table.name}" for table in given}
    found = spark.sql(REPOSITORY_COPIES.query.format(**named)).collect()
    assert found[0].asDict().keys() == dict(REPOSITORY_COPIES.columns).keys()
    assert {
        (row["repo_id"], row["original_id"]): (
            *(row["relation"], row["folder"], row["shared_files"]),
            *(row["share"], row["first_in_original"]),
        )
        for row in found
    } == {
        ("a", "b"): ("fork", "", 7, 7 / 8, 0),  # one history: the tier decides
        ("c", "a"): ("vendored", "third_party/a", 3, 0.5, 3),
        ("c", "b"): ("vendored", "third_party/a", 3, 0.5, 3),
        ("d", "a"): ("copied", None, 4, 1.0, 4),
        ("d", "b"): ("copied", None, 4, 1.0, 4),
        ("c", "d"): ("vendored", "third_party/a/src", 3, 0.5, 3),
        ("e", "f"): ("fork", None, 0, 0.0, 0),  # nothing is left in common: more commits decide
    }


def test_views_are_no_tables_and_read_some() -> None:
    for view in VIEWS:
        assert view.full_name not in TABLES
        assert all(table.full_name in TABLES for table in view.of)
        assert all(f"{{{table.name}}}" in view.query for table in view.of)
