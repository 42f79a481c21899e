"""Passwords and keys by the name they are given: `password = "…"`, `api_key: …`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from udfs.secrets.examples import entropy, is_digest, is_example, is_random, is_stand_in
from udfs.secrets.spans import API_KEY, PASSWORD, Span, compiled

# Names of secrets, as detect-secrets' KeywordDetector and gitleaks' generic rule collect them.
_PASSWORDS: Final = rb"passw(?:or)?d|passwort|passphrase|passcode|pwd|pass"
_KEYS: Final = (
    rb"api[_.-]?key|app[_.-]?key|secret|token|access[_.-]?key|auth[_.-]?key|private[_.-]?key"
    rb"|encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|service[_.-]?key"
    rb"|license[_.-]?key|credential|authorization|_auth|bearer"
)
NAMES: Final = (
    rb"(?i)(?:"
    + _PASSWORDS
    + rb"|"
    + _KEYS
    + rb")[\w.-]*(?:\\*[\"'`])?\]?\s*(?:[=:(>,]|is\b|value=|\s[\"'`][^\s\"'`]{6}|[\w+/=-]{16}"
    rb"|[^\s\"']+[!#$%&*@^?+][^\s\"'])"
)
_NAME: Final = rb"(?i)([\w.$-]{0,60}?(?:" + _PASSWORDS + rb"|" + _KEYS + rb")[\w.-]{0,30})"
_LITERAL: Final = rb"(?:[A-Za-z]{1,2})?\\{0,3}[\"'`]([^\s\"'`]{6,200})\\{0,3}[\"'`]"
_QUOTED: Final = compiled(
    _NAME + rb"(?:\\{0,3}[\"'`])?\]?(?:[ \t]{0,20}(?:=>|:=|\?\?=|\|\|=|===?|=|::?|!==?)[ \t]{0,20}"
    rb"|\([ \t]{0,4}|[ \t]{1,8}(?:value=)?)\(?\s{0,60}" + _LITERAL
)
# The first of two arguments names the second: setdefault("API_KEY", "…").
_NAMED: Final = compiled(rb"[\"'`]" + _NAME + rb"\\{0,3}[\"'`][ \t]{0,4},\s{0,40}" + _LITERAL)
# Without quotes, only to the end of what .env, YAML, properties, XML, URLs and shells hold.
_BARE: Final = compiled(
    _NAME + rb"(?:[ \t]{0,20}(?:=|:)[ \t]{0,20}|[\"']?[ \t]{0,3}>|[ \t]is:?[ \t]{1,3}|([ \t]{1,3}))"
    rb"(?:(?:Bearer|Token|token|!!binary)[ \t]+)?([^\s\"'`<>(){}\[\],;]{6,200})"
    rb"(?:$|[\s\"'`<>,;&])"
)
# In prose, what follows "password" is rather a word, unless it holds one of these.
_SYMBOL: Final = compiled(rb"[!#$%&*@^?+]")
_QUERY: Final = compiled(rb"[&?][\w.-]+=")  # the next parameter of a web address
_LABELLED: Final = compiled(
    rb"(?i)authorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(basic|bearer|token)[ \t]+"
    rb"([A-Za-z0-9+/_.=~-]{12,400})"
)
_NOT_SECRET: Final = compiled(
    rb"(?i)public|pub[_-]?key|publishable|digest|checksum|fingerprint|finger_print|integrity|sha\d"
    rb"|md5|hash|_?(?:id|ids|url|uri|endpoint|type|types|kind|name|names|path|file|dir|field|header"
    rb"|headers|length|len|size|regex|pattern|format|label|title|hint|message|msg|error|help|text"
    rb"|class|count|limit|ttl|expiry|expires|expiration|timeout|rule|policy|reset|scheme|location"
    rb"|provider|version|algorithm|method|param|placeholder|selector|icon|template|cookie|prefix)$"
    rb"|signingkey$|tokeniz|csrf|xsrf|pass(?:ed|es|ing|ive|enger|age|port|through)|bypass|compass|keyboard"
)
_IS_PASSWORD: Final = compiled(rb"(?i)" + _PASSWORDS)
# In names that only hold these letters ("passed", "by_pass"), a password's name must end.
_BARE_PASS: Final = compiled(rb"(?:^|[_.-])(?i:pass)$|[a-z]Pass$|[A-Z_]PASS$")
_NOT_VALUE: Final = compiled(
    rb"^[a-z][a-z0-9+.-]*:[/?]|^[.~]{0,2}/(?:[a-z.][\w.-]*/?)+$|^[A-Z]:\\|^[\w-]+\.(?:[a-z]{2,4}|json|yaml)$"
    rb"|^-----|^#|^\*+$|^data:|\\[wdsbSDW]|\d+\.\d+\.\d+|^urn:|^(?:[0-9A-Fa-f]{0,4}:){3}|::|->|=>|&&|\|\|"
)
_CODE: Final = compiled(rb"^[A-Za-z_$][\w$]*(?:[.:/][A-Za-z_$][\w$]*)+$")
_SEGMENT: Final = compiled(rb"[A-Za-z0-9]+")
_MIN_SEGMENT: Final = 12
_MOST_ENTROPY: Final = 4.5  # from here on detect-secrets takes base64 for random
_MIN_PASSWORD: Final = 8
_PASSWORD_ENTROPY: Final = 2.75  # 8 characters of which one or two come twice


def find_assigned(data: bytes) -> Iterator[Span]:
    """Values under the name of a secret that are neither names, words, templates nor examples."""
    for pattern in (_QUOTED, _NAMED):
        for match in pattern.finditer(data):
            name, value = match.groups()
            value = value.rstrip(b"\\")
            kind = _kind(name, value, is_quoted=True)
            if kind is not None:
                yield Span(match.start(2), match.start(2) + len(value), kind, value)
    for match in _BARE.finditer(data):
        name, only_space, value = match.groups()
        value = _QUERY.split(value, 1)[0].rstrip(b".:\\")
        kind = _kind(name, value, is_quoted=False)
        if kind == PASSWORD and only_space and _SYMBOL.search(value) is None:
            continue
        if kind is not None:
            yield Span(match.start(3), match.start(3) + len(value), kind, value)
    for match in _LABELLED.finditer(data):
        scheme, value = match.groups()
        if _is_credential(scheme, value):
            kind = PASSWORD if scheme.lower() == b"basic" else API_KEY
            yield Span(match.start(2), match.end(2), kind, value)


def _kind(name: bytes, value: bytes, *, is_quoted: bool) -> str | None:
    if _NOT_SECRET.search(name) or _NOT_VALUE.search(value) or is_digest(value):
        return None
    if is_stand_in(value) or is_example(value) or _encodes_stand_in(value):
        return None
    last = _IS_PASSWORD.search(name)
    if last is not None and (len(last.group()) > 4 or last.group().lower() == b"pwd"
                             or _BARE_PASS.search(name)):  # fmt: skip
        return PASSWORD if _is_password(value, is_quoted=is_quoted) else None
    return API_KEY if is_random(value) and (is_quoted or not _is_code(value)) else None


def _is_code(value: bytes) -> bool:
    """Whether it reads `settings.KEY` or `app/secret`: names joined by dots, slashes or colons."""
    if _CODE.match(value) is None:
        return False
    if entropy(value) >= _MOST_ENTROPY:
        return False
    return not any(is_random(part, _MIN_SEGMENT) for part in _SEGMENT.findall(value))


def _is_password(value: bytes, *, is_quoted: bool) -> bool:
    """Whether somebody would choose it: 8 characters, of letters and something else."""
    if len(value) < _MIN_PASSWORD or entropy(value) < _PASSWORD_ENTROPY or _CODE.match(value):
        return False
    kinds = [
        any(97 <= byte <= 122 for byte in value),
        any(65 <= byte <= 90 for byte in value),
        any(48 <= byte <= 57 for byte in value),
        any(byte < 128 and not chr(byte).isalnum() for byte in value),
    ]
    has_letters = kinds[0] or kinds[1]
    if not has_letters or not (kinds[2] or kinds[3]):
        return False
    # Two words joined by a dash are names of something; a number makes them a password.
    return kinds[2] if is_quoted else kinds[2] and sum(kinds) >= 3


def _is_credential(scheme: bytes, value: bytes) -> bool:
    if is_example(value) or is_stand_in(value):
        return False
    if scheme.lower() != b"basic":
        return is_random(value) and not _is_code(value)
    user, password = _user_and_password(value)
    return bool(password) and not is_stand_in(password) and password != user


def _encodes_stand_in(value: bytes) -> bool:
    """Whether it is base64 of a stand-in, or of what only shows a user and a password."""
    user, password = _user_and_password(value)
    return is_stand_in(password or user) or (bool(password) and password == user)


def _user_and_password(value: bytes) -> tuple[bytes, bytes]:
    try:
        text = b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except ValueError:
        return b"", b""
    user, _, password = text.partition(b":")
    return (user, password) if text.isascii() else (b"", b"")
