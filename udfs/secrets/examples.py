"""What only looks like a secret: examples of manuals, stand-ins, digests; and how random it is."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log2
from typing import Final

from udfs.secrets.spans import compiled

# Words of who writes a stand-in. In random text of 40 letters and digits, one of them is met about
# once in ten thousand.
_STAND_IN: Final = compiled(
    rb"(?i)example|your[_-]|yourapi|yourtoken|yourkey|yoursecret|yourpass|change[_-]?(?:me|this|it)"
    rb"|placeholder|dummy|fake|redacted|xxxx|\*\*\*|\.\.\.|(?:key|token|secret|password)[_-]?here"
    rb"|insert[_-]|replace[_-]?(?:me|this|with)"
    rb"|\btodo\b|sample|not[_-]?a?[_-]?(?:real|secret|valid)|invalid|<[A-Za-z_]|\$\{|\{\{|%[(s]"
    rb"|\$\(|#\{|mock|deadbeef|cafebabe|lorem|foobar"
)
_TEMPLATE: Final = compiled(
    rb"^(?:[$<{\[(]|[%@]\w*$|.*(?:\{\w*\}|\$[A-Za-z_{]|%[A-Za-z_]+%|<[^>]*>))"
)
_STAND_IN_WORDS: Final = compiled(
    rb"^(?:(?:a|an|the|my|your|our|some|any|new|old|good|bad|wrong|correct|super|top|very|strong|weak"
    rb"|invalid|valid|test|testing|tester|example|sample|demo|default|dev|local|admin|root|user"
    rb"|username|guest|public|private|client|server|api|app|auth|access|refresh|bearer|session|csrf"
    rb"|xsrf|secret|secrets|password|passwords|passwd|passphrase|pass|pwd|pw|token|tokens|key|keys"
    rb"|apikey|id|string|value|text|here|foo|bar|baz|qux|quux|abc|xyz|hello|world|letmein|qwerty"
    rb"|welcome|changeme|hunter|please|enter|null|none|undefined|true|false|todo|tbd|redacted|fake"
    rb"|dummy|mock|stub|temp|tmp|random|shared|and|or|is|not|no|with|for|of|to|in|long|short|very"
    rb"|basic|digest|field|input|name|data|code|hash|mysql|postgres|postgresql|redis|mongo|rabbitmq"
    rb"|minio|elastic|oauth|jwt|aws|github|google|that|this|it|be|should|must|keyboard|cat|correct"
    rb"|horse|battery|staple|insecure|secure|unsafe|generated|from|by|the|on|only|use|used|set)"
    rb"[\W_]*)+\d{0,6}$"
)
_PLAIN_LETTERS: Final = bytes.maketrans(b"013457@$!", b"oieastasi")
_DIGEST: Final = compiled(
    rb"(?i)^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|(?:sha(?:1|224|256|384|512)|md5)[-:=].*)$"
)

# Bodies of keys that manuals and standards print: AWS marks its own with EXAMPLE; Stripe, GitHub,
# Google, Slack, X and the storage emulator of Azure do not. Then RFC 6455, 6749, 6750 and 7617, and
# the token that jwt.io shows.
_PRINTED: Final = (
    b"4eC39HqLyjWDarjtT1zdp7dc",
    b"BQokikJOvBiI2HlWgH4olfQ2",
    b"16C7e42F292c6912E7710c838347Ae178B4a",
    b"SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe",
    b"SyBOti4mM-6x9WDnZIjIeyEU21OpBXqWBgw",
    b"17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    b"kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    b"LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    b"xvz1evFS4wEEPTGEFPHBog",
    b"SyAnLA7NfeLquW1tJ",
    b"SyCkEhVjf3pduRDt6",
    b"SyDMAScliyLx7F0NP",
    b"SyD3asb-2pEZVqMkm",
    b"yDNSXIbFmlXbIE6mC",
    b"SyAdOS2zB6NCsk1pC",
    b"SyASWm6HmTMdYWpgM",
    b"SyANUvH9H9BsUccjs",
    b"SyA5_iVawFQ8ABuTZ",
    b"SyA4UrcGxgwQFTfaI",
    b"SyDSb51JiIcB6OJpw",
    b"SyBF2RrAIm4a0mO64",
    b"SyBcE-OOIbhjyR83g",
    b"SyB8qGxt4ec15vitg",
    b"SyA8vmApnrHNFE0bA",
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1",
    b"dGhlIHNhbXBsZSBub25jZQ",
    b"2YotnFZFEjr1zCsicMWpAA",
    b"tGzv3JOkF0XG5Qx2TlKWIA",
    b"SplxlOBeZQQYbYS6WxSbIA",
    b"7Fjfp0ZBr1KtDRbnfVdmIw",
    b"czZCaGRSa3F0MzpnWDFmQmF0M2JW",
    b"QWxhZGRpbjpvcGVuIHNlc2FtZQ",
    b"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    b"TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ",
    b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
)

_MIN_RANDOM: Final = 16
# Bits a character, of the characters themselves: gitleaks asks 3.5 of its generic key, and
# detect-secrets 3.0 of hexadecimal, whose most is 4.
_ENTROPY: Final = 3.5
_HEX_ENTROPY: Final = 3.0
# What is less than this repeats a few characters: random hexadecimal of 16 digits has about 3.2.
_LEAST_ENTROPY: Final = 2.5
_MIN_HEX: Final = 24
_HEX: Final = compiled(rb"^(?:[0-9a-f]+|[0-9A-F]+)$")
# Changes between letters and digits, or up to an upper case letter, by character: camelCase and
# names with a number stay below a quarter, random letters and digits are at two fifths.
_CHANGES: Final = 0.24


def entropy(value: bytes) -> float:
    """Shannon entropy of the bytes of a value, in bits a byte."""
    total = len(value)
    return -sum(n / total * log2(n / total) for n in Counter(value).values()) if total else 0.0


def is_digest(value: bytes) -> bool:
    """Whether it is a UUID or a named digest, which are no secrets whatever they are called."""
    return _DIGEST.match(value) is not None


def is_example(value: bytes) -> bool:
    """Whether a value is what manuals print, a stand-in, a row of keys or a repetition."""
    return (
        _STAND_IN.search(value) is not None
        or any(printed in value for printed in _PRINTED)
        or (len(value) >= 8 and entropy(value) < _LEAST_ENTROPY)
        or _is_sequence(value)
    )


def is_template(value: bytes) -> bool:
    """Whether something else is to be put in its place: `${KEY}`, `<key>`, `%KEY%`, `{{ key }}`."""
    return _TEMPLATE.match(value) is not None


def is_stand_in(value: bytes) -> bool:
    """Whether a password or key is a template, or made of words like `my-secret-token-1`."""
    plain = value.lower()
    return (
        is_template(value)
        or _STAND_IN_WORDS.match(plain) is not None
        or _STAND_IN_WORDS.match(plain.translate(_PLAIN_LETTERS)) is not None
    )


def _is_sequence(value: bytes) -> bool:
    """Whether half of the characters only repeat the one before or follow it: abcd, 1234, 0000."""
    steps = sum(0 <= right - left <= 1 for left, right in pairwise(value))
    return 2 * steps >= len(value)


def is_random(value: bytes, least: int = _MIN_RANDOM) -> bool:
    """Whether a value of `least` bytes or more is random letters and digits rather than a name."""
    if len(value) < least or value.isalpha() or not any(48 <= byte <= 57 for byte in value):
        return False
    if _HEX.match(value):
        return len(value) >= _MIN_HEX and entropy(value) >= _HEX_ENTROPY
    if entropy(value) < _ENTROPY:
        return False
    body = [byte for byte in value if chr(byte).isalnum() and byte < 128]
    changes = sum(
        (left < 58) != (right < 58) or (left > 96 and 64 < right < 91)
        for left, right in pairwise(body)
    )
    return changes > _CHANGES * len(body)
