"""What experts wrote, from the file to the mix: once, scored, told where it is wrong, forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from typer.testing import CliRunner

from etl.cli import app
from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.io.home import Home
from etl.jobs.extents import extent_of
from etl.jobs.import_pairs import land_pairs, landed_text
from etl.jobs.run import run_task
from etl.jobs.subjects import find_subject
from etl.schemas.gold import MIX_PAIRS, SCORED_PAIRS
from etl.schemas.ops import REJECTS
from etl.schemas.silver import PAIRS
from tests.contexts import open_home
from tests.udfs.test_expert_pairs import encoded
from udfs.authors import author_digest

CONFIG = read_config(conf_folder())
SAID = encoded(
    category="code_review",
    author="@grace",
    response="Nothing guards `len(values)`: `mean` of no values raises ZeroDivisionError here.",
)


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_the_command_tells_which_lines_are_wrong(tmp_path: Path) -> None:
    file = written(tmp_path / "pairs.jsonl", encoded(), b"", encoded(category="magic"))
    arguments = ["import-pairs", str(file), "--home", str(tmp_path / "home")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0
    assert "1 pairs\n1 lines are left out:\n  line 3: line_invalid: category: " in told.output
    again = CliRunner().invoke(app, [*arguments, "--json"])
    report = json.loads(again.output)
    assert (report["is_new"], report["pairs"], report["rejected"][0]["line"]) == (False, 1, 3)
    assert "imported before" in landed_text(report)


def test_a_file_without_a_pair_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    file = written(tmp_path / "pairs.jsonl", *[encoded(licence="GPL-3.0-only")] * 30)
    with pytest.raises(SourceError, match=r"holds no pair\. line 1: licence_not_permissive.*10 mo"):
        land_pairs(home, CONFIG, file)
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        land_pairs(home, CONFIG, tmp_path / "absent.jsonl")
    assert not home.landing.exists()


def test_pairs_of_experts_are_scored_and_stand_in_a_mix(
    spark: SparkSession, tmp_path: Path
) -> None:
    opened = open_home(spark, tmp_path / "home")
    context = replace(opened, config=CONFIG)
    assert run_task(context, "import_pairs").units == 0
    assert not context.warehouse.exists(PAIRS)
    file = written(tmp_path / "pairs.jsonl", encoded(), SAID, b"{", encoded(author="@eve"))
    land_pairs(context.home, CONFIG, file)

    done = run_task(context, "import_pairs")
    assert done.counts == {"silver.pairs": 2, "rejected": 1, "merged": 1}
    (reject,) = context.warehouse.read(REJECTS).collect()
    assert (reject["reason"], reject["key"].split()[-1]) == ("line_invalid", "00000003")
    for name in ("score_pairs", "link_duplicates", "build_mix"):
        run_task(context, name)
    scores = {
        row["category"]: row["score"] for row in context.warehouse.read(SCORED_PAIRS).collect()
    }
    assert min(scores.values()) > 0.45
    taken = {row["category"] for row in context.warehouse.read(MIX_PAIRS).collect()}
    assert taken == {"bug_fix", "code_review"} == scores.keys()

    assert not land_pairs(context.home, CONFIG, file)["is_new"]
    assert run_task(context, "import_pairs").units == 0

    assert find_subject(context, "@Grace").digest == author_digest("@grace")
    assert extent_of(context, author_digest("@grace")).keys[PAIRS].count() == 1
