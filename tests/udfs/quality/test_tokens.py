"""Words, stems and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.quality import tokens
from udfs.quality.tokens import (
    content_words,
    is_identifier,
    letters,
    remembered,
    stem,
    stems,
    vocabulary,
    words,
)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("getUserNames", {"get", "user", "nam"}),
        ("parse_HTTPServer2", {"pars", "http", "serv"}),
        ("MAX_RETRIES", {"max", "retry"}),
        ("x", set()),
        ("naïve_Größen", {"naïv", "größen"}),
        ("A" * 100, set()),
    ],
)
def test_names_come_apart_into_stems(word: str, pieces: set[str]) -> None:
    assert stems([word]) == pieces


def test_forms_of_a_word_meet() -> None:
    for forms in (
        ("parse", "parses", "parsed", "parsing", "parser", "parsers"),
        ("stop", "stops", "stopped", "stopping"),
        ("query", "queries"),
        ("class", "classes"),
        ("cache", "caches", "cached", "caching"),
    ):
        assert len({stem(form) for form in forms}) == 1, forms


@given(st.text(st.characters(codec="utf-8")))
def test_vocabulary_is_the_set_of_words_and_stems_are_never_empty(text: str) -> None:
    assert vocabulary(text) == set(words(text))
    assert "" not in stems(words(text))


@given(st.text(st.characters()))
def test_letters_are_counted_in_any_alphabet(text: str) -> None:
    assert letters(text) == sum(map(str.isalpha, text))


def test_a_remembered_rule_answers_alike_and_is_asked_once_until_it_forgets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "_MOST_REMEMBERED", 3)
    asked: list[str] = []

    @remembered
    def upper(word: str) -> str:
        asked.append(word)
        return word.upper()

    assert [upper(word) for word in "abcabc"] == list("ABCABC")
    assert asked == list("abc")
    assert [upper(word) for word in "dabcd"] == list("DABCD")
    assert asked == list("abcdabcd")


def test_content_words_leave_out_what_any_commit_says() -> None:
    assert content_words(words("Fix the bug in how we parse the Bug in Tokenizer")) == [
        "parse",
        "Tokenizer",
    ]


@pytest.mark.parametrize("name", ["max_size", "getName", "utf8", "__init__", "HTTPServer"])
def test_names_are_recognised(name: str) -> None:
    assert is_identifier(name)


@pytest.mark.parametrize("word", ["Parser", "README", "word", "_"])
def test_words_are_not_names(word: str) -> None:
    assert not is_identifier(word)
