"""Which files are read: each once, sorted, and no pattern in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import SourceError
from etl.io.inputs import find_inputs
from tests.collaboration import write_lines


def test_landed_files_dumps_and_archives(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    names = ["github/ada/tally/2.jsonl", "github/ada/tally/1.jsonl", "github/ada/tally/state.json",
             "github/ada/tally/.3.jsonl", "github/ada/stray.jsonl"]  # fmt: skip
    for name in names:
        write_lines(landing / name, [{}])
    dump = write_lines(tmp_path / "dumps/a.jsonl.gz", [{}])
    hour = write_lines(tmp_path / "hours/2024-01-01-15.json.gz", [{}])
    (tmp_path / "hours/folder.json.gz").mkdir()
    found = find_inputs(
        landing, (f"{tmp_path}/dumps/*", str(dump)), (f"{tmp_path}/hours/*.json.gz",)
    )
    assert [(file.path, file.format) for file in found] == [
        (str(dump), "dump"),
        (str(hour), "archive"),
        (str(landing / "github/ada/tally/1.jsonl"), "landing"),
        (str(landing / "github/ada/tally/2.jsonl"), "landing"),
    ]
    assert found[0].bytes == dump.stat().st_size
    assert found[0].modified_ns == dump.stat().st_mtime_ns


def test_nothing_is_configured(tmp_path: Path) -> None:
    assert find_inputs(tmp_path / "landing", (), ()) == []


def test_a_pattern_in_vain_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"in collaboration\.archives matches no file"):
        find_inputs(tmp_path, (), (f"{tmp_path}/*.json.gz",))
