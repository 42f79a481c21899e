"""Which language a file is written in, by name, extension, shebang and, for the ambiguous, text."""

from collections.abc import Mapping
from types import MappingProxyType

import re2

# Names follow github-linguist's `languages.yml`, lower-cased and without spaces; only the
# extensions that occur in practice are listed, and an unknown one yields None, never a guess.
_EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        extension: language
        for language, extensions in {
            "python": "py pyi pyw pyx",
            "javascript": "js jsx mjs cjs es6",
            "typescript": "ts mts cts",
            "tsx": "tsx",
            "java": "java",
            "go": "go",
            "rust": "rs",
            "c": "c h",
            "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp tpp inl cu cuh",
            "csharp": "cs csx",
            "ruby": "rb rake gemspec ru",
            "php": "php phtml php5",
            "kotlin": "kt kts",
            "swift": "swift",
            "scala": "scala sc sbt",
            "groovy": "groovy gradle",
            "dart": "dart",
            "lua": "lua",
            "perl": "pl pm",
            "r": "r",
            "julia": "jl",
            "haskell": "hs",
            "elixir": "ex exs",
            "erlang": "erl hrl",
            "clojure": "clj cljs cljc",
            "ocaml": "ml mli",
            "fsharp": "fs fsx fsi",
            "objective-c": "m mm",
            "zig": "zig",
            "nim": "nim",
            "shell": "sh bash zsh ksh",
            "fish": "fish",
            "powershell": "ps1 psm1 psd1",
            "batch": "bat cmd",
            "sql": "sql",
            "vue": "vue",
            "svelte": "svelte",
            "astro": "astro",
            "html": "html htm xhtml",
            "css": "css",
            "scss": "scss",
            "sass": "sass",
            "less": "less",
            "graphql": "graphql gql",
            "protobuf": "proto",
            "cmake": "cmake",
            "nix": "nix",
            "hcl": "tf hcl",
            "markdown": "md markdown mdown",
            "mdx": "mdx",
            "rst": "rst",
            "asciidoc": "adoc asciidoc",
            "tex": "tex",
            "text": "txt",
            "json": "json json5 jsonc webmanifest jsonl ndjson",
            "yaml": "yml yaml",
            "toml": "toml",
            "ini": "ini cfg conf properties editorconfig",
            "xml": "xml xsd xsl svg plist csproj",
            "csv": "csv tsv",
            "jupyter": "ipynb",
        }.items()
        for extension in extensions.split()
    }
)

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "makefile": "makefile",
        "gnumakefile": "makefile",
        "dockerfile": "dockerfile",
        "containerfile": "dockerfile",
        "cmakelists.txt": "cmake",
        "gemfile": "ruby",
        "rakefile": "ruby",
        "podfile": "ruby",
        "vagrantfile": "ruby",
        "guardfile": "ruby",
        "jenkinsfile": "groovy",
        "sconstruct": "python",
        "sconscript": "python",
        "pipfile": "toml",
        "cargo.lock": "toml",
        "poetry.lock": "toml",
        "uv.lock": "toml",
        "yarn.lock": "yaml",
        "go.mod": "go-module",
        "go.sum": "go-checksums",
        ".bashrc": "shell",
        ".bash_profile": "shell",
        ".profile": "shell",
        ".zshrc": "shell",
        ".gitignore": "ignore-list",
        ".gitattributes": "ignore-list",
        ".dockerignore": "ignore-list",
        ".npmignore": "ignore-list",
        ".eslintrc": "json",
        ".babelrc": "json",
        ".prettierrc": "json",
    }
)

_INTERPRETERS: tuple[tuple[str, str], ...] = (
    ("python", "python"),
    ("pypy", "python"),
    ("node", "javascript"),
    ("deno", "typescript"),
    ("bun", "typescript"),
    ("tsx", "typescript"),
    ("ts-node", "typescript"),
    ("ruby", "ruby"),
    ("perl", "perl"),
    ("php", "php"),
    ("lua", "lua"),
    ("Rscript", "r"),
    ("fish", "fish"),
    ("pwsh", "powershell"),
    ("bash", "shell"),
    ("dash", "shell"),
    ("zsh", "shell"),
    ("ksh", "shell"),
    ("sh", "shell"),
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SOURCE = _words(
    "python javascript typescript tsx java go rust c cpp csharp ruby php kotlin swift scala "
    "groovy dart lua perl r julia haskell elixir erlang clojure ocaml fsharp objective-c zig "
    "nim shell fish powershell batch sql vue svelte astro html css scss sass less graphql "
    "protobuf"
)
_UI = _words("tsx vue svelte astro html css scss sass less")
_DOCS = _words("markdown mdx rst asciidoc tex text")

# What no C compiler takes, at the start of a line so that prose in comments does not count
# (github-linguist, `heuristics.yml`, the rule for `.h`).
_CPP_EVIDENCE = re2.compile(
    r"(?m)^[ \t]*(?:#[ \t]*include[ \t]*<(?:iostream|string|vector|map|memory|cstdint|cstddef"
    r"|utility"
    r"|algorithm|functional|type_traits|optional)>|template[ \t]*<|namespace[ \t\w:]*\{"
    r"|using[ \t]+(?:namespace[ \t]+\w|\w+[ \t]*=)|class[ \t]+\w+[^;]*$|(?:public|private"
    r"|protected)[ \t]*:"
    r"|constexpr[ \t]|virtual[ \t]|static_assert\()|\bstd::\w|\bnullptr\b"
    r"|\boperator[ \t]*[=<>+\-*/!]"
)
_SNIFF_CHARS = 65_536


def detect_language(path: str, text: str | None = None) -> str | None:
    """Name the language of a file.

    Args:
        path: Path in the repository, with forward slashes.
        text: The file's text, where it is at hand: it decides `.h` (C or C++), `.ts` files that
            are Qt translations, and files without an extension (by shebang).

    Returns:
        A lower-case name as in github-linguist ("python", "tsx", "cpp"), or None if unknown.

    """
    name = path.rsplit("/", 1)[-1].lower()
    named = _NAMES.get(name)
    if named is not None:
        return named
    if name.startswith("dockerfile."):
        return "dockerfile"
    stem, dot, extension = name.rpartition(".")
    if dot and (stem or extension in _EXTENSIONS):
        language = _EXTENSIONS.get(extension)
        if language == "c" and extension == "h" and text is not None:
            return "cpp" if _CPP_EVIDENCE.search(text[:_SNIFF_CHARS]) else "c"
        if (
            language == "typescript"
            and text is not None
            and text[:256].lstrip().startswith("<?xml")
        ):
            return "xml"
        if language is not None:
            return language
    return _by_shebang(text) if text is not None else None


def _by_shebang(text: str) -> str | None:
    if not text.startswith("#!"):
        return None
    words = text[2:258].split("\n", 1)[0].replace("\t", " ").split()
    if words and words[0].rsplit("/", 1)[-1] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words:
        return None
    interpreter = words[0].rsplit("/", 1)[-1]
    for prefix, language in _INTERPRETERS:
        rest = interpreter.removeprefix(prefix)
        if rest != interpreter and not rest.strip(".0123456789"):
            return language
    return None


def is_source(language: str | None) -> bool:
    """Whether a change in this language can be the answer of a pair (code, not data or prose)."""
    return language in _SOURCE


def is_ui(language: str | None) -> bool:
    """Whether the language itself describes a user interface."""
    return language in _UI


def is_docs(language: str | None) -> bool:
    """Whether the language is prose markup."""
    return language in _DOCS
