"""Files line by line: packed or not, one document or many lines, too long or damaged."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from etl.bronze.input_files import (
    InputLimits,
    archive_key,
    line_key,
    read_input,
    survey,
)
from tests.collaboration import (
    comment,
    encoded,
    event,
    issue,
    landed,
    pull,
    repository,
    webhook,
    write_lines,
)
from udfs.collaboration import Fault, Record

LIMITS = InputLimits(max_line_bytes=4000, max_depth=20)


def told(path: Path, limits: InputLimits = LIMITS) -> list[tuple[int, str]]:
    """Line numbers, and the kind of what is there or what is wrong with it."""
    return [
        (line.number, item.kind if isinstance(item, Record) else item.reason)
        for line in read_input(str(path), limits)
        for item in line.items
    ]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json", "a.json.gz"])
def test_lines_are_numbered_and_blank_ones_left_out(tmp_path: Path, name: str) -> None:
    lines = [issue(1), b"  \r", b"{", encoded(comment(9, 1)) + b"\r"]
    path = write_lines(tmp_path / name, lines)
    assert told(path) == [(1, "issue"), (3, "not_json"), (4, "comment")]


def test_the_last_line_needs_no_end_and_the_first_may_have_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + encoded(issue(1)) + b"\n" + encoded(issue(2)))
    assert told(path) == [(1, "issue"), (2, "issue")]
    assert survey(str(path), "dump", LIMITS)["lines"] == 2


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_one_document_over_many_lines_is_line_one(tmp_path: Path, name: str) -> None:
    text = json.dumps(webhook("opened", issue=issue(1)), indent=2).encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert told(path) == [(1, "repository"), (1, "issue")]
    small = InputLimits(max_line_bytes=300, max_depth=20)
    assert told(path, small) == [(1, "line_too_large")]


def test_a_page_of_objects_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps([issue(1), issue(2)], indent=1), encoding="utf-8")
    assert told(path) == [(1, "issue"), (1, "issue")]


@pytest.mark.parametrize("length", [3999, 4000, 4001, 9000, 3_000_000])
def test_a_long_line_is_left_out_and_the_next_is_read(tmp_path: Path, length: int) -> None:
    long = encoded(issue(1, body=""))  # its line break counts too
    long = long.replace(b'"body": ""', b'"body": "' + b"x" * (length - len(long) - 1) + b'"')
    path = write_lines(tmp_path / "a.jsonl", [long, issue(2)])
    first = "issue" if length <= 4000 else "line_too_large"
    assert told(path) == [(1, first), (2, "issue")]


def test_a_survey_says_what_the_file_is_and_whom_it_names(tmp_path: Path) -> None:
    lines = [
        landed("repository", repository()),
        issue(1),
        issue(1, name="eve/noise"),
        issue(1, name="grace/report", title=3),
        b"{",
        pull(2),
    ]
    path = write_lines(tmp_path / "a.jsonl.gz", lines)
    assert survey(str(path), "dump", LIMITS) == {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "lines": 6,
        "names": {("ada/tally", 11), ("eve/noise", 0), ("grace/report", 0)},
        "error": None,
    }
    assert survey(str(path), "archive", LIMITS)["names"] == set()


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl.gz", [event("IssuesEvent", {"issue": issue(1)})] * 50)
    whole = path.read_bytes()
    spoiled = bytearray(whole)
    spoiled[len(whole) // 2] ^= 0xFF
    for data in (whole[:-9], bytes(spoiled), b"no gzip"):
        path.write_bytes(data)
        for format in ("dump", "archive"):
            assert survey(str(path), format, LIMITS)["error"]
    assert survey(str(tmp_path / "absent"), "dump", LIMITS)["error"].startswith("FileNotFoundError")


def test_keys_name_the_line_and_the_place_in_it() -> None:
    assert line_key(3, "") == "line 3"
    assert line_key(3, "object") == "line 3 object"
    assert archive_key(b"x", "repo") == f"line {hashlib.sha256(b'x').hexdigest()[:16]} repo"


def test_a_fault_of_a_line_has_no_repository(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [b"[" * 50])
    ((found,),) = [line.items for line in read_input(str(path), LIMITS)]
    assert isinstance(found, Fault)
    assert found.repository is None
