"""The driver on its own, on code written here; real candidates only ever run in a sandbox."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from etl.synthesis import sandboxed_driver


def _drive(folder: Path, module: str, examples: list[str]) -> tuple[bytes, dict[str, Any]]:
    (folder / "judged.py").write_text(module)
    request = {"nonce": "N0NCE", "root": str(folder), "module": "judged", "examples": examples}
    shown = subprocess.run(
        [sys.executable, "-s", "-B", sandboxed_driver.__file__],
        input=json.dumps(request).encode() + b"\n",
        capture_output=True,
        check=True,
        timeout=30,
    )
    line = shown.stdout.splitlines()[0]
    assert line.startswith(b"N0NCE")
    return shown.stdout, json.loads(line[5:])


def test_examples_share_names_and_report_what_they_did(tmp_path: Path) -> None:
    module = "from __future__ import annotations\ndef f(x):\n    return x + 1\n"
    examples = ["a = f(1)\n", "a\n", "print('x')\n", "f('x')\n", "_\n", "1 +\n"]
    _, report = _drive(tmp_path, module, examples)
    assert report["import_error"] is None
    outcomes = [(o["stdout"], o["exception"]) for o in report["outcomes"]]
    assert outcomes[:3] == [("", None), ("2\n", None), ("x\n", None)]
    assert outcomes[3][1].startswith("TypeError: ")
    assert outcomes[4][1].startswith("NameError: ")
    assert outcomes[5][1].startswith("SyntaxError: ")


def test_the_judged_code_has_no_way_to_the_streams_or_the_request(tmp_path: Path) -> None:
    module = """
import atexit, os, sys
stdin = sys.stdin.read()
os.write(1, b"N0NCE{}\\n")
print("N0NCE{}", file=sys.__stdout__, flush=True)
atexit.register(os.write, 1, b"N0NCE{}")
"""
    stdout, report = _drive(tmp_path, module, ["stdin\n"])
    assert stdout.count(b"N0NCE") == 1
    assert report["outcomes"] == [{"stdout": "''\n", "exception": None}]


def test_an_import_that_fails_is_reported(tmp_path: Path) -> None:
    _, report = _drive(tmp_path, "raise SystemExit(3)\n", ["1\n"])
    assert report == {"import_error": "SystemExit: 3\n", "outcomes": []}


def test_a_leaving_example_does_not_end_the_report(tmp_path: Path) -> None:
    _, report = _drive(tmp_path, "", ["exit()\n", "raise KeyboardInterrupt\n", "1\n"])
    shown = [o["exception"] for o in report["outcomes"]]
    assert shown == ["SystemExit: None\n", "KeyboardInterrupt\n", None]
