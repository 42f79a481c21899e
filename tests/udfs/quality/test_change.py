"""A response is read once: what it adds, removes and shows, and what stands beside it."""

from __future__ import annotations

from udfs.quality.change import Change

PATCH = """diff --git a/src/net_client.py b/src/net_client.py
--- a/src/net_client.py
+++ b/src/net_client.py
@@ -10,2 +10,2 @@ class Downloader:
 kept = 1
-old_name = 2
+newName = 2
"""


def test_words_are_told_apart_by_where_they_stand() -> None:
    change = Change(PATCH, ("src/net_client.py",), "context_word = 3", PATCH.replace("src", "test"))
    assert change.added_words == {"newName"}
    assert change.removed_words == {"old_name"}
    assert {"kept", "Downloader"} <= change.shown_words
    assert change.name_stems >= {"net", "client"}
    assert "src" in change.folder_stems
    assert "context_word" in change.context_words
    assert {"newName", "old_name", "net_client"} <= change.test_words
    assert change.paths == ["src/net_client.py"]


def test_what_is_no_diff_is_added_as_a_whole() -> None:
    change = Change("def total(xs):\n    return sum(xs)", ())
    assert change.added == ["def total(xs):", "    return sum(xs)"]
    assert change.words == {"def", "total", "xs", "return", "sum"}
    assert change.removed == change.shown == []
