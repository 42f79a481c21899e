"""What a person sees of a mix: the manifest, a page a pair, and a picture."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from etl.mix.build_mix import CategoryTarget, Fill, MixParams
from etl.mix.report import draw_mix, manifest, pair_as_markdown

MIX = MixParams(
    description="A test",
    min_score=0.4,
    targets={
        "bug_fix": CategoryTarget(rows=10, weight=1.0),
        "refactor": CategoryTarget(rows=5, weight=0.5),
    },
)
FILLS = [Fill("bug_fix", 10, 7, 1.0), Fill("refactor", 5, 5, 0.5)]
PAIR: dict[str, Any] = {
    "category": "bug_fix",
    "repo_name": "ada/tally",
    "commit_oid": "c" * 40,
    "pair_id": "p" * 64,
    "score": 0.8125,
    "language": "python",
    "licence": "MIT",
    "instruction": "Fix the crash",
    "context": "```python\ndef f(): ...\n```",
    "response": "--- a/x\n+++ b/x\n",
    "tests": None,
}


def test_the_manifest_says_what_a_mix_is_made_of() -> None:
    tables, licences = {"silver.pairs": 3, "gold.mixes": 1}, {"MIT": 9, "Apache-2.0": 3}
    text = manifest("default", "v" * 64, MIX, FILLS, tables, licences)
    found = json.loads(text)
    assert (found["mix"], found["version"], found["rows"]) == ("default", "v" * 64, 12)
    assert found["tables"] == tables
    assert found["licences"] == licences
    assert MixParams.model_validate(found["config"]) == MIX, "the mix can be rebuilt from it"
    assert [c["missing"] for c in found["categories"]] == [3, 0]
    backwards = (dict(reversed(d.items())) for d in (tables, licences))
    assert manifest("default", "v" * 64, MIX, FILLS, *backwards) == text


def test_a_page_shows_a_pair_whole() -> None:
    page = pair_as_markdown(PAIR)
    for part in ("bug_fix", "ada/tally", "cccccccccccc", "0.812", "MIT", "Fix the crash"):
        assert part in page
    assert "**Tests**" not in page
    assert PAIR["response"] in page
    with_tests = pair_as_markdown(PAIR | {"tests": "--- a/test_x\n"})
    assert "**Tests**" in with_tests
    assert with_tests.count("~~~~") == 4


def test_the_picture_is_a_png_of_some_size(tmp_path: Path) -> None:
    for name, scores in (("some", [0.5, 0.7, 0.9]), ("none", [])):
        target = tmp_path / f"{name}.png"
        draw_mix("default", FILLS, scores, target)
        data = target.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", data[16:24])
        assert width > 600
        assert height > 300
