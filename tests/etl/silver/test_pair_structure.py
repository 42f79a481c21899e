"""The files of a repository become pairs from structure, each with its licence, or reasons."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from etl.config import conf_folder, read_config
from etl.schemas.silver import PAIRS
from etl.silver.pair_structure import PairStructureParams, decide_repository
from tests.repositories import MIT
from tests.udfs.structure.repository import TEXTS, file
from udfs.structure import KINDS

CONFIG = read_config(conf_folder())
PARAMS = PairStructureParams(
    structure=CONFIG.structure.model_copy(update={"kinds": KINDS}),
    extract=CONFIG.extract,
    licences=CONFIG.profile.licences(),
)


def decided(
    params: PairStructureParams = PARAMS, head: str | None = "c" * 40, **texts: str
) -> list[dict[str, Any]]:
    """The rows of the repository, with further files by path, `__` for a slash."""
    more = {path.replace("__", "/"): text for path, text in texts.items()}
    rows = []
    for path, text in (TEXTS | {"LICENSE": MIT} | more).items():
        functions = [
            {"function_id": known.id}
            | {
                name: list(value) if isinstance(value, tuple) else value
                for name in known.function.__slots__
                for value in [getattr(known.function, name)]
            }
            for known in (
                file(path, text).functions if path.endswith((".py", ".go", ".ts")) else ()
            )
        ]
        rows.append(
            {
                "repo_id": "r", "repo_name": "tally", "licence": "MIT", "head_oid": head,
                "path": path, "blob_oid": f"blob of {path}", "text": text,
                "functions": functions or None,
            }
        )  # fmt: skip
    return decide_repository(pa.Table.from_pylist(rows), params)


def test_every_candidate_is_a_pair_or_has_a_reason() -> None:
    rows = decided()
    assert len({row["key"] for row in rows}) == len(rows)
    pairs = [row for row in rows if "pair_id" in row]
    assert {row["category_evidence"][0] for row in pairs} == set(KINDS)
    assert all(("reason" in row) != ("pair_id" in row) for row in rows)
    given = {"rule_version", "batch_id"}
    for row in pairs:
        assert set(PAIRS.required) - given <= row.keys()
        assert (row["origin"], row["licence"], row["authorship"]) == ("structure", "MIT", "unknown")
        assert all(trace.startswith("blob of ") for trace in row["hangs_on"])


def test_a_pair_stays_what_it_is_while_its_files_do() -> None:
    first, second = decided(), decided(head="d" * 40, docs__new="x")
    assert [row.get("pair_id") for row in first] == [row.get("pair_id") for row in second]
    assert {row["commit_oid"] for row in decided(head=None) if "pair_id" in row} == {""}


def test_a_folder_under_another_licence_gives_nothing() -> None:
    gpl = "This program is licensed under the GNU General Public License v3.0.\n"
    rows = decided(tally__COPYING=gpl)
    reasons = {row["key"]: row.get("reason") for row in rows}
    assert reasons["function tally/words.py:plain_word docstring_to_body"] == "licence_of_file"
    assert reasons["function web/show.ts:show docstring_to_body"] is None


def test_what_is_beyond_the_cap_is_named() -> None:
    capped = PARAMS.structure.model_copy(update={"max_repository_bytes": len(TEXTS["README.md"])})
    rows = decided(PARAMS.model_copy(update={"structure": capped}))
    left = {row["key"] for row in rows if row.get("reason") == "repository_too_large"}
    assert left == {f"tree {path}" for path in TEXTS if path != "README.md"}
