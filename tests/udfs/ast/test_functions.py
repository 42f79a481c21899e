"""What `parse_functions` finds, against hand-checked expectations and the standard library."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import (
    SUPPORTED,
    Function,
    Health,
    Limits,
    Source,
    SymbolChanges,
    components,
    health,
    import_lines,
    parse_functions,
    same_code,
    symbol_changes,
)

PYTHON = '''\
import os

class Shape(Base):
    """A shape."""

    @property
    @cached
    def area(self, unit: str = "m", *rest, scale=1, **options) -> float:  # why
        """Return the area.

            indented
        """
        if unit and rest or scale:
            return os.path.join(self.sides[0].size(), unit)
        return [x for x in rest if x]
        # the end

async def outer():
    # not a docstring
    def inner(a, /, b, *, c): return helper()
    return inner
'''

TSX = """\
/**
 * Adds numbers.
 * @param a first
 */
export function add(a: number, {b, c: d = 1, ...rest}: P, ...more: number[]): number {
  return a && b ? d : rest ?? 0;
}
export const greet = async (name) => { console.log(name); };
const api = { get(url) { return fetch(url).then(r => r.json()); }, put: function () {} };
class Store<T> extends Base {
  constructor(private a: T) { super(a); }
  @bound()
  load = (id?: string) => { for (const x of this.xs) { new Loader(x).run(); } };
}
app.use = function use(fn) { switch (fn) { case 1: break; default: } };
items.map(x => x + 1);
register(function named() {});
"""

JAVA = """\
package a.b;
/** About C. */
class C<T> {
  /** Makes one.
   *  Twice. */
  @Inject
  public C(final int size, String... names) { this(size); }
  // plain
  abstract int skipped();
  int pick(Map<String, List<T>> m) throws E {
    switch (m.size()) { case 1: return 1; default: return m.get("a").size(); }
  }
  static class Inner { void run() { try { go(); } catch (E e) { } } }
}
"""

GO = """\
package p

var x = 1 // trailing

//go:noinline
// Get returns it.
// Or nil.
func (s *Store[T]) Get(a, b int, fn func(y int) error, more ...string) (int, error) {
	if a > b && b > 0 {
		return s.db.Query(a), nil
	}
	return 0, nil
}
func plain() { for { break } }
"""

RUST = """\
/// Makes it.
/// Fast.
#[inline]
pub fn make<'a, T>(x: &'a T, (l, r): (u8, u8)) -> Result<u8, E> {
    println!("{}", x);
    match l { 0 => a(), 1 => b()?, _ => Foo::<T>::new().run() }
}
mod deep {
    impl<T> fmt::Display for Holder<T> {
        fn show(&mut self) { if let Some(v) = self.v { v.go(); } }
    }
}
"""

C = """\
/**
 * @brief Sums.
 */
static int *sum(const int *xs, size_t n, int (*f)(int v)) {
  for (int i = 0; i < n; i++) { if (xs[i]) f(xs[i]); }
  return g->h(n) ? 0 : 1;
}
int declared(int a);
struct point p;
"""

CPP = """\
namespace ns {
template <class T>
class Box : Base {
 public:
  Box() : x(1) {}
  ~Box() {}
  Box(const Box&) = delete;
  /// Tells.
  operator bool() const { return true; }
  T& operator=(int o) { return *new T(o); }
};
}
template <class T> int ns::Box<T>::get(const T& x, int y = 2) const { return x->a.b(y); }
"""


def found(text: str, language: str) -> dict[str, Function]:
    result = parse_functions(text, language)
    assert result.error is None
    assert not result.has_errors
    return {function.qualified_name: function for function in result.functions}


def test_python() -> None:
    functions = found(PYTHON, "python")
    assert list(functions) == ["Shape.area", "outer", "outer.inner"]
    area = functions["Shape.area"]
    assert area.kind == "method"
    assert area.signature == (
        'def area(self, unit: str = "m", *rest, scale=1, **options) -> float:'
    )
    assert area.docstring == "Return the area.\n\nindented"
    assert area.parameters == ("self", "unit", "rest", "scale", "options")
    assert (area.start_line, area.end_line) == (6, 15)
    assert area.calls == ("os.path.join", "size")
    # if, and, or, comprehension for, comprehension if
    assert area.complexity == 6
    outer = functions["outer"]
    assert (outer.kind, outer.docstring, outer.calls) == ("function", None, ())
    assert functions["outer.inner"].parameters == ("a", "b", "c")
    assert functions["outer.inner"].calls == ("helper",)


def test_body_span_is_in_utf8_bytes() -> None:
    text = "π = 1\ndef f():\n    return 'é'\n"
    (function,) = parse_functions(text, "python").functions
    body = text.encode()[function.body_start_byte : function.body_end_byte]
    assert body.decode() == "return 'é'"


def test_tsx() -> None:
    functions = found(TSX, "tsx")
    assert list(functions) == [
        "add",
        "greet",
        "api.get",
        "api.put",
        "Store.constructor",
        "Store.load",
        "app.use",
        "named",
    ]
    add = functions["add"]
    assert add.docstring == "Adds numbers.\n@param a first"
    assert add.parameters == ("a", "b", "d", "rest", "more")
    assert add.signature.startswith("export function add(a: number, {b, c: d = 1, ...rest}: P,")
    assert (add.start_line, add.end_line) == (5, 7)
    assert add.complexity == 4
    assert functions["greet"].signature == "export const greet = async (name) =>"
    assert functions["greet"].calls == ("console.log",)
    assert functions["api.get"].calls == ("fetch", "then", "r.json")
    assert functions["api.get"].kind == "method"
    assert functions["Store.constructor"].kind == "constructor"
    load = functions["Store.load"]
    assert (load.kind, load.start_line, load.end_line) == ("method", 12, 13)
    assert load.calls == ("Loader", "run")
    assert functions["app.use"].name == "use"
    assert functions["app.use"].complexity == 2


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
def test_javascript_family_shares_its_rules(language: str) -> None:
    text = "const f = a => a;\nFoo.prototype.bar = function (x, y) { return x || y; };\n"
    functions = found(text, language)
    assert list(functions) == ["f", "Foo.bar"]
    assert functions["f"].parameters == ("a",)
    assert functions["Foo.bar"].complexity == 2


def test_function_inside_an_anonymous_export_keeps_its_own_lines() -> None:
    text = "export default () => {\n  function inner() { return 1; }\n}\n"
    assert found(text, "javascript")["inner"].start_line == 2


def test_java() -> None:
    functions = found(JAVA, "java")
    assert list(functions) == ["C.C", "C.pick", "C.Inner.run"]
    made = functions["C.C"]
    assert (made.kind, made.docstring) == ("constructor", "Makes one.\nTwice.")
    assert made.parameters == ("size", "names")
    assert (made.start_line, made.end_line) == (6, 7)
    assert made.calls == ("this",)
    assert functions["C.pick"].docstring is None
    assert functions["C.pick"].calls == ("m.size", "m.get", "size")
    assert functions["C.pick"].complexity == 2
    assert functions["C.Inner.run"].complexity == 2


def test_go() -> None:
    functions = found(GO, "go")
    assert list(functions) == ["Store.Get", "plain"]
    get = functions["Store.Get"]
    assert (get.name, get.kind) == ("Get", "method")
    assert get.docstring == "Get returns it.\nOr nil."
    assert get.parameters == ("a", "b", "fn", "more")
    assert (get.calls, get.complexity) == (("s.db.Query",), 3)
    assert (get.start_line, get.end_line) == (8, 13)
    assert functions["plain"].docstring is None


def test_rust() -> None:
    functions = found(RUST, "rust")
    assert list(functions) == ["make", "deep.Holder.show"]
    make = functions["make"]
    assert make.docstring == "Makes it.\nFast."
    assert (make.start_line, make.end_line) == (3, 7)
    assert make.parameters == ("x", "l", "r")
    assert make.calls == ("println!", "a", "b", "new", "run")
    # three arms of a match are two decisions, and `?`
    assert make.complexity == 4
    show = functions["deep.Holder.show"]
    assert (show.kind, show.parameters, show.complexity) == ("method", ("self",), 2)


def test_c() -> None:
    functions = found(C, "c")
    assert list(functions) == ["sum"]
    total = functions["sum"]
    assert total.docstring == "@brief Sums."
    assert total.parameters == ("xs", "n", "f")
    assert total.signature == "static int *sum(const int *xs, size_t n, int (*f)(int v))"
    assert (total.calls, total.complexity) == (("f", "g.h"), 4)


def test_cpp() -> None:
    functions = found(CPP, "cpp")
    assert {name: function.kind for name, function in functions.items()} == {
        "ns.Box.Box": "constructor",
        "ns.Box.~Box": "destructor",
        "ns.Box.operator bool": "method",
        "ns.Box.operator=": "method",
        "ns.Box.get": "method",
    }
    get = functions["ns.Box.get"]
    assert get.parameters == ("x", "y")
    assert get.calls == ("x.a.b",)
    assert get.signature.startswith("template <class T> int ns::Box<T>::get(")
    assert functions["ns.Box.operator bool"].docstring == "Tells."


@pytest.mark.parametrize("comment", ["/** doc */\n\n", "int x; /** doc */\n", "/* plain */\n"])
def test_a_comment_that_stands_apart_or_is_plain_documents_nothing(comment: str) -> None:
    assert found(comment + "int f(void) { return 1; }", "c")["f"].docstring is None


def test_errors_are_told_and_the_rest_is_still_found() -> None:
    result = parse_functions("def f(:\n\ndef good():\n    return 1\n", "python")
    assert result.has_errors
    assert "good" in {function.name for function in result.functions}


def _expected(text: str) -> list[tuple[object, ...]]:
    """Give the functions of a Python text as the standard library's parser sees them."""
    rows: list[tuple[object, ...]] = []
    pending: list[tuple[ast.AST, str]] = [(ast.parse(text), "")]
    while pending:
        node, scope = pending.pop()
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{scope}.{child.name}" if scope else child.name
            pending.append((child, inner))
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                spec = child.args
                names = [*spec.posonlyargs, *spec.args]
                names += [spec.vararg] if spec.vararg else []
                names += spec.kwonlyargs
                names += [spec.kwarg] if spec.kwarg else []
                first = min([child.lineno, *(item.lineno for item in child.decorator_list)])
                docstring = ast.get_docstring(child) or None
                parameters = tuple(item.arg for item in names)
                rows.append((first, child.end_lineno, inner, docstring, parameters))
    return sorted(rows, key=repr)


@pytest.mark.parametrize(
    "module", ["argparse", "typing", "inspect", "_pydecimal", "tarfile", "asyncio/tasks", "enum"]
)
def test_python_agrees_with_the_standard_library(module: str) -> None:
    text = (Path(sysconfig.get_paths()["stdlib"]) / f"{module}.py").read_text("utf-8")
    rows = [
        (item.start_line, item.end_line, item.qualified_name, item.docstring, item.parameters)
        for item in parse_functions(text, "python").functions
    ]
    assert sorted(rows, key=repr) == _expected(text)


SAMPLES = {
    "python": PYTHON,
    "javascript": TSX,
    "typescript": TSX,
    "tsx": TSX,
    "java": JAVA,
    "go": GO,
    "rust": RUST,
    "c": C,
    "cpp": CPP,
}


@st.composite
def broken_code(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a sample (of this or another language) with slices of it cut out, doubled and mixed."""
    language, text = draw(st.sampled_from(sorted(SUPPORTED))), ""
    sample = SAMPLES[draw(st.sampled_from([language, *sorted(SUPPORTED)]))]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(sample)))
        text += sample[start : start + draw(st.integers(0, 250))]
    return text, language


@given(broken_code() | st.tuples(st.text(max_size=200), st.sampled_from(sorted(SUPPORTED))))
def test_any_text_gives_spans_within_itself(case: tuple[str, str]) -> None:
    text, language = case
    result = parse_functions(text, language)
    size, lines = len(text.encode("utf-8", "replace")), text.count("\n") + 1
    assert result.error is None
    for function in result.functions:
        assert function.name
        assert 1 <= function.start_line <= function.end_line <= lines
        assert 0 <= function.body_start_byte <= function.body_end_byte <= size
        assert function.complexity >= 1
    source = Source(text, language)
    assert components(source) is not None
    assert import_lines(source) is not None
    highest = max((function.complexity for function in result.functions), default=0)
    assert health([(source, None)]) == Health(1, 0, 0, highest, 0)
    assert health([(source, source)]) == Health(1, 0, 0, 0, 0)
    assert symbol_changes([(source, source)]) == SymbolChanges()
    assert same_code(source, source)


def test_a_function_without_a_body_yet_has_an_empty_one_at_its_end() -> None:
    text = "async def outer():\n    def inner(x):  # to do\n\n\n"
    functions = {item.name: item for item in parse_functions(text, "python").functions}
    inner = functions["inner"]
    assert inner.body_start_byte == inner.body_end_byte <= len(text)


def test_surrogates_do_not_stop_it() -> None:
    assert parse_functions("def f(): '\ud800'", "python").functions[0].name == "f"


@pytest.mark.parametrize(
    ("text", "language", "limits", "reason"),
    [
        ("x", "cobol", Limits(), "unsupported_language"),
        ("xéx", "python", Limits(max_bytes=3), "text_too_large"),
        ("f(1, 2, 3)", "python", Limits(max_nodes=5), "tree_too_large"),
        ("(" * 50 + ")" * 50, "python", Limits(max_depth=20), "tree_too_deep"),
        ("x = [1, 2]\n" * 5_000, "python", Limits(max_micros=0), "parse_timeout"),
    ],
)
def test_reasons(text: str, language: str, limits: Limits, reason: str) -> None:
    result = parse_functions(text, language, limits)
    assert (result.functions, result.error) == ((), reason)
    assert parse_functions("def f(): pass", "python").functions[0].name == "f"
