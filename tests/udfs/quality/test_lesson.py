"""What can be learned from a change, and whether it is of its time."""

from __future__ import annotations

import pytest

from udfs.quality.change import Change
from udfs.quality.finding import NOT_KNOWN
from udfs.quality.instruction import Instruction
from udfs.quality.lesson import educational_value, freshness

WHY = Instruction(
    "Close the socket when a download stalls, since servers count it otherwise.\n\nSee `close`."
)
LINES = [
    "# A server counts sockets that nobody closes.",
    "    if download.is_stalled(timeout_seconds):",
    "        connection.close()",
    "        raise StalledDownload(download.address)",
    "    return connection",
]


def change(added: list[str], path: str = "net/client.py") -> Change:
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    return Change(head + f"@@ -1,0 +1,{len(added)} @@\n" + "".join(f"+{a}\n" for a in added), ())


def test_reasons_names_notes_and_a_size_that_one_can_read_teach() -> None:
    whole = educational_value(WHY, change(LINES)).value
    assert whole == pytest.approx(1.0)
    for less in (
        educational_value(Instruction("Close the socket"), change(LINES)),
        educational_value(WHY, change(LINES[1:])),
        educational_value(WHY, change(["# a b", "x1 = y2", "z = q(a1)", "k += x9", "e = 2"])),
        educational_value(WHY, change(LINES * 100)),
        educational_value(WHY, change(LINES[:1])),
    ):
        assert less.value is not None and less.value < 0.95, less.why


def test_age_and_what_is_dated_make_a_change_less_fresh() -> None:
    now, then = 1_700_000_000, 1_100_000_000
    assert freshness(change(LINES), None) == NOT_KNOWN
    assert freshness(change(LINES), now) == (1.0, "of 2023")
    assert freshness(change(LINES), then) == (0.6, "of 2004")
    assert freshness(change(LINES), 10**15).why == "of an impossible year"
    old = freshness(change(["for key, value in table.iteritems(): print 'x'"]), now)
    assert old.value == pytest.approx(0.7)
    assert old.why == "dated: .iteritems(, print ', of 2023"


def test_var_is_dated_in_javascript_alone() -> None:
    assert freshness(change(["var a = 1;"], "a.js"), None).value == pytest.approx(0.85)
    assert freshness(change(["var a = 1;", "let b = 2;"], "a.js"), None) == NOT_KNOWN
    assert freshness(change(["var a int"], "a.go"), None) == NOT_KNOWN
