"""Each part rises with what it measures and falls with what degrades a pair."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.quality.findings import RESPONSE, valued
from udfs.quality import parts as quality_parts
from udfs.quality.change import Change
from udfs.quality.instruction import Instruction
from udfs.quality.parts import (
    Pair,
    context_sufficiency,
    diff_coherence,
    instruction_clarity,
    instruction_specificity,
)
from udfs.quality.score import PARTS, score_parts, total

INSTRUCTION = (
    "Retry a download when the server answers 503. `fetch_page` in net/client.py gave up on the "
    "first failure; wait with exponential backoff and honour max_retries."
)
CONTEXT = """def fetch_page(url, session, max_retries=3):
    response = session.get(url)
    if response.status_code != 200:
        raise DownloadError(url, response.status_code)
    return response.text
"""
TESTS = """diff --git a/tests/test_client.py b/tests/test_client.py
--- a/tests/test_client.py
+++ b/tests/test_client.py
@@ -3,0 +4,3 @@
+def test_retries(session):
+    session.get.side_effect = [response(503), response(200)]
+    assert fetch_page("u", session, max_retries=2)
"""
UNRELATED = """diff --git a/docs/theme/colours.css b/docs/theme/colours.css
--- a/docs/theme/colours.css
+++ b/docs/theme/colours.css
@@ -7 +7 @@
-  background: white;
+  background: ivory;
"""
PAIR = Pair(INSTRUCTION, RESPONSE, CONTEXT, TESTS, True, ("net/client.py",))
WEIGHTS = dict.fromkeys(map(str, PARTS), 1.0)


def change(response: str = RESPONSE, context: str = "", tests: str | None = None) -> Change:
    return Change(response, (), context, tests)


def test_a_good_pair_is_good_in_every_part() -> None:
    parts = score_parts(PAIR)
    assert all(finding.value is None or finding.value >= 0.4 for finding in parts.values()), parts


def obfuscated(text: str) -> str:
    table = str.maketrans(
        string.ascii_lowercase, string.ascii_lowercase[13:] + string.ascii_lowercase[:13]
    )
    lines = text.split("\n")
    return (
        "\n".join(
            line[0] + line[1:].translate(table)
            if line[:1] in "+- " and line[:3] not in ("+++", "---")
            else line
            for line in lines
            if line
        )
        + "\n"
    )


@pytest.mark.parametrize(
    "degraded",
    [
        replace(PAIR, instruction="Retry a download"),
        replace(PAIR, instruction=INSTRUCTION[:60]),
        replace(PAIR, response=RESPONSE + UNRELATED),
        replace(PAIR, tests=None, tests_touched=False),
        replace(PAIR, tests=UNRELATED),
        replace(PAIR, context=""),
        replace(PAIR, response=obfuscated(RESPONSE)),
        replace(PAIR, instruction="Change the background of the theme to ivory in colours.css."),
    ],
)
def test_every_degraded_copy_scores_lower(degraded: Pair) -> None:
    assert total(score_parts(degraded), WEIGHTS) < total(score_parts(PAIR), WEIGHTS)


TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


@given(TEXT, st.one_of(TEXT, st.just(RESPONSE)), TEXT, st.one_of(st.none(), TEXT), st.booleans())
@settings(max_examples=80)
def test_any_text_gives_parts_between_zero_and_one_with_a_reason(
    instruction: str, response: str, context: str, tests: str | None, touched: bool
) -> None:
    parts = score_parts(Pair(instruction, response, context, tests, touched, ("a/b.py",)))
    assert tuple(parts) == PARTS
    for finding in parts.values():
        assert finding.value is None or 0.0 <= finding.value <= 1.0
        assert finding.why


def test_a_bare_title_is_not_specific() -> None:
    assert valued(instruction_specificity(Instruction("Improve error handling in parser"))) <= 0.25
    assert valued(instruction_specificity(Instruction(INSTRUCTION))) > 0.8


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("fix", "only generic words, under 3 words"),
        ("Fix some issues and update code", "only generic words"),
        ("Explain the parser's first pass and then the", "cut off"),
        ("Cache the adapters of `Gson.fromJson", "cut off"),
        ("Catch errors where the parser is", "cut off"),
        ("- [ ] I have added documentation for this parser", "unfilled template"),
        (
            "See https://example.org/some/very/long/address/of/an/issue/123456 please",
            "mostly addresses",
        ),
        ("==== 1234 ++ 99 parser ---- ///// 42 lexer", "few letters"),
    ],
)
def test_unclear_instructions_say_what_is_wrong(text: str, why: str) -> None:
    finding = instruction_clarity(Instruction(text))
    assert why in finding.why
    assert valued(finding) <= 0.7


def test_diff_coherence_falls_with_spread_and_size() -> None:
    many = "".join(UNRELATED.replace("docs/theme/colours", f"d{i}/x") for i in range(30))
    long = "@@ -0,0 +1,2000 @@\n" + "".join(f"+line {i}\n" for i in range(2000))
    huge = "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n" + long
    one = valued(diff_coherence(change()))
    assert one == pytest.approx(1.0)
    assert valued(diff_coherence(change(many))) < 0.7 * one
    assert valued(diff_coherence(change(huge))) < 0.8 * one


def test_context_must_hold_the_removed_lines() -> None:
    assert valued(context_sufficiency(change(context=CONTEXT))) > 0.9
    assert valued(context_sufficiency(change(context="def other():\n    pass\n"))) < 0.2
    assert context_sufficiency(change(context=" ")) == (0.0, "no context")
    new = (
        "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y = 1\n"
    )
    assert valued(context_sufficiency(change(new))) == 0.5


def test_tests_count_more_when_they_meet_the_change() -> None:
    meeting = valued(quality_parts.tests_present(True, change(tests=TESTS)))
    missing = valued(quality_parts.tests_present(True, change(tests=UNRELATED)))
    assert (meeting, missing) == (1.0, 0.4)
    assert valued(quality_parts.tests_present(False, change())) == 0.0
