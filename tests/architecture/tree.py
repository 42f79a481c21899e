"""The source tree as the architecture tests see it: paths and syntax, never imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules(*folders: str) -> list[Path]:
    """Python files under folders of the repository, sorted; an `__init__` only if it holds code."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if path.name != "__init__.py" or path.read_text().strip()]


def name_of(path: Path) -> str:
    """Path of a file in the repository, with `/`."""
    return path.relative_to(ROOT).as_posix()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every syntax node of a file."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


def attributes(path: Path) -> Iterator[tuple[str, int]]:
    """Names that follow a dot, and their lines."""
    for node in nodes(path):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno


def strings(path: Path) -> Iterator[tuple[str, int]]:
    """String constants, parts of f-strings and docstrings among them, and their lines."""
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules and names that a file imports, dotted, and their lines."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
