"""Definitions have their kinds, scopes and spans; owners agree with brute force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ast.outline import Outline, Owners, plain_path, read_outline
from udfs.ast.parsing import Parsed, parse


def _outline(text: str, language: str) -> Outline:
    parsed = parse(text.encode(), language)
    assert isinstance(parsed, Parsed)
    return read_outline(parsed, with_measures=True)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            "class A:\n    def __init__(self): pass\n    def f(self):\n        def g(): pass\n",
            [
                ("A", "class"),
                ("A.__init__", "constructor"),
                ("A.f", "method"),
                ("A.f.g", "function"),
            ],
        ),
        (
            "javascript",
            "const api = { get() {}, put: () => {} }\nModel.prototype.save = function () {}\n",
            [("api.get", "method"), ("api.put", "function"), ("Model.save", "function")],
        ),
        (
            "java",
            "class A { A() {} void f() {} static class B { int g() { return 1; } } }",
            [
                ("A", "class"),
                ("A.A", "constructor"),
                ("A.f", "method"),
                ("A.B", "class"),
                ("A.B.g", "method"),
            ],
        ),
        (
            "go",
            "package p\ntype S struct{}\nfunc (s *S) F() {}\nfunc G() {}\n",
            [("S", "type"), ("S.F", "method"), ("G", "function")],
        ),
        (
            "cpp",
            "namespace n { class A { A(); ~A() {} }; }\nvoid n::A::f() {}\nstruct point p;\n",
            [("n.A", "class"), ("n.A.~A", "destructor"), ("n.A.f", "method")],
        ),
    ],
)
def test_definitions(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    outline = _outline(text, language)
    assert [(item.qualified_name, item.kind) for item in outline.definitions] == expected
    types = {item.qualified_name for item in outline.definitions if item.is_type}
    functions = [item.qualified_name for item in outline.functions]
    assert functions == [name for name, _ in expected if name not in types]


def test_a_definition_holds_its_decorators_and_lines() -> None:
    text = "x = 1\n\n@cache\n@other(1)\ndef f():\n    return 1\n    # the end\n\ny = 2\n"
    (function,) = _outline(text, "python").definitions
    assert text[function.start : function.end] == "@cache\n@other(1)\ndef f():\n    return 1"
    assert text[function.core : function.header_end].strip() == "def f():"
    assert (function.start_line, function.end_line) == (3, 6)


def test_measures_are_read_on_demand() -> None:
    text = "def f(a):\n    if a:\n        g(a)\n"
    assert len(_outline(text, "python").calls) == 1
    assert len(_outline(text, "python").branches) == 1
    parsed = parse(text.encode(), "python")
    assert isinstance(parsed, Parsed)
    assert not read_outline(parsed).calls
    assert not read_outline(parsed).branches


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("name", "name"),
        ("a.b.c", "a.b.c"),
        ("a::b", "a.b"),
        ("a->b", "a.b"),
        ("this?.$el", "this.$el"),
        ("this.#secret", "this.#secret"),
        ("f().g", None),
        ("a[0]", None),
        ("", None),
    ],
)
def test_plain_paths(text: str, path: str | None) -> None:
    assert plain_path(text) == path


@given(st.data())
def test_owners_are_the_innermost_spans(data: st.DataObject) -> None:
    spans: list[tuple[int, int]] = []

    def nest(start: int, end: int, depth: int) -> None:
        while end - start > 2 and depth < 4 and data.draw(st.booleans()):
            left = data.draw(st.integers(start, end - 2))
            right = data.draw(st.integers(left + 1, end))
            spans.append((left, right))
            nest(left + 1, right - 1, depth + 1)
            start = right

    nest(0, 40, 0)
    owners = Owners(spans)
    for byte in range(42):
        around = [number for number, (start, end) in enumerate(spans) if start <= byte < end]
        expected = min(around, key=lambda number: spans[number][1] - spans[number][0], default=-1)
        assert owners.of(byte) == expected
