"""The pandas wrapper scores rows one by one, whatever is missing in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from udfs.quality.score import PARTS, Bar
from udfs.quality.score_udf import INPUTS, ScoreSpec, score_frame

DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
SPEC = ScoreSpec(
    weights=dict.fromkeys(map(str, PARTS), 1.0),
    tier_weights={},
    category_weights={"docs": dict.fromkeys(map(str, PARTS), 0.0) | {"instruction_clarity": 1.0}},
    bar=Bar(0.0, {"tests_present": 0.1}),
    category_bars={"docs": Bar(0.9, {})},
)


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows of the first columns; of the others nothing is known."""
    return pd.DataFrame(rows, columns=list(INPUTS[:7])).reindex(columns=list(INPUTS))


def test_rows_use_the_weights_and_the_bar_of_their_category() -> None:
    rows = [
        ("feature", "Add retries to fetch_page", DIFF, "", None, False, np.array(["a.py"])),
        ("docs", "Fix", "x = 1", "", None, False, np.array([])),
        ("docs", "Describe how the lexer treats tabs", None, None, None, None, None),
    ]
    out = score_frame(frame(rows), SPEC)
    assert out["below"].tolist() == ["tests_present_below_bar", "score_below_bar", None]
    assert out["score"].tolist()[1:] == out["instruction_clarity"].tolist()[1:]
    applies = out["evidence"].str.contains("tests_present 0.00: no tests")
    assert applies.tolist() == [True, False, False]


def test_what_a_reviewer_said_is_no_code_and_a_change_is() -> None:
    said = "Please give `retries` a default; callers of `fetch_page` do not know it."
    rows = [
        ("code_review", "Review this", said, "x = 1", None, False, np.array(["a.py"])),
        ("code_review", said, DIFF, "x = 1", None, False, np.array(["a.py"])),
        ("feature", said, DIFF, "x = 1", None, False, np.array(["a.py"])),
    ]
    out = score_frame(frame(rows), SPEC)
    assert out["below"].tolist() == [None, *["tests_present_below_bar"] * 2]


def test_of_what_is_no_diff_the_parts_about_diffs_count_nothing() -> None:
    asked = "Explain why `fetch_page` opens a socket for each retry"
    code = "    for attempt in range(retries):\n        page = fetch_page(url)\n    return page\n"
    rows = [
        ("bug_fix", asked, "It does, since `fetch_page` keeps none.", "", None, False, None),
        ("structure", asked, code, "retries = 3", None, False, np.array(["a.py"])),
    ]
    out = score_frame(frame(rows), SPEC)
    counts = out["evidence"].str.count("does not apply").tolist()
    assert counts == [7, 4], "code is still judged as code, and by what its context names"
    assert out["below"].tolist() == [None, None]


def test_an_empty_batch_keeps_its_columns() -> None:
    out = score_frame(pd.DataFrame(columns=list(INPUTS)), SPEC)
    assert [*PARTS, "score", "evidence", "below"] == out.columns.tolist()
