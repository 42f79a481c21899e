"""Total, bar and evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.quality.finding import NOT_KNOWN, Finding
from udfs.quality.parts import Pair
from udfs.quality.score import PARTS, Bar, evidence, rejection, score_parts, total

VALUES = st.lists(st.floats(0, 1), min_size=len(PARTS), max_size=len(PARTS))
WEIGHTS = st.lists(st.floats(0.01, 10), min_size=len(PARTS), max_size=len(PARTS))


def parts_of(values: list[float]) -> dict[str, Finding]:
    return {name: Finding(value, "why") for name, value in zip(PARTS, values, strict=True)}


@given(VALUES, WEIGHTS, st.floats(0.1, 10))
def test_the_total_is_a_mean_and_only_ratios_of_weights_matter(
    values: list[float], weights: list[float], factor: float
) -> None:
    parts = parts_of(values)
    named = dict(zip(map(str, PARTS), weights, strict=True))
    score = total(parts, named)
    assert min(values) - 1e-6 <= score <= max(values) + 1e-6
    scaled = {name: weight * factor for name, weight in named.items()}
    assert total(parts, scaled) == pytest.approx(score, abs=2e-6)


def test_a_part_without_weight_does_not_count() -> None:
    parts = parts_of([0.0] * (len(PARTS) - 1) + [1.0])
    assert total(parts, {PARTS[-1]: 2.0}) == 1.0
    with pytest.raises(ValueError, match="positive weight"):
        total(parts, {})


def test_the_bar_names_the_part_that_failed() -> None:
    parts = parts_of([0.9, 0.1, 0.9, 0.9, 0.9, 0.0, *[0.9] * (len(PARTS) - 6)])
    assert rejection(parts, 0.7, Bar(0.5, {})) is None
    assert rejection(parts, 0.4, Bar(0.5, {})) == "score_below_bar"
    bar = Bar(0.5, {"tests_present": 0.1, "instruction_clarity": 0.2})
    assert rejection(parts, 0.4, bar) == "instruction_clarity_below_bar"


REVIEWED = """### money.py (change under review)
```diff
@@ -1,2 +1,4 @@
 def mean(values):
+    tmp = 0
+    for value in values: tmp += value
```
"""


def comment(response: str) -> dict[str, Finding]:
    request = "Review this change to `money.py`. What is there to say about line 3?"
    return score_parts(Pair(request, response, REVIEWED, None, False, ("money.py",), True))


def test_a_comment_is_judged_by_what_it_says() -> None:
    weights = dict.fromkeys(map(str, PARTS), 1.0)
    telling, vague, elsewhere = (
        total(comment(text), weights)
        for text in (
            "`tmp` is only the sum of the values: `sum(values)` says so, and is faster.",
            "I don't like this.",
            "The button should be green on the settings page, see `ThemeProvider`.",
        )
    )
    assert telling > elsewhere
    assert telling > vague


def test_parts_about_diffs_neither_count_nor_reject_where_there_is_none() -> None:
    found = comment("word " * 300)
    others = {name: Bar(0.0, {name: 1.0}) for name in PARTS[3:]}
    assert all(rejection(found, 0.5, bar) is None for bar in others.values())
    judged = dict.fromkeys(map(str, PARTS[:3]), 1.0)
    assert total(found, dict.fromkeys(map(str, PARTS), 1.0)) == total(found, judged)
    assert total(found, {"tests_present": 1.0}) == 1.0, "nothing that counts has a weight"


def test_evidence_names_every_part_once() -> None:
    parts = parts_of([0.5] * len(PARTS)) | {PARTS[-1]: NOT_KNOWN}
    *others, last = evidence(parts).split("; ")
    assert others == [f"{name} 0.50: why" for name in PARTS[:-1]]
    assert last == f"{PARTS[-1]} not known"
