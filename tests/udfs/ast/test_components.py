"""Which definitions are user-interface components."""

from __future__ import annotations

from udfs.ast import Component, components

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
    assert components(TSX, "tsx") == (
        Component(4, 6, "Card", ("title", "size", "kind")),
        Component(7, 7, "Row", ("a", "b", "onClose")),
        Component(8, 10, "Button", ("v", "w")),
        Component(11, 13, "Old", ("q", "z")),
        Component(14, 14, "Empty", ()),
    )


def test_javascript() -> None:
    text = "const App = function (p) {\n  const { x } = p;\n  return <A b={p.y} c={p.z.w}/>;\n};\n"
    assert components(text, "javascript") == (Component(1, 4, "App", ("y", "z")),)


def test_a_holder_of_a_component_is_none_itself() -> None:
    text = "function Make() { function Inner() { return <a/>; } return Inner; }"
    assert [item.name for item in components(text, "javascript")] == ["Inner"]


def test_other_languages_have_none() -> None:
    assert components("class A: pass", "python") == ()
