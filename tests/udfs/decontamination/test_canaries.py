"""What is planted is found, level by level, and what is not found is counted."""

from __future__ import annotations

from dataclasses import replace

from tests.udfs.decontamination.problems import FENCE, GAP, PROBLEMS, SPEC
from udfs.decontamination.canaries import KINDS, Canary, count_found, make_canaries
from udfs.decontamination.index import build_index
from udfs.decontamination.search import find_problems

INDEX = build_index(PROBLEMS, SPEC)
CANARIES = make_canaries(PROBLEMS, INDEX, 9)


def levels_of(canary: Canary) -> set[tuple[str, str, str]]:
    fields = {
        "instruction": canary.instruction,
        "context": canary.context,
        "response": canary.response,
    }
    hits = find_problems(fields, canary.language or None, INDEX)
    return {(hit.benchmark, hit.problem_id, hit.level) for hit in hits}


def test_every_kind_is_planted_and_every_claim_is_kept() -> None:
    assert {canary.kind for canary in CANARIES} == set(KINDS)
    found = count_found(CANARIES, {at: levels_of(one) for at, one in enumerate(CANARIES)})
    assert {claimed - hits for claimed, hits in found.claimed.values()} == {0}
    assert {level for _, level in found.claimed} == {"substring", "words", "tokens", "structure"}
    assert found.missed["rewritten"] == 3 and found.missed["exact"] == 0


def test_a_search_that_finds_nothing_is_told() -> None:
    found = count_found(CANARIES, {})
    assert found.claimed["exact", "tokens"] == (3, 0)
    assert found.missed["exact"] == 3


def test_a_translation_is_known_by_its_words_alone() -> None:
    (one,) = [c for c in CANARIES if (c.kind, c.benchmark) == ("translated", "own")]
    assert one.claims == ("words",) and "func WidestGap" not in one.instruction
    assert ("own", "Own/1", "tokens") not in levels_of(one)


def test_nothing_is_claimed_of_what_is_too_short_or_has_no_grammar() -> None:
    short = replace(FENCE, prompt="Count posts.", solution="def posts(n):\n    return n\n")
    foreign = replace(GAP, language="cobol", benchmark="foreign")
    index = build_index([short, foreign], SPEC)
    claims = {c.kind: c.claims for c in make_canaries([short], index, 9)}
    assert set(claims.values()) == {()}
    claims = {c.kind: c.claims for c in make_canaries([foreign], index, 9)}
    assert claims["exact"] == ("substring", "words") and "renamed" not in claims


def test_a_problem_without_a_solution_is_planted_by_its_words() -> None:
    asked = (
        "You are given the heights of the posts of a fence.\n\n```\n3\n1 5 6\n```\n\n"
        "Print the widest distance between two neighbours, or zero when there are fewer than two."
    )
    statement = replace(FENCE, prompt=asked, solution=None)
    index = build_index([statement], SPEC)
    planted = make_canaries([statement], index, 9)
    assert {canary.kind: canary.claims for canary in planted} == {
        "docstring": ("substring", "words"),
        "exact": ("substring", "words"),
        "crlf": ("substring", "words"),
    }
    for canary in planted:
        fields = {"instruction": canary.instruction, "context": canary.context}
        assert {hit.level for hit in find_problems(fields, None, index)} == {"substring", "words"}


def test_only_so_many_problems_of_a_benchmark_are_planted() -> None:
    many = [replace(FENCE, problem_id=str(number)) for number in range(5)]
    planted = make_canaries(many, build_index(many, SPEC), 2)
    assert {canary.problem_id for canary in planted} == {"0", "1"}
