"""The named definitions of a file: functions, methods and types with their exact extents.

One query finds the nodes, one sweep in source order with a stack gives scopes and names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from tree_sitter import Node

from udfs.ast.comments import Leading
from udfs.ast.grammars import GRAMMARS, Grammar
from udfs.ast.parsing import Group, Parsed, in_source_order, named_child

# Nested definitions repeat the names of what holds them: without a cap, a hostile text of n bytes
# could ask for n² bytes of names.
MAX_NAME: Final = 200
MAX_QUALIFIED_NAME: Final = 500

_STRUCTURE: Final = "structure"
_COMMENT: Final = "comment"
_PREFIX: Final = "prefix"
_BRANCH: Final = "branch"
_CALL: Final = "call"


@dataclass
class Definition:
    """One named definition.

    Attributes:
        start: first byte, with decorators, attributes and `export` or `template`.
        core: first byte of the definition proper, where the signature begins.
        end: byte after its last token.
        header_end: byte where the body begins, or `end`.
        is_type: a class, struct, interface, trait, impl or enum.
    """

    node: Node
    body: Node | None
    name: str
    qualified_name: str
    kind: str
    is_type: bool
    start: int
    core: int
    header_end: int
    end: int
    start_line: int
    end_line: int
    doc_comment: str | None


@dataclass
class _Open:
    """A structural node whose end lies ahead of the sweep."""

    node: Node
    role: str
    start: int
    end: int
    qualified_name: str = ""
    is_type: bool = False


@dataclass(frozen=True)
class Outline:
    """The definitions of a file in source order, and its calls and decision points."""

    definitions: tuple[Definition, ...]
    leading: Leading
    calls: Sequence[Node] = field(default=())
    branches: Sequence[Node] = field(default=())

    @property
    def functions(self) -> tuple[Definition, ...]:
        """The definitions that are no types."""
        return tuple(item for item in self.definitions if not item.is_type)


class Owners:
    """Which of some properly nested byte spans is the innermost around a byte."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = [-1]
        self._owners: list[int] = [-1]
        stack: list[tuple[int, int]] = []
        for number, (start, end) in enumerate(spans):
            while stack and stack[-1][0] <= start:
                self._close(stack)
            self._starts.append(start)
            self._owners.append(number)
            stack.append((end, number))
        while stack:
            self._close(stack)

    def _close(self, stack: list[tuple[int, int]]) -> None:
        end, _ = stack.pop()
        self._starts.append(end)
        self._owners.append(stack[-1][1] if stack else -1)

    def of(self, byte: int) -> int:
        """Return the number of the innermost span around `byte`, or -1."""
        return self._owners[bisect_right(self._starts, byte) - 1]


def read_outline(parsed: Parsed, *, with_measures: bool = False) -> Outline:
    """Return the outline of a file; calls and branches only when `with_measures`."""
    found = parsed.find(*_groups(parsed.language, with_measures))
    leading = Leading(parsed, found[_COMMENT], found[_PREFIX])
    definitions = _sweep(parsed, in_source_order(found[_STRUCTURE]), leading)
    return Outline(tuple(definitions), leading, found.get(_CALL, []), found.get(_BRANCH, []))


@lru_cache
def _groups(language: str, with_measures: bool) -> tuple[Group, ...]:
    grammar = GRAMMARS[language]
    structure = (
        grammar.functions.keys()
        | grammar.closures
        | grammar.types.keys()
        | grammar.namespaces.keys()
        | grammar.binders.keys()
        | grammar.wrappers
        | grammar.declarations
    )
    groups = (
        Group(_STRUCTURE, frozenset(structure)),
        Group(_COMMENT, grammar.comments),
        Group(_PREFIX, grammar.prefixes),
    )
    if not with_measures:
        return groups
    return (
        *groups,
        Group(_CALL, frozenset(grammar.calls)),
        branch_group(language),
    )


@lru_cache
def branch_group(language: str) -> Group:
    """The decision points of a language, for `Parsed.find`."""
    grammar = GRAMMARS[language]
    return Group(_BRANCH, frozenset(grammar.branches), grammar.branch_tokens)


def _sweep(parsed: Parsed, nodes: list[Node], leading: Leading) -> list[Definition]:
    grammar = parsed.grammar
    roles = _roles(grammar)
    definitions: list[Definition] = []
    stack: list[_Open] = []
    for node in nodes:
        start, end = node.start_byte, node.end_byte
        while stack and stack[-1].end <= start:
            stack.pop()
        kind = node.type
        opened = _Open(node, roles[kind], start, end)
        if opened.role in ("function", "closure", "type", "namespace"):
            definition = _define(parsed, opened, stack, leading)
            if definition is not None:
                if opened.role != "namespace":
                    definitions.append(definition)
                opened.qualified_name = definition.qualified_name
                opened.is_type = definition.is_type
        stack.append(opened)
    return definitions


def _roles(grammar: Grammar) -> dict[str, str]:
    roles: dict[str, str] = {}
    for role, names in (
        ("function", grammar.functions),
        ("closure", grammar.closures),
        ("type", grammar.types),
        ("namespace", grammar.namespaces),
        ("binder", grammar.binders),
        ("wrapper", grammar.wrappers),
        ("declaration", grammar.declarations),
    ):
        roles.update(dict.fromkeys(names, role))
    return roles


def _define(
    parsed: Parsed, opened: _Open, stack: list[_Open], leading: Leading
) -> Definition | None:
    node = opened.node
    body = node.child_by_field_name("body")
    if body is None and (opened.role in ("function", "closure") or _is_mention(node)):
        return None
    bound = _bound_name(parsed, opened, stack)
    name, prefix = bound or _own_name(parsed, opened)
    if not name:
        return None
    kind, is_type = _kind(parsed, opened, stack, name, prefix)
    outer, core = _extent(parsed, opened, stack, bound is not None)
    start, doc = leading.above(outer.start_byte)
    end = leading.end_without_comments(outer.end_byte)
    body_start = body.start_byte if body is not None else end
    scope = _scope(parsed, stack, skip_binder=bound is not None)
    qualified = ".".join(part for part in (scope, prefix, name) if part)
    return Definition(
        node=node,
        body=body,
        name=name[:MAX_NAME],
        qualified_name=qualified[-MAX_QUALIFIED_NAME:],
        kind=kind,
        is_type=is_type,
        start=start,
        core=core,
        header_end=min(body_start, end),
        end=end,
        start_line=outer.start_point.row + 1 - parsed.source.count(b"\n", start, outer.start_byte),
        end_line=outer.end_point.row + 1 - parsed.source.count(b"\n", end, outer.end_byte),
        doc_comment=doc,
    )


def _is_mention(node: Node) -> bool:
    """Say whether a type without a body is only a use of it, as in C's `struct point p`."""
    return node.type.endswith("_specifier")


def _bound_name(parsed: Parsed, opened: _Open, stack: list[_Open]) -> tuple[str, str] | None:
    """Return (name, prefix) when the innermost open node binds this value to a name."""
    if not stack or stack[-1].role != "binder" or opened.role not in ("closure", "type"):
        return None
    binder = stack[-1].node
    name_field, value_field = parsed.grammar.binders[binder.type]
    if binder.child_by_field_name(value_field) != opened.node:
        return None
    return _binder_name(parsed, binder, name_field)


def _binder_name(parsed: Parsed, binder: Node, name_field: str) -> tuple[str, str] | None:
    target = binder.child_by_field_name(name_field)
    if target is None or target.end_byte - target.start_byte > MAX_QUALIFIED_NAME:
        return None
    path = plain_path(parsed.slice(target).strip("'\"`"))
    if path is None:
        return None
    parts = [part for part in path.split(".") if part not in ("this", "prototype")]
    return (parts[-1], ".".join(parts[:-1])) if parts else None


def plain_path(text: str) -> str | None:
    """Return a chain of names with its separators as dots, or None when it is anything else."""
    if text.isidentifier():
        return text
    path = text.replace("?.", ".").replace("::", ".").replace("->", ".")
    for name in path.split("."):
        # JavaScript names may hold `$`, and private ones begin with `#`.
        if not (name.isidentifier() or name.replace("$", "_").replace("#", "_").isidentifier()):
            return None
    return path


def _own_name(parsed: Parsed, opened: _Open) -> tuple[str, str]:
    grammar, node = parsed.grammar, opened.node
    if opened.role == "type":
        return _type_name(parsed, node.child_by_field_name(grammar.types[node.type]))
    if opened.role == "namespace":
        return _type_name(parsed, node.child_by_field_name(grammar.namespaces[node.type]))
    name = node.child_by_field_name("name")
    if name is not None:
        receiver = node.child_by_field_name("receiver")
        text = parsed.slice(name).strip("'\"`")
        return text, _receiver(parsed, receiver) if receiver is not None else ""
    declarator = node.child_by_field_name("declarator")
    return _declared_name(parsed, declarator) if declarator is not None else ("", "")


def _type_name(parsed: Parsed, node: Node | None) -> tuple[str, str]:
    """Return (name, prefix) of a type: its arguments, pointers and lifetimes left out."""
    if node is None:
        return "", ""
    inner = node
    while (held := _held_type(inner)) is not None:
        inner = held
    text = parsed.slice(inner)
    path = plain_path(text) or text
    prefix, _, name = path.rpartition(".")
    return " ".join(name.split())[:MAX_NAME], prefix


def _held_type(node: Node) -> Node | None:
    if node.type in ("generic_type", "reference_type", "pointer_type"):
        held = node.child_by_field_name("type")
        return held if held is not None else named_child(node, 0)
    return node.child_by_field_name("name") if node.type == "template_type" else None


def _receiver(parsed: Parsed, receiver: Node) -> str:
    parameter = named_child(receiver, 0)
    node = parameter.child_by_field_name("type") if parameter is not None else None
    return _type_name(parsed, node)[0]


def _declared_name(parsed: Parsed, declarator: Node) -> tuple[str, str]:
    """Return (name, prefix) of a C or C++ function from its declarator."""
    node: Node | None = declarator
    while node is not None and node.type.endswith("_declarator"):
        inner = node.child_by_field_name("declarator")
        node = inner if inner is not None else named_child(node, -1)
    prefix: list[str] = []
    while node is not None and node.type == "qualified_identifier":
        scope = node.child_by_field_name("scope")
        if scope is not None:
            prefix.append(_type_name(parsed, scope)[0])
        node = node.child_by_field_name("name")
    if node is None:
        return "", ""
    if node.type == "template_function":
        node = node.child_by_field_name("name") or node
    text = parsed.slice(node)
    if node.type == "operator_cast":
        text = text.partition("(")[0]
    return " ".join(text.split())[:MAX_NAME], ".".join(prefix)


def _kind(
    parsed: Parsed, opened: _Open, stack: list[_Open], name: str, prefix: str
) -> tuple[str, bool]:
    grammar, node = parsed.grammar, opened.node
    if opened.role in ("type", "namespace"):
        return node.type.partition("_")[0], opened.role == "type"
    kind = grammar.functions.get(node.type, "function")
    # A class member belongs to the nearest scope; wrappers and binders are no scopes.
    holder = next((item for item in reversed(stack) if item.qualified_name), None)
    is_member = (holder is not None and holder.is_type) or (
        bool(prefix) and opened.role == "function"
    )
    if kind == "function" and is_member:
        kind = "method"
    if kind == "method" and name in grammar.constructors:
        return "constructor", False
    if kind == "method" and parsed.language == "cpp":
        owner = prefix or (holder.qualified_name if holder is not None else "")
        if name == owner.rpartition(".")[2]:
            return "constructor", False
        if name.startswith("~"):
            return "destructor", False
    return kind, False


def _scope(parsed: Parsed, stack: list[_Open], *, skip_binder: bool) -> str:
    """Return the qualified name of what holds a definition."""
    parts: list[str] = []
    size = 0
    first = len(stack) - (2 if skip_binder else 1)
    for index in range(first, -1, -1):
        item = stack[index]
        if size > MAX_QUALIFIED_NAME:
            break
        if item.qualified_name:
            parts.append(item.qualified_name)
            break
        if item.role == "binder" and (name := _object_name(parsed, item.node)):
            parts.append(name)
            size += len(name)
    return ".".join(reversed(parts))


def _object_name(parsed: Parsed, binder: Node) -> str:
    name_field, value_field = parsed.grammar.binders[binder.type]
    value = binder.child_by_field_name(value_field)
    if value is None or value.type not in parsed.grammar.object_types:
        return ""
    name, prefix = _binder_name(parsed, binder, name_field) or ("", "")
    return f"{prefix}.{name}" if prefix else name


def _extent(parsed: Parsed, opened: _Open, stack: list[_Open], is_bound: bool) -> tuple[Node, int]:
    """Return the outermost node that belongs to the definition, and where its header begins."""
    outer, core = opened.node, _after_prefixes(parsed, opened.node)
    index = len(stack) - 1
    if is_bound:
        outer = stack[index].node
        core = _after_prefixes(parsed, outer)
        index -= 1
    while index >= 0:
        item = stack[index]
        rest = parsed.source[outer.end_byte : min(item.end, outer.end_byte + 4)].strip()
        if item.end > outer.end_byte + 4 or rest not in (b"", b";"):
            break
        if item.role == "declaration" and item.node.named_child_count == 1:
            outer, core = item.node, item.start
        elif item.role == "wrapper":
            outer = item.node
            # Decorators are no part of the signature, `export` and `template` are.
            if item.node.type != "decorated_definition":
                core = item.start
        else:
            break
        index -= 1
    return outer, core


def _after_prefixes(parsed: Parsed, node: Node) -> int:
    """Return where a definition begins after the decorators that its own node holds."""
    cursor = node.walk()
    found = cursor.goto_first_child()
    while found and cursor.node is not None and cursor.node.type in parsed.grammar.prefixes:
        found = cursor.goto_next_sibling()
    return cursor.node.start_byte if found and cursor.node is not None else node.start_byte
