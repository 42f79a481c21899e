"""What an author had done is counted along the history that a commit stands on."""

from __future__ import annotations

from udfs.experience import author_key, earlier_commits

PARENTS: dict[str, list[str]] = {
    "root": [],
    "ada 1": ["root"],
    "grace 1": ["ada 1"],
    "ada 2": ["ada 1"],
    "ada 3": ["ada 2"],
    "merge": ["grace 1", "ada 3"],
    "ada 4": ["merge"],
    "grace 2": ["merge"],
}
AUTHORS = {oid: oid.partition(" ")[0] for oid in PARENTS}


def test_only_ancestors_count_and_merges_are_nobodys() -> None:
    found = earlier_commits(PARENTS, AUTHORS | {"merge": "ada"})
    assert found == {
        "root": 0, "ada 1": 0, "ada 2": 1, "ada 3": 2, "ada 4": 3, "grace 1": 0, "grace 2": 1,
        "merge": 3,
    }  # fmt: skip


def test_neither_the_order_nor_what_comes_later_changes_a_figure() -> None:
    whole = earlier_commits(PARENTS, AUTHORS)
    turned = earlier_commits(dict(reversed(PARENTS.items())), AUTHORS)
    assert turned == whole
    early = {oid: PARENTS[oid] for oid in ("root", "ada 1", "ada 2")}
    assert earlier_commits(early, AUTHORS).items() <= whole.items()


def test_unknown_parents_and_authors_are_nothing() -> None:
    assert earlier_commits({"b": ["gone", "gone"], "c": ["b"]}, {"b": "ada", "c": "ada"}) == {
        "b": 0,
        "c": 1,
    }
    assert earlier_commits({"b": [], "c": ["b"]}, {}) == {"b": 0, "c": 0}


def test_an_author_is_an_address_or_else_a_name() -> None:
    assert author_key("Ada", " Ada@Example.org") == "ada@example.org"
    assert author_key("Ada", None) == "ada"
    assert author_key(None, "") == ""
