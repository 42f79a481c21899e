"""Renamed copies are equal; other code, other literals and little code are not."""

from __future__ import annotations

import pytest

from tests.udfs.dedup.corpus import diff
from udfs.dedup.structure import structure_hash

PYTHON = """def total(items, start):
    result = start
    for item in items:
        result += item.price * 2  # twice
    return result"""
GO = """func Total(items []Item) int {
\tresult := 0
\tfor _, item := range items {
\t\tresult += item.Price
\t}
\treturn result
}"""


@pytest.mark.parametrize(
    ("language", "code", "names"),
    [
        ("python", PYTHON, ("total", "items", "result", "item")),
        ("go", GO, ("Total", "items", "result", "Item")),
    ],
)
def test_names_layout_and_comments_do_not_count(
    language: str, code: str, names: tuple[str, ...]
) -> None:
    renamed = code.replace("# twice", "# and so on")
    for index, name in enumerate(names):
        renamed = renamed.replace(name, f"{name}{index}")
    expected = structure_hash(diff(code), language, 20)
    assert expected is not None
    assert structure_hash(diff(renamed, "other/b.py"), language, 20) == expected
    assert structure_hash(diff(code.replace("+=", "-=")), language, 20) != expected


def test_one_name_for_two_and_another_literal_count() -> None:
    expected = structure_hash(diff(PYTHON), "python", 20)
    assert structure_hash(diff(PYTHON.replace("* 2", "* 3")), "python", 20) != expected
    assert structure_hash(diff(PYTHON.replace("start", "items")), "python", 20) != expected


def test_what_is_removed_is_not_what_is_added() -> None:
    added = diff(PYTHON)
    head, body = added.split("@@\n")
    lines = PYTHON.count("\n") + 1
    removed = f"{head.replace(f'-3,0 +4,{lines}', f'-3,{lines} +2,0')}@@\n" + "".join(
        "-" + line[1:] + "\n" for line in body.splitlines()
    )
    found = structure_hash(removed, "python", 20)
    assert found is not None
    assert found != structure_hash(added, "python", 20)


def test_little_code_other_text_and_other_languages_have_none() -> None:
    assert structure_hash(diff(PYTHON), "python", 200) is None
    assert structure_hash(PYTHON, "python", 20) is None
    assert structure_hash(diff(PYTHON), "markdown", 20) is None
