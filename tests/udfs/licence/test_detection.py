from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from udfs.licence import LicenceFinding, conclude, detect, is_licence_path
from udfs.licence.expressions import leaves, parse
from udfs.licence.names import UNKNOWN

TEXTS = dict(LICENSES)


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE",
        "license",
        "LICENSE.md",
        "LICENCE.txt",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "LICENSE.BSD",
        "COPYING",
        "COPYING.LESSER",
        "UNLICENSE",
        "MIT-LICENSE.txt",
        "LICENSES/MIT.txt",
        "package.json",
        "pyproject.toml",
        "Cargo.toml",
        "pom.xml",
        "setup.cfg",
        "thing.gemspec",
    ],
)
def test_paths_that_speak_for_the_repository(path: str) -> None:
    assert is_licence_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "license.py",
        "src/LICENSE",
        "license-checker.js",
        "README.md",
        "vendor/x/LICENSE",
        "packages/a/package.json",
        "LICENSE-3rdparty.csv",
        "LICENSE-THIRD-PARTY",
        "licenses/foo.txt",
        "LICENSES_bundled.txt",
        "LICENSES/sub/MIT.txt",
        "copying.go",
        "license_header.txt",
        "unlicensed",
    ],
)
def test_paths_that_do_not(path: str) -> None:
    assert not is_licence_path(path)


def test_a_licence_file_is_matched_by_text() -> None:
    found = detect("LICENSE", TEXTS["MIT"])
    assert found == LicenceFinding("MIT", "text", "LICENSE", 1.0, "MIT text 1.00")


def test_unknown_terms_are_a_finding_and_an_empty_file_is_none() -> None:
    found = detect("LICENSE", "You may read this on Sundays.")
    assert found is not None
    assert (found.expression, found.score) == (UNKNOWN, 0.0)
    assert "sundays" in found.evidence
    assert detect("LICENSE", " \n") is None
    assert detect("LICENSE", "../LICENSE") is None


def test_in_the_reuse_folder_the_name_is_the_id_of_a_text_that_cannot_be_compared() -> None:
    terms = "Some terms of our own. " * 40
    assert detect("LICENSES/curl.txt", terms).expression == "curl"  # type: ignore[union-attr]
    assert detect("LICENSES/MIT.txt", TEXTS["GPL-3.0"]).expression == "GPL-3.0-only"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("// SPDX-License-Identifier: MIT\n", "MIT"),
        (
            "/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */",
            "GPL-2.0-only WITH Linux-syscall-note",
        ),
        ("#!/bin/sh\n# SPDX-License-Identifier: (MIT OR Apache-2.0)\n", "MIT OR Apache-2.0"),
        ("<!-- SPDX-License-Identifier: CC0-1.0 -->", "CC0-1.0"),
        ("# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: ISC\n", "MIT AND ISC"),
        ("# SPDX-License-Identifier: LicenseRef-Own\r\n", "LicenseRef-Own"),
        ("# SPDX-License-Identifier: Whatever\n", UNKNOWN),
        ('x = "see SPDX-License-Identifier: MIT"', None),
        ("\n" * 60 + "# SPDX-License-Identifier: MIT", None),
    ],
)
def test_identifiers_count_in_the_head_of_a_file(head: str, expected: str | None) -> None:
    found = detect("src/a.py", head)
    assert (None if found is None else found.expression) == expected
    assert found is None or found.method == "identifier"


def test_notices_in_the_head_of_a_file() -> None:
    asf = (
        "/*\n * Licensed to the Apache Software Foundation (ASF) under one or more\n * contributor "
        "license agreements. The ASF licenses this file to You under the Apache License, Version 2"
    )
    gpl = (
        "# "
        + TEXTS["GPL-3.0"][TEXTS["GPL-3.0"].index("This program is free software: you can") :][:600]
    )
    lgpl = TEXTS["LGPL-2.1"][TEXTS["LGPL-2.1"].index("This library is free software; you can") :][
        :600
    ]
    expected = {asf: "Apache-2.0", gpl: "GPL-3.0-or-later", lgpl: "LGPL-2.1-or-later"}
    assert {text: detect("a.c", text).expression for text in expected} == expected  # type: ignore[union-attr]
    assert detect("a.c", "// Use of this source code is governed by a BSD-style license") is None
    assert detect("a.c", "int mit_license(void);") is None


@given(
    st.sampled_from(["LICENSE", "a.py", "package.json", "LICENSES/x.txt"]), st.text(max_size=1_000)
)
def test_any_text_gives_a_valid_finding_or_none(path: str, text: str) -> None:
    found = detect(path, text)
    if found is not None:
        assert parse(found.expression) is not None
        assert 0 <= found.score <= 1
        assert found.path == path


def installed() -> list[Distribution]:
    """Installed packages that declare an SPDX expression of one licence and carry licence files."""
    chosen = {}
    for package in distributions():
        declared = package.metadata.json.get("license_expression", "")
        assert isinstance(declared, str)
        if declared and len(leaves(declared)) == 1 and package.files:
            chosen[package.name] = package
    return [chosen[name] for name in sorted(chosen)]


def test_texts_agree_with_what_installed_packages_declare() -> None:
    agree, differ = 0, {}
    for package in installed():
        findings: list[LicenceFinding] = []
        for file in package.files or []:
            inside = str(file).partition(".dist-info/")[2].removeprefix("licenses/")
            if is_licence_path(inside):
                text = Path(file.locate()).read_text(encoding="utf-8", errors="replace")
                findings.extend(filter(None, [detect(inside, text)]))
        if not findings:
            continue
        declared = leaves(package.metadata["License-Expression"])
        found = conclude(findings).expression or ""
        if set(declared) <= set(leaves(found)):
            agree += 1
        else:
            differ[package.name] = (declared, found)
    # What differs must be a text that was not recognised, never another licence in its place.
    assert agree >= 20
    assert all(
        UNKNOWN in found or "Python-2.0" in found or len(leaves(found)) > 3
        for _, found in differ.values()
    ), differ
