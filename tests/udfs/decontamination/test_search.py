"""Problems are found in any field, over several, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.udfs.decontamination.problems import FENCE, GAP, PROBLEMS, SPEC
from udfs.decontamination.canaries import as_excerpt, as_new_file
from udfs.decontamination.index import build_index
from udfs.decontamination.search import find_problems

INDEX = build_index(PROBLEMS, SPEC)
WHOLE = GAP.prompt + (GAP.solution or "")
FIELDS = ("instruction", "context", "response")


@pytest.mark.parametrize("field", FIELDS)
def test_a_hit_names_its_field_and_its_place(field: str) -> None:
    text = f"Größer – ja\n\n{as_excerpt(WHOLE, 'python')}"
    hits = find_problems(dict.fromkeys(FIELDS, "") | {field: text}, "python", INDEX)
    assert {hit.field for hit in hits} == {field}
    assert {hit.level for hit in hits if hit.problem_id == "Own/1"} == {
        "substring", "words", "tokens", "structure",
    }  # fmt: skip
    spans = {hit.level: text[hit.start : hit.end] for hit in hits if hit.problem_id == "Own/1"}
    assert spans["words"].startswith("Return the widest distance")
    assert spans["tokens"].startswith("widest = 0") and spans["tokens"].endswith("return widest")
    assert {hit.level for hit in hits if hit.problem_id == "Go/1"} == {"substring", "words"}


def test_two_fields_that_hold_half_of_it_each_give_it_away_together() -> None:
    lines = (FENCE.solution or "").split("\r\n")
    halves = as_excerpt("\n".join(lines[:4]), "python"), as_new_file(lines[4], "python")
    fields = {"context": halves[0], "response": halves[1]}
    together = [hit for hit in find_problems(fields, "python", INDEX) if hit.level == "tokens"]
    assert [hit.field for hit in together] == ["context", "response"]
    assert together[0].share == together[1].share >= 0.5
    assert find_problems({"response": halves[1]}, "python", INDEX) == []


def test_what_was_removed_is_read_too_and_lines_between_do_not_hide_what_was_added() -> None:
    removed = as_new_file(WHOLE, "python").replace("\n+", "\n-").replace("-0,0 +1,", "-1,")
    removed = removed.replace("@@\n", "+0,0 @@\n").replace("12 @@ +0,0 @@", "12 +0,0 @@")
    assert {hit.problem_id for hit in find_problems({"response": removed}, None, INDEX)}
    lines = WHOLE.removesuffix("\n").split("\n")
    mixed = "".join(f"+{line}\n     keep(this[{at}])\n" for at, line in enumerate(lines))
    size = len(lines)
    diff = f"--- a/x.py\n+++ b/x.py\n@@ -1,{size} +1,{2 * size} @@\n{mixed}"
    assert "tokens" in {hit.level for hit in find_problems({"response": diff}, None, INDEX)}


def test_idioms_and_other_people_s_code_are_no_hits() -> None:
    text = (
        "import sys\n\n\ndef main(argv):\n    for i in range(len(argv)):\n"
        "        for j in range(len(argv)):\n            if i != j:\n"
        "                print(argv[i], argv[j])\n    return 0\n\n\n"
        'if __name__ == "__main__":\n    sys.exit(main(sys.argv))\n'
    )
    notice = "Permission is hereby granted, free of charge, to any person obtaining a copy of this"
    fields = {"instruction": notice, "context": as_excerpt(text, "python"), "response": text}
    assert find_problems(fields, "python", INDEX) == []


@given(st.lists(st.sampled_from(WHOLE.split("\n")), max_size=12), st.text(max_size=30))
def test_hits_are_inside_their_field_whatever_the_text(lines: list[str], odd: str) -> None:
    text = odd + "\n".join(lines) + odd
    for hit in find_problems({"response": text}, "python", INDEX):
        assert 0 <= hit.start < hit.end <= len(text)
        assert 0 < hit.share <= 1 and hit.evidence
