"""What licences ask, least first."""

from __future__ import annotations

import pytest

from udfs.licence.conditions import CHANGES, NOTHING, NOTICE, OTHER, conditions
from udfs.licence.expressions import COMMONLY_PERMISSIVE


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("CC0-1.0", NOTHING),
        ("BSD-3-Clause", NOTICE),
        ("Apache-2.0", CHANGES),
        ("Apache-2.0 WITH LLVM-exception", CHANGES),
        ("GPL-3.0-only", OTHER),
        ("LicenseRef-unknown", OTHER),
        ("MIT AND Unlicense", NOTICE),
        ("MIT OR Apache-2.0", NOTICE),
        ("(MIT OR Apache-2.0) AND Zlib", CHANGES),
        ("no expression (", OTHER),
        ("", OTHER),
        (None, OTHER),
    ],
)
def test_a_choice_asks_the_least_and_a_conjunction_the_most(
    expression: str | None, asked: int
) -> None:
    assert conditions(expression) == asked


def test_every_permissive_licence_has_known_conditions() -> None:
    assert OTHER not in map(conditions, COMMONLY_PERMISSIVE)
