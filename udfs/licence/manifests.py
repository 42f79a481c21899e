"""The licence that a package's own metadata declares, one reader per kind of manifest."""

from __future__ import annotations

import json
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import re2

from udfs.licence.expressions import join, read_declared
from udfs.licence.names import PROPRIETARY, UNKNOWN, UNVERSIONED, words
from udfs.licence.texts import match_text

MAX_MANIFEST_CHARS: Final = 400_000
"""Longer manifests are not read: no package describes itself at such length."""

_CLASSIFIER: Final = "License :: "
_CLASSIFIERS: Final = {
    "Apache Software License": UNVERSIONED + "Apache",
    "BSD License": UNVERSIONED + "BSD",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "University of Illinois/NCSA Open Source License": "NCSA",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "zlib/libpng License": "Zlib",
    "Other/Proprietary License": PROPRIETARY,
}
_QUOTED: Final = re2.compile(r"""["']([^"'\r\n]{1,200})["']""")
_GEMSPEC: Final = re2.compile(r"(?m)^[^#\r\n]{0,80}\.licen[cs]es?\s*=\s*([^\r\n]{1,300})")
_SETUP_PY: Final = re2.compile(r"""(?m)^[^#\r\n]{0,80}\blicense\s*=\s*["']([^"'\r\n]{1,200})["']""")
_PY_CLASSIFIER: Final = re2.compile(r"""["'](License :: [^"'\r\n]{1,200})["']""")
_INI_KEY: Final = re2.compile(r"^([A-Za-z_-]{1,40})[ \t]*[=:][ \t]*(.*)$")


def declared_licence(path: str, text: str) -> tuple[str, str] | None:
    """The SPDX expression that the manifest at `path` declares, with the words that say so.

    Knows package.json, pyproject.toml, setup.cfg, setup.py, Cargo.toml, pom.xml, composer.json
    and *.gemspec. None where the path is no manifest, the manifest does not parse, or it
    declares nothing.
    """
    reader = _reader(path)
    if reader is None or len(text) > MAX_MANIFEST_CHARS:
        return None
    try:
        return reader(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError, ET.ParseError):
        return None


def is_manifest(path: str) -> bool:
    """Whether `declared_licence` knows this kind of file."""
    return _reader(path) is not None


def _reader(path: str) -> Callable[[str], tuple[str, str] | None] | None:
    name = path.rsplit("/", 1)[-1]
    return _gemspec if name.endswith(".gemspec") else _READERS.get(name)


def _of(operator: str, declarations: Iterable[object]) -> tuple[str, str] | None:
    raw = [" ".join(item.split()) for item in declarations if isinstance(item, str)]
    read = [expression for item in raw if (expression := read_declared(item)) is not None]
    return (join(operator, read), ", ".join(raw)[:200]) if read else None


def _table(parent: object, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        parent = parent.get(key) if isinstance(parent, dict) else None
    return parent if isinstance(parent, dict) else {}


def _classified(classifiers: object) -> tuple[str, str] | None:
    """By https://pypi.org/classifiers/; several are joined by AND, for they don't say which."""
    if not isinstance(classifiers, list):
        return None
    found, raw = [], []
    for item in classifiers:
        if isinstance(item, str) and item.startswith(_CLASSIFIER):
            name = item.rsplit(" :: ", 1)[-1].strip()
            expression = _CLASSIFIERS.get(name) or read_declared(name)
            if expression is not None and name != "OSI Approved":
                found.append(expression)
                raw.append(item)
    return (join("AND", found), ", ".join(raw)[:200]) if found else None


def _npm(text: str) -> tuple[str, str] | None:
    """`license`, and the deprecated object and `licenses` list, which was a choice.

    Source: https://docs.npmjs.com/cli/configuring-npm/package-json#license
    """
    manifest = json.loads(text)
    if not isinstance(manifest, dict):
        return None
    listed = manifest.get("license") or manifest.get("licenses") or manifest.get("licence")
    listed = listed if isinstance(listed, list) else [listed]
    return _of("OR", [item.get("type") if isinstance(item, dict) else item for item in listed])


def _composer(text: str) -> tuple[str, str] | None:
    """A list is a choice (https://getcomposer.org/doc/04-schema.md#license)."""
    manifest = json.loads(text)
    listed = manifest.get("license") if isinstance(manifest, dict) else None
    return _of("OR", listed if isinstance(listed, list) else [listed])


def _pyproject(text: str) -> tuple[str, str] | None:
    """PEP 639 expression, PEP 621 table, Poetry's key, and else the classifiers."""
    manifest = tomllib.loads(text)
    project, poetry = _table(manifest, "project"), _table(manifest, "tool", "poetry")
    licence = project.get("license", poetry.get("license"))
    if isinstance(licence, dict):
        licence = licence.get("text")
    classifiers = project.get("classifiers", poetry.get("classifiers"))
    return _python(licence, classifiers)


def _python(licence: object, classifiers: object) -> tuple[str, str] | None:
    """The licence field where it names one, else the classifiers; a whole text is matched."""
    if isinstance(licence, str) and len(words(licence)) > 60:
        matched = match_text(licence)
        declared = None if matched is None else (matched.expression, matched.evidence)
    else:
        declared = _of("AND", [licence])
    if declared is None or declared[0] == UNKNOWN or declared[0].startswith(UNVERSIONED):
        return _classified(classifiers) or declared
    return declared


def _setup_cfg(text: str) -> tuple[str, str] | None:
    fields: dict[str, list[str]] = {}
    section = key = ""
    for line in text.splitlines():
        if line.startswith("["):
            section, key = line.strip("[] \t"), ""
        elif section != "metadata" or not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        elif line[0] in " \t":
            fields.setdefault(key, []).append(line.strip())
        elif (found := _INI_KEY.match(line)) is not None:
            key = found.group(1).lower().replace("-", "_")
            fields.setdefault(key, []).append(found.group(2).strip())
    licence = " ".join(fields.get("license_expression", fields.get("license", []))) or None
    return _python(licence, fields.get("classifiers", fields.get("classifier")))


def _setup_py(text: str) -> tuple[str, str] | None:
    found = _SETUP_PY.search(text)
    return _python(None if found is None else found.group(1), _PY_CLASSIFIER.findall(text))


def _cargo(text: str) -> tuple[str, str] | None:
    """SPDX 2.3, with `/` as the old spelling of OR (Cargo reference, "The Manifest Format")."""
    manifest = tomllib.loads(text)
    own = _table(manifest, "package").get("license")
    shared = _table(manifest, "workspace", "package").get("license")
    return _of("AND", [own]) or _of("AND", [shared])


def _pom(text: str) -> tuple[str, str] | None:
    """Several licences are a choice (https://maven.apache.org/pom.html#Licenses)."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    listed = []
    for child in ET.fromstring(text):
        if _local(child) == "licenses":
            for licence in child:
                fields = {_local(field): field.text or "" for field in licence}
                listed.append(fields.get("name") or fields.get("url"))
    return _of("OR", listed)


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _gemspec(text: str) -> tuple[str, str] | None:
    found = _GEMSPEC.search(text)
    return None if found is None else _of("AND", _QUOTED.findall(found.group(1)))


_READERS: Final[Mapping[str, Callable[[str], tuple[str, str] | None]]] = {
    "Cargo.toml": _cargo,
    "composer.json": _composer,
    "package.json": _npm,
    "pom.xml": _pom,
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
