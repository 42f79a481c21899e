from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.licence import LicenceFinding, conclude, is_permissive
from udfs.licence.detection import Method
from udfs.licence.names import UNKNOWN, UNVERSIONED


def finding(path: str, expression: str, method: Method = "text") -> LicenceFinding:
    return LicenceFinding(expression, method, path, 1.0, expression)


def meta(expression: str, path: str = "package.json") -> LicenceFinding:
    return finding(path, expression, "metadata")


def tag(path: str, expression: str) -> LicenceFinding:
    return finding(path, expression, "identifier")


def test_nothing_found_is_missing() -> None:
    verdict = conclude([])
    assert (verdict.expression, verdict.reason) == (None, "licence_missing")
    assert is_permissive(verdict.expression) == (False, "licence_missing")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([finding("LICENSE", "MIT")], "MIT"),
        ([finding("LICENSE", "MIT"), meta("MIT")], "MIT"),
        ([meta("MIT")], "MIT"),
        ([tag("a.py", "ISC"), tag("b.py", "ISC")], "ISC"),
        # The pair of the Rust API guidelines, with and without metadata.
        (
            [finding("LICENSE-MIT", "MIT"), finding("LICENSE-APACHE", "Apache-2.0")],
            "MIT OR Apache-2.0",
        ),
        (
            [
                finding("LICENSE-MIT", "MIT"),
                finding("LICENSE-APACHE", "Apache-2.0"),
                meta("MIT AND Apache-2.0", "Cargo.toml"),
            ],
            "MIT AND Apache-2.0",
        ),
        ([finding("LICENSE", "MIT"), finding("LICENSE-docs", "Apache-2.0")], "MIT AND Apache-2.0"),
        # A file that explains the others.
        (
            [
                finding("COPYING", "Unlicense OR MIT"),
                finding("LICENSE-MIT", "MIT"),
                finding("UNLICENSE", "Unlicense"),
            ],
            "Unlicense OR MIT",
        ),
        (
            [
                finding("LICENSE", f"{UNVERSIONED}Apache OR {UNVERSIONED}BSD"),
                finding("LICENSE.APACHE", "Apache-2.0"),
                finding("LICENSE.BSD", "BSD-2-Clause"),
            ],
            "Apache-2.0 OR BSD-2-Clause",
        ),
        # Metadata makes precise what the text leaves open.
        ([finding("COPYING", "GPL-3.0-only"), meta("GPL-3.0-or-later")], "GPL-3.0-or-later"),
        ([finding("LICENSE", "BSD-3-Clause"), meta(UNVERSIONED + "BSD")], "BSD-3-Clause"),
        (
            [finding("COPYING", "GPL-3.0-only"), finding("COPYING.LESSER", "LGPL-3.0-only")],
            "LGPL-3.0-only",
        ),
        # One file with two texts: the metadata says how they stand to each other.
        (
            [finding("LICENSE", "MIT AND Apache-2.0"), meta("Apache-2.0 OR MIT")],
            "MIT OR Apache-2.0",
        ),
        (
            [finding("LICENSE", "MIT OR Apache-2.0"), meta("Apache-2.0 AND MIT")],
            "MIT AND Apache-2.0",
        ),
        # A choice of which only one text is there.
        ([finding("LICENSE", "Apache-2.0"), meta("MIT OR Apache-2.0")], "Apache-2.0"),
        ([finding("LICENSE", "MIT"), meta(UNKNOWN)], "MIT"),
        (
            [finding("LICENSE", "MIT"), finding("LICENSES/CC0-1.0.txt", "CC0-1.0")],
            "CC0-1.0 AND MIT",
        ),
        # Sub-folders speak for themselves.
        ([finding("LICENSE", "MIT"), finding("vendor/x/LICENSE", "GPL-3.0-only")], "MIT"),
        ([finding("LICENSE", "MIT"), meta("GPL-3.0-only", "packages/x/package.json")], "MIT"),
    ],
)
def test_one_expression_for_the_repository(findings: list[LicenceFinding], expected: str) -> None:
    for order in permutations(findings):
        verdict = conclude(order)
        assert verdict.reason is None
        assert verdict.expression is not None
        assert set(verdict.expression.split()) == set(expected.split())


@pytest.mark.parametrize(
    ("findings", "reason"),
    [
        ([finding("LICENSE", "MIT"), meta("GPL-3.0-only")], "licence_not_permissive"),
        ([finding("LICENSE", "GPL-3.0-only"), meta("MIT")], "licence_not_permissive"),
        ([finding("LICENSE", "MIT"), tag("src/a.c", "GPL-2.0-only")], "licence_not_permissive"),
        ([finding("LICENSE", "MIT"), meta("LicenseRef-proprietary")], "licence_not_permissive"),
        (
            [finding("LICENSE", "GPL-3.0-only"), meta("MIT OR GPL-3.0-only")],
            "licence_not_permissive",
        ),
        ([finding("LICENSE", UNKNOWN), meta("MIT")], "licence_unknown"),
        ([finding("LICENSE", "MIT"), meta(UNVERSIONED + "BSD")], "licence_unknown"),
        ([finding("LICENSE", "MIT"), finding("COPYING", "GPL-2.0-only")], "licence_not_permissive"),
        (
            [
                finding("LICENSES/MIT.txt", "MIT"),
                finding("LICENSES/GPL-2.0-only.txt", "GPL-2.0-only"),
            ],
            "licence_not_permissive",
        ),
    ],
)
def test_of_two_statements_the_stricter_holds(findings: list[LicenceFinding], reason: str) -> None:
    for order in permutations(findings):
        assert is_permissive(conclude(order).expression) == (False, reason)


def test_a_conflict_is_told() -> None:
    verdict = conclude([finding("LICENSE", "MIT"), meta("GPL-3.0-only")])
    assert verdict.conflicts == ("package.json says GPL-3.0-only, LICENSE says MIT",)
    assert [f.path for f in verdict.evidence] == ["LICENSE", "package.json"]
    assert conclude([finding("LICENSE", "MIT"), meta("MIT")]).conflicts == ()


single = st.sampled_from(["MIT", "Apache-2.0", "GPL-3.0-only", "BSD-3-Clause", UNKNOWN])
anything = st.one_of(
    st.builds(
        finding, st.sampled_from(["LICENSE", "COPYING", "LICENSE-MIT", "LICENSES/x.txt"]), single
    ),
    st.builds(meta, single, st.sampled_from(["package.json", "setup.cfg"])),
    st.builds(tag, st.sampled_from(["a.c", "b.c"]), single),
)


@given(st.lists(anything, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(
    findings: list[LicenceFinding], random: object
) -> None:
    shuffled = [*findings, *findings[:2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert conclude(shuffled) == conclude(findings)


@given(st.lists(anything, min_size=1, max_size=6))
def test_copyleft_anywhere_is_never_waived(findings: list[LicenceFinding]) -> None:
    verdict = conclude([*findings, meta("AGPL-3.0-only", "Cargo.toml")])
    assert not is_permissive(verdict.expression)[0]
