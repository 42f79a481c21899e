"""The functions and methods of a text, with what a reader or a training pair needs of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from udfs.ast.comments import python_docstring
from udfs.ast.outline import (
    MAX_NAME,
    Definition,
    Outline,
    Owners,
    plain_path,
    read_outline,
)
from udfs.ast.parsing import DEFAULT_LIMITS, Limits, Parsed, named_child, parse, to_bytes

# A header may hold other definitions (default values), so its text is capped like names are.
MAX_SIGNATURE_BYTES: Final = 4_000


@dataclass(frozen=True, slots=True)
class Function:
    """One function definition that has a body.

    Attributes:
        name: as declared, or the name it is assigned to.
        qualified_name: dotted path of scopes and name, at most 500 characters, whatever the
            language's own separator: `Class.method`, `outer.inner`, `impl_type.method`.
        kind: `function`, `method`, `constructor` or `destructor`.
        signature: source of the header without comments, white space collapsed, cut at
            `MAX_SIGNATURE_BYTES`; decorators are left out, `export` and `template` kept.
        docstring: Python docstring, or the documentation comment right above; cleaned.
        parameters: names in order; a destructured parameter gives each name it binds.
        start_line: first line, 1-based, with decorators and attributes, without comments above.
        end_line: last line, 1-based, inclusive.
        body_start_byte: where the body begins in the UTF-8 text.
        body_end_byte: where it ends, exclusive.
        calls: names of the callees in source order, each once: a plain chain of names with dots
            (`os.path.join`), else its last name; macros and constructors count as calls. Calls in
            a nested function that is listed itself are left to that one.
        complexity: McCabe's measure (1976): 1 + decision points, those of listed nested functions
            left to these. Decision points are `if`, `elif`, conditional expressions, loops with a
            condition, `case` labels (not `default`), `catch`/`except`, the Boolean operators,
            comprehension `for` and `if`, `??`, and in Rust `?` and each arm of a `match` but one.
    """

    name: str
    qualified_name: str
    kind: str
    signature: str
    docstring: str | None
    parameters: tuple[str, ...]
    start_line: int
    end_line: int
    body_start_byte: int
    body_end_byte: int
    calls: tuple[str, ...]
    complexity: int


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The functions of one text in source order.

    Attributes:
        has_errors: the parser had to skip or invent something; what it did find is still given.
        error: why there is no tree at all (one of `parsing.REASONS`), else None.
    """

    functions: tuple[Function, ...]
    has_errors: bool
    error: str | None


def parse_functions(text: str, language: str, limits: Limits = DEFAULT_LIMITS) -> ParseResult:
    """Return the functions that `text` defines; never raises on any text."""
    return parse_functions_bytes(to_bytes(text), language, limits)


def parse_functions_bytes(
    source: bytes, language: str, limits: Limits = DEFAULT_LIMITS
) -> ParseResult:
    """Return the functions that the UTF-8 text `source` defines."""
    parsed = parse(source, language, limits)
    if isinstance(parsed, str):
        return ParseResult((), False, parsed)
    return ParseResult(_functions(parsed), parsed.root.has_error, None)


def _functions(parsed: Parsed) -> tuple[Function, ...]:
    outline = read_outline(parsed, with_measures=True)
    definitions = outline.functions
    owners = Owners((item.core, item.end) for item in definitions)
    calls = _calls(parsed, outline, owners, len(definitions))
    complexities = count_branches(parsed, outline.branches, owners, len(definitions))
    return tuple(
        _function(parsed, outline, item, calls[number], complexities[number])
        for number, item in enumerate(definitions)
    )


def _function(
    parsed: Parsed, outline: Outline, item: Definition, calls: tuple[str, ...], complexity: int
) -> Function:
    assert item.body is not None
    header_end = min(item.header_end, item.core + MAX_SIGNATURE_BYTES)
    is_python = parsed.language == "python"
    return Function(
        name=item.name,
        qualified_name=item.qualified_name,
        kind=item.kind,
        signature=outline.leading.without_comments(item.core, header_end),
        docstring=python_docstring(parsed, item.body) if is_python else item.doc_comment,
        parameters=parameter_names(parsed, item.node),
        start_line=item.start_line,
        end_line=item.end_line,
        # Of a body that broken code leaves empty, the parser may put the start behind the end.
        body_start_byte=min(item.body.start_byte, item.end),
        body_end_byte=min(item.body.end_byte, item.end),
        calls=calls,
        complexity=complexity,
    )


def count_branches(
    parsed: Parsed, branches: Sequence[Node], owners: Owners, count: int
) -> list[int]:
    """Return McCabe's measure of each of `count` functions."""
    weights = parsed.grammar.branches
    totals = [1] * count
    for node in branches:
        owner = owners.of(node.start_byte)
        if owner >= 0:
            totals[owner] += weights.get(node.type, 1)
    return totals


def parameter_names(parsed: Parsed, function: Node) -> tuple[str, ...]:
    """Return the names that the parameters of a function node bind, in order."""
    parameters = parameter_list(function)
    if parameters is None:
        return ()
    grammar = parsed.grammar
    if parameters.type in grammar.parameter_names:
        return (parsed.slice(parameters)[:MAX_NAME],)
    names: list[str] = []
    for child in parameters.named_children:
        kind = child.type
        if kind in grammar.parameter_names:
            names.append(parsed.slice(child)[:MAX_NAME])
        elif kind not in grammar.parameter_skips:
            names += _bound_names(parsed, child)
    return tuple(names)


def _bound_names(parsed: Parsed, parameter: Node) -> list[str]:
    grammar = parsed.grammar
    skips, leaves = grammar.parameter_skips, grammar.parameter_names
    names: list[str] = []
    cursor = parameter.walk()
    parents: list[str] = []
    while True:
        node = cursor.node
        assert node is not None
        kind, field_name = node.type, cursor.field_name
        skipped = bool(parents) and (
            kind in skips or field_name in skips or f"{parents[-1]}.{field_name}" in skips
        )
        if not skipped and kind in leaves and node.is_named:
            names.append(parsed.slice(node)[:MAX_NAME])
        elif not skipped and cursor.goto_first_child():
            parents.append(kind)
            continue
        while parents and not cursor.goto_next_sibling():
            cursor.goto_parent()
            parents.pop()
        if not parents:
            return names


def parameter_list(function: Node) -> Node | None:
    """Return the node that holds the parameters, looking through a C declarator."""
    # A JavaScript arrow function may have one bare `parameter`.
    for name in ("parameters", "parameter"):
        found = function.child_by_field_name(name)
        if found is not None:
            return found
    node = function.child_by_field_name("declarator")
    while node is not None:
        found = node.child_by_field_name("parameters")
        inner = node.child_by_field_name("declarator")
        if found is not None and (inner is None or "declarator" not in inner.type):
            return found
        node = inner if inner is not None else named_child(node, -1)
    return None


def _calls(
    parsed: Parsed, outline: Outline, owners: Owners, count: int
) -> tuple[tuple[str, ...], ...]:
    found: list[list[tuple[int, str]]] = [[] for _ in range(count)]
    for node in outline.calls:
        owner = owners.of(node.start_byte)
        if owner >= 0:
            callee = _callee(parsed, node)
            if callee is not None:
                found[owner].append(callee)
    return tuple(tuple(dict.fromkeys(name for _, name in sorted(calls))) for calls in found)


def _callee(parsed: Parsed, call: Node) -> tuple[int, str] | None:
    """Return (end byte, name) of what is called, or None when it has no name."""
    grammar = parsed.grammar
    kind = call.type
    callee = call.child_by_field_name(grammar.calls[kind])
    if callee is None:
        return None
    start, end = callee.start_byte, callee.end_byte
    if kind == "method_invocation":
        holder = call.child_by_field_name("object")
        start = holder.start_byte if holder is not None else start
    if end - start <= MAX_NAME:
        path = plain_path(parsed.source[start:end].decode("utf-8", "replace"))
        if path is not None:
            return end, path + "!" if kind == "macro_invocation" else path
    return _last_name(parsed, callee)


def _last_name(parsed: Parsed, callee: Node) -> tuple[int, str] | None:
    node: Node | None = callee
    while node is not None:
        part = parsed.grammar.members.get(node.type)
        if part is None:
            if node.child_count > 0 and node.type not in ("generic_type", "template_type"):
                return None
            name = parsed.slice(node).partition("<")[0]
            return (node.end_byte, name[:MAX_NAME]) if plain_path(name) is not None else None
        node = node.child_by_field_name(part)
    return None
