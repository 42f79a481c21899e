"""Private keys go, however their lines are written; what is public stays."""

import pytest

from tests.udfs.secrets.samples import BASE64, made_up, private_key
from udfs.secrets.private_keys import find_private_keys


def _without(text: str) -> str:
    data = text.encode()
    for span in sorted(find_private_keys(data), reverse=True):
        data = data[: span.start] + data[span.end :]
    return data.decode()


@pytest.mark.parametrize(
    "form",
    [
        lambda key: key,
        lambda key: key.replace("\n", "\\n"),
        lambda key: key.replace("\n", "\r\n"),
        lambda key: "".join(f"+{line}\n" for line in key.split("\n")),
        lambda key: " +\n".join(f'    "{line}\\n"' for line in key.split("\n")),
        lambda key: "".join(f" * {line}\n" for line in key.split("\n")),
    ],
)
def test_no_line_of_a_key_is_left(form: object) -> None:
    key = private_key()
    text = form(key)  # type: ignore[operator]
    left = _without(text)
    assert not any(line in left for line in key.split("\n")[1:-1])
    assert "-----BEGIN RSA PRIVATE KEY-----" in left and "-----END" in left
    assert left.count("\n") == text.count("\n")


def test_a_key_is_one_value() -> None:
    spans = list(find_private_keys(private_key().encode()))
    assert len({span.value for span in spans}) == 1
    assert [span.is_rest for span in spans] == [False] + [True] * 5
    assert {span.value for span in spans} != {
        span.value for span in find_private_keys(private_key(seed=99).encode())
    }


def test_a_key_that_is_cut_off_goes_as_far_as_it_goes() -> None:
    cut = "\n".join(private_key().split("\n")[:4]) + "\n return load(settings)\n"
    assert _without(cut) == "-----BEGIN RSA PRIVATE KEY-----\n\n\n\n return load(settings)\n"


def test_headers_stay_and_so_does_what_is_no_key() -> None:
    key = private_key().replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\n", 1)
    assert "Proc-Type: 4,ENCRYPTED" in _without(key)
    certificate = f"-----BEGIN CERTIFICATE-----\n{made_up(64, BASE64)}\n-----END CERTIFICATE-----"
    assert _without(certificate) == certificate
    prose = 'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    return Key(text)\n'
    assert _without(prose) == prose
