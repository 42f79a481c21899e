"""Figures of complexity and nesting."""

from __future__ import annotations

import pytest

from udfs.ast import Health, health


@pytest.mark.parametrize(
    ("language", "text", "complexity", "nesting"),
    [
        (
            "python",
            "def f(a):\n  if a:\n    pass\n  elif b:\n    while c:\n      if d: pass\n",
            5,
            3,
        ),
        (
            "javascript",
            "function f(a) { if (a) {} else if (b) { for (;;) {} } else if (c) {} }",
            5,
            2,
        ),
        ("java", "class A { void f() { try { if (a) {} else if (b) {} } catch (E e) {} } }", 4, 2),
        ("go", "package p\nfunc f() { for { if a {} else if b {} } }", 4, 2),
        ("rust", "fn f() { if a {} else if b { match c { 1 => 2, _ => 3 } } }", 4, 2),
        ("c", "int f() { if (a) ; else if (b) { do { } while (c); } }", 4, 2),
        ("cpp", "int f() { for (auto x : y) { if (x && z) {} } }", 4, 2),
    ],
)
def test_one_function(language: str, text: str, complexity: int, nesting: int) -> None:
    assert health(text, language) == Health(True, 1, float(complexity), complexity, nesting)


def test_mean_over_functions_and_errors() -> None:
    text = "def f():\n  pass\ndef g():\n  if a: pass\n"
    assert health(text, "python") == Health(True, 2, 1.5, 2, 1)
    assert not health("def (:", "python").parses
    assert health("x", "cobol") == Health(parses=False, error="unsupported_language")
