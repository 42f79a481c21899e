"""One folder for everything, and a clear message where it cannot be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from etl.errors import MachineError
from etl.io.home import LEAST_FREE_BYTES, Home


def test_everything_lives_under_the_root(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    places = [
        home.warehouse, home.staging, home.clones, home.exports, home.scratch, home.artifacts,
    ]  # fmt: skip
    assert all(place.parent == home.root for place in places)
    assert len(set(places)) == len(places)
    assert home.tracking_uri == f"sqlite:///{tmp_path}/home/mlflow.db"


def test_a_home_is_made_once_and_hidden_from_git(tmp_path: Path) -> None:
    home = Home(tmp_path / "some" / "home")
    home.prepare()
    home.prepare()
    assert (home.root / ".gitignore").read_text() == "*\n"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(MachineError, match=r"home cannot be written.*--home or SLUICE_HOME"):
        Home(tmp_path / "home").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_leave_to_write_is_named(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    with pytest.raises(MachineError, match="cannot be written"):
        Home(tmp_path / "locked" / "home").prepare()


def test_a_full_disk_is_said_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(path: object) -> shutil._ntuple_diskusage:
        return shutil._ntuple_diskusage(1 << 40, (1 << 40) - (5 << 20), 5 << 20)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(MachineError) as caught:
        Home(tmp_path).prepare()
    assert "5 MiB free" in str(caught.value)
    assert f"{LEAST_FREE_BYTES >> 20} MiB are needed" in str(caught.value)


def test_a_sweep_leaves_the_tables_and_what_is_finished(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    fetched = home.landing / "github" / "ada" / "tally"
    left = [
        *(home.staging / "a" / "rows", home.scratch / "spark.log", home.exports / ".x.part" / "f"),
        *(home.clones / "c.7.part" / "HEAD", fetched / ".00000002.jsonl.part"),
    ]
    kept = [home.warehouse / "t" / "f", home.exports / "x" / "f", home.clones / "c" / "HEAD"]
    kept.append(fetched / "00000001.jsonl")
    for place in (*left, *kept):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("text", encoding="utf-8")
    for _ in range(2):
        home.sweep()
        assert [place for place in (*left, *kept) if place.exists()] == kept
