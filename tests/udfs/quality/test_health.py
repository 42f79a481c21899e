"""The health of a change falls with lines that look odd, and with what they bring in."""

from __future__ import annotations

import random
import string

import pytest

from tests.udfs.quality.findings import RESPONSE, valued
from udfs.ast import Health
from udfs.quality.change import Change
from udfs.quality.health import code_health


def change(response: str = RESPONSE) -> Change:
    return Change(response, ())


@pytest.mark.parametrize(
    "line",
    [
        "x" * 900,
        "data = '" + "".join(random.Random(1).choices(string.hexdigits, k=400)) + "'",
        "<<<<<<< HEAD",
        "-" * 60,
        "a = 1; " * 40,
    ],
)
def test_odd_code_is_unhealthy(line: str) -> None:
    assert (code_health(change(f"{line}\n")).value or 0.0) < 0.5
    assert code_health(change()).value == 1.0


def test_findings_count_by_what_the_change_adds_to_them() -> None:
    worse = RESPONSE.replace("            break", "            console.log(attempt)  # TODO")
    better = RESPONSE.replace(
        "-    response = session.get(url)", "-    x = get(url)  # type: ignore"
    )
    found = code_health(change(worse))
    assert found.value == pytest.approx(0.8)
    assert found.why.endswith("+2 findings")
    assert code_health(change(better)).value == 1.0


def test_repeated_lines_are_unhealthy() -> None:
    lines = "\n".join(["value = compute(value)"] * 30)
    assert (code_health(change(lines)).value or 0.0) < 0.3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("        if response.status_code != (503:", "brackets left open"),
        ("        raise DownloadError(url, response.status_code)", "there already"),
        (" " * 36 + "if response.status_code != 503:", "steps deeper"),
    ],
)
def test_what_a_change_breaks_or_repeats_is_named(line: str, why: str) -> None:
    worse = RESPONSE.replace("        if response.status_code != 503:", line)
    found = code_health(change(worse))
    assert why in found.why
    assert found.value is not None and found.value < 1.0


def test_brackets_may_move_from_line_to_line() -> None:
    moved = RESPONSE.replace("-    response = session.get(url)", "-    if retry(").replace(
        "+        time.sleep(backoff(attempt))", "+    if retry(backoff(attempt),"
    )
    assert "brackets" not in code_health(change(moved)).why


def test_trees_decide_of_files_that_have_them() -> None:
    fine, broken = Health(1, 0, 0, 0, 0), Health(1, 1, 0, 0, 0)
    opened = RESPONSE.replace("!= 503:", "!= (503:")
    assert valued(code_health(change(opened))) == 0.9
    assert valued(code_health(change(opened), fine)) == 1.0, "a bracket in a text, say"
    found = code_health(change(opened), broken)
    assert valued(found) == 0.5 and "do not parse" in found.why and "brackets" not in found.why
    assert valued(code_health(change(), broken)) == 0.5
    removal = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1 @@\n def f(\n-    a):\n"
    assert code_health(change(f"diff --git a/a.py b/a.py\n{removal}"), broken) == (
        0.5,
        "only removals, 1 of 1 files do not parse",
    )
    for name in ("client.vue", "client.h"):
        elsewhere = change(opened.replace("client.py", name))
        assert valued(code_health(elsewhere, fine)) == 0.9, "no tree decides of this one"


def test_a_file_that_parses_again_is_told_and_earns_nothing() -> None:
    found = code_health(change(), Health(1, 0, 1, 0, 0))
    assert found.value == 1.0 and "parse again" in found.why


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [(1, 10, 1.0), (25, 9, 1.0), (25, 25, 1.0), (9, 20, 0.85), (12, 14, 0.97), (0, 60, 0.7)],
)
def test_complexity_counts_by_how_far_it_rises_above_the_bar(
    before: int, after: int, value: float
) -> None:
    found = code_health(change(), Health(1, 0, 0, before, after))
    assert found.value == pytest.approx(value)
    told = f"complexity {before} to {after}"
    assert (told in found.why) == (max(before, after) > 10 and before != after)
