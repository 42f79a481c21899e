"""Examples, stand-ins and names are told from random values."""

import pytest

from tests.udfs.secrets.samples import BASE64, HEX, made_up
from udfs.secrets.examples import (
    entropy,
    is_digest,
    is_example,
    is_random,
    is_stand_in,
    is_template,
)


def test_entropy_is_in_bits_a_byte() -> None:
    assert entropy(b"") == 0
    assert entropy(b"aaaa") == 0
    assert entropy(b"abcd") == 2
    assert entropy(b"aabb") == 1


@pytest.mark.parametrize(
    "value",
    [
        b"AKIAIOSFODNN7" + b"EXAMPLE", b"your-api-key", b"changeme",
        b"xxxxxxxxxxxx", b"abcdefghijkl",
        b"0123456789abcdef", b"000000000000", b"sk_test_4eC39HqLyjWDarjtT1zdp7dc", b"REPLACE_ME",
        b"insert-token-here", b"********",
    ],
)  # fmt: skip
def test_what_manuals_print_is_an_example(value: bytes) -> None:
    assert is_example(value)


@pytest.mark.parametrize(
    "value",
    [
        b"${API_KEY}", b"{{ secrets.TOKEN }}", b"<token>", b"%TOKEN%", b"my-secret-token-1",
        b"password123", b"s3cr3t", b"P@ssw0rd", b"test_token", b"hunter2", b"secret-key",
    ],
)  # fmt: skip
def test_templates_and_words_stand_in_for_something(value: bytes) -> None:
    assert is_stand_in(value)
    assert is_template(value) == (value[:1] in b"$<{%")


def test_random_values_are_neither() -> None:
    for seed in range(200):
        value = made_up(32, seed=seed).encode()
        assert not is_stand_in(value)
        assert not is_example(value)


def test_random_is_told_from_names() -> None:
    found = [is_random(made_up(24, BASE64, seed).encode()) for seed in range(200)]
    assert sum(found) >= 190  # a few hold no digit
    assert all(is_random(made_up(32, HEX, seed).encode()) for seed in range(200))
    for name in (
        b"getAccessTokenForGithubV2", b"kubernetes_secret_name_1",
        b"application/vnd.github.v3+json",
        b"aVeryLongVariableName2Use", b"1111111111111111111a",
    ):  # fmt: skip
        assert not is_random(name)


def test_digests_and_uuids_are_known() -> None:
    assert is_digest(b"7e57d004-2b97-0e7a-b45f-5387367791cd")
    assert is_digest(b"sha256:" + made_up(64, HEX).encode())
    assert not is_digest(made_up(32).encode())
