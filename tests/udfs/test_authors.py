from __future__ import annotations

import hashlib

from udfs.authors import author_digest


def test_case_and_spaces_do_not_make_another_author() -> None:
    plain = hashlib.sha256(b"ada@tally.example").hexdigest()
    assert author_digest("ada@tally.example") == plain
    assert author_digest("  Ada@Tally.Example ") == plain
    assert author_digest("ada@tally.example.org") != plain


def test_what_could_not_be_decoded_has_a_digest_too() -> None:
    assert author_digest("ad\udce9@tally.example") != author_digest("ad@tally.example")
