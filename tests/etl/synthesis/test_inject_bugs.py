import ast

import pytest

from etl.synthesis.doctest_examples import Failure
from etl.synthesis.inject_bugs import InjectBugsParams, Skipped, build_pair, propose
from udfs.diffs import apply_patch, parse_patch

SOURCE = '''\
def clamp(value, low, high):
    """Limit a value.

    >>> clamp(5, 0, 3)
    3
    """
    if value < low:
        return low
    return min(value, high)


def silent(value):
    """No examples."""
    return value + 1


def empty():
    """Only examples.

    >>> empty()
    """


class Box:
    def half(self, n):
        """
        >>> Box().half(4)
        2
        """
        return n // 2
'''


def test_each_documented_function_is_used_or_left_out_with_a_reason() -> None:
    proposal = propose("a/b.py", SOURCE, InjectBugsParams(mutants_per_function=4))
    assert {c.function for c in proposal.candidates} == {"clamp", "Box.half"}
    assert set(proposal.skipped) == {
        Skipped("a/b.py", "silent", "no_examples"),
        Skipped("a/b.py", "empty", "no_mutant"),
    }
    assert sum(c.function == "clamp" for c in proposal.candidates) == 4
    assert len({c.candidate_id for c in proposal.candidates}) == len(proposal.candidates)
    for candidate in proposal.candidates:
        assert candidate.fixed_source == SOURCE
        assert ast.dump(ast.parse(candidate.buggy_source)) != ast.dump(ast.parse(SOURCE))
    assert proposal == propose("a/b.py", SOURCE, InjectBugsParams(mutants_per_function=4))


def test_bugs_are_planted_as_real_fixes_show_them() -> None:
    params = InjectBugsParams(mutants_per_function=2)
    proposal = propose("a.py", SOURCE, params, {"missing_guard": 5.0})
    assert {c.operator for c in proposal.candidates} == {"missing_guard"}
    assert Skipped("a.py", "Box.half", "no_mutant") in proposal.skipped


def test_the_limit_of_functions_is_reported() -> None:
    proposal = propose("a.py", SOURCE, InjectBugsParams(functions_per_file=1))
    assert {c.function for c in proposal.candidates} == {"clamp"}
    assert Skipped("a.py", "Box.half", "over_function_limit") in proposal.skipped


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:", "does_not_parse"),
        ("\0", "does_not_parse"),
        ("x = 1", "no_documented_function"),
        ("#" * 500_000, "source_too_large"),
    ],
)
def test_a_file_that_gives_nothing_says_why(source: str, reason: str) -> None:
    proposal = propose("a.py", source, InjectBugsParams())
    assert (proposal.candidates, proposal.skipped) == ((), (Skipped("a.py", None, reason),))


def test_the_pair_shows_the_observed_failure_and_its_response_restores_the_original() -> None:
    for candidate in propose("a/b.py", SOURCE, InjectBugsParams()).candidates:
        failures = (Failure(1, "f(2)\n", "2\n", ""), Failure(2, "f(3)\n", "3\n", "x"))
        pair = build_pair(candidate, failures, ("a = 1\n", "f(2)\n", "f(3)\n"))
        (file_patch,) = parse_patch(pair.response)
        assert apply_patch(candidate.buggy_source, file_patch) == SOURCE
        assert f"`{candidate.function}`" in pair.instruction
        assert "```pycon\n>>> a = 1\n>>> f(2)\n```" in pair.instruction
        assert "Expected:\n```\n2\n```\n\nGot:\n```\n(nothing)\n```" in pair.instruction
        assert "1 more of its 3 examples fail too." in pair.instruction
        assert candidate.description not in pair.instruction
        assert pair.context.startswith("### a/b.py (lines ")
        name = candidate.function.split(".")[-1]
        assert pair.context.splitlines()[2].strip().startswith(f"def {name}")


def test_prompts_continue_over_lines() -> None:
    candidate = propose("a.py", SOURCE, InjectBugsParams()).candidates[0]
    failure = Failure(0, "for x in y:\n    f(x)\n", "1\n", "2\n")
    instruction = build_pair(candidate, (failure,), (failure.source,)).instruction
    assert ">>> for x in y:\n...     f(x)\n" in instruction


def test_a_module_that_no_longer_imports_is_described_as_such() -> None:
    candidate = propose("a.py", SOURCE, InjectBugsParams()).candidates[0]
    failure = Failure(-1, "", "", "TypeError: no\n")
    instruction = build_pair(candidate, (failure,), ("clamp(5, 0, 3)\n",)).instruction
    assert "Importing the module fails:\n```\nTypeError: no\n```" in instruction
    assert "Expected" not in instruction
