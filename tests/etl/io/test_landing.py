"""Files of JSON lines and a state: whole or not there at all."""

from __future__ import annotations

import json
from pathlib import Path

from etl.io.landing import Errand, Landing, drop_landing, drop_lines


def test_objects_wait_for_a_file_that_is_worth_its_while(tmp_path: Path) -> None:
    landing = Landing(tmp_path, "Ada/Tally", objects_per_file=4)
    folder = tmp_path / "github" / "ada" / "tally"
    landing.add("review", [(1, {"id": 1}), (1, {"id": 2})])
    landing.keep(at_once=False)
    assert not folder.exists()
    landing.add("review", [(2, {"id": 3}), (2, {"id": 4})])
    landing.keep(at_once=False)
    assert sorted(path.name for path in folder.iterdir()) == ["00000001.jsonl", "state.json"]
    for _ in range(4):  # answers without objects are work too
        landing.state.errands.append(Errand(kind="review", number=3, path="/x"))
        landing.add("review", [])
        landing.keep(at_once=False)
    assert len(json.loads((folder / "state.json").read_text())["errands"]) == 4
    assert landing.objects == 4


def test_numbers_go_on_where_the_folder_ends(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        landing = Landing(tmp_path, "ada/tally", objects_per_file=1)
        landing.add("issue", [(number, {"number": number})])
        landing.keep()
        (landing.folder / ".00000009.jsonl.part").write_text("torn", encoding="utf-8")
    files = sorted((tmp_path / "github" / "ada" / "tally").glob("[0-9]*.jsonl"))
    assert [file.name for file in files] == [f"{n:08d}.jsonl" for n in (1, 2, 3)]
    assert json.loads(files[1].read_text()) == {
        "repository": "ada/tally", "kind": "issue", "number": 2, "object": {"number": 2}
    }  # fmt: skip


def test_nothing_is_written_where_nothing_came(tmp_path: Path) -> None:
    Landing(tmp_path, "ada/tally", objects_per_file=1).keep()
    assert list(tmp_path.iterdir()) == []


def test_lines_are_dropped_from_every_folder_and_the_rest_stays(tmp_path: Path) -> None:
    for name in ("ada/tally", "ada/money"):
        landing = Landing(tmp_path, name, objects_per_file=1)
        landing.add("issue", [(1, {"by": "eve"}), (2, {"by": "ada"})])
        landing.keep()
    assert drop_lines(tmp_path, lambda line: b'"eve"' in line) == 2
    assert drop_lines(tmp_path, lambda line: b'"eve"' in line) == 0
    files = sorted(tmp_path.glob("github/ada/*/*.jsonl"))
    assert [json.loads(file.read_text())["object"] for file in files] == [{"by": "ada"}] * 2
    drop_landing(tmp_path, "Ada/Tally")
    drop_landing(tmp_path, "nobody/nothing")
    assert [path.name for path in tmp_path.glob("github/*/*")] == ["money"]
    drop_landing(tmp_path, "ada/money")
    assert list(tmp_path.glob("github/*")) == []
