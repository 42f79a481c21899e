"""A secret in pieces is found, and its pieces go, line by line."""

import pytest

from tests.udfs.secrets.samples import made_up
from udfs.secrets.split import find_split
from udfs.secrets.tokens import find_tokens

_TOKEN = "ghp_" + made_up(36)


@pytest.mark.parametrize(
    "seam",
    ['" + "', '" +\n    "', '"\n    "', '"\n        + "', '" \\\n+    "', "' . '", '" "', '" &\n "',
     "\\\n"],
)  # fmt: skip
@pytest.mark.parametrize("cut", [2, 10, 30])
def test_pieces_are_put_together(seam: str, cut: int) -> None:
    text = f'key = "{_TOKEN[:cut]}{seam}{_TOKEN[cut:]}"\n'
    data = text.encode()
    spans = sorted(find_split(data, find_tokens))
    assert [data[span.start : span.end].decode() for span in spans] == [_TOKEN[:cut], _TOKEN[cut:]]
    assert [span.is_rest for span in spans] == [False, True]
    assert {span.value.decode() for span in spans} == {_TOKEN}


def test_literals_in_a_list_are_not_joined() -> None:
    assert not list(find_split(f'["{_TOKEN[:10]}", "{_TOKEN[10:]}"]'.encode(), find_tokens))
    assert not list(find_split(b'"one" + "two" + "three"', find_tokens))
