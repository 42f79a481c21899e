from __future__ import annotations

import hashlib

from udfs.authors import author_digest, email_digests, login_digest


def test_case_and_spaces_do_not_make_another_author() -> None:
    plain = hashlib.sha256(b"ada@tally.example").hexdigest()
    assert author_digest("ada@tally.example") == plain
    assert author_digest("  Ada@Tally.Example ") == plain
    assert author_digest("ada@tally.example.org") != plain
    assert login_digest("Ada") == author_digest("@ada")


def test_what_could_not_be_decoded_has_a_digest_too() -> None:
    assert author_digest("ad\udce9@tally.example") != author_digest("ad@tally.example")


def test_an_address_of_github_names_a_login_and_no_other_does() -> None:
    for address in ("7+Ada@users.noreply.github.com", "ada@users.noreply.github.com "):
        assert email_digests(address) == {author_digest(address), login_digest("ada")}
    for address in ("ada@tally.example", "ada@users.noreply.github.com.example", "@ada", ""):
        assert email_digests(address) == {author_digest(address)}
