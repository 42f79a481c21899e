"""Texts are redacted together: one numbering, the same lines, nothing left elsewhere."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.udfs.secrets.samples import BASE64, HEX, made_up, private_key
from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.secrets import placeholders, redact, redact_all, without_numbers

_TOKEN = "ghp_" + made_up(36)
_SOURCE = f'''"""Uploads.

/home/kowalski/notes.txt says more; ask jana@initech.io.
"""

KEY = "{_TOKEN}"
HOST = "93.184.216.34"
DATABASE = "postgres://svc:{made_up(12)}@db.initech.io/main"


def upload(path):
    return send(path, KEY)
'''


def test_each_kind_has_its_placeholder() -> None:
    done = redact(_SOURCE)
    assert dict(done.counts) == {"api_key": 1, "email": 1, "ip": 1, "password": 1, "user": 1}
    assert "/home/<USER_1>/notes.txt says more; ask <EMAIL_1>." in done.text
    assert 'KEY = "<API_KEY_1>"' in done.text and 'HOST = "<IP_1>"' in done.text
    assert "postgres://svc:<PASSWORD_1>@db.initech.io/main" in done.text
    assert ("email", "<EMAIL_1>") in placeholders(done.text)


def test_ordinary_text_is_returned_as_it_is() -> None:
    text = "def add(a, b):\n    return a + b  # see #12 and v1.2.3\n"
    assert redact(text).text is text
    assert redact("").counts == {}


def test_equal_values_are_equal_in_all_texts() -> None:
    texts = [f"use {_TOKEN}", f"K = '{_TOKEN}'\nL = '{'npm_' + made_up(36)}'", "mail a1@hooli.dev"]
    first, second, third = redact_all(texts)
    assert first.text == "use <API_KEY_1>"
    assert second.text == "K = '<API_KEY_1>'\nL = '<API_KEY_2>'"
    assert third.text == "mail <EMAIL_1>"


def test_a_password_that_was_found_goes_everywhere() -> None:
    password = "Kestrel94!vq"
    named, quoted = redact_all([f'password = "{password}"', f"It fails with {password} since May."])
    assert quoted.text == "It fails with <PASSWORD_1> since May."
    assert named.counts == quoted.counts == {"password": 1}


def test_numbers_go_on_behind_those_that_are_there() -> None:
    assert redact("<EMAIL_4> wrote to jana@initech.io").text == "<EMAIL_4> wrote to <EMAIL_5>"


def test_numbers_can_be_put_aside() -> None:
    assert without_numbers("<EMAIL_1> to <EMAIL_12>, <KEY_1>") == "<EMAIL> to <EMAIL>, <KEY_1>"


def test_redacting_twice_changes_nothing() -> None:
    once = redact(_SOURCE + private_key()).text
    assert redact(once).text == once


def test_a_holder_of_the_copyright_stays_in_all_texts() -> None:
    texts = [
        "# Copyright 2019 Jana <jana@initech.io>\n",
        "# jana@initech.io, not piotr@globex.de\n",
    ]
    notice, comment = redact_all(texts)
    assert notice.text == texts[0]
    assert comment.text == "# jana@initech.io, not <EMAIL_1>\n"


def test_encoded_and_split_secrets() -> None:
    encoded = base64.b64encode(f"user:{_TOKEN}".encode()).decode()
    assert redact(f"auth: {encoded}\n").text == "auth: <API_KEY_1>\n"
    split = f'key = (\n    "{_TOKEN[:20]}"\n    "{_TOKEN[20:]}"\n)\n'
    assert redact(split).text == 'key = (\n    "<API_KEY_1>"\n    ""\n)\n'


def test_what_looks_random_and_is_no_secret_stays() -> None:
    for text in (
        f"Fixes {made_up(40, HEX)}",
        f"sha256 = '{made_up(64, HEX)}'",
        f'"integrity": "sha512-{made_up(86, BASE64)}==",',
        "id: 7e57d004-2b97-4e7a-b45f-5387367791cd",
        "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 4).decode(),
    ):
        assert redact(text).text is text


def test_a_diff_of_redacted_texts_applies() -> None:
    after = _SOURCE.replace(_TOKEN, "ghp_" + made_up(36, seed=8)).replace("path, KEY", "path")
    patch = make_patch("a.py", _SOURCE, "a.py", after)
    before_text, patch_text, after_text = (
        done.text for done in redact_all([_SOURCE, patch, after])
    )
    (file_patch,) = parse_patch(patch_text)
    assert apply_patch(before_text, file_patch) == after_text
    assert "<API_KEY_2>" in after_text


_PIECES = st.sampled_from(
    [
        _TOKEN, "jana@initech.io", "93.184.216.34", "password", "=", ": ", '"', "'", "\n", "+", " ",
        "-----BEGIN PRIVATE KEY-----\n", made_up(64, BASE64), "-----END PRIVATE KEY-----", "\\n",
        "Copyright", "/home/kowalski/x", "Kestrel94!vq", "é", "\ud800", "://", "svc:", "@", "\x00",
        base64.b64encode(f"k={_TOKEN}".encode()).decode(), "<EMAIL_1>", "token", " + ", "#", "\r\n",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.lists(_PIECES, max_size=14).map("".join), max_size=3))
def test_lines_are_kept_and_tokens_are_not(texts: list[str]) -> None:
    for text, done in zip(texts, redact_all(texts), strict=True):
        assert done.text.count("\n") == text.count("\n")
        assert sum(done.counts.values()) == 0 or done.text != text
        assert f" {_TOKEN} " not in done.text
