"""Files of pairs stand under their content: once, whole, and without who was removed."""

from __future__ import annotations

from pathlib import Path

from etl.io.pair_files import drop_pairs, land_file, landed_files


def test_a_file_is_kept_once_under_its_content(tmp_path: Path) -> None:
    place, is_new = land_file(tmp_path, b"one\n")
    assert is_new and place.read_bytes() == b"one\n"
    assert land_file(tmp_path, b"one\n") == (place, False)
    other, _ = land_file(tmp_path, b"two\n")
    assert landed_files(tmp_path) == sorted([place, other])


def test_lines_go_and_what_is_left_has_its_own_name(tmp_path: Path) -> None:
    land_file(tmp_path, b"eve 1\nada 1\n")
    land_file(tmp_path, b"eve 2\n")
    kept, _ = land_file(tmp_path, b"ada 2\n")
    assert drop_pairs(tmp_path, lambda line: line.startswith(b"eve")) == 2
    left, is_new = land_file(tmp_path, b"ada 1\n")
    assert not is_new and landed_files(tmp_path) == sorted([kept, left])
    assert landed_files(tmp_path / "nothing") == []
