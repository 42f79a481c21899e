"""A file stands under its own head and the nearest licence file above it."""

from __future__ import annotations

import pytest

from tests.repositories import MIT
from udfs.licence import LicenceFinding, Terms, detect, file_licence, joint_licence, terms_of

GPL_HEAD = "# SPDX-License-Identifier: GPL-2.0-only\n\nprint()\n"
APACHE_HEAD = '// Licensed under the Apache License, Version 2.0 (the "License");\nint x;\n'


def _text(path: str, expression: str) -> LicenceFinding:
    return LicenceFinding(expression, "text", path, 1.0, "")


def test_folders_are_named_where_their_licence_differs_from_what_is_around() -> None:
    terms = terms_of(
        [
            _text("LICENSE", "MIT"),
            _text("packages/a/LICENSE", "MIT"),
            _text("lib/COPYING", "GPL-3.0-only"),
            _text("lib/mine/LICENSE", "MIT"),
            _text("lib/mine/deep/LICENSE", "MIT"),
            LicenceFinding("Apache-2.0", "metadata", "packages/a/package.json", 1.0, ""),
        ]
    )
    assert terms == Terms("MIT", (("lib", "GPL-3.0-only"), ("lib/mine", "MIT")))


def test_a_page_about_licences_is_none() -> None:
    page = LicenceFinding("LicenseRef-unknown", "text", "docs/license.md", 0.0, "")
    odd = LicenceFinding("LicenseRef-unknown", "text", "ext/LICENSE", 0.0, "")
    found = terms_of([_text("LICENSE", "MIT"), page, odd])
    assert found == Terms("MIT", (("ext", "LicenseRef-unknown"),))


def test_what_a_package_bundles_is_not_what_its_folder_is_under() -> None:
    bundled = f"{MIT}\n# Licenses of bundled dependencies\n\nGNU General Public License v3.0\n"
    found = detect("packages/a/LICENSE.md", bundled)
    assert found is not None
    assert found.expression == "MIT"
    whole = detect("LICENSE.md", bundled)
    assert whole is not None
    assert whole.expression == "MIT AND GPL-3.0-only"


def test_nothing_said_is_nothing_concluded() -> None:
    assert terms_of([]) == Terms(None, ())
    assert terms_of([_text("a/LICENSE", "MIT")]) == Terms(None, (("a", "MIT"),))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "print()\n", "MIT"),
        ("lib/a.py", "print()\n", "GPL-3.0-only"),
        ("lib/x/a.py", "print()\n", "GPL-3.0-only"),
        ("lib/mine/a.py", "print()\n", "Apache-2.0"),
        ("library/a.py", "print()\n", "MIT"),
        ("a.py", GPL_HEAD, "MIT AND GPL-2.0-only"),
        ("a.cc", APACHE_HEAD, "MIT AND Apache-2.0"),
        ("lib/mine/a.cc", APACHE_HEAD, "Apache-2.0"),
        ("a.py", "# SPDX-License-Identifier: MIT\n", "MIT"),
        ("a.py", "# SPDX-License-Identifier: GPL-2.0-only OR MIT\n", "MIT"),
        ("a.py", "# SPDX-License-Identifier: Our-Own-Terms\n", "MIT AND LicenseRef-unknown"),
        ("a.py", "# Under the hood this is subject to change.\n", "MIT"),
        ("a.py", f"'''{MIT}'''\n", "MIT"),
    ],
)
def test_the_licence_of_a_file(path: str, text: str, expected: str) -> None:
    folders = [("lib", "GPL-3.0-only"), ("lib/mine", "Apache-2.0")]
    assert file_licence(path, [text], "MIT", folders) == expected


def test_a_family_without_version_is_that_of_the_project() -> None:
    head = "# Distributed under the terms of the BSD License, see LICENSE.\n"
    assert file_licence("a.py", [head], "BSD-3-Clause", []) == "BSD-3-Clause"


def test_both_sides_of_a_change_count() -> None:
    assert file_licence("a.py", [GPL_HEAD, "print()\n"], "MIT", []) == "MIT AND GPL-2.0-only"


def test_files_together_ask_for_all_that_each_of_them_does() -> None:
    assert joint_licence(["MIT"]) == "MIT"
    assert joint_licence(["MIT", "Apache-2.0", "MIT"]) == "Apache-2.0 AND MIT"
    assert joint_licence(["MIT", "MIT OR Apache-2.0"]) == "MIT"
