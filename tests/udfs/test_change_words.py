"""Words, their stems, and their classes."""

import pytest

from udfs.change_words import named_code, stem, verb_class, word_classes, words


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("prevents", "fix_verb"),
        ("added", "feature_verb"),
        ("splitting", "refactor_verb"),
        ("tweak", "neutral_verb"),
        ("parser", None),
    ],
)
def test_forms_of_a_verb_are_one(word: str, named: str | None) -> None:
    assert verb_class(word) == named


def test_a_text_may_have_words_of_several_classes() -> None:
    assert word_classes("Crash when the new option is unused") == (
        "fix_words",
        "feature_words",
        "refactor_words",
        "case_words",
    )
    assert word_classes("Tabs") == ()


def test_forms_of_a_word_are_one() -> None:
    for forms in (["support", "supports", "supported"], ["remove", "removed", "removing"]):
        assert len({stem(form) for form in forms}) == 1
    assert [stem(word) for word in ("class", "less", "add")] == ["class", "less", "add"]


def test_names_of_code_are_one_word_and_have_a_form_and_parts() -> None:
    title = "Let readTable() take --max-rows, as table_reader in io.tables does"
    assert words(title) == [
        "let", "<code>", "take", "<code>", "as", "<code>", "in", "<code>", "does",
    ]  # fmt: skip
    found = list(named_code(title))
    assert {"<call>", "<option>", "<snake>", "<dotted>", "read", "max", "io"} <= set(found)
    assert list(named_code("Read the table")) == []
