"""What evaluates models is kept out of mixes: problems of benchmarks, and a set that stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from etl.errors import ConfigError, IntegrityError
from etl.gold.hold_out import EvaluationParams
from etl.io.tables import Slice
from etl.jobs.context import Context
from etl.jobs.run import run_task
from etl.schemas import Table
from etl.schemas.gold import (
    CONTAMINATION,
    DUPLICATES,
    EVAL_PAIRS,
    MIX_PAIRS,
    PARTS,
    SCORED_PAIRS,
)
from etl.schemas.ops import REJECTS
from etl.schemas.silver import PAIRS, REPO_PROFILES
from tests.contexts import open_home
from tests.etl.silver.rows import rows

SET = EvaluationParams(
    version="v1",
    repositories_share=0.5,
    after=date(2019, 1, 1),
    per_category=1,
    seed=6,
    tiers=("expert_reviewed",),
)
IN_2020 = int(datetime(2020, 5, 1, tzinfo=UTC).timestamp())


def pair(name: str, repo: str, **given: Any) -> dict[str, Any]:
    """A pair that could be held out, but for what is given."""
    return {
        "pair_id": name,
        "repo_id": repo,
        "batch_id": f"of {repo}",
        "category": "bug_fix",
        "language": "python",
        "authorship": "human",
        "author_time": IN_2020,
        "instruction": f"Do {name}",
        "response": f"+{name}\n",
    } | given


PAIRS_OF = [
    pair("a1", "alpha"),
    pair("a2", "alpha", author_time=IN_2020 - 10**8),
    pair("b1", "beta"),
    pair("b2", "beta", category="refactor"),
    pair("b3", "beta"),
]


def put(context: Context, table: Table, given: Iterable[dict[str, Any]]) -> None:
    """The rows of a table, and no other."""
    context.warehouse.publish(table, rows(context.spark, table, *given), Slice())


def post(context: Context, task: str) -> None:
    """Say that a task that is not run here is done."""
    names = ("input_keys", "used", "rejected", "merged", "output_rows")
    entry: dict[str, Any] = {"task": task, "repo_id": "*", "batch_id": "*", "rule_version": "1"}
    entry |= {"input_version": "1", "output_version": "1", "recorded_at": datetime.now(UTC)}
    area = Slice(where=f"t.task = '{task}'")
    context.ledger.post(task, [entry | dict.fromkeys(names, 0)], area)


def mixed(context: Context) -> set[str]:
    """The pairs of the mix as it is now."""
    run_task(context, "build_mix")
    version = context.posted("build_mix")["*", "default"].output_version
    found = context.warehouse.read(MIX_PAIRS).where(f"mix_version = '{version}'")
    return {row["pair_id"] for row in found.collect()}


def test_what_evaluates_models_stays_apart(spark: SparkSession, tmp_path: Path) -> None:
    bare = open_home(spark, tmp_path / "home")
    assert run_task(bare, "decontaminate").units == run_task(bare, "hold_out").units == 0
    assert not bare.warehouse.exists(CONTAMINATION) and not bare.warehouse.exists(EVAL_PAIRS)
    quality = dict.fromkeys(PARTS, 1.0)
    put(bare, PAIRS, PAIRS_OF)
    place = ("pair_id", "repo_id", "batch_id", "category")
    scored = [{name: one[name] for name in place} | {"score": 0.9} for one in PAIRS_OF]
    put(bare, SCORED_PAIRS, [row | {"quality": quality} for row in scored])
    clusters = [
        {"pair_id": one["pair_id"], "repo_id": one["repo_id"], "is_kept": True}
        | {"cluster_id": "a1" if one["pair_id"] == "b3" else one["pair_id"]}
        for one in PAIRS_OF
    ]
    put(bare, DUPLICATES, clusters)
    put(bare, CONTAMINATION, [{"pair_id": "b1", "repo_id": "beta", "problem_id": "Own/1"}])
    profile = {"tier": "expert_reviewed", "as_of": date(2026, 1, 1)}
    put(bare, REPO_PROFILES, [profile | {"repo_id": repo} for repo in ("alpha", "beta")])
    post(bare, "link_duplicates")

    config = bare.config.model_copy(update={"evaluation": SET})
    context = replace(bare, config=config)
    assert run_task(context, "hold_out").counts["gold.eval_pairs"] == 1
    reasons = {
        row["key"].removeprefix("pair "): row["reason"]
        for row in context.warehouse.read(REJECTS).where("task = 'hold_out'").collect()
    }
    in_training = dict.fromkeys(("b1", "b2", "b3"), "repository_not_drawn")
    assert reasons == {"a2": "too_early"} | in_training
    assert mixed(context) == {"b2"}, "b1 gives a problem away, b3 is close to a1, a2 beside it"

    assert run_task(context, "hold_out").units == 0, "it is only verified"
    other = config.model_copy(update={"evaluation": SET.model_copy(update={"per_category": 2})})
    with pytest.raises(ConfigError, match=r"`v1` is written .* name another version"):
        run_task(replace(context, config=other), "hold_out")
    context.warehouse.delete(EVAL_PAIRS, "pair_id = 'a1'")
    with pytest.raises(IntegrityError, match="evaluation set v1"):
        run_task(context, "hold_out")
