"""Base64 is opened where it may hold a secret, at each of its three alignments."""

import base64
from collections.abc import Iterator

from tests.udfs.secrets.samples import made_up, private_key
from udfs.secrets.encoded import find_encoded
from udfs.secrets.private_keys import find_private_keys
from udfs.secrets.spans import Span
from udfs.secrets.tokens import find_tokens


def _find(data: bytes) -> Iterator[Span]:
    yield from find_tokens(data)
    yield from find_private_keys(data)


def test_a_run_goes_as_a_whole() -> None:
    for front in ("", "u:", "user="):
        run = base64.b64encode(f"{front}ghp_{made_up(36)}".encode())
        (span,) = find_encoded(b'auth: "' + run + b'"\n', _find)
        assert (span.kind, span.value) == ("api_key", run)
    run = base64.b64encode(private_key().encode())
    (span,) = find_encoded(b"key: " + run, _find)
    assert (span.kind, span.value) == ("private_key", run)


def test_other_base64_stays() -> None:
    text = base64.b64encode(b"the token is kept by the secret service of https://initech.io")
    image = b"Z2hwX" + base64.b64encode(bytes(range(256)))
    for run in (text, image, b"Z2hwX2", b"getTheTokenFromZ2hwXCache"):
        assert not list(find_encoded(b'"' + run + b'"', _find))
