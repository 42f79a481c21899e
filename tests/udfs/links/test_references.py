"""Numbers and ids in a text, and which of them it closes."""

from __future__ import annotations

import pytest

from udfs.links.references import MAX_REFERENCES, closings, tokens

OID = "8b6dc6ceec1b36e74ee9c6d362aa04e46237c227"


def told(text: str) -> list[tuple[str, str | None]]:
    return [
        (f"{token.repository}#{token.target}" if token.repository else token.target, evidence)
        for token, evidence in closings(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fixes #12", [("12", "closing_keyword")]),
        ("closes: #012.", [("12", "closing_keyword")]),
        ("(Resolved GH-7)", [("7", "closing_keyword")]),
        ("fix Ada/Tally#3", [("ada/tally#3", "closing_keyword")]),
        (
            "Fixes https://github.com/ada/tally/issues/5#issuecomment-9",
            [("ada/tally#5", "closing_keyword")],
        ),
        ("fixed [#4](https://example.org)", [("4", "closing_keyword")]),
        ("This closes\n#8", [("8", "closing_keyword")]),
        ("Fix for issue #9", [("9", "closing_phrase")]),
        ("Fix the bug: #9", [("9", "closing_phrase")]),
        (
            "fixes #1, #2 and ada/tally#3",
            [("1", "closing_keyword"), ("2", "closing_list"), ("ada/tally#3", "closing_list")],
        ),
        ("Closes #1, see #2", [("1", "closing_keyword"), ("2", None)]),
        ("does not fix #6", [("6", None)]),
        ("Partially fixes #6, fixes #7", [("6", None), ("7", "closing_keyword")]),
        ("the old routes did not\n\nfixes #3037", [("3037", "closing_keyword")]),
        ("prefix #1, hotfix #2, see #3", [("1", None), ("2", None), ("3", None)]),
    ],
)
def test_words_before_a_number_say_whether_it_is_closed(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    assert told(text) == expected


@pytest.mark.parametrize("text", ["&#39;", "color: #12ab34", "a#b", "#", "##2", "page/#3", "v1#2a"])
def test_other_number_signs_are_no_references(text: str) -> None:
    assert list(tokens(text)) == []


def test_each_token_says_what_it_is_and_where() -> None:
    text = (
        f"see {OID}, commit 1a2b3c4, https://github.com/Ada/Tally/pull/2/files "
        "and https://github.com/ada/tally/commit/abcdef12"
    )
    found = list(tokens(text))
    assert [(x.kind, x.target, x.repository) for x in found] == [
        ("commit", OID, None),
        ("commit", "1a2b3c4", None),
        ("pull", "2", "ada/tally"),
        ("commit", "abcdef12", "ada/tally"),
    ]
    assert [text[x.start : x.end].startswith(("8b6", "commit", "https")) for x in found] == [
        True
    ] * 4


def test_a_text_that_names_hundreds_is_read_so_far_only() -> None:
    assert len(list(tokens(" ".join(f"#{n}" for n in range(1, 5 * MAX_REFERENCES))))) == (
        MAX_REFERENCES
    )
