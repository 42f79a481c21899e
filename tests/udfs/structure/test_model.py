"""A repository knows its definitions by name, and what is a test."""

from tests.udfs.structure.repository import file, repository


def test_definitions_of_tests_are_not_looked_up() -> None:
    held = repository()
    assert "test_nothing" not in held.functions
    assert {name for name in held.types} == {"Currency", "Entry", "Ledger"}
    assert [item.path for item in held.files if item.is_test] == [
        "tests/test_amounts.py",
        "web/show.test.ts",
    ]


def test_examples_of_use_are_not_what_is_asked_for() -> None:
    assert file("examples/app/a.py", "a = 1\n").is_example
    assert not file("example.py", "a = 1\n").is_example


def test_facts_of_a_file_outlive_its_tree() -> None:
    facts = file("tally/amounts.py").facts
    assert facts.imports == ((3, 3), (5, 5))
    assert {"re", "tally", "words", "plain_word"} <= facts.imported
    assert file("a.xyz", "text").facts.types == ()
