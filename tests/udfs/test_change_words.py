"""Classes of words."""

import pytest

from udfs.change_words import verb_class, word_classes


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
