"""The index holds what is rare, and says what it cannot find."""

from __future__ import annotations

import pickle
from dataclasses import replace

from tests.udfs.decontamination.problems import FENCE, GAP, PROBLEMS, SPEC
from udfs.decontamination.index import build_index
from udfs.decontamination.model import LEVELS
from udfs.decontamination.search import find_problems


def test_every_level_covers_what_is_long_enough() -> None:
    known = build_index(PROBLEMS, SPEC).by_problem()
    assert [level for level in LEVELS if known[level, "own", "Own/1"]] == list(LEVELS)
    short = replace(FENCE, prompt="Count posts.", solution="def posts(n):\n    return n\n")
    known = build_index([short], SPEC).by_problem()
    assert [level for level in LEVELS if known[level, "prose", "7"]] == []


def test_what_many_problems_of_a_benchmark_share_gives_none_away() -> None:
    alike = [replace(GAP, problem_id=f"Own/{number}") for number in range(4)]
    texts = {"response": GAP.prompt + (GAP.solution or "")}
    levels = {hit.level for hit in find_problems(texts, "python", build_index(alike, SPEC))}
    assert levels == {"substring"}, "the whole text is no idiom"
    others = [replace(one, benchmark=f"b{at}") for at, one in enumerate(alike)]
    levels = {hit.level for hit in find_problems(texts, "python", build_index(others, SPEC))}
    assert levels == set(LEVELS), "the same problem may be in several benchmarks"


def test_the_digits_in_their_order_are_no_words() -> None:
    digits = "Hexadecimal digits are '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B'."
    index = build_index([replace(FENCE, prompt=digits)], replace(SPEC, least_prompt_words=99))
    assert index.needles["words"] == ()


def test_order_and_repetition_of_problems_change_nothing() -> None:
    one, two = build_index(PROBLEMS, SPEC), build_index([*reversed(PROBLEMS), GAP], SPEC)
    assert pickle.dumps(one) == pickle.dumps(two)
