"""A value is a secret by the name it is given, unless it is plainly none."""

import pytest

from tests.udfs.secrets.samples import HEX, made_up
from udfs.secrets.assignments import find_assigned
from udfs.secrets.spans import API_KEY, PASSWORD

_KEY = made_up(32)
_PASSWORD = "Kestrel94!vq"


@pytest.mark.parametrize(
    "text",
    [
        'api_key = "{}"', "apiKey: '{}',", '"client_secret": "{}"', "API_KEY={}",
        "  auth_token: {}",
        'os.environ["SECRET_KEY"] = "{}"', 'setdefault("API_TOKEN", "{}")', "secret := `{}`",
        '<add key="apiKey" value="{}"/>', "<apiKey>{}</apiKey>", 'client.token("{}")',
        '\\"access_key\\": \\"{}\\"', "//registry.npmjs.org/:_authToken={}", "?token={}&page=2",
        "Authorization: Bearer {}", 'headers["Authorization"] = "token {}"', "my api_key is {}",
        "+export ACCESS_KEY={}", "token = (\n    '{}'\n)", "Set -ClientSecret '{}'",
    ],
)  # fmt: skip
def test_keys_under_their_names(text: str) -> None:
    for value in (_KEY, made_up(32, HEX)):
        found = [
            (span.kind, span.value.decode()) for span in find_assigned(text.format(value).encode())
        ]
        assert set(found) == {(API_KEY, value)}


@pytest.mark.parametrize(
    "text",
    [
        'password = "{}"', "db_password: '{}'", "DB_PASS={}", "passwd: {}", "--password={}",
        '"userPassword" : "{}"', "<password>{}</password>", 'Client(pwd="{}")', "password {} fails",
    ],
)  # fmt: skip
def test_passwords_under_their_names(text: str) -> None:
    found = [
        (span.kind, span.value.decode()) for span in find_assigned(text.format(_PASSWORD).encode())
    ]
    assert found == [(PASSWORD, _PASSWORD)]


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme"', "token = get_token(user)", "token: this.settings.token2",
        'password = "${DB_PASSWORD}"', "API_KEY=<your key>", 'secret = "my-secret"', "pass = True",
        'passed = "9f86d081884c7d659a2f"', 'bypass: "Kestrel94!vq"',
        'password_hash = "Kestrel94!vq"',
        'token_url = "https://initech.io/oauth2/token1"',
        "token: 7e57d004-2b97-0e7a-b45f-5387367791cd",
        'public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"', 'type="password" name="p1"',
        'const tokenTypes = "identifier1 number2"', "# The token is kept in Vault2Storage",
        'password: "Must hold 8 characters"', "compass: 'N42 18 W71'", "secretName: app-tls-2024",
    ],
)  # fmt: skip
def test_names_words_templates_and_digests_stay(text: str) -> None:
    assert not list(find_assigned(text.encode()))


def test_basic_authorisation_is_read() -> None:
    (span,) = find_assigned(b"Authorization: Basic c3ZjOktlc3RyZWw5NCF2cQ==")  # svc:Kestrel94!vq
    assert span.kind == PASSWORD
    assert not list(find_assigned(b"Authorization: Basic dXNlcjpwYXNzd29yZA=="))  # user:password
    assert not list(find_assigned(b"Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))  # RFC 7617
