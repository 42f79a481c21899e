import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from udfs.licence.expressions import parse
from udfs.licence.manifests import MAX_MANIFEST_CHARS, declared_licence, is_manifest
from udfs.licence.names import PROPRIETARY, UNKNOWN, UNVERSIONED

POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <!-- <licenses><license><name>MIT</name></license></licenses> -->
  <dependencies><dependency><name>GPL-3.0-only</name></dependency></dependencies>
  <licenses>
    <license><name>Apache License, Version 2.0</name><url>https://www.apache.org/</url></license>
    <license><name>GNU General Public License v2</name></license>
  </licenses>
</project>
"""
SETUP_CFG = """[metadata]
name = x
license = MIT
license_files = LICENSE
classifiers =
    Programming Language :: Python
    License :: OSI Approved :: BSD License

[options]
license = GPL
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("package.json", '{"license": "MIT"}', "MIT"),
        ("package.json", '{"license": "(MIT OR Apache-2.0)"}', "MIT OR Apache-2.0"),
        ("package.json", '{"license": {"type": "ISC", "url": "https://x"}}', "ISC"),
        (
            "package.json",
            '{"licenses": [{"type": "MIT"}, {"type": "GPL-2.0"}]}',
            "MIT OR GPL-2.0-only",
        ),
        ("package.json", '{"license": "UNLICENSED", "private": true}', PROPRIETARY),
        ("package.json", '{"license": "SEE LICENSE IN LICENSE.md"}', UNKNOWN),
        ("package.json", '\ufeff{"license": "MIT"}', "MIT"),
        ("package.json", '{"name": "x"}', None),
        ("package.json", '["MIT"]', None),
        ("package.json", '{"license": 3}', None),
        ("pyproject.toml", '[project]\nlicense = "MIT OR Apache-2.0"', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "BSD-3-Clause"}', "BSD-3-Clause"),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}', None),
        (
            "pyproject.toml",
            '[project]\nlicense = {text = "BSD"}\n'
            'classifiers = ["License :: OSI Approved :: MIT License"]',
            "MIT",
        ),
        (
            "pyproject.toml",
            '[project]\nclassifiers = ["License :: OSI Approved", '
            '"License :: OSI Approved :: Apache Software License"]',
            UNVERSIONED + "Apache",
        ),
        ("pyproject.toml", '[tool.poetry]\nlicense = "MIT"', "MIT"),
        ("pyproject.toml", "[build-system]\nrequires = []", None),
        ("setup.cfg", SETUP_CFG, "MIT"),
        ("setup.cfg", SETUP_CFG.replace("license = MIT", "license = BSD"), UNVERSIONED + "BSD"),
        ("setup.py", 'setup(\n    name="x",\n    license="Apache 2.0",\n)', "Apache-2.0"),
        ("setup.py", 'C = ["License :: OSI Approved :: ISC License (ISCL)"]', "ISC"),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"', "MIT OR Apache-2.0"),
        (
            "Cargo.toml",
            '[package]\nlicense = {workspace = true}\n[workspace.package]\nlicense = "MIT"',
            "MIT",
        ),
        ("pom.xml", POM, "Apache-2.0 OR GPL-2.0-only"),
        ("pom.xml", '<!DOCTYPE x [<!ENTITY a "b">]>' + POM, None),
        ("composer.json", '{"license": ["MIT", "GPL-3.0-or-later"]}', "MIT OR GPL-3.0-or-later"),
        ("x.gemspec", 'Gem::Specification.new do |s|\n  s.license = "MIT"\nend', "MIT"),
        ("x.gemspec", "  s.licenses = ['MIT', 'Ruby']\n", "MIT AND Ruby"),
        ("crates/cli/Cargo.toml", '[package]\nlicense = "MIT"', "MIT"),
        ("README.md", "MIT", None),
    ],
)
def test_each_kind_of_manifest_is_read(path: str, text: str, expected: str | None) -> None:
    found = declared_licence(path, text)
    assert (None if found is None else found[0]) == expected


def test_a_whole_text_in_the_metadata_is_matched() -> None:
    text = "[project]\nlicense = {text = '''" + dict(LICENSES)["BSD-2-Clause"] + "'''}"
    found = declared_licence("pyproject.toml", text)
    assert found is not None
    assert found[0] == "BSD-2-Clause"


KINDS = [
    "package.json",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "Cargo.toml",
    "pom.xml",
    "a.gemspec",
]


@given(st.sampled_from(KINDS), st.text(max_size=400))
def test_broken_manifests_declare_nothing_or_something_valid(path: str, text: str) -> None:
    assert is_manifest(path)
    found = declared_licence(path, text)
    assert found is None or parse(found[0]) is not None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", "[" * 200_000),
        ("pyproject.toml", "a = " + "[" * 100_000),
        ("pom.xml", "<a>" * 100_000),
        ("setup.cfg", "[metadata]\nlicense" + " " * 300_000),
        ("setup.py", "license=" * 40_000),
        ("package.json", json.dumps({"license": "MIT", "x": "y" * MAX_MANIFEST_CHARS})),
    ],
)
def test_hostile_manifests_declare_nothing(path: str, text: str) -> None:
    assert declared_licence(path, text) is None
