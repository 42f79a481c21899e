"""Tokens are found by their form, whatever stands around them; examples stay."""

import base64

import pytest

from tests.udfs.secrets.samples import BASE64, HEX, made_up
from udfs.secrets.spans import API_KEY, JWT, PASSWORD
from udfs.secrets.tokens import find_jwts, find_tokens, find_urls

_TOKENS = [
    "AKIA" + made_up(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "ghp_" + made_up(36),
    f"github_pat_{made_up(22)}_{made_up(59)}",
    "glpat-" + made_up(20),
    f"xoxb-{made_up(12, '0123456789')}-{made_up(13, '0123456789')}-{made_up(24)}",
    "https://hooks.slack.com/services/T" + made_up(10) + "/B" + made_up(10) + "/" + made_up(24),
    "sk_live_" + made_up(24),
    "AIza" + made_up(35),
    "npm_" + made_up(36),
    "pypi-AgEIcHlwaS5vcmc" + made_up(100),
    f"sk-proj-{made_up(74)}T3BlbkFJ{made_up(74)}",
    f"sk-ant-api03-{made_up(93)}AA",
    f"SG.{made_up(22)}.{made_up(43)}",
    "dop_v1_" + made_up(64, HEX),
]


@pytest.mark.parametrize("token", _TOKENS, ids=lambda token: token[:8])
@pytest.mark.parametrize("around", ["{}", '"{}"', "+KEY={}", "a ({}).", "key:{},", "-{}\n+x"])
def test_a_token_is_found_by_its_form(token: str, around: str) -> None:
    data = around.format(token).encode()
    (span,) = find_tokens(data)
    secret = token.removeprefix("https://").encode()
    assert (span.kind, data[span.start : span.end]) == (API_KEY, secret)


def test_examples_and_longer_words_are_no_tokens() -> None:
    example = "AKIAIOSFODNN7" + "EXAMPLE"
    for text in (example, "ghp_" + "x" * 36, "sk_test_4eC39HqLyjWDarjtT1zdp7dc"):
        assert not list(find_tokens(text.encode()))
    assert not list(find_tokens(("a" + _TOKENS[0]).encode()))


def test_the_secret_behind_a_key_id_needs_no_name() -> None:
    secret = made_up(40, BASE64)
    found = list(find_tokens(f"{_TOKENS[0]},{secret},us-east-1".encode()))
    assert [span.value.decode() for span in found] == [_TOKENS[0], secret]
    digest = made_up(40, HEX)
    assert len(list(find_tokens(f"{_TOKENS[0]} in commit {digest}".encode()))) == 1


def _jwt(header: str, claims: str) -> bytes:
    parts = [base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in (header, claims)]
    return b".".join([*parts, made_up(43).encode()])


def test_a_jwt_is_one_that_can_be_read() -> None:
    token = _jwt('{"alg":"HS256","typ":"JWT"}', '{"sub":"82","admin":true}')
    (span,) = find_jwts(b"Bearer " + token + b"\n")
    assert (span.kind, span.value) == (JWT, token)
    assert not list(find_jwts(_jwt('{"alg":"HS256"}', '{"sub":"1234567890","name":"John Doe"}')))
    assert not list(find_jwts(_jwt('{"no":"header"}', '{"sub":"82"}')))


def test_passwords_in_addresses() -> None:
    password = made_up(12)
    for text in (
        f"postgres://svc:{password}@db.initech.io:5432/main",
        f"redis://:{password}@cache.initech.io",
        f"curl -u svc:{password} https://initech.io",
        f'curl --user "svc:{password}" https://initech.io',
    ):
        (span,) = find_urls(text.encode())
        assert (span.kind, span.value.decode()) == (PASSWORD, password)
    for text in (
        "postgres://postgres:postgres@localhost/app",
        "https://user:password@example.com/",
        "https://user:${PASSWORD}@initech.io",
        "http://foo:bar@localhost:8080",
        "see https://initech.io:8080/a@b",
    ):
        assert not list(find_urls(text.encode())), text
