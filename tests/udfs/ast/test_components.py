"""Which definitions are user-interface components."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udfs.ast import Component, Source, components

TSX = """\
import React from 'react';
interface Props { a: string; b?: number; onClose(): void }
/** Doc. */
export function Card({ title, size = 2, kind: k, ...rest }: X) {
  return <div>{title}</div>;
}
const Row = (props: Props) => <li>{props.a}</li>;
export const Button = React.memo(React.forwardRef<B, P>(({ v, w }, ref) => {
  return <button ref={ref}>{v}</button>;
}));
class Old extends React.Component<P> {
  render() { return <b>{this.props.q} {this.props.z.y}</b>; }
}
class Empty extends PureComponent {}
function helper() { return <i/>; }
class Store {}
const Context = createContext(null);
"""


def test_tsx() -> None:
    assert components(Source(TSX, "tsx")) == (
        Component(4, 6, "Card", ("title", "size", "kind")),
        Component(7, 7, "Row", ("a", "b", "onClose")),
        Component(8, 10, "Button", ("v", "w")),
        Component(11, 13, "Old", ("q", "z")),
        Component(14, 14, "Empty", ()),
    )


def test_javascript() -> None:
    text = "const App = function (p) {\n  const { x } = p;\n  return <A b={p.y} c={p.z.w}/>;\n};\n"
    assert components(Source(text, "javascript")) == (Component(1, 4, "App", ("y", "z")),)


def test_a_holder_of_a_component_is_none_itself() -> None:
    text = "function Make() { function Inner() { return <a/>; } return Inner; }"
    assert [item.name for item in components(Source(text, "javascript"))] == ["Inner"]


def test_other_languages_have_none() -> None:
    assert components(Source("class A: pass", "python")) == ()


def test_a_component_without_parameters_has_no_props() -> None:
    text = "export function Page() { return <div>a</div> }\n"
    for language in ("javascript", "tsx"):
        assert components(Source(text, language)) == (Component(1, 1, "Page", ()),)
    text = (
        "const A = () => <i/>;\nexport default memo(B);\nconst C = memo(() => <b/>);\n"
        "const D = memo();\nconst E = memo(function () { return <p/>; });\n"
    )
    assert [item.name for item in components(Source(text, "tsx"))] == ["A", "C", "E"]


@given(
    st.text(alphabet="(){}<>/=>,.: \n;ABab[]'\"", max_size=80),
    st.sampled_from(["javascript", "tsx"]),
)
def test_no_text_makes_it_raise(text: str, language: str) -> None:
    for wrapped in (text, f"export function Page({text}) {{ return <div>a</div> }}"):
        assert isinstance(components(Source(wrapped, language)), tuple)
