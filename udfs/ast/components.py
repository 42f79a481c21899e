"""User-interface components in JavaScript and TSX: who they are and which props they take."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from udfs.ast.functions import parameter_list
from udfs.ast.outline import Definition, Outline, Owners, plain_path
from udfs.ast.parsing import Group, Parsed, in_source_order, named_child
from udfs.ast.source import Source

LANGUAGES: Final = frozenset({"javascript", "tsx"})

# React's own wrappers and MobX's: what they are given is the component.
# Source: react.dev/reference/react (forwardRef, memo), mobx.js.org (observer).
_WRAPPERS: Final = frozenset({"forwardRef", "memo", "observer"})
_BASES: Final = frozenset({"Component", "PureComponent"})
_JSX: Final = Group("jsx", frozenset({"jsx_element", "jsx_self_closing_element"}))
_BINDERS: Final = Group("binder", frozenset({"variable_declarator"}))
_MEMBERS: Final = Group("member", frozenset({"member_expression"}))
_TYPES: Final = Group("type", frozenset({"interface_declaration", "type_alias_declaration"}))
_MAX_WRAPS: Final = 5


@dataclass(frozen=True, order=True)
class Component:
    """One component.

    Attributes:
        start_line: 1-based, as of `Function`.
        end_line: inclusive.
        props: names in order of appearance: from the destructured first parameter, else from its
            type in the same file, else from `props.x` or `this.props.x`; `...rest` is left out.
    """

    start_line: int
    end_line: int
    name: str
    props: tuple[str, ...]


def components(source: Source) -> tuple[Component, ...]:
    """Return the components that a text defines, in order; none for other languages.

    A component is a function with a capitalised name that holds JSX, a class with a capitalised
    name that holds JSX or extends `Component` or `PureComponent`, or a capitalised name bound to
    a `forwardRef`, `memo` or `observer` call.
    """
    if source.language not in LANGUAGES:
        return ()
    parsed, outline = source.parsed, source.outline
    if isinstance(parsed, str) or outline is None:
        return ()
    capitalised = [item for item in outline.definitions if _is_capitalised(item.name)]
    owners = Owners((item.core, item.end) for item in capitalised)
    nodes = parsed.find(_JSX)["jsx"]
    with_jsx = {owners.of(node.start_byte) for node in nodes}
    reader = _Props(parsed)
    found = {
        _component(item, reader)
        for number, item in enumerate(capitalised)
        if item.node.type != "interface_declaration"
        and (number in with_jsx or (item.is_type and _extends_component(parsed, item.node)))
    }
    return tuple(sorted(found | _wrapped(parsed, outline, reader)))


def _is_capitalised(name: str) -> bool:
    return name[:1].isupper()


def _component(item: Definition, reader: _Props) -> Component:
    props = reader.of_class(item) if item.is_type else reader.of_function(item.node)
    return Component(item.start_line, item.end_line, item.name, props)


def _extends_component(parsed: Parsed, node: Node) -> bool:
    heritage = next((child for child in node.children if child.type == "class_heritage"), None)
    if heritage is None:
        return False
    base = parsed.slice(heritage).removeprefix("extends").partition("<")[0].split()
    return bool(base) and base[0].rpartition(".")[2] in _BASES


def _wrapped(parsed: Parsed, outline: Outline, reader: _Props) -> set[Component]:
    binders = parsed.find(_BINDERS)["binder"]
    found = set()
    for binder in binders:
        name = binder.child_by_field_name("name")
        value = binder.child_by_field_name("value")
        if name is None or value is None or value.type != "call_expression":
            continue
        inner = _unwrap(parsed, value)
        if inner is not None and _is_capitalised(parsed.slice(name)):
            start, _ = outline.leading.above(binder.start_byte)
            first = binder.start_point.row + 1
            first -= parsed.source.count(b"\n", start, binder.start_byte)
            props = reader.of_function(inner)
            found.add(Component(first, binder.end_point.row + 1, parsed.slice(name), props))
    return found


def _unwrap(parsed: Parsed, call: Node) -> Node | None:
    """Return what the innermost of the known wrappers is given, None for another call."""
    node: Node = call
    for depth in range(_MAX_WRAPS):
        if node.type != "call_expression":
            return node if depth else None
        callee = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        path = plain_path(parsed.slice(callee)) if callee is not None else None
        if path is None or path.rpartition(".")[2] not in _WRAPPERS or arguments is None:
            return node if depth else None
        given = named_child(arguments, 0)
        if given is None:
            return None
        node = given
    return node


class _Props:
    """Finds the names of props within one file."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        members = parsed.find(_MEMBERS)["member"]
        self._members = [
            (node.start_byte, path.split("."))
            for node in in_source_order(members)
            if node.end_byte - node.start_byte <= 100
            and (path := plain_path(parsed.slice(node))) is not None
        ]
        self._types: dict[str, Node] = {}
        if parsed.language == "tsx":
            for node in parsed.find(_TYPES)["type"]:
                name = node.child_by_field_name("name")
                if name is not None:
                    self._types[parsed.slice(name)] = node

    def of_class(self, item: Definition) -> tuple[str, ...]:
        return self._used(item.node, ["this", "props"])

    def of_function(self, function: Node) -> tuple[str, ...]:
        parameters = parameter_list(function)
        if parameters is None:
            return ()
        first = named_child(parameters, 0) if parameters.type != "identifier" else parameters
        if first is None:
            return ()
        pattern = first.child_by_field_name("pattern") or first
        if pattern.type == "assignment_pattern":
            pattern = pattern.child_by_field_name("left") or pattern
        if pattern.type == "object_pattern":
            return tuple(dict.fromkeys(self._keys(pattern)))
        typed = self._declared(first.child_by_field_name("type"))
        if typed:
            return typed
        return self._used(function, [self._parsed.slice(pattern)])

    def _keys(self, pattern: Node) -> list[str]:
        names = []
        for child in pattern.named_children:
            key = child.child_by_field_name("key") or child.child_by_field_name("left") or child
            if "identifier" in key.type:
                names.append(self._parsed.slice(key))
        return names

    def _declared(self, annotation: Node | None) -> tuple[str, ...]:
        node = named_child(annotation, 0) if annotation is not None else None
        if node is not None and node.type == "type_identifier":
            node = self._types.get(self._parsed.slice(node))
            if node is not None:
                node = node.child_by_field_name("body") or node.child_by_field_name("value")
        if node is None or node.type not in ("object_type", "interface_body"):
            return ()
        members = [
            child.child_by_field_name("name")
            for child in node.named_children
            if child.type in ("property_signature", "method_signature")
        ]
        return tuple(self._parsed.slice(name) for name in members if name is not None)

    def _used(self, holder: Node, base: list[str]) -> tuple[str, ...]:
        first = bisect_left(self._members, holder.start_byte, key=lambda member: member[0])
        last = bisect_left(self._members, holder.end_byte, key=lambda member: member[0])
        return tuple(
            dict.fromkeys(
                path[len(base)]
                for _, path in self._members[first:last]
                if path[: len(base)] == base and len(path) == len(base) + 1
            )
        )
