"""The wrapper gives what the rule gives."""

from __future__ import annotations

import pandas as pd

from udfs.texts import read_text
from udfs.texts_udf import read_texts


def test_the_wrapper_is_the_rule() -> None:
    contents = [b"a\n", b"\xe4", b"a\0b", "\u202e".encode(), b""]
    found = read_texts(pd.Series([*contents, None]))
    rows = list(found.itertuples(index=False, name=None))
    assert rows[:-1] == [tuple(read_text(data)) for data in contents]
    assert rows[-1] == (None, None, None, None)
