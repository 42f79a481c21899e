"""Every name in a grammar's table is a name that the installed grammar knows."""

from __future__ import annotations

import pytest

from udfs.ast.grammars import GRAMMARS
from udfs.ast.parsing import ts_language

_LANGUAGES = sorted(GRAMMARS)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_node_types_exist(language: str) -> None:
    grammar, known = GRAMMARS[language], ts_language(language)
    types = (
        set(grammar.functions)
        | grammar.closures
        | set(grammar.types)
        | set(grammar.namespaces)
        | set(grammar.binders)
        | grammar.object_types
        | grammar.wrappers
        | grammar.declarations
        | grammar.prefixes
        | grammar.comments
        | set(grammar.calls)
        | set(grammar.members)
        | set(grammar.branches)
        | grammar.imports
        | grammar.parameter_names
        | grammar.blocks
        | grammar.indents
        | grammar.commas
        | grammar.quotes
    )
    assert {name for name in types if known.id_for_node_kind(name, True) is None} == set()
    tokens = grammar.branch_tokens
    assert {name for name in tokens if known.id_for_node_kind(name, False) is None} == set()


@pytest.mark.parametrize("language", _LANGUAGES)
def test_fields_exist(language: str) -> None:
    grammar, known = GRAMMARS[language], ts_language(language)
    fields = {
        *grammar.types.values(),
        *grammar.namespaces.values(),
        *grammar.calls.values(),
        *grammar.members.values(),
        *(name for pair in grammar.binders.values() for name in pair),
    }
    assert {name for name in fields if known.field_id_for_name(name) is None} == set()


@pytest.mark.parametrize("language", _LANGUAGES)
def test_one_name_plays_one_part(language: str) -> None:
    grammar = GRAMMARS[language]
    assert not set(grammar.functions) & grammar.closures
    assert not set(grammar.types) & set(grammar.namespaces)
    assert grammar.indents <= grammar.blocks
