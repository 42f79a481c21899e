"""Which lines of a file stand for a change as its context."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import SUPPORTED, Source, Span, enclosing_definitions, import_lines

TEXT = '''\
import os
from x import (
    y,
)

class A(B):
    """Doc."""

    z = 1

    def f(self):
        def g():
            return 1
        return g

    @dec
    def h(self):
        import late

w = 2
'''


def test_a_line_in_a_method_gives_the_method_and_the_header_of_its_class() -> None:
    assert enclosing_definitions(Source(TEXT, "python"), [13]) == (
        Span(6, 6, "A"),
        Span(11, 14, "A.f"),
    )
    both = enclosing_definitions(Source(TEXT, "python"), [18, 12])
    assert both == (Span(6, 6, "A"), Span(11, 14, "A.f"), Span(16, 18, "A.h"))


def test_a_line_outside_of_functions_gives_a_window() -> None:
    assert enclosing_definitions(Source(TEXT, "python"), [20], window=1) == (Span(19, 20),)
    assert enclosing_definitions(Source(TEXT, "python"), [9], window=1) == (
        Span(6, 6, "A"),
        Span(8, 10),
    )


def test_a_definition_that_is_too_long_gives_way_to_an_inner_one() -> None:
    spans = enclosing_definitions(Source(TEXT, "python"), [13], max_lines=3)
    assert spans == (Span(6, 6, "A"), Span(12, 13, "A.f.g"))


def test_without_a_tree_there_are_windows() -> None:
    assert enclosing_definitions(Source("a\nb\nc\nd\n", "cobol"), [4], window=1) == (Span(3, 4),)
    assert enclosing_definitions(Source("", "python"), [1]) == ()


def test_imports() -> None:
    assert import_lines(Source(TEXT, "python")) == ((1, 4),)
    go = 'package p\n\nimport (\n\t"a"\n\t"b"\n)\n\nfunc f() {}\n'
    assert import_lines(Source(go, "go")) == ((1, 1), (3, 6))
    script = "'use strict'\nvar a = require('a')\nimport b from 'b';\nvar c = 1\n"
    assert import_lines(Source(script, "javascript")) == ((2, 3),)
    assert import_lines(Source("#include <a.h>\n#include <b.h>\nint x;\n", "c")) == ((1, 2),)
    assert import_lines(Source("use a::b;\n\nfn f() { use c::d; }\n", "rust")) == ((1, 1),)


@given(
    text=st.text(max_size=200),
    language=st.sampled_from(sorted(SUPPORTED)),
    lines=st.lists(st.integers(-3, 30), max_size=5),
)
def test_spans_are_apart_in_order_and_hold_the_lines(
    text: str, language: str, lines: list[int]
) -> None:
    count = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    spans = enclosing_definitions(Source(text, language), lines)
    assert all(1 <= span.start_line <= span.end_line <= count for span in spans)
    assert all(a.end_line < b.start_line for a, b in pairwise(spans))
    for line in lines:
        if 1 <= line <= count:
            assert any(span.start_line <= line <= span.end_line for span in spans)
