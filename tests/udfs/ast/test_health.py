"""What a change does to the parses and the complexity of its files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import Health, Source, health


def of(*versions: tuple[str | None, str | None], language: str = "python") -> Health | None:
    """The health of files by their texts before and after."""
    return health(
        (
            None if before is None else Source(before, language),
            None if after is None else Source(after, language),
        )
        for before, after in versions
    )


@pytest.mark.parametrize(
    ("language", "text", "complexity"),
    [
        ("python", "def f(a):\n  if a:\n    pass\n  elif b:\n    while c:\n      if d: pass\n", 5),
        ("javascript", "function f(a) { if (a) {} else if (b) { for (;;) {} } else if (c) {} }", 5),
        ("java", "class A { void f() { try { if (a) {} else if (b) {} } catch (E e) {} } }", 4),
        ("go", "package p\nfunc f() { for { if a {} else if b {} } }", 4),
        ("rust", "fn f() { if a {} else if b { match c { 1 => 2, _ => 3 } } }", 4),
        ("c", "int f() { if (a) ; else if (b) { do { } while (c); } }", 4),
        ("cpp", "int f() { for (auto x : y) { if (x && z) {} } }", 4),
    ],
)
def test_a_new_function_has_its_complexity_and_a_removed_one_had(
    language: str, text: str, complexity: int
) -> None:
    assert of((None, text), language=language) == Health(1, 0, 0, 0, complexity)
    assert of((text, None), language=language) == Health(1, 0, 0, complexity, 0)
    assert of((text, text), language=language) == Health(1, 0, 0, 0, 0)


_WHOLE = "def f(a):\n    return a\n"
_BROKEN = "def f(a:\n    return a\n"


def test_only_a_file_that_comes_to_parse_or_ceases_to_says_anything() -> None:
    assert of((_WHOLE, _BROKEN)) == Health(1, 1, 0, 0, 0)
    assert of((_BROKEN, _WHOLE)) == Health(1, 0, 1, 0, 0)
    assert of((_BROKEN, _BROKEN + "x = 1\n")) == Health(1, 0, 0, 0, 0)
    assert of((None, _BROKEN), (_WHOLE, _BROKEN), (_BROKEN, None)) == Health(3, 1, 0, 0, 0)


def test_what_a_preprocessor_would_rewrite_is_not_called_broken() -> None:
    whole = "static int f() { return 1; }\n"
    macro = "#ifndef WIN32\nstatic\n#endif\nint f() { return 1; }\n"
    for language in ("c", "cpp"):
        assert of((whole, macro), language=language) == Health(1, 0, 0, 0, 0)
        assert of((macro, whole), language=language) == Health(1, 0, 0, 0, 0)


def test_functions_beside_an_error_that_stays_are_compared() -> None:
    error = "\nx = )\n"
    grown = _WHOLE.replace("return a", "return a if a else 0")
    assert of((_WHOLE + error, grown + error)) == Health(1, 0, 0, 1, 2)


def test_what_cannot_be_read_is_not_judged() -> None:
    deep = "(" * 100_000 + "1" + ")" * 100_000
    assert of((None, "begin"), language="pascal") is None
    assert of((_WHOLE, deep)) is None
    assert of((_WHOLE, deep), (_WHOLE, _BROKEN)) == Health(1, 1, 0, 0, 0)
    assert of() is None


def test_a_function_that_moves_to_another_file_is_neither_lost_nor_gained() -> None:
    hard = "def g(a):\n    return a if a or b or c else d\n"
    assert of((_WHOLE + hard, _WHOLE), (None, hard)) == Health(2, 0, 0, 0, 0)


def test_a_function_within_another_is_one_of_its_own() -> None:
    outer = (
        "def f(a):\n    if a:\n        return 1\n    def g(b):\n        return {}\n    return g\n"
    )
    found = of((outer.format("b"), outer.format("b if b else 0")))
    assert found == Health(1, 0, 0, 1, 2), "only g changes, which f holds"


def test_the_parts_of_a_function_are_less_complex_than_the_whole() -> None:
    steps = [f"    if {name}:\n        return {name}\n" for name in "abcd"]
    whole = "def f(a, b, c, d):\n" + "".join(steps)
    first = "def f(a, b, c, d):\n" + "".join(steps[:2]) + "    return g(c, d)\n"
    rest = "def g(c, d):\n" + "".join(steps[2:])
    assert of((whole, first + rest)) == Health(1, 0, 0, 5, 3)


_NAMES = st.lists(
    st.from_regex(r"[a-z]{4,6}_[a-z]{3}", fullmatch=True), min_size=3, max_size=3, unique=True
)
_BRANCH = ("    if {0}:\n        {1}()\n", "    for {2} in {0}:\n        {1}()\n", "    {1}()\n")
_BODY = st.lists(st.sampled_from(_BRANCH), min_size=1, max_size=8)


@given(_BODY, _NAMES, _NAMES, st.sampled_from(["  ", "\t", " " * 8]))
def test_names_and_layout_do_not_matter_and_another_branch_does(
    body: list[str], names: list[str], others: list[str], step: str
) -> None:
    def text(body: list[str], names: list[str]) -> str:
        return "def work(given):\n" + "".join(line.format(*names) for line in body)

    before = text(body, names)
    branches = 1 + sum(line is not _BRANCH[2] for line in body)
    assert of((None, before)) == Health(1, 0, 0, 0, branches)
    again = text(body, others).replace("    ", step) + "\n\n# The end\n"
    assert of((before, again)) == Health(1, 0, 0, 0, 0)
    more = text([*body, _BRANCH[0]], others).replace("    ", step)
    assert of((before, more)) == Health(1, 0, 0, branches, branches + 1)
    assert of((more, before)) == Health(1, 0, 0, branches + 1, branches)
