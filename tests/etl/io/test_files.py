"""Files that the user names are there, or the message says which is not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from etl.errors import SourceError
from etl.io.files import content_digest, named_file


def test_a_file_is_found_from_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "x.jsonl"
    place.write_bytes(b"{}\n" * 100_000)
    monkeypatch.chdir(tmp_path)
    assert named_file("benchmarks.x", "x.jsonl") == named_file("benchmarks.x", str(place)) == place
    assert content_digest(place) == hashlib.sha256(place.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=rf"benchmarks\.x: there is no file {tmp_path}.*remove"):
        named_file("benchmarks.x", str(tmp_path / name))


def test_a_file_that_cannot_be_read_is_an_error_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gone cannot be read: No such file"):
        content_digest(tmp_path / "gone")
