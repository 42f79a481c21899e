"""E-mail addresses, telephone numbers and names of accounts, where they are somebody's."""

import pytest

from udfs.secrets.people import find_emails, find_homes, find_phones


@pytest.mark.parametrize(
    "text",
    ["mail {} please", "<{}>", "mailto:{}", '"author": "J <{}>"', "+{}", "{}:", "by {}.", "({})"],
)
def test_addresses_that_mail_can_reach(text: str) -> None:
    for address in ("jana.novak@initech.io", "j_n+lists@mail.globex.co.uk", "x1@hooli.dev"):
        (span,) = find_emails(text.format(address).encode())
        assert span.value.decode() == address


@pytest.mark.parametrize(
    "text",
    [
        "jana@example.com", "jana@example.org", "jana@mail.test", "noreply@initech.io",
        "foo@bar.com",
        "1+jana@users.noreply.github.com", "git@github.com:team/app.git", "no-reply@initech.io",
        "https://jana@initech.io/", "left@right.T", "lodash@4.17.21", "icon@2x.png",
        "this@Main.name",
        "@media.com", "user@localhost", "a@b.c", "jana@initech.notatld",
        "scp a jana@initech.io:/srv",
    ],
)  # fmt: skip
def test_reserved_addresses_and_code_stay(text: str) -> None:
    assert not list(find_emails(text.encode()))


def test_numbers_in_groups_or_behind_their_name() -> None:
    for text, number in (
        ("call +49 30 9018 2034 now", "+49 30 9018 2034"),
        ("fon: +1 (415) 523-8886", "+1 (415) 523-8886"),
        ("tel:+4930901820", "+4930901820"),
        ('"phone": "(415) 523-8886"', "(415) 523-8886"),
    ):
        (span,) = find_phones(text.encode())
        assert span.value.decode() == number
    for text in (
        "+1 555 010 9999",
        "+1 + 2 + 3",
        "x = +12345678",
        "\n+10 20 30 40 50",
        "2024-01-02",
    ):
        assert not list(find_phones(text.encode())), text


def test_accounts_in_home_folders() -> None:
    for text in (
        "/home/kowalski/src/a.py", 'cd "/Users/kowalski/dev"', "C:\\Users\\kowalski\\a",
        "C:\\\\Users\\\\kowalski\\\\a", "file:///home/kowalski/x", "+/home/kowalski/x",
    ):  # fmt: skip
        (span,) = find_homes(text.encode())
        assert span.value == b"kowalski"
    for text in (
        "/home/runner/work", "/home/user/x", "/Users/{name}/x", "C:\\Users\\Public\\x",
        "/home/index",
        "https://initech.io/home/kowalski/x", "app/home/kowalski/x", "/Users/Shared/x",
    ):  # fmt: skip
        assert not list(find_homes(text.encode())), text
