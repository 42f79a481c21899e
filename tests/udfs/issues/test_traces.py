"""Traces and logs as programs print them."""

from __future__ import annotations

import pytest

from udfs.issues.traces import frames, has_log, has_trace

PYTHON = """Traceback (most recent call last):
  File "/home/ada/tally/money.py", line 12, in average
    return sum(values) / len(values)
ZeroDivisionError: division by zero"""
NODE = """TypeError: res.set is not a function
    at sendOptionsResponse (c:\\git\\express\\lib\\router\\index.js:626:9)
    at /srv/express/lib/router/index.js:168:7"""
JAVA = """Exception in thread "main" java.lang.NullPointerException
\tat com.google.gson.Gson.toJson(Gson.java:704)
\tat Main.main(Main.java:5)"""
GO = """panic: runtime error: index out of range

goroutine 1 [running]:
main.total(...)
\t/home/ada/tally/main.go:9 +0x1d
main.main()
\t/home/ada/tally/main.go:4"""
RUST = "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON, [("/home/ada/tally/money.py", 12)]),
        (
            NODE,
            [
                ("c:/git/express/lib/router/index.js", 626),
                ("/srv/express/lib/router/index.js", 168),
            ],
        ),
        (JAVA, [("Gson.java", 704), ("Main.java", 5)]),
        (GO, [("/home/ada/tally/main.go", 9), ("/home/ada/tally/main.go", 4)]),
        (GO.replace("ada", "<USER_1>"), [("/home/<USER_1>/tally/main.go", n) for n in (9, 4)]),
        (RUST, [("src/main.rs", 4)]),
    ],
)
def test_a_trace_names_files_and_lines(text: str, expected: list[tuple[str, int]]) -> None:
    assert list(frames(text)) == expected
    assert has_trace(f"It fails:\n\n{text}\n\nWhy?")


@pytest.mark.parametrize(
    "text",
    ["meet at noon (10:30)", "at index.js:3:4", "see money.py, line 12", "a\nb\n" * 50],
)
def test_prose_is_no_trace(text: str) -> None:
    assert not has_trace(text)


def test_a_log_is_some_lines_in_a_row_of_which_one_tells_of_a_failure() -> None:
    lines = [f"2025-01-0{n} 10:00:00 INFO step {n}" for n in (1, 2, 3)]
    assert not has_log("\n".join(lines))
    assert has_log("\n".join([*lines, "2025-01-04 10:00:00 ERROR step 4 failed"]))
    assert not has_log("\nwell\n".join([*lines, "2025-01-04 10:00:00 ERROR step 4 failed"]))
