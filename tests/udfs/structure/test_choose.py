"""Every kind finds what it asks for, nothing gives its answer away, and all answers fit."""

from dataclasses import replace

import pytest

from tests.udfs.structure.repository import TEXTS, repository
from udfs.pairs import Pair, PairLimits, Rejection
from udfs.structure import KINDS, Kind, Made, StructureLimits, structure_pairs
from udfs.structure.build import MARKER, fill

LIMITS, SIZES = StructureLimits(), PairLimits()


def made(*kinds: Kind, limits: StructureLimits = LIMITS, sizes: PairLimits = SIZES) -> list[Made]:
    return list(structure_pairs(repository(), kinds, limits, sizes, lambda file: None))


def keys(kind: Kind) -> dict[str, str]:
    return {
        item.key: item.found.reason if isinstance(item.found, Rejection) else ""
        for item in made(kind)
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "docstring_to_body",
            {
                "function go/ledger.go:Ledger.Largest": "documentation_too_short",
                "function tally/amounts.py:Currency.__init__": "documentation_too_short",
                "function tally/amounts.py:parse_amount": "",
                "function tally/amounts.py:split_amount": "documentation_too_short",
                "function tally/amounts.py:total": "body_trivial",
                "function tally/words.py:plain_word": "",
                "function web/clean.ts:clean": "documentation_too_short",
                "function web/show.ts:show": "",
            },
        ),
        (
            "fill_in_middle",
            {
                "tree go/ledger.go": "nothing_in_reach",
                "tree tally/amounts.py": "",
                "tree tally/words.py": "nothing_in_reach",
                "tree web/clean.ts": "nothing_in_reach",
                "tree web/show.ts": "no_middle",
            },
        ),
        (
            "function_to_test",
            {
                "function go/ledger.go:Ledger.Largest": "test_not_found",
                "function tally/amounts.py:Currency.__init__": "test_not_found",
                "function tally/amounts.py:parse_amount": "",
                "function tally/amounts.py:split_amount": "test_not_found",
                "function tally/amounts.py:total": "test_not_found",
                "function tally/words.py:plain_word": "test_not_found",
                "function web/clean.ts:clean": "test_not_found",
                "function web/show.ts:show": "",
            },
        ),
        (
            "docs_to_code",
            {"example README.md:8": "", "example README.md:17": "documentation_too_short"},
        ),
        (
            "types_to_implementation",
            {
                "function go/ledger.go:Ledger.Largest": "",
                "function tally/amounts.py:Currency.__init__": "no_types_in_reach",
                "function tally/amounts.py:parse_amount": "documented",
                "function tally/amounts.py:split_amount": "",
                "function tally/amounts.py:total": "documented",
                "function tally/words.py:plain_word": "documented",
                "function web/clean.ts:clean": "no_types_in_reach",
                "function web/show.ts:show": "documented",
            },
        ),
    ],
)
def test_what_a_kind_finds(kind: Kind, expected: dict[str, str]) -> None:
    assert keys(kind) == {f"{key} {kind}": reason for key, reason in expected.items()}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_put_in_its_place_gives_the_file_again(kind: Kind, whole: bool) -> None:
    sizes = SIZES if whole else replace(SIZES, whole_file_lines=1, window_lines=2)
    pairs = [item.found for item in made(kind, sizes=sizes) if isinstance(item.found, Pair)]
    assert pairs
    for pair in pairs:
        assert pair.context.count(MARKER) == 1
        (path,) = pair.paths
        shown = next(part for part in pair.context.split("### ") if MARKER in part)
        text = fill("\n".join(shown.rstrip("\n").split("\n")[2:-1]) + "\n", pair.response)
        assert text in TEXTS[path] and (not whole or text == TEXTS[path])
        assert pair.category == "structure" and f"structure:{kind}" in pair.flags


def test_so_many_of_a_kind_are_chosen_by_their_names_alone() -> None:
    all_of_it = {item.key for item in made("docstring_to_body") if isinstance(item.found, Pair)}
    some = made("docstring_to_body", limits=replace(LIMITS, max_pairs=1))
    (chosen,) = [item.key for item in some if isinstance(item.found, Pair)]
    left = {item.key for item in some if item.found == Rejection("enough_of_kind")}
    assert {chosen, *left} == all_of_it


def test_no_pair_shows_a_file_that_may_not_be_learned_from() -> None:
    found = structure_pairs(
        repository(), KINDS, LIMITS, SIZES,
        lambda file: "GPL-3.0-only" if file.path == "tally/words.py" else None,
    )  # fmt: skip
    by_key = {item.key: item for item in found}
    refused = Rejection("licence_of_file", "tally/words.py: GPL-3.0-only")
    assert by_key["function tally/words.py:plain_word docstring_to_body"].found == refused
    assert by_key["tree tally/amounts.py fill_in_middle"].found == refused, "it is shown beside"
    assert all("words.py" not in str(item.files) for item in by_key.values() if item.files[1:])
