"""What the model of survival sees, and what it says of it."""

from __future__ import annotations

import math

import pytest

from udfs.quality.change import Change
from udfs.quality.instruction import Instruction
from udfs.quality.parts import NOTHING_KNOWN, Known
from udfs.quality.survival import FEATURES, features, survival

SMALL = """diff --git a/net/client.py b/net/client.py
--- a/net/client.py
+++ b/net/client.py
@@ -1,2 +1,3 @@
 session = Session()
-page = session.get(url)
+if url:
+    page = session.get(url)
"""
OTHER = SMALL.replace("net/client.py", "cache/store.py")


def seen(instruction: str, response: str, known: Known = NOTHING_KNOWN) -> dict[str, float]:
    values = features(Instruction(instruction), Change(response, ()), known)
    return dict(zip(FEATURES, values, strict=True))


def test_size_spread_and_purpose_are_seen() -> None:
    one = seen("Fix a lookup of nothing", SMALL, Known(earlier=3))
    assert one["added"] == math.log1p(2) and one["removed"] == math.log1p(1)
    assert (one["fixes"], one["adds"], one["has a body"], one["branches"]) == (1.0, 0.0, 0.0, 1.0)
    assert (one["entropy"], one["earlier"], one["first"]) == (0.0, math.log1p(3), 0.0)
    two = seen("Add a cache\n\nIt is faster.", SMALL + OTHER)
    assert two["entropy"] == pytest.approx(1.0)
    assert (two["adds"], two["has a body"], two["title cache"]) == (1.0, 1.0, 1.0)
    assert two["files"] == two["folders"] == math.log1p(2)
    assert math.isnan(two["earlier"]) and math.isnan(two["first"])


def test_a_change_is_told_by_what_weighs_most() -> None:
    small = survival(Instruction("Fix a lookup of nothing"), Change(SMALL, ()), Known(earlier=30))
    wide = "".join(SMALL.replace("net/", f"d{i}/") for i in range(40))
    large = survival(
        Instruction("Enable the new cache by default"), Change(wide, ()), Known(earlier=0)
    )
    assert small.value is not None and large.value is not None
    assert 0.0 < large.value < small.value < 1.0
    assert small.why.partition(" weighs")[0] in FEATURES


def test_nothing_is_no_error() -> None:
    assert survival(Instruction(""), Change("", ()), NOTHING_KNOWN).value is not None
