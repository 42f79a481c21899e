"""What is compared: a change keeps its identity across branches, and loses nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.dedup.text import comparable, normalise, without_licence_notices

DIFF = """diff --git a/src/app.py b/src/app.py
--- a/src/app.py
+++ b/src/app.py
@@ -10,3 +10,3 @@ def run():
 before
-    return a < b
+    return a <= b
 after
"""


@given(st.text())
def test_normalise_is_idempotent_and_only_touches_white_space(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once.split() == text.split()


def test_a_backport_compares_like_the_original() -> None:
    backport = DIFF.replace("src/app.py", "lib/old/app.py").replace(
        "@@ -10,3 +10,3", "@@ -77,3 +75,3"
    )
    backport = backport.replace(" before", " something else").replace(
        "    return", "        return"
    )
    assert comparable("Fix comparison in run (#12)\n\nIt was off by one.", DIFF) == comparable(
        "[3.12] Fix comparison in run (#12) (#99)\n\nIt was off by one.\n\n"
        "(cherry picked from commit 0123456789abcdef)\nSigned-off-by: A <a@b.c>",
        backport,
    )


def test_a_revert_and_another_operator_do_not_compare_equal() -> None:
    text = comparable("Fix comparison", DIFF)
    revert = DIFF.replace(
        "-    return a < b\n+    return a <= b", "-    return a <= b\n+    return a < b"
    )
    assert comparable("Fix comparison", revert) != text
    assert comparable("Fix comparison", DIFF.replace("a <= b", "a >= b")) != text


def test_lines_that_look_like_headers_are_content() -> None:
    diff = "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n--- drop old rows\n-x\n+++ y\n"
    text = comparable("t", diff)
    assert (text.removed, text.added) == ("-- drop old rows x", "++ y")


def test_what_is_no_diff_counts_as_added() -> None:
    assert comparable("Explain", "It adds  two\nnumbers").added == "It adds two numbers"


@pytest.mark.parametrize(
    "notice",
    [
        ["# Copyright (c) 2020 The Authors", "# Licensed under the Apache License"],
        ["/*", " * Licensed under the Apache License, Version 2.0", " */"],
        ["/*", "  Permission is hereby granted, free of charge,", "", "  to any person", "*/"],
        ["<!-- SPDX-License-Identifier: MIT -->"],
        ["// SPDX-License-Identifier: MIT"],
    ],
)
def test_licence_notices_go_and_other_comments_stay(notice: list[str]) -> None:
    rest = ["", "# adds two numbers", "def add(a, b):", "    return a + b"]
    assert without_licence_notices([*notice, *rest]) == rest


def test_a_change_of_only_a_licence_notice_keeps_it() -> None:
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-# Copyright (c) 2020 A\n+# Copyright (c) 2021 A\n"
    text = comparable("Update year", diff)
    assert text.removed == "# Copyright (c) 2020 A"
    assert text.added == "# Copyright (c) 2021 A"
