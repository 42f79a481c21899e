"""Caps on hostile texts, and that all grammars know the names that the tables use."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import REASONS, SUPPORTED, Limits, code_tokens, parse_functions
from udfs.ast.grammars import GRAMMARS
from udfs.ast.parsing import Group, Parsed, in_source_order, parse, ts_language

SMALL = Limits(max_bytes=300_000)


@pytest.mark.parametrize("language", sorted(SUPPORTED))
def test_every_name_in_a_table_exists_in_its_grammar(language: str) -> None:
    grammar, known = GRAMMARS[language], ts_language(language)
    named = (
        *grammar.functions,
        *grammar.closures,
        *grammar.types,
        *grammar.namespaces,
        *grammar.binders,
        *grammar.wrappers,
        *grammar.declarations,
        *grammar.prefixes,
        *grammar.comments,
        *grammar.calls,
        *grammar.members,
        *grammar.branches,
        *grammar.imports,
        *grammar.parameter_names,
    )
    assert [name for name in named if known.id_for_node_kind(name, True) is None] == []
    tokens = [t for t in grammar.branch_tokens if known.id_for_node_kind(t, False) is None]
    assert tokens == []


def _hostile() -> dict[str, str]:
    seeded = random.Random(7)
    return {
        "nested parentheses": "(" * 100_000 + "1" + ")" * 100_000,
        "unclosed": "(" * 150_000,
        "sum": "x = " + " + ".join(["a"] * 30_000) + "\n",
        "garbage": "".join(chr(seeded.randrange(1, 0x3000)) for _ in range(60_000)),
        "nul": "\0" * 100_000,
        "comments above functions on one line": "/** a */function f(){}" * 5_000,
        "nested classes": "class A { m() { " * 400,
        "else if": "if(a){}else " * 10_000,
        "deep functions": "".join(" " * i + f"def f{i}():\n" for i in range(600)),
    }


@pytest.mark.parametrize("name", sorted(_hostile()))
@pytest.mark.parametrize("language", ["python", "tsx", "cpp"])
def test_hostile_texts_end_within_the_caps(name: str, language: str) -> None:
    text = _hostile()[name]
    result = parse_functions(text, language, SMALL)
    assert result.error is None or result.error in REASONS
    assert (code_tokens(text, language, SMALL) is None) == (result.error is not None)
    assert parse_functions("int f() { return 1; }", "c").functions[0].name == "f"


@pytest.mark.parametrize("language", sorted(SUPPORTED))
def test_nesting_of_100_000_is_refused_and_a_sum_of_1_000_terms_is_not(language: str) -> None:
    nested = parse_functions("(" * 100_000 + "1" + ")" * 100_000, language)
    assert nested.error == "tree_too_deep"
    assert parse_functions("x = " + " + ".join(["a"] * 1_000), language).error is None


def _megabyte() -> str:
    """One million bytes of all that is hostile at once, as far as one text can be."""
    seeded = random.Random(8)
    pieces = [
        "f(" * 20_000 + ")" * 20_000,
        "x = " + " + ".join(["a"] * 1_000),
        "".join(chr(seeded.randrange(1, 0x300)) for _ in range(80_000)),
        "a" * 50_000 + "!" + "(a+)+" * 10_000 + "\t" * 50_000,
        "/*" * 20_000 + "'\"`" * 20_000 + "#" * 30_000,
        "if (a) { " * 10_000 + "<a" * 20_000,
    ]
    return "\n".join(pieces * 3).encode()[:1_000_000].decode("utf-8", "ignore")


@pytest.mark.parametrize("language", sorted(SUPPORTED))
def test_a_hostile_megabyte_ends_within_the_caps_and_raises_nothing(language: str) -> None:
    text = _megabyte()
    assert len(text.encode()) > 999_000
    result = parse_functions(text, language)
    assert result.error is None or result.error in REASONS


@given(st.integers(0, 60), st.integers(1, 80))
def test_the_depth_cap_is_exact(nested: int, max_depth: int) -> None:
    source = b"(" * nested + b"x" + b")" * nested
    tree = parse(source, "python")
    assert isinstance(tree, Parsed)
    # module > expression_statement > the parentheses > identifier
    depth = nested + 2
    result = parse(source, "python", Limits(max_depth=max_depth))
    assert (result == "tree_too_deep") == (depth > max_depth)


def test_large_trees_with_errors_are_searched_by_another_way_with_the_same_result() -> None:
    text = "def f():\n    return g(a)\n\n" * 1_000
    clean = parse_functions(text, "python")
    broken = parse_functions(text + "\n)", "python")
    assert (clean.has_errors, broken.has_errors) == (False, True)
    assert broken.functions == clean.functions


@pytest.mark.parametrize("error", ["", "    return )\n" * 3_000])
def test_a_search_within_a_node_sees_nothing_else(error: str) -> None:
    text = "def f():\n    if a: pass\n\n\ndef g():\n    if b: pass\n    if c: pass\n" + error
    parsed = parse(text.encode(), "python")
    assert isinstance(parsed, Parsed)
    found = parsed.find(Group("function", frozenset({"function_definition"})))["function"]
    branches = Group("branch", frozenset({"if_statement"}))
    within = [parsed.find(branches, within=node)["branch"] for node in in_source_order(found)]
    assert [len(nodes) for nodes in within] == [1, 2]
