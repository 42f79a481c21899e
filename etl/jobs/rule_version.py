"""The version of a rule: a hash of the code that it runs and the config that it reads."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from pydantic import BaseModel

_OURS = ("etl", "udfs")


@cache
def _file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def _imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(name for name in found if name.split(".")[0] in _OURS)


@cache
def code_digest(module: str) -> str:
    """SHA-256 over the sources of a module and of all our modules that it imports, directly or not.

    Weights in a JSON file of the same name belong to a module. A change of scoring code thus
    re-derives scores and what follows from them, not bronze.
    """
    pending, seen = [module], dict[str, Path]()
    while pending:
        name = pending.pop()
        path = _file_of(name)
        if name in seen or path is None:
            continue
        seen[name] = path
        pending.extend(_imports(path))
    total = hashlib.sha256()
    for name in sorted(seen):
        total.update(f"{name}\0".encode())
        total.update(seen[name].read_bytes())
        learned = seen[name].with_suffix(".json")  # what stands beside a module is part of it
        if learned.is_file():
            total.update(learned.read_bytes())
    return total.hexdigest()


def rule_version(modules: tuple[str, ...], params: BaseModel | None) -> str:
    """Version of the rule that `modules` hold, under `params`: 32 hexadecimal digits."""
    values = params.model_dump_json() if params is not None else ""
    text = "\0".join([*(code_digest(module) for module in modules), values])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
