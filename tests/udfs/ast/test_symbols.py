"""What `symbol_changes` says of typical edits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import Source, SymbolChanges, symbol_changes

BEFORE = """\
import os

LIMIT = 3

class Store:
    size = 0

    def get(self, key):
        for item in self.items:
            if item.key == key:
                return item.value
        return None

    def put(self, key, value):
        self.items.append(Item(key, value))

def clean(path):
    text = open(path).read().strip()
    return [line for line in text.split() if line]
"""


def compare(before: str | None, after: str | None, language: str = "python") -> SymbolChanges:
    return symbol_changes([(source(before, language), source(after, language))])


def source(text: str | None, language: str) -> Source | None:
    return None if text is None else Source(text, language)


def changed(after: str) -> SymbolChanges:
    return compare(BEFORE, after)


def test_formatting_changes_nothing() -> None:
    after = BEFORE.replace("(key, value)", "(\n    key,\n    value,\n)") + "# end\n"
    assert changed(after) == SymbolChanges()


def test_a_new_function_is_added() -> None:
    assert changed(BEFORE + "\ndef extra():\n    return 1\n") == SymbolChanges(added=("extra",))


def test_a_fix_changes_one_body_only() -> None:
    after = BEFORE.replace("item.key == key", "item.key == key and item.live")
    assert changed(after) == SymbolChanges(changed=("Store.get",))


def test_a_new_parameter_changes_a_signature() -> None:
    after = BEFORE.replace("def put(self, key, value)", "def put(self, key, value, ttl=0)")
    assert changed(after) == SymbolChanges(signature_changed=("Store.put",))


def test_a_rename_with_its_parameters_is_seen() -> None:
    after = BEFORE.replace("clean", "words").replace("path", "name").replace("text", "body")
    assert changed(after) == SymbolChanges(moved_or_renamed=(("clean", "words"),))


def test_a_method_moved_out_of_its_class_is_seen() -> None:
    start, end = BEFORE.index("    def get"), BEFORE.index("    def put")
    lines = [line.removeprefix("    ") for line in BEFORE[start:end].splitlines()]
    after = BEFORE[:start] + BEFORE[end:] + "\n" + "\n".join(lines)
    assert changed(after) == SymbolChanges(moved_or_renamed=(("Store.get", "get"),))


def test_small_bodies_are_not_taken_for_one_another() -> None:
    result = compare("def a():\n    return 1\n", "def b():\n    return 1\n")
    assert result == SymbolChanges(added=("b",), removed=("a",))


def test_code_outside_of_definitions_and_fields_of_a_class() -> None:
    assert changed(BEFORE.replace("LIMIT = 3", "LIMIT = 4")) == SymbolChanges()
    assert changed(BEFORE.replace("size = 0", "size = 1")) == SymbolChanges(changed=("Store",))


def test_a_new_last_method_changes_none_before_it() -> None:
    start = BEFORE.index("def clean")
    after = BEFORE[:start] + "    def drop(self):\n        self.items = []\n\n" + BEFORE[start:]
    assert changed(after) == SymbolChanges(added=("Store.drop",))
    fixed = after.replace("item.key == key", "key in item")
    assert changed(fixed) == SymbolChanges(added=("Store.drop",), changed=("Store.get",))


def test_added_and_deleted_files() -> None:
    names = ("Store", "Store.get", "Store.put", "clean")
    assert compare(None, BEFORE).added == names
    assert compare(BEFORE, None).removed == names
    assert compare(None, None) == symbol_changes([]) == SymbolChanges()


def test_overloads_pair_by_signature() -> None:
    before = "class A { int f(int a) { return a; } int f(String s) { return 0; } }"
    after = "class A { int f(String s) { return 1; } int f(int a) { return a; } void g() {} }"
    result = compare(before, after, "java")
    assert result == SymbolChanges(added=("A.g",), changed=("A.f",))


def test_a_move_between_files_is_seen() -> None:
    start = BEFORE.index("def clean")
    moved = (Source(BEFORE, "python"), Source(BEFORE[:start], "python"))
    for target in (None, Source("", "python")):
        files = [moved, (target, Source(BEFORE[start:], "python"))]
        assert symbol_changes(files) == SymbolChanges(moved_or_renamed=(("clean", "clean"),))


def test_what_cannot_be_read_is_told_and_left_aside() -> None:
    assert compare("x", "y", "cobol") == SymbolChanges(error="unsupported_language")
    files = [
        (Source("x", "cobol"), Source("y", "cobol")),
        (None, Source("def a(): pass\n", "python")),
    ]
    assert symbol_changes(files) == SymbolChanges(added=("a",), error="unsupported_language")


_bodies = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), max_size=8)


@given(old=_bodies, new=_bodies, nested=st.booleans(), language=st.sampled_from(["python", "java"]))
def test_names_and_bodies_decide(
    old: dict[str, int], new: dict[str, int], nested: bool, language: str
) -> None:
    def write(bodies: dict[str, int]) -> str:
        if language == "java":
            inner = "".join(f"  int {name}() {{ return {n}; }}\n" for name, n in bodies.items())
            return f"class Z {{\n{inner}}}\n"
        pad = "    " if nested else ""
        methods = "".join(
            f"{pad}def {name}():\n{pad}    return {n}\n\n" for name, n in bodies.items()
        )
        return "class Z:\n    x = 1\n\n" + methods + "y = 2\n" if nested else methods

    prefix = "Z." if nested or language == "java" else ""
    result = compare(write(old), write(new), language)
    assert result.added == tuple(prefix + name for name in new if name not in old)
    assert result.removed == tuple(prefix + name for name in old if name not in new)
    assert set(result.changed) == {
        prefix + name for name in new if name in old and new[name] != old[name]
    }
    assert not result.moved_or_renamed
    assert not result.signature_changed
