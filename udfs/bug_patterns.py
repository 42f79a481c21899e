"""What a fix changed, in the words of the studies of real bugs: an AST difference gets names.

Names and meanings follow Pan, Kim and Whitehead ("Toward an understanding of bug fix patterns",
EMSE 2009), ManySStuBs4J (Karampatsis and Sutton, MSR 2020; for Python: TSSB-3M, Richter and
Wehrheim, MSR 2022) and the dissection of Defects4J (Sobreira et al., SANER 2018), where these know
the pattern; `PATTERNS` says which of theirs each one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import re2
from tree_sitter import Node

from udfs.ast import SUPPORTED, Source
from udfs.ast.edits import UNWRAPPED, WRAPPED, Edit, Spot, is_statement, tree_edits
from udfs.ast.parsing import named_child

# More differences are no small fix: their parts say little of what was wrong.
MOST_EDITS: Final = 12
_MOST_CHARS: Final = 200_000
_EVIDENCE_CHARS: Final = 60

PATTERNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing_guard": "an early exit, or a test around code (Pan: IF-APC, IF-APCJ)",
        "missing_case": "a branch, or an `if` of its own (Pan: IF-ABR, SW-ARSB)",
        "wrong_condition": "another test (Pan: IF-CC; SStuBs: more or less specific if)",
        "negated_condition": "`not` added or removed (SStuBs: change unary operator)",
        "excess_condition": "a test or branch removed (Pan: IF-RMV, IF-RBR)",
        "wrong_operator": "another operator (SStuBs: change operator)",
        "off_by_one": "one more or less, or the bound itself (SStuBs: change numeral, operator)",
        "wrong_literal": "another constant (SStuBs: change numeral, boolean literal)",
        "wrong_name": "another variable or attribute (SStuBs: change identifier, attribute used)",
        "wrong_call": "another function (SStuBs: wrong function name; Pan: MC-DM)",
        "missing_argument": "an argument more (SStuBs: same function more args; Pan: MC-DNP)",
        "excess_argument": "an argument less (SStuBs: same function less args)",
        "wrong_argument": "another expression as an argument (Pan: MC-DAP)",
        "wrong_order": "arguments, operands or statements changed places (SStuBs: swap args)",
        "missing_call": "a call more, around a value or as a statement (Pan: SQ-AMO)",
        "excess_call": "a call less (Pan: SQ-RMO)",
        "missing_conversion": "a conversion or cast (Sobreira: wrong type; TSSB: single token)",
        "wrong_type": "another declared type",
        "missing_assignment": "a value set (Sobreira: assignment addition)",
        "missing_default": "what stands in for an absent value (`or`, `||`, `??`)",
        "missing_return": "`return` (Sobreira: return statement addition)",
        "missing_await": "`await`, `async`",
        "missing_exception_handling": "`try`, a handler, `throw`, `?` (Pan: TY-ARTC, TY-ARCB)",
        "wrong_exception": "another class of exception (SStuBs: change caller in throws)",
        "missing_cleanup": "`finally`, `with`, `defer`, or a call that releases (Pan: SQ-AMO)",
        "missing_entry": "an entry of a table, list or set",
        "excess_entry": "an entry less",
        "wrong_signature": "a parameter more or less (Pan: MD-CHG)",
        "wrong_modifier": "another modifier (SStuBs: change modifier)",
        "excess_statement": "a statement removed (Sobreira: assignment or call removal)",
        "missing_term": "a term, factor or subscript of an expression more",
        "excess_term": "a term, factor or subscript less",
        "missing_loop": "a loop (Sobreira: loop addition)",
        "wrong_expression": "another expression at its place (Pan: AS-CE)",
    }
)
"""What each pattern is: what was wrong before the fix, which the fix undoes."""


class Pattern(NamedTuple):
    """One thing that a fix changed: its name in `PATTERNS`, and the code before and after."""

    name: str
    evidence: str


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONDITIONALS = _names("if_statement if_expression")
_TERNARY = _names("conditional_expression ternary_expression")
_BRANCHES = _names(
    "elif_clause else_clause case_clause switch_case switch_default switch_rule "
    "switch_block_statement_group expression_case type_case default_case communication_case "
    "match_arm case_statement"
)
_CONTROL = (
    _CONDITIONALS
    | _names("match_expression return_expression break_expression continue_expression")
    | _names("for_expression while_expression loop_expression try_expression await_expression")
)
_LEAVES = _names(
    "return_statement raise_statement throw_statement continue_statement break_statement "
    "return_expression break_expression continue_expression goto_statement"
)
_LOOPS = _names(
    "for_statement while_statement for_in_statement enhanced_for_statement do_statement "
    "for_range_loop for_expression while_expression loop_expression"
)
_THROWS = _names("raise_statement throw_statement throw_expression")
_HANDLERS = _names(
    "try_statement except_clause except_group_clause catch_clause catch try_expression"
)
_CLEANUPS = _names(
    "finally_clause finally with_statement defer_statement try_with_resources_statement"
)
_CALLS = _names(
    "call call_expression method_invocation new_expression object_creation_expression "
    "macro_invocation"
)
_ARGUMENTS = _names("argument_list arguments")
_PARAMETERS = _names("parameters formal_parameters parameter_list")
_MEMBERS = _names("attribute member_expression field_expression selector_expression field_access")
_SCOPED = _names("scoped_identifier qualified_identifier")
_BINARY = _names("binary_operator binary_expression boolean_operator comparison_operator")
_SUBSCRIPTS = _names(
    "subscript subscript_expression index_expression slice_expression array_access"
)
_UNARY = _names("not_operator unary_operator unary_expression")
_CASTS = _names("cast_expression type_cast_expression as_expression type_conversion_expression")
_AWAITS = _names("await await_expression")
_ASSIGNMENTS = _names(
    "assignment assignment_expression assignment_statement augmented_assignment "
    "augmented_assignment_expression compound_assignment_expr"
)
_COLLECTIONS = _names(
    "array object dictionary list set tuple array_initializer literal_value initializer_list "
    "array_expression field_initializer_list initializer_list enum_body"
)
_DEFINITIONS = ("_definition", "_declaration", "_item", "_specifier", "class", "field_definition")
_IMPORTS = ("import", "use_declaration", "preproc_include", "using", "package")
_NUMBERS = ("integer", "number", "int_literal", "float", "decimal", "hex")
_LITERALS = (
    "string", "char", "rune", "regex", "true", "false", "none", "null", "nil", "boolean",
    "undefined", *_NUMBERS,
)  # fmt: skip
_AND = _names("and && &")
_OR = _names("or || ?? |")
_COMPARISONS = _names("== != === !== < <= > >= in instanceof is && || and or") | {
    "not in",
    "is not",
}
_BOUNDS = frozenset({("<", "<="), (">", ">="), ("<=", "<"), (">=", ">")})
_WORD_OPERATORS = _names("and or not in is instanceof typeof") | {"not in", "is not"}
_CONVERSIONS = _names(
    "int str float list tuple set dict bool bytes repr bytearray frozenset Decimal Number String "
    "Boolean BigInt parseInt parseFloat Array.from toString valueOf to_string to_owned into as_str "
    "as_ref as_bytes as_mut Some Ok Box::new String::from static_cast dynamic_cast const_cast "
    "reinterpret_cast string int64 int32 uint64 uint32 float64 encode decode fspath strip lower "
    "upper trim toLowerCase toUpperCase Integer.valueOf String.valueOf Long.valueOf"
)
_RELEASES = re2.compile(
    r"(?i)(?:^|[._:])(?:close|free|unlock|release|dispose|destroy|shutdown|cancel|unsubscribe|unref"
    r"|remove_?(?:event_?)?listener|off|clear_?(?:timeout|interval)|cleanup|clean_up|join|unlink"
    r"|delete|drop|flush|abort|revoke\w*|g?_?free\w*|\w*_(?:free|close|release|unref|cleanup))$"
)


def bug_patterns(before: Source, after: Source) -> tuple[Pattern, ...]:
    """Name what a fix changed in one file.

    Args:
        before: the text with the bug.
        after: the text without, of the same language.

    Returns:
        Each pattern with its evidence, in order of place, each once. Nothing where the language is
        not supported, a text has no tree, or the change is too large to be told by its parts.
    """
    if before.language != after.language or before.language not in SUPPORTED:
        return ()
    if max(len(before.text), len(after.text)) > _MOST_CHARS:
        return ()
    edits = tree_edits(before, after, MOST_EDITS)
    return tuple(dict.fromkeys(_named(_Fix(before.text, edits or ()))))


class _Fix:
    """All edits of a fix, for what is told of several at once."""

    def __init__(self, before: str, edits: Iterable[Edit]) -> None:
        self.before = before
        self.edits = tuple(edits)
        self.moved = self._moved()
        self.renamed = self._renamed()

    def _moved(self) -> frozenset[tuple[str, str]]:
        """Texts that were removed at one place and added at another."""
        gone, come = (
            {_kin(a) for a, b in sides if a is not None and b is None and a.node.is_named}
            for sides in (
                [(e.before, e.after) for e in self.edits],
                [(e.after, e.before) for e in self.edits],
            )
        )
        return frozenset(gone & come)

    def _renamed(self) -> frozenset[tuple[str, str]]:
        """Names that were changed where they are declared."""
        return frozenset(
            (_text(e.before), _text(e.after))
            for e in self.edits
            if e.before is not None and e.after is not None and _declares(e.after)
        )


def _named(fix: _Fix) -> Iterator[Pattern]:
    swapped = _swapped(fix)
    imports = [edit for edit in fix.edits if _in_import(edit)]
    for edit in fix.edits:
        if edit in imports:
            continue
        if edit in swapped:
            found: str | None = "wrong_order"
        elif edit.before is not None and edit.after is not None:
            found = _replaced(fix, edit, edit.before, edit.after)
        elif edit.after is not None:
            found = _added(fix, edit, edit.after)
        else:
            assert edit.before is not None
            found = _removed(fix, edit, edit.before)
        if found is not None:
            yield Pattern(found, _evidence(edit))


def _swapped(fix: _Fix) -> list[Edit]:
    """Replacements under one parent that exchange two texts."""
    by_parent: dict[int, list[Edit]] = {}
    for edit in fix.edits:
        if edit.before is not None and edit.after is not None and edit.before.parent is not None:
            by_parent.setdefault(edit.before.parent.node.id, []).append(edit)
    found = []
    for group in by_parent.values():
        turned = {(_text(e.after), _text(e.before)) for e in group}
        found += [e for e in group if (_text(e.before), _text(e.after)) in turned]
    return found


def _added(fix: _Fix, edit: Edit, new: Spot) -> str | None:
    held = _expression(new)
    kind = held.kind if held.kind in _CONTROL else new.kind
    parent = new.parent.kind if new.parent is not None else ""
    if _kin(new) in fix.moved:
        return "wrong_order"
    if kind in _CONDITIONALS:
        if new.field == "alternative":
            return "missing_case"
        return "missing_guard" if _leaves(held) else "missing_case"
    if kind in _BRANCHES or new.field == "alternative":
        return "missing_case"
    if kind in _CLEANUPS:
        return "missing_cleanup"
    if kind in _HANDLERS or kind in _THROWS:
        return "missing_exception_handling"
    if kind in ("async", "await"):
        return "missing_await"
    if kind == "optional_chain":
        return "missing_guard"
    if kind in ("return_statement", "return_expression"):
        return None if edit.beside else "missing_return"
    if kind == "jsx_attribute" or parent in _ARGUMENTS:
        return "missing_argument"
    if parent in _PARAMETERS:
        return "wrong_signature"
    if parent in _COLLECTIONS:
        return "missing_entry"
    if kind in ("modifiers", "modifier") or parent == "modifiers" or kind == "mutable_specifier":
        return "wrong_modifier"
    if edit.beside:
        return None
    if kind in _LOOPS:
        return "missing_loop"
    if held.kind in _CALLS:
        return "missing_cleanup" if _RELEASES.search(_callee(held.node)) else "missing_call"
    if held.kind in _ASSIGNMENTS and not _defines(held) and _known_target(fix, held):
        return "missing_assignment"
    return None


def _removed(fix: _Fix, edit: Edit, old: Spot) -> str | None:
    held = _expression(old)
    kind = held.kind if held.kind in _CONTROL else old.kind
    parent = old.parent.kind if old.parent is not None else ""
    if _kin(old) in fix.moved or edit.beside:
        return None
    if kind in _CONDITIONALS or kind in _BRANCHES or old.field == "alternative":
        return "excess_condition"
    if kind == "jsx_attribute" or parent in _ARGUMENTS:
        return "excess_argument"
    if parent in _PARAMETERS:
        return "wrong_signature"
    if parent in _COLLECTIONS:
        return "excess_entry"
    if held.kind in _CALLS:
        return "excess_call"
    if is_statement(old.node) and not kind.endswith(_DEFINITIONS):
        return "excess_statement"
    return None


def _replaced(fix: _Fix, edit: Edit, old: Spot, new: Spot) -> str | None:
    if edit.turn == WRAPPED:
        return _wrapped(old, new)
    if edit.turn == UNWRAPPED:
        return _unwrapped(old, new)
    if (_text(old), _text(new)) in fix.renamed:
        return None
    if not old.node.is_named or not new.node.is_named:
        return _operator(_text(old), _text(new))
    if is_statement(old.node) or is_statement(new.node):
        return "missing_return" if new.kind == "return_statement" else None
    if _is_literal(old) and _is_literal(new) and _is_one_apart(_text(old), _text(new)):
        return "off_by_one"
    if _is_literal(old) and _is_literal(new):
        return None if _unquoted(old) == _unquoted(new) else "wrong_literal"
    is_name = "identifier" in old.kind or old.kind in _MEMBERS
    if is_name and any(x.kind in _THROWS | _HANDLERS for x in _within_statement(new, 3)):
        return "wrong_exception"
    if any("type" in x.kind or "type" in (x.field or "") for x in (old, new, *_near(new))):
        return "wrong_type"
    if "identifier" in old.kind and "identifier" in new.kind:
        return "wrong_call" if _is_callee(new) else "wrong_name"
    if _is_callee(new):
        return "wrong_call"
    if old.kind in _MEMBERS and new.kind in _MEMBERS:
        return "wrong_name"
    if _in_condition(new):
        return "wrong_condition"
    if {old.kind, new.kind} & _CALLS == {old.kind, new.kind}:
        return "wrong_call"
    if new.parent is not None and new.parent.kind in _ARGUMENTS:
        return "wrong_argument"
    return "wrong_expression"


def _wrapped(old: Spot, new: Spot) -> str | None:
    """Name what `old` became a part of."""
    held = _expression(new)
    new = held if held.kind in _CONTROL else new
    kind, node = new.kind, new.node
    if kind in _CONDITIONALS or kind in _TERNARY or kind in _BRANCHES:
        return "missing_guard"
    if kind in _LOOPS:
        return "missing_loop"
    if kind in _CLEANUPS:
        return "missing_cleanup"
    if kind in _HANDLERS:
        return "missing_exception_handling"
    if kind in _AWAITS:
        return "missing_await"
    if kind in ("return_statement", "return_expression"):
        return "missing_return"
    if kind in _UNARY:
        return "negated_condition" if _is_negation(node) else "wrong_expression"
    if kind in _CASTS:
        return "missing_conversion"
    if kind in _CALLS:
        callee = _callee(node)
        known = callee in _CONVERSIONS or callee.rpartition(".")[2] in _CONVERSIONS
        return "missing_conversion" if known else "missing_call"
    if kind in _BINARY:
        operator = _operator_of(node)
        if operator in _AND or operator in _OR:
            if _in_condition(new) or _is_test(old):
                return "wrong_condition"
            return "missing_guard" if operator in _AND else "missing_default"
        return "off_by_one" if _adds_one(node) else "missing_term"
    if kind in _SUBSCRIPTS:
        return "missing_term"
    if "type" in kind or _near(new):
        return "wrong_type"
    if _in_condition(new):
        return "wrong_condition"
    if kind in _MEMBERS:
        return "wrong_call" if _is_callee(new) else "wrong_name"
    return None if is_statement(node) else "wrong_expression"


def _unwrapped(old: Spot, new: Spot) -> str | None:
    """Name what was around `new` and is no more."""
    held = _expression(old)
    old = held if held.kind in _CONTROL else old
    kind = old.kind
    if kind in _CONDITIONALS or kind in _TERNARY or kind in _BRANCHES:
        return "excess_condition"
    if kind in _UNARY:
        return "negated_condition" if _is_negation(old.node) else "wrong_expression"
    if kind in _CALLS:
        return "excess_call"
    if _in_condition(old):
        return "wrong_condition"
    if kind in _BINARY:
        return "off_by_one" if _adds_one(old.node) else "excess_term"
    if kind in _SUBSCRIPTS:
        return "excess_term"
    if kind in _MEMBERS:
        return "wrong_name"
    return "excess_statement" if is_statement(old.node) else "wrong_expression"


def _operator(old: str, new: str) -> str | None:
    if (old, new) in _BOUNDS:
        return "off_by_one"
    if {old, new} == {"=", ":="}:  # which one follows from what else is declared
        return None
    words = {old, new} <= _WORD_OPERATORS
    signs = not any(c.isalnum() or c in "'\"`" for c in old + new)
    return "wrong_operator" if words or signs else None


def _is_one_apart(old: str, new: str) -> bool:
    try:
        return abs(int(old.rstrip("lLuU"), 0) - int(new.rstrip("lLuU"), 0)) == 1
    except ValueError:
        return False


def _adds_one(node: Node) -> bool:
    operator, right = _operator_of(node), node.child_by_field_name("right")
    return operator in ("+", "-") and right is not None and right.text in (b"1", b"1.0", b"1L")


def _operator_of(node: Node) -> str:
    sign = node.child_by_field_name("operator") or node.child(1)
    return sign.type if sign is not None else ""


def _is_test(spot: Spot) -> bool:
    """Whether an expression is true or false by what it is."""
    if spot.kind in _BINARY:
        return _operator_of(spot.node) in _COMPARISONS
    return spot.kind in _UNARY and _is_negation(spot.node)


def _unquoted(spot: Spot) -> str:
    return _text(spot).strip("'\"`")


def _is_negation(node: Node) -> bool:
    sign = node.child(0)
    return sign is not None and sign.type in ("not", "!")


def _is_literal(spot: Spot) -> bool:
    if spot.kind in _UNARY:
        held = named_child(spot.node, 0)
        return held is not None and held.type.startswith(_NUMBERS)
    return spot.kind.startswith(_LITERALS) or spot.kind.endswith("string_literal")


def _leaves(spot: Spot) -> bool:
    """Whether the body of an `if` ends by leaving."""
    body = spot.node.child_by_field_name("consequence")
    while body is not None and body.type not in _LEAVES:
        last = body.named_child_count - 1
        held = body.named_child(last) if last >= 0 else None
        if held is None or held.type in _CONDITIONALS:
            return False
        body = held
    return body is not None


def _expression(spot: Spot) -> Spot:
    """What a statement does: without `await` and the statement around."""
    for _ in range(3):
        if spot.kind in ("expression_statement", *_AWAITS) and spot.node.named_child_count:
            held = spot.node.named_child(0)
            assert held is not None
            spot = Spot(held, None, spot)
    return spot


def _callee(node: Node) -> str:
    for field in ("function", "name", "constructor", "type", "macro"):
        found = node.child_by_field_name(field)
        if found is not None:
            return _decoded(found)[:200]
    return ""


def _is_callee(spot: Spot) -> bool:
    """Whether a name is that of what is called."""
    field, parent = spot.field, spot.parent
    last = ("attribute", "property", "field", "name")
    if parent is not None and parent.kind in _MEMBERS | _SCOPED and field in last:
        field, parent = parent.field, parent.parent
    return (
        parent is not None
        and parent.kind in _CALLS
        and field in ("function", "name", "constructor", "type", "macro")
    )


def _declares(spot: Spot) -> bool:
    parent = spot.parent
    if parent is None or "identifier" not in spot.kind:
        return False
    return parent.kind in _PARAMETERS or (
        spot.field in ("name", "pattern", "declarator")
        and parent.kind.endswith(
            ("_definition", "_declaration", "declarator", "_item", "parameter")
        )
    )


def _defines(spot: Spot) -> bool:
    """Whether what is assigned is a function or class of its own."""
    value = spot.node.child_by_field_name("right")
    return (
        value is not None
        and "call" not in value.type
        and any(word in value.type for word in ("function", "class", "lambda", "closure"))
    )


def _known_target(fix: _Fix, spot: Spot) -> bool:
    """Whether what is assigned to had been there before."""
    target = spot.node.child_by_field_name("left")
    if target is None:
        return False
    if target.type not in ("identifier", "expression_list"):
        return True
    return _decoded(target) in fix.before


def _in_condition(spot: Spot) -> bool:
    for place in (spot, *_within_statement(spot, 8)):
        if place.field == "condition" or place.kind in ("if_clause", "assert_statement"):
            return True
        if place.kind in _CALLS:
            return False
    return False


def _near(spot: Spot) -> list[Spot]:
    return [x for x in _within_statement(spot, 2) if "type" in x.kind and x.kind != "type_spec"]


def _within_statement(spot: Spot, most: int) -> list[Spot]:
    found: list[Spot] = []
    for place in spot.above():
        if len(found) == most or place.kind.endswith(("block", "body", "module", "program")):
            break
        found.append(place)
    return found


def _in_import(edit: Edit) -> bool:
    spot = edit.after or edit.before
    assert spot is not None
    return any(place.kind.startswith(_IMPORTS) for place in (spot, *spot.above()))


def _kin(spot: Spot) -> tuple[str, str]:
    """A text and what it is a part of."""
    return " ".join(_text(spot).split()), spot.parent.kind if spot.parent is not None else ""


def _text(spot: Spot | None) -> str:
    return "" if spot is None else _decoded(spot.node)


def _decoded(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _evidence(edit: Edit) -> str:
    old, new = (" ".join(_text(side).split()) for side in (edit.before, edit.after))
    old, new = (
        text if len(text) <= _EVIDENCE_CHARS else text[:_EVIDENCE_CHARS] + "…"
        for text in (old, new)
    )
    return f"{old} -> {new}" if old and new else f"+ {new}" if new else f"- {old}"
