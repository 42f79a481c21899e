"""A text is parsed and outlined at most once, and within its limits."""

from __future__ import annotations

import pytest

from udfs.ast.parsing import Limits, Parsed, parse
from udfs.ast.source import Source

_TEXT = "def f():\n    return 1\n\n\nclass A:\n    def g(self):\n        return 2\n"


def test_the_tree_and_the_outline_are_those_of_the_text() -> None:
    text = Source(_TEXT, "python")
    assert isinstance(text.parsed, Parsed)
    assert text.parsed.source == _TEXT.encode()
    assert text.outline is not None
    names = [definition.qualified_name for definition in text.outline.definitions]
    assert names == ["f", "A", "A.g"]


def test_it_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def count(text: bytes, language: str, limits: Limits) -> Parsed | str:
        calls.append(text)
        return parse(text, language, limits)

    monkeypatch.setattr("udfs.ast.source.parse", count)
    text = Source(_TEXT, "python")
    assert not calls
    assert text.outline is text.outline
    assert text.parsed is text.parsed
    assert len(calls) == 1


def test_a_text_without_a_tree_says_why() -> None:
    assert Source(_TEXT, "cobol").parsed == "unsupported_language"
    too_large = Source(_TEXT, "python", Limits(max_bytes=8))
    assert isinstance(too_large.parsed, str)
    assert too_large.outline is None
