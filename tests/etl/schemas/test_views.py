"""What the views count, on rows whose counts are known."""

from __future__ import annotations

from pyspark.sql import SparkSession

from etl.schemas import TABLES
from etl.schemas.silver import PAIRS
from etl.schemas.views import BUG_PATTERNS, VIEWS
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
    found = spark.sql(BUG_PATTERNS.query.format(of="counted_pairs")).collect()
    assert {tuple(row[:2]): (row["fixes"], row["share"], row["examples"]) for row in found} == {
        ("go", "off_by_one"): (1, 1.0, ["7"]),
        ("python", "off_by_one"): (2, 0.5, ["1", "4"]),
        ("python", "wrong_name"): (1, 0.25, ["5"]),
        ("python", "wrong_call"): (1, 0.25, ["5"]),
    }
    assert found[0].asDict().keys() == dict(BUG_PATTERNS.columns).keys()


def test_views_are_no_tables_and_read_one() -> None:
    for view in VIEWS:
        assert view.full_name not in TABLES and view.of.full_name in TABLES
        assert "{of}" in view.query
