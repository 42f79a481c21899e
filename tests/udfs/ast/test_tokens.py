"""Which edits leave a text's code the same, and which do not."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import SUPPORTED, Source, code_tokens, same_code, structure_tokens

SAME = [
    ("python", "def f(a,b):\n  return g(a,\n 'x')\n", 'def f(a, b):  # c\n    return g(a, "x",)\n'),
    ("python", "a; b\n", "a\nb\n"),
    ("python", "def f():\n    x\n", "def f():\n    x\n    # end\n"),
    ("javascript", "const a = 'x'\nf(a)\n", 'const a = "x"; // c\nf(a);'),
    ("javascript", "f({a, b})", "f({\n  a,\n  b,\n})"),
    (
        "tsx",
        "const a = <p>one two</p>;",
        "const a =\n  <p>one two</p>;",
    ),
    ("tsx", "x = <p>\n  one\n  two\n</p>", "x = <p>\n      one\n      two\n    </p>"),
    (
        "typescript",
        "interface A { a: string; }\n",
        "interface A {\n  a: string\n}\n",
    ),
    ("java", "int[] a = {1, 2};", "/* c */ int[] a = {\n1,\n2,\n};"),
    (
        "go",
        "package p\nfunc f() { g(a) }\n",
        "package p\n\n// f\nfunc f() {\n\tg(\n\t\ta,\n\t)\n}\n",
    ),
    ("rust", "/// d\nfn f() { g(a, b) }", "fn f() {\n    g(\n        a,\n        b,\n    )\n}"),
    ("c", "int f(){return 1;}", "int f()\n{\n  return 1; /* one */\n}"),
    ("cpp", "enum A { x, y };", "enum A {\n  x,\n  y, // why\n};"),
]

DIFFERENT = [
    ("python", "if a:\n  b\nc\n", "if a:\n  b\n  c\n"),
    ("python", "a\n(b)\n", "a(b)\n"),
    ("python", "x = (a,)\n", "x = (a)\n"),
    ("python", "x[1,]\n", "x[1]\n"),
    ("python", "x = 'a b'\n", "x = 'a  b'\n"),
    ("python", "x = 'a'\n", "x = b'a'\n"),
    ("javascript", "function f() { return\nx }", "function f() { return x }"),
    ("javascript", "for (a;;b) {}", "for (;a;b) {}"),
    ("javascript", "[a,,]", "[a,]"),
    ("javascript", "[,]", "[]"),
    ("javascript", "x = `a b`", "x = `a  b`"),
    ("tsx", "x = <p>one two</p>", "x = <p>one  two</p>"),
    ("java", 'String s = "a b";', 'String s = "a  b";'),
    ("java", "char c = 'a';", 'char c = "a";'),
    ("go", "package p\nfunc f() {\n a\n (b)\n}\n", "package p\nfunc f() {\n a(b)\n}\n"),
    ("go", "package p\nvar s = `a b`\n", "package p\nvar s = `a  b`\n"),
    ("rust", "fn f() { (a,) }", "fn f() { (a) }"),
    ("rust", 'fn f() { "a b" }', 'fn f() { "a  b" }'),
    ("c", 'char *s = "a b";', 'char *s = "a  b";'),
    ("c", "#define A (b)\n", "#define A\n(b)\n"),
    ("cpp", 'auto s = R"(a b)";', 'auto s = R"(a  b)";'),
]


@pytest.mark.parametrize(("language", "before", "after"), SAME)
def test_formatting_and_comments_are_no_code(language: str, before: str, after: str) -> None:
    assert code_tokens(before, language) == code_tokens(after, language)
    assert same_code(Source(before, language), Source(after, language)) is True


@pytest.mark.parametrize(("language", "before", "after"), DIFFERENT)
def test_what_has_meaning_is_kept(language: str, before: str, after: str) -> None:
    assert same_code(Source(before, language), Source(after, language)) is False


def test_structure_forgets_names_and_nothing_else() -> None:
    before = "def area(w, h):\n    return w * h + w\n"
    renamed = "def size(a, b):\n    return a * b + a\n"
    crossed = "def size(a, b):\n    return a * b + b\n"
    assert structure_tokens(before, "python") == structure_tokens(renamed, "python")
    assert structure_tokens(before, "python") != structure_tokens(crossed, "python")
    assert structure_tokens("f(1)", "python") != structure_tokens("f(2)", "python")


def test_unknown_language_gives_none() -> None:
    assert code_tokens("x", "cobol") is None
    assert structure_tokens("x", "cobol") is None
    assert same_code(Source("x", "cobol"), Source("x", "cobol")) is None


@given(text=st.text(max_size=200), language=st.sampled_from(sorted(SUPPORTED)))
def test_any_text_gives_tokens(text: str, language: str) -> None:
    tokens, structure = code_tokens(text, language), structure_tokens(text, language)
    assert tokens is not None
    assert structure is not None
    assert len(tokens) == len(structure)


LINES = st.lists(
    st.sampled_from(
        [
            "a = 1",
            "if a:",
            "    b(a)",
            "    c = 'x'",
            "    if c:",
            "        d",
            "else:",
            "# e",
            "",
            "e",
        ]
    ),
    max_size=12,
).map("\n".join)


def _tree(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def test_docstrings_are_tokens_and_no_code() -> None:
    before = '"""A module."""\n\ndef f():\n    """Add."""\n    return "a"\n'
    after = before.replace("A module", "One module").replace("Add.", "Add it.")
    assert code_tokens(before, "python") != code_tokens(after, "python")
    assert same_code(Source(before, "python"), Source(after, "python"))
    assert not same_code(Source(before, "python"), Source(after.replace('"a"', '"b"'), "python"))
    strict = "'use strict'\nf()\n"
    assert not same_code(Source(strict, "javascript"), Source("f()\n", "javascript"))


@given(before=LINES, after=LINES)
def test_same_python_code_means_the_same_tree(before: str, after: str) -> None:
    """The standard library's parser is the judge, in both directions, on texts it accepts."""
    old, new = _tree(before), _tree(after)
    if old is not None and new is not None:
        assert same_code(Source(before, "python"), Source(after, "python")) == (old == new)


@given(head=LINES, before=LINES, after=LINES, tail=LINES)
def test_what_is_common_to_both_ends_changes_nothing(
    head: str, before: str, after: str, tail: str
) -> None:
    old, new = (f"{head}\n{middle}\n{tail}" for middle in (before, after))
    if _tree(old) is not None and _tree(new) is not None:
        whole = code_tokens(old, "python") == code_tokens(new, "python")
        assert same_code(Source(old, "python"), Source(new, "python")) == whole
