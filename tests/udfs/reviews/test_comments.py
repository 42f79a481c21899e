"""What reviewers wrote is kept; what says nothing about the code has a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.reviews.comments import clean_comment, is_answer


@pytest.mark.parametrize(
    "body",
    [
        "Good call on the swap, but the old names should stay as aliases.",
        "Unused import",
        "`private`",
        "Why not `String?`",
        "Fix indentation",
        "do we still need this? 🤔",
        "变量名应该说明单位",
        "Лишний импорт",
        "We don't need two for loops here, let's merge them into one.",
        "LGTM, but the lock is held while the callback runs.",
        "Thanks! One thing: `close` is never called when reading fails.",
        "```suggestion\n    return total\n```",
        "Please rebase, then drop the second argument: `open` takes the mode from the file now.",
        "Typo: trageting -> targeting",
    ],
)
def test_what_speaks_of_the_code_is_kept(body: str) -> None:
    assert clean_comment(body).reason is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "comment_empty"),
        (None, "comment_empty"),
        ("![](https://cdn.example/cat.png)", "comment_empty"),
        ("> why not a set?\n> it is faster", "quotes_only"),
        ("LGTM", "approval_only"),
        ("Looks good to me!", "approval_only"),
        ("Awesome work :+1:\n", "approval_only"),
        ("👍", "approval_only"),
        ("This change looks good to me.", "approval_only"),
        ("Great, thank you!", "approval_only"),
        ("good call swapping these names! makes more sense this way i think", "approval_only"),
        ("ditto", "refers_elsewhere"),
        ("Same as above.", "refers_elsewhere"),
        ("...same here", "refers_elsewhere"),
        ("nit", "says_nothing"),
        ("Why?\n", "says_nothing"),
        ("What does this do?", "says_nothing"),
        ("https://wiki.example/guidelines#enums", "says_nothing"),
        ("fyi @jrieken", "says_nothing"),
        ("33", "says_nothing"),
        ("Please rebase on main", "not_about_code"),
        ("Can you add this to the changelog?", "not_about_code"),
        ("This could be a separate PR.", "not_about_code"),
        ("<!--\n 1 warning\n DangerID: danger-id-default;\n-->\nPrefer `_ = foo()`", "by_program"),
    ],
)
def test_what_does_not_has_a_reason(body: str | None, reason: str) -> None:
    assert clean_comment(body).reason == reason


def test_trimmings_go_and_words_stay() -> None:
    body = (
        "@ada, @grace <!-- hidden -->this leaks:\r\n> quoted\r\n\r\n\r\n\r\n"
        "```py\nf = open(p)  # > kept <br>\n```\nUse `<p>` here<br>\nSent from my phone"
    )
    found = clean_comment(body)
    code = "```py\nf = open(p)  # > kept <br>\n```"
    assert found.text == f"this leaks:\n\n{code}\nUse `<p>` here"
    assert found.request == found.text


def test_a_suggestion_stands_apart_from_the_request() -> None:
    body = "No list:\n```suggestion\n  a\n\n  b\n```\nAnd:\n```suggestion\n```\nplease"
    found = clean_comment(body)
    assert found.suggestions == ("  a\n\n  b", "")
    assert found.request == "No list:\nAnd:\nplease"
    assert "```suggestion\n  a\n\n  b\n```" in found.text


def test_an_unclosed_suggestion_is_none() -> None:
    assert clean_comment("See:\n```suggestion\n  a").suggestions == ()


@pytest.mark.parametrize("text", ["Done", "Fixed in abc123", "Good catch! Fixed.", "👍 done"])
def test_answers(text: str) -> None:
    assert is_answer(text)
    assert not is_answer(f"Is it {text}?")


@given(st.text(alphabet="ab `>\n<!-~@:suggestion", max_size=200))
def test_any_text_has_an_end(body: str) -> None:
    found = clean_comment(body)
    assert clean_comment(found.text).text.strip() == found.text or found.text != body
    assert (found.reason is None) <= bool(found.text)
