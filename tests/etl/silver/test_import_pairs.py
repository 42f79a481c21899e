"""A line of an expert's file gets the columns of a pair, or the reason why it is none."""

from __future__ import annotations

from pathlib import Path

from etl.config import conf_folder, read_config
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import PairParams
from etl.silver.import_pairs import decide_line, line_authors, lines_of
from tests.udfs.test_expert_pairs import encoded
from udfs.authors import author_digest

CONFIG = read_config(conf_folder())
PARAMS = PairParams(extract=CONFIG.extract, licences=CONFIG.profile.licences())
MAY_LEARN = PARAMS.licences.predicate()


def test_a_line_fills_every_column_that_a_pair_must_have() -> None:
    row = decide_line(encoded(), PARAMS, MAY_LEARN)
    given = {"rule_version", "batch_id"}
    assert set(PAIRS.required) - given <= row.keys()
    assert (row["origin"], row["licence"], row["authorship"]) == ("expert", "MIT", "unknown")
    assert "ada" not in str(row), "the author is a digest"
    assert decide_line(encoded(), PARAMS, MAY_LEARN) == row
    other = decide_line(encoded(author="@grace", correctness=1), PARAMS, MAY_LEARN)
    assert other["pair_id"] == row["pair_id"], "who wrote a pair is no part of what it is"


def test_an_author_is_who_forget_would_name() -> None:
    row = decide_line(encoded(author="7+Grace@users.noreply.github.com"), PARAMS, MAY_LEARN)
    assert author_digest("@grace") in row["hangs_on"]
    assert line_authors(encoded(author="@grace")) == {author_digest("@grace")}
    assert line_authors(b"{") == set()
    removed = [author_digest("@grace")]
    refused = decide_line(encoded(author="@Grace"), PARAMS, MAY_LEARN, removed)
    assert refused == {"reason": "author_removed"}


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(b"a\n\n  \r\nb")
    assert list(lines_of(file)) == [(1, b"a\n"), (4, b"b")]
