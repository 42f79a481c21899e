"""Values made up from a seed: no secret stands in a test, and none is one of anybody's."""

from __future__ import annotations

import string
from random import Random

WORD = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
BASE64 = WORD + "+/"


def made_up(length: int, alphabet: str = WORD, seed: int = 7) -> str:
    """Random characters, the same each time."""
    random = Random(seed)
    return "".join(random.choice(alphabet) for _ in range(length))


def private_key(lines: int = 5, kind: str = "RSA ", seed: int = 7) -> str:
    """What looks like a private key in PEM."""
    body = "\n".join(made_up(64, BASE64, seed + number) for number in range(lines))
    end = made_up(22, BASE64, seed) + "=="
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n{end}\n-----END {kind}PRIVATE KEY-----"
