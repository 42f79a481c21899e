"""The health of a change falls with lines that look odd, and with what they bring in."""

from __future__ import annotations

import random
import string

import pytest

from tests.udfs.quality.findings import RESPONSE
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
