import pytest

from udfs.ast import Source
from udfs.ast.edits import UNWRAPPED, WRAPPED, tree_edits


def edits(
    before: str, after: str, language: str = "python", most: int = 20
) -> list[tuple[str, ...]]:
    found = tree_edits(Source(before, language), Source(after, language), most)
    assert found is not None
    return [
        (
            *(
                "" if side is None else (side.node.text or b"").decode()
                for side in (edit.before, edit.after)
            ),
            edit.turn,
        )
        for edit in found
    ]


CODE = """\
def first(items):
    for item in items:
        if item > 0 and len(item) < 3:
            log(item, items)
            return item
    return None
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("item > 0", "item >= 0", [(">", ">=", "")]),
        ("return None", "return items[0]", [("None", "items[0]", "")]),
        ("len(item)", "len(item.name)", [("item", "item.name", WRAPPED)]),
        ("item > 0 and len(item) < 3", "item > 0", [
            ("item > 0 and len(item) < 3", "item > 0", UNWRAPPED)
        ]),
        ("log(item, items)", "log(items, item)", [("item", "items", ""), ("items", "item", "")]),
        ("            log(item, items)\n", "", [("log(item, items)", "", "")]),
        ("    return None", "    log()\n    return None", [("", "log()", "")]),
    ],
)  # fmt: skip
def test_a_small_change_is_one_edit_at_its_place(
    old: str, new: str, expected: list[tuple[str, ...]]
) -> None:
    assert edits(CODE, CODE.replace(old, new)) == expected


def test_layout_comments_and_docstrings_are_no_edits() -> None:
    changed = CODE.replace("log(item, items)", "log(  # say so\n                item,\n items)")
    changed = changed.replace("items):\n", 'items):\n    """The first."""\n')
    assert edits(CODE, changed) == []


def test_space_in_strings_is_an_edit() -> None:
    assert edits("x = ' '.join(a)\n", "x = ''.join(a)\n") == [("' '", "''", "")]


def test_statements_that_a_new_one_holds_were_not_removed() -> None:
    before = "function f(a) {\n  open(a);\n  read(a);\n}\n"
    after = "function f(a) {\n  if (a) {\n    open(a);\n    read(a);\n  }\n}\n"
    (edit,) = edits(before, after, "javascript")
    assert edit[2] == WRAPPED and edit[1].startswith("if (a)")
    (edit,) = edits(after, before, "javascript")
    assert edit[2] == UNWRAPPED and edit[0].startswith("if (a)")


def test_a_change_of_many_places_is_not_told() -> None:
    before = "".join(f"a{i} = {i}\n" for i in range(30))
    after = before.replace(" = ", " = 1")
    assert tree_edits(Source(before, "python"), Source(after, "python"), 29) is None
    assert len(edits(before, after, most=30)) == 30
    many = "".join(f"b{i}()\n" for i in range(300))
    assert tree_edits(Source(before, "python"), Source(many, "python"), 10_000) is None


def test_without_a_tree_nothing_is_told() -> None:
    assert tree_edits(Source("a", "cobol"), Source("b", "cobol"), 9) is None


@pytest.mark.parametrize("language", ["python", "javascript", "java", "c"])
def test_depth_and_garbage_do_no_harm(language: str) -> None:
    deep = "(" * 900 + "1" + ")" * 900
    assert edits(deep, deep.replace("1", "2"), language) == [("1", "2", "")]
    garbage = "}{)(\x00\ufffd'\"`" * 2_000
    tree_edits(Source(garbage, language), Source(garbage[5:-3], language), 20)
