"""Reading a response as changed lines."""

from __future__ import annotations

from udfs.quality.patch import file_changes

DIFF = """diff --git a/src/app.py b/src/app.py
--- a/src/app.py
+++ b/src/app.py
@@ -10,3 +10,3 @@ def run():
 before
-    return a < b
+    return a <= b
 after
diff --git a/new.txt b/new.txt
new file mode 100644
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+hello
\\ No newline at end of file
"""


def test_lines_by_file_and_side() -> None:
    app, new = file_changes(DIFF)
    assert (app.path, app.removed, app.added) == (
        "src/app.py",
        ["    return a < b"],
        ["    return a <= b"],
    )
    assert (app.context, app.hunks) == (["before", "after"], 1)
    assert (new.path, new.removed, new.added) == ("new.txt", [], ["hello"])


def test_a_text_or_a_broken_diff_has_no_changes() -> None:
    assert file_changes("It adds two numbers.") == []
    assert file_changes(DIFF.replace("@@ -10,3 +10,3 @@", "@@ -10,9 +10,9 @@")) == []


def test_a_usual_diff_and_an_odd_one_are_read_alike() -> None:
    plain = file_changes(DIFF)
    # Without the first words of its header it is read line by line.
    assert file_changes(f"From a mail:\n{DIFF}") == plain
    quoted = DIFF.replace(" b/new.txt", ' "b/ne\\303\\274.txt"')
    assert [file.path for file in file_changes(quoted)] == ["src/app.py", "neü.txt"]
    dashes = DIFF.replace("-    return a < b", "--- a/x\n+++ b/x")
    assert file_changes(dashes.replace("+10,3 @@", "+10,4 @@"))[0].added == [
        "++ b/x",
        "    return a <= b",
    ]
