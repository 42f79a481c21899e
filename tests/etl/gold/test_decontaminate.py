"""The transform finds in rows what the rules find in texts, spread as they may be."""

from __future__ import annotations

from pyspark.sql import SparkSession

from etl.config import conf_folder, read_config
from etl.gold.decontaminate import INPUTS, decontaminate
from tests.udfs.decontamination.problems import GAP, PROBLEMS
from udfs.decontamination.index import build_index


def test_rows_are_found_whatever_stands_beside_them(spark: SparkSession) -> None:
    spec = read_config(conf_folder()).decontamination.to_spec()
    code = f"```python\n{GAP.prompt}{GAP.solution}```\n"
    rows = [
        (str(at), "r", "b", "python", "Add it", code if at % 5 == 0 else "", "+pass\n")
        for at in range(10)
    ]
    pairs = spark.createDataFrame(rows, [*INPUTS]).repartition(3)
    found = decontaminate(pairs, build_index(PROBLEMS, spec)).collect()
    of_gap = [row for row in found if row["problem_id"] == "Own/1"]
    assert sorted((row["pair_id"], row["level"]) for row in of_gap) == [
        (pair, level)
        for pair in ("0", "5")
        for level in ("structure", "substring", "tokens", "words")
    ]
    assert {(row["field"], row["share"]) for row in of_gap} == {("context", 1.0)}
