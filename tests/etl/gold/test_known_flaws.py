"""A pair that brought what was mended as a vulnerability is found by the fix's message."""

from __future__ import annotations

from pyspark.sql import SparkSession

from etl.gold.known_flaws import known_flaws
from etl.schemas.bronze import COMMITS, FILE_CHANGES
from etl.schemas.silver import PAIRS
from tests.etl.silver.rows import rows
from udfs.diffs import make_patch

PATH = "web/page.py"
WANTING = "def page(name):\n    return answer('<h1>' + name)\n"
MENDED = WANTING.replace("+ name", "+ escape(name)")
BROUGHT = make_patch(None, None, PATH, WANTING)

FIXES = {
    "f1": "Fix XSS in page",
    "f2": "Release 2.1\n\nMends CVE-2021-12345.",
    "undone": "Revert fix for XSS",
    "other": "Say page in another way",
}


def test_pairs_that_brought_a_flaw(spark: SparkSession) -> None:
    commits = [
        {"repo_id": "r", "commit_oid": oid, "message": message, "author_time": 100}
        for oid, message in FIXES.items()
    ]
    patch = make_patch(PATH, WANTING, PATH, MENDED)
    changes = [
        {"repo_id": "r", "commit_oid": oid, "path": PATH, "old_path": PATH, "patch": patch}
        for oid in ("f1", "f2")
    ] + [
        {"repo_id": "r", "commit_oid": oid, "path": "x.py", "old_path": "x.py", "patch": patch}
        for oid in ("undone", "other")
    ]
    here = {"repo_id": "r", "paths": [PATH], "response": BROUGHT, "author_time": 50}
    pairs = [
        here | {"pair_id": "brought", "commit_oid": "c1"},
        here | {"pair_id": "later", "commit_oid": "c2", "author_time": 150},
        here | {"pair_id": "elsewhere", "commit_oid": "c1", "repo_id": "fork"},
        here | {"pair_id": "mended", "commit_oid": "f1", "response": patch, "author_time": 100},
        here | {"pair_id": "not told", "commit_oid": "c3", "paths": ["x.py"]},
    ]
    found = known_flaws(
        rows(spark, PAIRS, *pairs),
        rows(spark, COMMITS, *commits),
        rows(spark, FILE_CHANGES, *changes),
    )
    assert [tuple(row) for row in found.collect()] == [("brought", "f1")]
