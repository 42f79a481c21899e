"""Languages by name, extension, shebang and text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.language import detect_language, is_docs, is_source, is_ui


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/app.py", "python"),
        ("types/index.d.ts", "typescript"),
        ("ui/Button.tsx", "tsx"),
        ("ui/Button.jsx", "javascript"),
        ("Main.java", "java"),
        ("lib.RS", "rust"),
        ("Makefile", "makefile"),
        ("docker/Dockerfile.dev", "dockerfile"),
        ("Gemfile", "ruby"),
        ("Page.vue", "vue"),
        ("styles/site.scss", "scss"),
        ("README.md", "markdown"),
        ("package.json", "json"),
        ("noextension", None),
        ("weird.zzz", None),
        ("", None),
    ],
)
def test_names_and_extensions(path: str, language: str | None) -> None:
    assert detect_language(path) == language


@pytest.mark.parametrize(
    ("first_line", "language"),
    [
        ("#!/usr/bin/env python3.11", "python"),
        ("#!/usr/bin/env -S node --harmony", "javascript"),
        ("#!/bin/sh -e", "shell"),
        ("#!/usr/bin/env FOO=1 bash", "shell"),
        ("#!/opt/unknown", None),
        ("#!", None),
    ],
)
def test_a_shebang_speaks_where_the_name_is_silent(first_line: str, language: str | None) -> None:
    assert detect_language("bin/tool", f"{first_line}\nbody\n") == language


def test_a_header_is_c_until_it_shows_cpp() -> None:
    guarded = '#ifdef __cplusplus\nextern "C" {\n#endif\n/* a class of its own */\nint f(void);\n'
    assert detect_language("f.h") == "c"
    assert detect_language("f.h", guarded) == "c"
    assert detect_language("f.h", "#include <vector>\nint f();\n") == "cpp"
    assert detect_language("f.h", "namespace a {\n  class B {};\n}\n") == "cpp"
    assert detect_language("f.h", "template <typename T>\nT id(T t);\n") == "cpp"


def test_a_qt_translation_is_not_typescript() -> None:
    assert detect_language("app_de.ts", '<?xml version="1.0"?><!DOCTYPE TS>') == "xml"


def test_kinds_of_languages() -> None:
    assert is_source("python") and is_source("css") and not is_source("json")
    assert not is_source("markdown") and not is_source(None)
    assert is_ui("tsx") and is_ui("vue") and not is_ui("typescript")
    assert is_docs("rst") and not is_docs("python")


@given(st.text(max_size=40), st.text(max_size=200) | st.none())
def test_any_name_and_text_are_survived(path: str, text: str | None) -> None:
    language = detect_language(path, text)
    assert language is None or language == language.lower()
