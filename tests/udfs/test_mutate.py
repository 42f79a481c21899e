import ast
import textwrap
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs import mutate
from udfs.bug_patterns import PATTERNS
from udfs.mutate import (
    OPERATORS,
    PLANTED_FOR,
    Mutant,
    documented_functions,
    function_lines,
    insert_first,
    mutants,
    operator_weights,
)


def _all(source: str, name: str = "f", seed: int = 0) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for mutant in mutants(textwrap.dedent(source), name, seed, 10_000):
        found.setdefault(mutant.operator, []).append((mutant.before, mutant.after))
    return {operator: sorted(edits) for operator, edits in found.items()}


def test_boundaries_of_a_chained_comparison_move_one_at_a_time() -> None:
    edits = _all("def f(a, b):\n    return 0 <= a < (  # upper <\n        b)\n")
    assert edits["wrong_boundary"] == [("<", "<="), ("<=", "<")]


@pytest.mark.parametrize(
    ("body", "operator", "expected"),
    [
        ("return a is  not b", "wrong_comparison", [("is  not", "is")]),
        ("return a in b", "wrong_comparison", [("in", "not in")]),
        ("return (a) == (b)", "wrong_comparison", [("==", "!=")]),
        ("return a and b and a", "wrong_boolean", [("and", "or"), ("and", "or")]),
        ("a += b; return a", "wrong_arithmetic", [("+=", "-=")]),
        ("return a // b", "wrong_arithmetic", [("//", "/")]),
        ("return '%s' % a", "wrong_arithmetic", []),
        ("return a if a or b else b", "negated_condition", [("a or b", "not (a or b)")]),
        ("return [x for x in a if not x]", "negated_condition", [("not x", "x")]),
        ("return a[1:]", "off_by_one_bound", [("1", "0"), ("1", "2")]),
        ("return a[:b]", "off_by_one_bound", [("b", "b + 1"), ("b", "b - 1")]),
        ("return a[-1]", "off_by_one_bound", [("1", "0"), ("1", "2")]),
        ("return range(-a)", "off_by_one_bound", [("-a", "(-a) + 1"), ("-a", "(-a) - 1")]),
        ("return a + 0x10", "off_by_one_constant", []),
        ("return a + 7", "off_by_one_constant", [("7", "6"), ("7", "8")]),
        ("return g(a, b)", "swapped_arguments", [("a, b", "b, a")]),
        ("return g(a, *b)", "swapped_arguments", []),
        ("return a - b * 2", "swapped_operands", [("a - b * 2", "(b * 2) - a")]),
        ("return g(a, key=b)", "missing_argument", [(", key=b", "")]),
        ("return g(key=b)", "missing_argument", [("key=b", "")]),
        ("return g(list(a))", "missing_conversion", [("list(a)", "a")]),
        ("return a.strip()", "missing_conversion", [("a.strip()", "a")]),
        ("return max(a)", "wrong_function", [("max", "min")]),
        ("return a.startswith(b)", "wrong_function", [("startswith", "endswith")]),
        ("return g(a, flag=True)", "wrong_flag", [("True", "False")]),
        ("return a", "missing_return", [("return a", "a")]),
        ("yield 1\n    return a", "missing_return", []),
        ("return g(a)", "wrong_name", [("a", "b")]),
        ("return a()", "wrong_name", []),
    ],
)  # fmt: skip
def test_each_operator_edits_exactly_its_place(
    body: str, operator: str, expected: list[tuple[str, str]]
) -> None:
    assert _all(f"def f(a, b):\n    {body}\n").get(operator, []) == expected


def test_a_missing_guard_goes_with_its_comment_and_leaves_other_branches() -> None:
    source = """\
    def f(a):
        total = 0
        # Nothing to add.
        if not a:
            return total
        if a > 3:
            total += 1
        elif a > 2:
            return 5
        return total
    """
    (before, after) = _all(source)["missing_guard"][0]
    assert before == "    # Nothing to add.\n    if not a:\n        return total\n"
    assert after == ""
    assert len(_all(source)["missing_guard"]) == 1


def test_the_only_statement_of_a_block_becomes_pass() -> None:
    source = "def f(a):\n    for x in a:\n        if x:\n            break\n    return a\n"
    assert ("if x:\n            break", "pass") in _all(source)["missing_guard"]


def test_defaults_are_shifted_and_flipped() -> None:
    edits = _all("def f(a=1, *, b=False, c=None, d='x'):\n    return a\n")
    assert edits["wrong_default"] == [("1", "0"), ("1", "2"), ("False", "True")]


def test_docstrings_annotations_decorators_and_f_strings_are_left_alone() -> None:
    source = '''\
    @g(1, 2)
    def f(a: "x[1]") -> "y[2]":
        """Return 1 < 2."""
        b: c[3] = f"{a < 4}"
        return b
    '''
    assert set(_all(source)) == {"missing_return"}


def test_the_rest_of_the_file_stays_byte_for_byte() -> None:
    source = "\ufeffé = 'ü<'\r\ndef f(a):\t# ä\r\n\treturn 'ö' if a < 1 else  2  # <\r\n\fx = 1\r"
    for mutant in mutants(source, "f", 0, 100):
        position = _edit_position(source, mutant)
        end = position + len(mutant.before)
        assert source[position:end] == mutant.before
        assert mutant.source == source[:position] + mutant.after + source[end:]
        assert mutant.line == 3
    assert {"wrong_boundary", "off_by_one_constant"} <= set(_all(source))


def _edit_position(source: str, mutant: Mutant) -> int:
    tail = len(mutant.source) - len(mutant.after)
    return next(
        i
        for i in range(len(source) + 1)
        if mutant.source == source[:i] + mutant.after + source[i + len(mutant.before) :]
        and tail == len(source) - len(mutant.before)
    )


SAMPLE = '''\
"""A module."""
import os


class Box:
    def take(self, n, items, *, strict=False):
        """Take `n` items."""
        if n < 0:
            raise ValueError(n)
        out = []
        for index, item in enumerate(items):
            if index >= n and not strict:
                break
            out.append(item)
        return out[: n + 1]

    def other(self):
        return 1 < 2
'''


def test_only_the_named_function_changes() -> None:
    original = ast.parse(SAMPLE).body[-1]
    for mutant in mutants(SAMPLE, "Box.take", 3, 100):
        changed = ast.parse(mutant.source).body[-1]
        assert isinstance(original, ast.ClassDef) and isinstance(changed, ast.ClassDef)
        assert ast.dump(changed.body[0]) != ast.dump(original.body[0])
        assert ast.dump(changed.body[1]) == ast.dump(original.body[1])


@given(st.integers(), st.integers(min_value=0, max_value=30))
def test_a_seed_decides_the_order_and_nothing_else(seed: int, limit: int) -> None:
    some = mutants(SAMPLE, "Box.take", seed, limit)
    everything = mutants(SAMPLE, "Box.take", seed, 1000)
    assert some == everything[:limit]
    by_text = sorted(everything, key=lambda m: (m.source, m.operator))
    assert by_text == sorted(
        mutants(SAMPLE, "Box.take", 0, 1000), key=lambda m: (m.source, m.operator)
    )
    assert len({mutant.source for mutant in everything}) == len(everything)


def test_the_first_mutants_are_of_different_operators() -> None:
    first = mutants(SAMPLE, "Box.take", 5, 6)
    assert len({mutant.operator for mutant in first}) == 6


def test_operators_are_drawn_as_often_as_their_weights_say() -> None:
    weights = {"wrong_boundary": 3.0, "wrong_arithmetic": 1.0, "missing_guard": 0.0}
    drawn = Counter(
        mutants(SAMPLE, "Box.take", seed, 1, weights)[0].operator for seed in range(400)
    )
    assert drawn.keys() == {"wrong_boundary", "wrong_arithmetic"}
    assert 0.68 < drawn["wrong_boundary"] / 400 < 0.82
    everything = mutants(SAMPLE, "Box.take", 0, 1000, weights)
    assert {mutant.operator for mutant in everything} == drawn.keys()
    assert mutants(SAMPLE, "Box.take", 0, 3, weights) == everything[:3]


def test_weights_follow_the_patterns_of_fixes() -> None:
    assert set(PLANTED_FOR) <= set(PATTERNS)
    assert {name for names in PLANTED_FOR.values() for name in names} == set(OPERATORS)
    weights = operator_weights({"off_by_one": 30, "missing_guard": 10, "wrong_type": 60})
    assert weights["missing_guard"] == 10 and weights["wrong_boundary"] == 10
    assert weights["wrong_name"] == 0 and sum(weights.values()) == 40


@pytest.mark.parametrize(
    "source",
    ["def f(:", "x = 1", "\0", "def f():\n    return " + "(" * 5000, "\ud800"],
)
def test_a_text_without_the_function_gives_nothing(source: str) -> None:
    assert mutants(source, "f", 0, 5) == ()
    assert insert_first(source, "f", "pass") is None


def test_a_deep_expression_is_walked_without_recursion() -> None:
    terms = " + ".join(["a"] * 900)
    assert len(mutants(f"def f(a, b):\n    return {terms}\n", "f", 0, 20)) == 20


def test_the_last_definition_counts() -> None:
    source = "def f(a):\n    return a < 1\n\ndef f(a):\n    return a > 1\n"
    assert _all(source)["wrong_boundary"] == [(">", ">=")]


def test_a_first_statement_is_inserted_after_the_docstring() -> None:
    source = 'class C:\n\tdef f(self):\n\t\t"""Doc."""\n\n\t\treturn 1\n'
    assert insert_first(source, "C.f", "raise X") == (
        'class C:\n\tdef f(self):\n\t\t"""Doc."""\n\n\t\traise X\n\t\treturn 1\n'
    )
    assert insert_first("def f():\n    @g\n    def h(): pass\n", "f", "raise X") == (
        "def f():\n    raise X\n    @g\n    def h(): pass\n"
    )
    assert insert_first("def f(): return 1\n", "f", "raise X") is None
    assert insert_first('def f():\n    """Doc."""\n', "f", "raise X") is None


def test_the_lines_of_a_function_include_its_decorators() -> None:
    source = "class C:\n    @g\n    @h(\n        1)\n    def f(self):\n        return 1\n\nx = 1\n"
    assert function_lines(source, "C.f") == (2, 6)
    with pytest.raises(ValueError, match="no function"):
        function_lines(source, "C")


def test_documented_functions_are_named_as_they_are_called() -> None:
    source = '''
class A:
    def f(self):
        """One."""
        def inner():
            """Hidden."""
if True:
    def g():
        """Two."""
def h(): pass
'''
    assert documented_functions(source) == (("A.f", "One."), ("g", "Two."))


def test_every_operator_finds_its_place_in_an_ordinary_function() -> None:
    source = """\
    def f(a, b=1, *, deep=True):
        total = g(a, b, key=len) - 7
        if not a and b < 1:
            return total
        total += max(list(a)[b:])
        h(total, True)
        return total == b
    """
    assert set(_all(source)) == set(mutate.OPERATORS)
