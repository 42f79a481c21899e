"""A line that an expert wrote becomes a pair, or says what is wrong with it."""

import json
from typing import Any

import pytest

from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.expert_pairs import ExpertLine, expert_pair, read_line
from udfs.pairs import Pair, PairLimits, Rejection

BEFORE = "def mean(values):\n    return sum(values) / len(values)\n"
AFTER = "def mean(values):\n    return sum(values) / len(values) if values else 0.0\n"
LINE: dict[str, Any] = {
    "instruction": "Let `mean` give 0.0 for no values",
    "response": make_patch("mean.py", BEFORE, "mean.py", AFTER),
    "context": BEFORE,
    "category": "bug_fix",
    "language": "python",
    "licence": "MIT",
    "author": "ada@tally.example",
    "correctness": 5,
    "clarity": 4,
}


def encoded(**changes: Any) -> bytes:
    return json.dumps({k: v for k, v in (LINE | changes).items() if v is not None}).encode()


def decided(**changes: Any) -> Pair | Rejection:
    line = read_line(encoded(**changes))
    assert isinstance(line, ExpertLine), line
    return expert_pair(line, PairLimits(), lambda licence: licence == "MIT")


def made(**changes: Any) -> Pair:
    pair = decided(**changes)
    assert isinstance(pair, Pair), pair
    return pair


def test_a_diff_is_made_anew_with_the_context_that_a_change_gets() -> None:
    pair = made(response="--- mean.py\n+++ mean.py\n" + LINE["response"].split("\n", 3)[3])
    assert pair.response == LINE["response"]
    (patch,) = parse_patch(pair.response)
    assert apply_patch(BEFORE, patch) == AFTER
    assert pair.context == f"### mean.py (whole file)\n```python\n{BEFORE}```\n"
    assert (pair.category, pair.language, pair.confidence) == ("bug_fix", "python", 1.0)
    assert pair.flags == ("rubric:correctness:5", "rubric:clarity:4")


def test_a_diff_of_several_files_finds_each_text_by_its_path() -> None:
    test = "def test_mean():\n    assert mean([]) == 0.0\n"
    both = LINE["response"] + make_patch(None, None, "tests/test_mean.py", test)
    pair = made(response=both, context={"mean.py": BEFORE})
    assert (pair.paths, pair.test_paths) == (("mean.py",), ("tests/test_mean.py",))
    assert pair.tests_touched and "assert mean([]) == 0.0" in pair.tests


def test_what_is_no_diff_is_an_answer_beside_its_context() -> None:
    said = "Nothing guards `len(values)`, so no values raise ZeroDivisionError."
    pair = made(response=said, category="code_review", context={"b.py": "b = 1\n", "a.py": "a = 1"})
    assert (pair.response, pair.paths) == (said, ("a.py", "b.py"))
    assert pair.context.startswith("### a.py (whole file)\n```python\na = 1\n```\n\n### b.py")
    assert made(response=said, context=None).context == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"category": "magic"}, "category: Input should be 'bug_fix', 'new_feature'"),
        ({"licence": None}, "licence: Field required"),
        ({"clarity": 7}, "clarity: Input should be less than or equal to 5"),
        ({"clarity": "5"}, "clarity: Input should be a valid integer"),
        ({"score": 1}, "score: unknown field; allowed: instruction, response, category"),
        ({"context": 3}, "context: Input should be a valid"),
    ],
)
def test_a_wrong_field_is_told_with_what_it_may_be(changes: dict[str, Any], told: str) -> None:
    read = read_line(encoded(**changes))
    assert isinstance(read, Rejection) and read.reason == "line_invalid"
    assert told in read.detail


@pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff", b'{"instruction": "\\ud800"}', b"null"])
def test_what_is_no_object_is_no_line(line: bytes) -> None:
    read = read_line(line)
    assert isinstance(read, Rejection) and read.detail


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"licence": "GPL-3.0-only"}, Rejection("licence_not_permissive", "GPL-3.0-only")),
        (
            {"context": BEFORE.replace("sum", "total")},
            Rejection("response_does_not_apply", "mean.py: hunk 1 does not match line 2"),
        ),
        (
            {"context": {"other.py": BEFORE}},
            Rejection("response_does_not_apply", "`context` has no text of mean.py"),
        ),
        (
            {"response": LINE["response"] * 2},
            Rejection(
                "response_does_not_apply",
                "it changes several files: give `context` as {path: text}",
            ),
        ),
        (
            {"response": "Yes.", "context": "x" * 60_001},
            Rejection("context_too_large", "60001 characters"),
        ),
    ],
)
def test_what_makes_no_pair_has_a_reason(changes: dict[str, Any], expected: Rejection) -> None:
    assert decided(**changes) == expected


def test_secrets_become_placeholders_and_the_diff_still_applies() -> None:
    mail = "eve.quill@corp-mail.net"
    before = f"OWNER = '{mail}'\n{BEFORE}"
    patch = make_patch("mean.py", before, "mean.py", f"OWNER = '{mail}'\n{AFTER}")
    pair = made(context=before, response=patch, instruction=f"{mail} wants 0.0 for no values")
    assert mail not in f"{pair.instruction}{pair.context}{pair.response}"
    assert "<EMAIL_1>" in pair.instruction and "<EMAIL_1>" in pair.context
    assert "redacted:email:1" in pair.flags
    said = made(response=f"Ask {mail}, who wrote `mean`.", context=None)
    assert said.response == "Ask <EMAIL_1>, who wrote `mean`."
