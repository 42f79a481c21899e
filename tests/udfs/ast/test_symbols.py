"""What `symbol_changes` says of typical edits."""

from __future__ import annotations

from udfs.ast import SymbolChanges, SymbolTable, compare_symbols, symbol_changes, symbol_table

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


def changed(after: str) -> SymbolChanges:
    return symbol_changes(BEFORE, after, "python")


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
    result = symbol_changes("def a():\n    return 1\n", "def b():\n    return 1\n", "python")
    assert result == SymbolChanges(added=("b",), removed=("a",))


def test_code_outside_of_definitions_and_fields_of_a_class() -> None:
    assert changed(BEFORE.replace("LIMIT = 3", "LIMIT = 4")) == SymbolChanges(outside_changed=True)
    assert changed(BEFORE.replace("size = 0", "size = 1")) == SymbolChanges(changed=("Store",))


def test_added_and_deleted_files() -> None:
    names = ("Store", "Store.get", "Store.put", "clean")
    assert symbol_changes(None, BEFORE, "python").added == names
    assert symbol_changes(BEFORE, None, "python").removed == names
    assert symbol_changes(None, None, "python") == SymbolChanges()


def test_overloads_pair_by_signature() -> None:
    before = "class A { int f(int a) { return a; } int f(String s) { return 0; } }"
    after = "class A { int f(String s) { return 1; } int f(int a) { return a; } void g() {} }"
    result = symbol_changes(before, after, "java")
    assert result == SymbolChanges(added=("A.g",), changed=("A.f",))


def test_a_move_between_files_is_seen() -> None:
    start = BEFORE.index("def clean")
    tables = [symbol_table(text, "python") for text in (BEFORE, "", BEFORE[:start], BEFORE[start:])]
    assert all(isinstance(table, SymbolTable) for table in tables)
    old_a, old_b, new_a, new_b = (t for t in tables if isinstance(t, SymbolTable))
    result = compare_symbols([old_a, old_b], [new_a, new_b])
    assert (result.added, result.removed, result.changed) == ((), (), ())


def test_what_cannot_be_read_is_told() -> None:
    assert symbol_changes("x", "y", "cobol").error == "unsupported_language"
