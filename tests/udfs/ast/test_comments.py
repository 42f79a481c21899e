"""Docstrings agree with `ast.get_docstring`; comments document what stands right below them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from udfs.ast.comments import python_docstring
from udfs.ast.outline import read_outline
from udfs.ast.parsing import Parsed, named_child, parse


def _docs(text: str, language: str) -> dict[str, str | None]:
    parsed = parse(text.encode(), language)
    assert isinstance(parsed, Parsed)
    return {item.qualified_name: item.doc_comment for item in read_outline(parsed).definitions}


def _docstring(text: str) -> str | None:
    parsed = parse(text.encode(), "python")
    assert isinstance(parsed, Parsed)
    function = named_child(parsed.root, 0)
    assert function is not None
    body = function.child_by_field_name("body")
    assert body is not None
    return python_docstring(parsed, body)


@pytest.mark.parametrize(
    "body",
    [
        '"""One line."""',
        "'''Several\n\n    indented\n      lines.\n    '''",
        "# first a comment\n    'then' ' two'",
        "r'''raw \\d'''",
        "'escaped \\u00e9 \\n here'",
        "b'bytes are none'",
        "f'neither is {this}'",
        "'' ; pass",
        "x = 'nor an assignment'",
        "'a tuple', 'is none'",
        "pass",
    ],
)
def test_docstrings_agree_with_the_standard_library(body: str) -> None:
    text = f"def f():\n    {body}\n    return 1\n"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _docstring(text) == (ast.get_docstring(function) or None)


def test_docstrings_of_the_standard_library_itself() -> None:
    checked = 0
    for module in ("argparse", "textwrap", "shutil", "heapq"):
        path = Path(ast.__file__).with_name(f"{module}.py")
        source = path.read_text("utf-8")
        parsed = parse(source.encode(), "python")
        assert isinstance(parsed, Parsed)
        expected = {
            (node.name, node.body[0].lineno): ast.get_docstring(node) or None
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node)
        }
        found = {
            (item.name, item.body.start_point.row + 1): python_docstring(parsed, item.body)
            for item in read_outline(parsed).functions
            if item.body is not None
        }
        for key, doc in expected.items():
            assert found[key] == doc
            checked += 1
    assert checked > 50


@pytest.mark.parametrize(
    ("language", "text", "doc"),
    [
        ("javascript", "/** Adds.\n * Twice. */\nfunction f() {}", "Adds.\nTwice."),
        ("javascript", "/* no doc */\nfunction f() {}", None),
        ("javascript", "/** too far */\n\n\nfunction f() {}", None),
        ("javascript", "let a = 1 /** of a */\nfunction f() {}", None),
        ("go", "package p\n\n// F adds.\n//go:noinline\nfunc f() {}", "F adds."),
        ("rust", "/// Adds.\n///\n/// Twice.\n#[inline]\nfn f() {}", "Adds.\n\nTwice."),
        ("rust", "// plain\nfn f() {}", None),
        ("java", "class A {\n  /** Adds. */\n  @Override\n  void f() {}\n}", "Adds."),
    ],
)
def test_comments_above(language: str, text: str, doc: str | None) -> None:
    docs = _docs(text, language)
    assert docs[next(name for name in docs if name.rpartition(".")[2] == "f")] == doc


def test_text_without_comments() -> None:
    text = "a = 1  # one\n\n# two\nb = 2\n"
    parsed = parse(text.encode(), "python")
    assert isinstance(parsed, Parsed)
    leading = read_outline(parsed).leading
    assert leading.without_comments(0, len(text)) == "a = 1 b = 2"
    assert leading.end_without_comments(text.index("b") - 1) == text.index("a = 1  ") + 5
