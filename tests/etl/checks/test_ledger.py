"""A ledger closes when every key has exactly one fate, and says which key has not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from etl.checks.ledger import account, find_fates, require_closed
from etl.errors import LedgerError

KEYS = "repo_id string, batch_id string, key string"
Keys = list[tuple[str, str, str]]


def frame(spark: SparkSession, keys: Keys) -> DataFrame:
    return spark.createDataFrame(keys, KEYS)


def fates_of(
    spark: SparkSession, keys: Keys, used: Keys, rejected: Keys, merged: Keys
) -> DataFrame:
    return find_fates(*(frame(spark, rows) for rows in (keys, used, rejected, merged)))


def of(spark: SparkSession, keys: Keys, used: Keys, rejected: Keys, merged: Keys) -> list[Any]:
    return sorted(account(fates_of(spark, keys, used, rejected, merged)).collect())


def k(*names: str, batch: str = "b") -> Keys:
    return [("r", batch, name) for name in names]


def test_a_closed_ledger_counts_keys_once_however_often_they_come(spark: SparkSession) -> None:
    (row,) = of(spark, k("1", "2", "3", "3", "4"), k("1", "1", "1"), k("2", "3"), k("4"))
    assert tuple(row) == ("r", "b", 4, 1, 2, 1, 0)


def test_no_rejects_and_no_merges_need_no_frame(spark: SparkSession) -> None:
    fates = find_fates(frame(spark, k("1")), frame(spark, k("1")), None, None)
    (row,) = account(fates).collect()
    assert (row["input_keys"], row["used"], row["broken"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("keys", "used", "rejected", "merged", "example"),
    [
        (k("lost", "1"), k("1"), [], [], "lost 1 0 0 0"),
        (k("twice"), k("twice"), k("twice"), [], "twice 1 1 1 0"),
        (k("twice"), [], k("twice"), k("twice"), "twice 1 0 1 1"),
        (k("1"), k("1", "invented"), [], [], "invented 0 1 0 0"),
    ],
)
def test_a_broken_ledger_names_a_key(
    spark: SparkSession, keys: Keys, used: Keys, rejected: Keys, merged: Keys, example: str
) -> None:
    fates = fates_of(spark, keys, used, rejected, merged)
    sums = account(fates).collect()
    assert [row["broken"] for row in sums] == [1]
    with pytest.raises(LedgerError) as caught:
        require_closed("parse", fates, sums)
    for word in ("parse", "batch b of repository r", example, "Nothing was published"):
        assert word in str(caught.value)


def test_batches_are_accounted_apart(spark: SparkSession) -> None:
    """A key lost in one batch is not made up for by the same key twice in another."""
    keys = k("1") + k("1", batch="c")
    rows = of(spark, keys, k("1") + k("1"), [], [])
    assert [(row["batch_id"], row["broken"]) for row in rows] == [("b", 0), ("c", 1)]


def test_a_closed_ledger_passes(spark: SparkSession) -> None:
    fates = fates_of(spark, k("1"), k("1"), [], [])
    require_closed("parse", fates, account(fates).collect())


found_fates = st.dictionaries(
    st.text(alphabet="abc", min_size=1, max_size=2),
    st.sets(st.sampled_from(["read", "used", "rejected", "merged"])),
    max_size=6,
)


@settings(max_examples=10)
@given(found_fates)
def test_sums_are_those_of_a_plain_count(spark: SparkSession, found: dict[str, set[str]]) -> None:
    def having(fate: str) -> Keys:
        return [("r", "b", key) for key, has in found.items() if fate in has]

    rows = of(spark, having("read"), having("used"), having("rejected"), having("merged"))
    known = [has for has in found.values() if has]
    if not known:
        assert rows == []
        return
    (row,) = rows
    assert row["input_keys"] == sum("read" in has for has in known)
    assert row["used"] == sum("used" in has for has in known)
    assert row["rejected"] == sum("rejected" in has for has in known)
    assert row["merged"] == sum("merged" in has for has in known)
    assert row["broken"] == sum("read" not in has or len(has) != 2 for has in known)
