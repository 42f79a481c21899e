"""Plants one small bug in a Python function, as an exact edit of the text.

The operators are what real fixes undo most often (Pan, Kim and Whitehead, "Toward an understanding
of bug fix patterns", EMSE 2009; Just et al., "Are mutants a valid substitute for real faults",
FSE 2014): wrong conditions and bounds, missing guards, wrong or missing arguments, wrong names.
"""

import ast
import functools
import hashlib
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_BOUNDARY: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
}
_OPPOSITE: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_ARITHMETIC: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.Div: ("/", "//"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"),
}
_BOOLEAN: dict[type[ast.AST], tuple[str, str]] = {ast.And: ("and", "or"), ast.Or: ("or", "and")}
_TWINS = [
    ("min", "max"),
    ("any", "all"),
    ("append", "extend"),
    ("appendleft", "append"),
    ("popleft", "pop"),
    ("startswith", "endswith"),
    ("lstrip", "rstrip"),
    ("lower", "upper"),
    ("keys", "values"),
    ("find", "rfind"),
    ("floor", "ceil"),
]
_TWIN = {a: b for a, b in _TWINS} | {b: a for a, b in reversed(_TWINS)}
_CONVERSIONS = ("int", "str", "float", "list", "tuple", "set", "iter", "sorted", "abs", "bool")
_CLEANERS = ("strip", "lstrip", "rstrip", "lower", "upper", "casefold", "copy")
_ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript)
_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_COMMENT = re.compile(rb"#[^\r\n]*")
_NEWLINE = re.compile(rb"\r\n|\n|\r")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Mutant:
    """One planted bug.

    `before` and `after` are the edited span, which starts in `line` (from 1); `source` is the whole
    text with the bug, equal to the original outside of the span; `description` says what was
    changed and not what goes wrong.
    """

    operator: str
    description: str
    line: int
    before: str
    after: str
    source: str


@dataclass(frozen=True)
class _Edit:
    operator: str
    description: str
    start: int
    end: int
    after: bytes


class _Site:
    """A parsed text and one function in it; spans are byte offsets."""

    def __init__(self, source: str, name: str) -> None:
        self.data = source.encode("utf-8")
        self.function = _find(source, name)
        # Columns of a first line with a byte order mark are counted without the mark.
        mark = 3 if source.startswith("\ufeff") else 0
        self._starts = [mark, *(match.end() for match in _NEWLINE.finditer(self.data))]
        arguments = self.function.args
        names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.parameters = [a.arg for a in names if a.arg not in ("self", "cls")]
        self.nodes = list(_inside(self.function))
        self.called = {id(node.func) for node in self.nodes if isinstance(node, ast.Call)}
        self.is_generator = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in self.nodes)
        self._first = self.line_start(min([self.function.lineno, *_decorator_lines(self.function)]))
        self._original = self._definition(self.data)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.expr | ast.stmt | ast.keyword) -> bytes:
        start, end = self.span(node)
        return self.data[start:end]

    def operand(self, node: ast.expr) -> bytes:
        """Text of an expression that may stand beside any operator."""
        text = self.text(node)
        return text if isinstance(node, _ATOMS) else b"(" + text + b")"

    def token(self, left: ast.expr, right: ast.expr, token: str) -> tuple[int, int] | None:
        """Span of the operator between two operands, past parentheses and comments."""
        start, end = self.span(left)[1], self.span(right)[0]
        gap = _COMMENT.sub(lambda match: b" " * len(match[0]), self.data[start:end])
        found = gap.strip(b" \t\f\r\n\\()")
        if b" ".join(found.split()) != token.encode():
            return None
        start += gap.index(found)
        return start, start + len(found)

    def lines(self, statement: ast.stmt) -> tuple[int, int] | None:
        """Span of a statement's whole lines with the comments above; None if it shares a line."""
        start, end = self.span(statement)
        first = self._starts[statement.lineno - 1]
        newline = _NEWLINE.search(self.data, end)
        last = newline.end() if newline else len(self.data)
        if self.data[first:start].strip() or _COMMENT.sub(b"", self.data[end:last]).strip():
            return None
        above = statement.lineno - 2
        while above >= 0 and self.data[self._starts[above] : first].lstrip().startswith(b"#"):
            first = self._starts[above]
            above -= 1
        return first, last

    def _definition(self, data: bytes) -> ast.Module:
        """The function alone, in a text that is equal outside of it: a small part to parse."""
        newline = _NEWLINE.search(self.data, self.span(self.function)[1])
        tail = len(self.data) - newline.end() if newline else 0
        text = data[self._first : len(data) - tail].decode("utf-8")
        return _parse(f"if 1:\n{text}" if text[:1] in (" ", "\t", "\f") else text)

    def changes(self, data: bytes) -> bool:
        """Whether the function still parses in the changed text, and to another tree."""
        try:
            return _differ(self._original, self._definition(data))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return False

    def line(self, offset: int) -> int:
        return sum(start <= offset for start in self._starts)

    def line_start(self, line: int) -> int:
        return self._starts[line - 1]


def mutants(
    source: str,
    function_qualified_name: str,
    seed: int,
    limit: int,
    weights: Mapping[str, float] | None = None,
) -> tuple[Mutant, ...]:
    """Up to `limit` mutants of one function, spread over the operators.

    With `weights`, by operator and of any sum, each next one is drawn with such odds among those
    that the function has a place for; an operator without weight plants nothing.

    The name is dotted (`Class.method`); of several definitions the last counts, as at run time.
    Equal arguments give equal mutants. A text that does not parse, or lacks the function, gives
    none. No mutant fails to parse or has the original's syntax tree; docstrings, annotations,
    decorators and f-strings are left alone.
    """
    try:
        site = _Site(source, function_qualified_name)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return ()
    found: list[Mutant] = []
    edits = _edits(site)
    ordered = _in_seeded_order(edits, seed) if weights is None else _drawn(edits, seed, weights)
    for edit in ordered:
        if len(found) >= limit:
            break
        data = site.data[: edit.start] + edit.after + site.data[edit.end :]
        if site.changes(data):
            before = site.data[edit.start : edit.end].decode("utf-8")
            line, after = site.line(edit.start), edit.after.decode("utf-8")
            text = data.decode("utf-8")
            found.append(Mutant(edit.operator, edit.description, line, before, after, text))
    return tuple(found)


def insert_first(source: str, function_qualified_name: str, statement: str) -> str | None:
    """The text with one more line at the start of a function's body, after the docstring.

    None where there is no such line to stand before: no function, no body, a body on one line.
    """
    try:
        site = _Site(source, function_qualified_name)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    body = _own_body(site.function)
    if not body:
        return None
    first = site.line_start(min([body[0].lineno, *_decorator_lines(body[0])]))
    indentation = site.data[first : first + body[0].col_offset]
    if indentation.strip() or body[0].lineno == site.function.lineno:
        return None
    line = indentation + statement.encode("utf-8") + b"\n"
    return (site.data[:first] + line + site.data[first:]).decode("utf-8")


def documented_functions(source: str) -> tuple[tuple[str, str], ...]:
    """(dotted name, docstring) of each function and method that has a docstring, in source order.

    Functions inside functions are left out: nothing outside can call them.

    Raises:
        ValueError: the text does not parse (also `SyntaxError`, `RecursionError`, `MemoryError`).
    """
    found: dict[str, str] = {}
    for name, function in _definitions(_parse(source), nested=False):
        if docstring := ast.get_docstring(function, clean=False):
            found[name] = docstring
    return tuple(found.items())


def function_lines(source: str, function_qualified_name: str) -> tuple[int, int]:
    """First and last line (from 1, inclusive) of a function with its decorators.

    Raises:
        ValueError: there is no such function.
    """
    function = _find(source, function_qualified_name)
    assert function.end_lineno is not None
    return min([function.lineno, *_decorator_lines(function)]), function.end_lineno


def _decorator_lines(statement: ast.stmt) -> list[int]:
    return [decorator.lineno for decorator in getattr(statement, "decorator_list", [])]


@functools.lru_cache(maxsize=2)
def _functions(source: str) -> dict[str, Function]:
    """Every function of a file by its dotted name, read once for all; nobody changes the tree."""
    return dict(_definitions(_parse(source), nested=True))


def _find(source: str, name: str) -> Function:
    function = _functions(source).get(name)
    if function is None:
        raise ValueError(f"no function {name!r}")
    return function


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return ast.parse(source.removeprefix("\ufeff"))


def _definitions(tree: ast.Module, *, nested: bool) -> Iterator[tuple[str, Function]]:
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
            if not nested:
                continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            prefix += node.name + "."
        stack.extend((child, prefix) for child in reversed(list(ast.iter_child_nodes(node))))


def _own_body(function: Function) -> list[ast.stmt]:
    has_docstring = ast.get_docstring(function, clean=False) is not None
    return function.body[1:] if has_docstring else function.body


def _inside(function: Function) -> Iterator[ast.AST]:
    """Nodes of the body whose text may change; positions inside f-strings are not exact."""
    stack: list[ast.AST] = list(reversed(_own_body(function)))
    while stack:
        node = stack.pop()
        yield node
        skipped: list[ast.AST | None] = []
        if isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            skipped = [node.returns, *node.decorator_list]
        elif isinstance(node, ast.AnnAssign | ast.arg):
            skipped = [node.annotation]
        children = [child for child in ast.iter_child_nodes(node) if child not in skipped]
        stack.extend(reversed(children))


def _differ(original: ast.Module, changed: ast.Module) -> bool:
    """Whether two trees differ. Without recursion, since expressions nest deep."""
    stack: list[tuple[object, object]] = [(original, changed)]
    while stack:
        left, right = stack.pop()
        if isinstance(left, ast.AST) and isinstance(right, ast.AST):
            if type(left) is not type(right):
                return True
            stack.extend((getattr(left, f, None), getattr(right, f, None)) for f in left._fields)
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return True
            stack.extend(zip(left, right, strict=True))
        elif type(left) is not type(right) or left != right:
            return True
    return False


def _edits(site: _Site) -> list[_Edit]:
    """Every edit of every operator, without repetitions, in order of place."""
    found: dict[tuple[int, int, bytes], _Edit] = {}
    for operator, plant in OPERATORS.items():
        for node in [site.function, *site.nodes]:
            for start, end, after in plant(site, node):
                before = site.data[start:end]
                if before != after:
                    edit = _Edit(operator, _describe(operator, before, after), start, end, after)
                    found.setdefault((start, end, after), edit)
    return sorted(found.values(), key=lambda e: (e.start, e.end, e.operator, e.after))


def _describe(operator: str, before: bytes, after: bytes) -> str:
    old, new = (" ".join(text.decode("utf-8").split()) for text in (before, after))
    name = operator.replace("_", " ")
    return f"{name}: `{old}` became `{new}`" if new else f"{name}: `{old}` is gone"


def _in_seeded_order(edits: list[_Edit], seed: int) -> list[_Edit]:
    """Operators take turns; within one, and within a turn, the order is a hash of the seed."""
    turns: dict[str, int] = {}
    ranked = []
    for digest, edit in _shuffled(edits, seed):
        turn = turns.get(edit.operator, 0)
        turns[edit.operator] = turn + 1
        ranked.append((turn, digest, edit))
    return [edit for _, _, edit in sorted(ranked, key=lambda item: item[:2])]


def _drawn(edits: list[_Edit], seed: int, weights: Mapping[str, float]) -> list[_Edit]:
    """Each operator's edits arrive at the rate of its weight, as a Poisson process does."""
    clocks: dict[str, float] = {}
    ranked = []
    for digest, edit in _shuffled(edits, seed):
        if (rate := weights.get(edit.operator, 0.0)) > 0:
            # The digest itself is the least of several, where an operator has several places.
            fresh = hashlib.sha256(digest).digest()
            share = (int.from_bytes(fresh[:6], "big") + 1) / 2**48
            clocks[edit.operator] = clocks.get(edit.operator, 0.0) - math.log(share) / rate
            ranked.append((clocks[edit.operator], digest, edit))
    return [edit for _, _, edit in sorted(ranked, key=lambda item: item[:2])]


def _shuffled(edits: list[_Edit], seed: int) -> list[tuple[bytes, _Edit]]:
    def digest(edit: _Edit) -> bytes:
        place = f"{seed} {edit.operator} {edit.start} {edit.end} ".encode()
        return hashlib.sha256(place + edit.after).digest()

    return sorted(((digest(edit), edit) for edit in edits), key=lambda item: item[0])


_Span = tuple[int, int, bytes]
_Operator = Callable[[_Site, ast.AST], Iterator[_Span]]


def _swap_token(
    site: _Site, left: ast.expr, right: ast.expr, pair: tuple[str, str] | None
) -> Iterator[_Span]:
    if pair and (span := site.token(left, right, pair[0])):
        yield *span, pair[1].encode()


def _comparisons(
    site: _Site, node: ast.AST, pairs: dict[type[ast.AST], tuple[str, str]]
) -> Iterator[_Span]:
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for index, operator in enumerate(node.ops):
            pair = pairs.get(type(operator))
            yield from _swap_token(site, operands[index], operands[index + 1], pair)


def _wrong_boundary(site: _Site, node: ast.AST) -> Iterator[_Span]:
    yield from _comparisons(site, node, _BOUNDARY)


def _wrong_comparison(site: _Site, node: ast.AST) -> Iterator[_Span]:
    yield from _comparisons(site, node, _OPPOSITE)


def _wrong_boolean(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.BoolOp):
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _swap_token(site, left, right, _BOOLEAN[type(node.op)])


def _wrong_arithmetic(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.BinOp) and not _is_formatting(node):
        yield from _swap_token(site, node.left, node.right, _ARITHMETIC.get(type(node.op)))
    elif isinstance(node, ast.AugAssign) and (pair := _ARITHMETIC.get(type(node.op))):
        yield from _swap_token(site, node.target, node.value, (pair[0] + "=", pair[1] + "="))


def _is_formatting(node: ast.BinOp) -> bool:
    return isinstance(node.left, ast.Constant | ast.JoinedStr) and isinstance(node.op, ast.Mod)


def _negated_condition(site: _Site, node: ast.AST) -> Iterator[_Span]:
    tests: list[ast.expr] = []
    if isinstance(node, ast.If | ast.IfExp | ast.Assert):
        tests = [node.test]
    elif isinstance(node, ast.comprehension):
        tests = node.ifs
    for test in tests:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield *site.span(test), site.text(test.operand)
        else:
            yield *site.span(test), b"not " + site.operand(test)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block:
            yield block


def _without(site: _Site, block: list[ast.stmt], statement: ast.stmt) -> Iterator[_Span]:
    if len(block) == 1:
        yield *site.span(statement), b"pass"
    elif span := site.lines(statement):
        yield *span, b""


def _missing_guard(site: _Site, node: ast.AST) -> Iterator[_Span]:
    for block in _blocks(node):
        for item in block:
            leaves = isinstance(item, ast.If) and isinstance(item.body[-1], _LEAVES)
            if leaves and not item.orelse and site.text(item).startswith(b"if"):  # type: ignore[attr-defined]
                yield from _without(site, block, item)


def _missing_statement(site: _Site, node: ast.AST) -> Iterator[_Span]:
    for block in _blocks(node):
        for item in block:
            effect = isinstance(item, ast.Expr) and not isinstance(item.value, ast.Constant)
            if effect or isinstance(item, ast.AugAssign):
                yield from _without(site, block, item)


def _missing_return(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Return) and node.value is not None and not site.is_generator:
        start, end = site.span(node)
        yield start, end, site.data[start + len(b"return") : end].lstrip(b" \t")


def _shifted(site: _Site, node: ast.expr | None) -> Iterator[_Span]:
    """An integer, or an expression that counts something, that is one too large or too small."""
    if node is None:
        return
    value = node.value if isinstance(node, ast.Constant) else None
    if type(value) is int:
        if site.text(node) == str(value).encode():
            yield *site.span(node), str(value + 1).encode()
            if value > 0:
                yield *site.span(node), str(value - 1).encode()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        yield from _shifted(site, node.operand)
    elif value is None and not isinstance(node, ast.Tuple | ast.Slice | ast.Starred):
        for sign in (b" + 1", b" - 1"):
            yield *site.span(node), site.operand(node) + sign


def _off_by_one_bound(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Slice):
        yield from _shifted(site, node.lower)
        yield from _shifted(site, node.upper)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant | ast.UnaryOp):
        yield from _shifted(site, node.slice)
    elif _calls(node, ("range", "islice")):
        yield from _shifted(site, node.args[-1])  # type: ignore[attr-defined]


def _off_by_one_constant(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield from _shifted(site, node)


def _wrong_flag(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield *site.span(node), str(not node.value).encode()


def _wrong_default(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if isinstance(default, ast.Constant):
                yield from _wrong_flag(site, default)
                yield from _off_by_one_constant(site, default)


def _calls(node: ast.AST, names: tuple[str, ...]) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and bool(node.args)
    )


def _swapped_arguments(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Call):
        for left, right in zip(node.args, node.args[1:], strict=False):
            if not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred):
                yield _exchanged(site, left, right, site.text(left), site.text(right))


def _swapped_operands(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ORDERED) and not _is_formatting(node):
        left, right = node.left, node.right
        yield _exchanged(site, left, right, site.operand(left), site.operand(right))


def _exchanged(
    site: _Site, left: ast.expr, right: ast.expr, left_text: bytes, right_text: bytes
) -> _Span:
    (start, left_end), (right_start, end) = site.span(left), site.span(right)
    return start, end, right_text + site.data[left_end:right_start] + left_text


def _missing_argument(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if not isinstance(node, ast.Call):
        return
    items: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=site.span)
    for index, item in enumerate(items):
        if isinstance(item, ast.keyword) and item.arg is not None:
            start, end = site.span(item)
            if index:
                start = site.span(items[index - 1])[1]
            elif len(items) > 1:
                end = site.span(items[1])[0]
            yield start, end, b""


def _missing_conversion(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if not isinstance(node, ast.Call) or node.keywords:
        return
    if _calls(node, _CONVERSIONS) and len(node.args) == 1:
        yield *site.span(node), site.operand(node.args[0])
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _CLEANERS and not node.args:
        yield *site.span(node), site.text(node.func.value)


def _wrong_function(site: _Site, node: ast.AST) -> Iterator[_Span]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        function = node.func
        name = function.id if isinstance(function, ast.Name) else function.attr
        end = site.span(function)[1]
        start = end - len(name.encode())
        if name in _TWIN and site.data[start:end] == name.encode():
            yield start, end, _TWIN[name].encode()


def _wrong_name(site: _Site, node: ast.AST) -> Iterator[_Span]:
    names = site.parameters
    if not isinstance(node, ast.Name) or node.id not in names or id(node) in site.called:
        return
    if isinstance(node.ctx, ast.Load) and len(names) > 1:
        yield *site.span(node), names[(names.index(node.id) + 1) % len(names)].encode()


OPERATORS: dict[str, _Operator] = {
    "wrong_boundary": _wrong_boundary,
    "wrong_comparison": _wrong_comparison,
    "wrong_boolean": _wrong_boolean,
    "wrong_arithmetic": _wrong_arithmetic,
    "negated_condition": _negated_condition,
    "missing_guard": _missing_guard,
    "missing_statement": _missing_statement,
    "missing_return": _missing_return,
    "missing_argument": _missing_argument,
    "missing_conversion": _missing_conversion,
    "off_by_one_bound": _off_by_one_bound,
    "off_by_one_constant": _off_by_one_constant,
    "wrong_default": _wrong_default,
    "wrong_flag": _wrong_flag,
    "wrong_function": _wrong_function,
    "wrong_name": _wrong_name,
    "swapped_arguments": _swapped_arguments,
    "swapped_operands": _swapped_operands,
}
"""What each bug is called, and where it can be planted."""

PLANTED_FOR: dict[str, tuple[str, ...]] = {
    "missing_guard": ("missing_guard",),
    "wrong_condition": ("wrong_boolean", "wrong_comparison"),
    "negated_condition": ("negated_condition",),
    "wrong_operator": ("wrong_arithmetic", "wrong_boolean", "wrong_comparison"),
    "off_by_one": ("wrong_boundary", "off_by_one_bound", "off_by_one_constant"),
    "wrong_literal": ("wrong_flag", "wrong_default", "off_by_one_constant"),
    "wrong_name": ("wrong_name",),
    "wrong_call": ("wrong_function",),
    "missing_argument": ("missing_argument",),
    "wrong_order": ("swapped_arguments", "swapped_operands"),
    "missing_call": ("missing_statement",),
    "missing_assignment": ("missing_statement",),
    "missing_cleanup": ("missing_statement",),
    "missing_conversion": ("missing_conversion",),
    "missing_return": ("missing_return",),
}
"""Which operators plant what a fix of a pattern of `udfs.bug_patterns` undoes."""


def operator_weights(patterns: Mapping[str, float]) -> dict[str, float]:
    """Weights of the operators from how often fixes show each pattern.

    A pattern's weight is shared among the operators that plant it; one that none can plant (a
    missing branch, a wrong type) counts nothing.
    """
    weights = dict.fromkeys(OPERATORS, 0.0)
    for pattern, planted in PLANTED_FOR.items():
        for operator in planted:
            weights[operator] += patterns.get(pattern, 0.0) / len(planted)
    return weights
