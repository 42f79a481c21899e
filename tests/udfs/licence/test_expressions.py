from dataclasses import dataclass

import license_expression
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.licence.expressions import (
    COMMONLY_PERMISSIVE,
    is_permissive,
    join,
    leaves,
    normalise,
    parse,
    read_declared,
    simplify,
    substitute,
)
from udfs.licence.names import PROPRIETARY, UNKNOWN, UNVERSIONED

# Examples of the SPDX specification 3.0, annex B "SPDX license expressions".
SPEC_EXAMPLES = [
    "CDDL-1.0",
    "CDDL-1.0+",
    "LicenseRef-23",
    "LicenseRef-MIT-Style-1",
    "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
    "LGPL-2.1-only OR MIT",
    "LGPL-2.1-only OR MIT OR BSD-3-Clause",
    "LGPL-2.1-only AND MIT",
    "LGPL-2.1-only AND MIT AND BSD-2-Clause",
    "GPL-2.0-or-later WITH Bison-exception-2.2",
    "LGPL-2.1-only OR BSD-3-Clause AND MIT",
    "MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)",
]


@pytest.mark.parametrize("expression", SPEC_EXAMPLES)
def test_the_examples_of_the_specification_parse_and_keep_their_meaning(expression: str) -> None:
    again = license_expression.get_spdx_licensing().parse(normalise(expression))
    assert again == license_expression.get_spdx_licensing().parse(expression)


@pytest.mark.parametrize(
    "text", ["", "  ", "MIT AND", "(MIT", "MIT MIT", "Foo", "MIT WITH MIT", "(" * 600]
)
def test_what_is_no_expression_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("MIT", (True, None)),
        ("mit or gpl-3.0-only", (True, None)),
        ("MIT AND GPL-3.0-only", (False, "licence_not_permissive")),
        ("MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)", (True, None)),
        # AND binds tighter than OR (annex B.5).
        ("LGPL-2.1-only OR BSD-3-Clause AND MIT", (True, None)),
        ("LGPL-2.1-only OR BSD-3-Clause AND GPL-2.0-only", (False, "licence_not_permissive")),
        ("Apache-2.0+", (True, None)),
        ("Apache-2.0 WITH LLVM-exception", (True, None)),
        ("GPL-2.0-only WITH Classpath-exception-2.0", (False, "licence_not_permissive")),
        ("MIT WITH LicenseRef-scancode-commons-clause", (False, "licence_unknown")),
        ("LicenseRef-unknown", (False, "licence_unknown")),
        ("MIT OR LicenseRef-unknown", (True, None)),
        ("MIT AND LicenseRef-unknown", (False, "licence_unknown")),
        ("GPL-3.0-only AND LicenseRef-unknown", (False, "licence_not_permissive")),
        (PROPRIETARY, (False, "licence_not_permissive")),
        (UNVERSIONED + "BSD", (False, "licence_unknown")),
        (UNVERSIONED + "GPL", (False, "licence_not_permissive")),
        ("MIT/Apache-2.0", (False, "licence_unparsable")),
        ("", (False, "licence_missing")),
        (None, (False, "licence_missing")),
    ],
)
def test_an_expression_is_permissive_by_its_structure(
    expression: str | None, verdict: tuple[bool, str | None]
) -> None:
    assert is_permissive(expression) == verdict


def test_an_exception_can_be_allowed_by_name() -> None:
    wanted = "GPL-2.0-only WITH Classpath-exception-2.0"
    assert is_permissive(wanted, {wanted}) == (True, None)
    assert is_permissive("GPL-2.0-only", {wanted}) == (False, "licence_not_permissive")


def test_the_documented_set_holds_only_licences_of_the_spdx_list_and_no_copyleft() -> None:
    index = {entry["spdx_license_key"]: entry for entry in license_expression.get_license_index()}
    categories = {key: index[key]["category"] for key in COMMONLY_PERMISSIVE}
    assert set(categories.values()) <= {"Permissive", "Public Domain"}


@dataclass(frozen=True)
class Tree:
    """An expression as the tests build it: the oracle for what the library parses."""

    operator: str
    parts: tuple["Tree", ...] = ()

    def render(self) -> str:
        inner = f" {self.operator} ".join(part.render() for part in self.parts)
        return f"({inner})" if self.parts else self.operator

    def holds(self, allowed: set[str]) -> bool:
        if not self.parts:
            return self.operator in allowed
        return (all if self.operator == "AND" else any)(part.holds(allowed) for part in self.parts)


trees = st.recursive(
    st.sampled_from(["MIT", "ISC", "GPL-3.0-only", "MPL-2.0", "LicenseRef-x"]).map(Tree),
    lambda part: st.builds(
        Tree, st.sampled_from(["AND", "OR"]), st.lists(part, min_size=2, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


@given(trees, st.sets(st.sampled_from(["MIT", "ISC", "MPL-2.0"])))
def test_permissive_is_the_boolean_value_of_the_expression(tree: Tree, allowed: set[str]) -> None:
    verdict, reason = is_permissive(tree.render(), allowed)
    assert verdict == tree.holds(allowed)
    assert (reason is None) == verdict


@given(trees, st.sets(st.sampled_from(["MIT", "ISC", "GPL-3.0-only", "MPL-2.0"])))
def test_normalising_and_simplifying_keep_the_meaning(tree: Tree, allowed: set[str]) -> None:
    expected = tree.holds(allowed)
    assert is_permissive(normalise(tree.render()), allowed)[0] == expected
    assert is_permissive(simplify(tree.render()), allowed)[0] == expected


def test_simplify_absorbs_a_choice_that_is_settled() -> None:
    assert simplify("Apache-2.0 AND (MIT OR Apache-2.0)") == "Apache-2.0"
    assert simplify("MIT OR Apache-2.0") == "MIT OR Apache-2.0"


def test_join_brackets_what_is_compound() -> None:
    assert join("AND", ["MIT OR ISC", "Zlib", "Zlib"]) == "(MIT OR ISC) AND Zlib"
    assert leaves("(MIT OR ISC) AND Zlib AND MIT") == ("MIT", "ISC", "Zlib")


def test_substitute_replaces_whole_ids() -> None:
    replaced = substitute("GPL-2.0-only AND LGPL-2.0-only", {"GPL-2.0-only": "GPL-2.0-or-later"})
    assert replaced == "GPL-2.0-or-later AND LGPL-2.0-only"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("The MIT License", "MIT"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("MIT, Apache 2.0", "MIT AND Apache-2.0"),
        ("GPLv2 or MIT", "GPL-2.0-only OR MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("BSD", UNVERSIONED + "BSD"),
        ("GPL", UNVERSIONED + "GPL"),
        ("UNLICENSED", PROPRIETARY),
        ("SEE LICENSE IN LICENSE.md", UNKNOWN),
        ("Our Own Terms", UNKNOWN),
        ("NOASSERTION", None),
        ("  ", None),
    ],
)
def test_declarations_are_read_as_they_are_meant(declared: str, expected: str | None) -> None:
    assert read_declared(declared) == expected


@given(st.text(max_size=2_000))
def test_any_declaration_gives_an_expression_or_none(declared: str) -> None:
    expression = read_declared(declared)
    assert expression is None or parse(expression) is not None
