"""How complex a text's code is: figures for a quality score."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from udfs.ast.functions import count_branches
from udfs.ast.outline import Owners, read_outline
from udfs.ast.parsing import (
    DEFAULT_LIMITS,
    Group,
    Limits,
    Parsed,
    in_source_order,
    parse,
    to_bytes,
)


@dataclass(frozen=True)
class Health:
    """Figures of one text.

    Attributes:
        parses: there is a tree within the limits and it has no errors.
        functions: number of functions with a body.
        mean_complexity: McCabe's measure over the functions, 0.0 when there are none.
        max_complexity: the highest, 0 when there are none.
        max_nesting: the most control structures within one another; `else if` adds no level.
        error: why there is no tree (one of `parsing.REASONS`), else None.
    """

    parses: bool
    functions: int = 0
    mean_complexity: float = 0.0
    max_complexity: int = 0
    max_nesting: int = 0
    error: str | None = None


def health(text: str, language: str, limits: Limits = DEFAULT_LIMITS) -> Health:
    """Return the figures of a text."""
    parsed = parse(to_bytes(text), language, limits)
    if isinstance(parsed, str):
        return Health(parses=False, error=parsed)
    outline = read_outline(parsed, with_measures=True)
    functions = outline.functions
    owners = Owners((item.core, item.end) for item in functions)
    complexities = count_branches(parsed, outline.branches, owners, len(functions))
    return Health(
        parses=not parsed.root.has_error,
        functions=len(functions),
        mean_complexity=sum(complexities) / len(complexities) if complexities else 0.0,
        max_complexity=max(complexities, default=0),
        max_nesting=_max_nesting(parsed),
    )


def _max_nesting(parsed: Parsed) -> int:
    nested = parsed.find(Group("nested", parsed.grammar.nesting))["nested"]
    deepest = level = 0
    stack: list[tuple[int, int]] = []
    for node in in_source_order(nested):
        while stack and stack[-1][0] <= node.start_byte:
            level -= stack.pop()[1]
        step = 0 if _continues_else(parsed, node) else 1
        stack.append((node.end_byte, step))
        level += step
        deepest = max(deepest, level)
    return deepest


def _continues_else(parsed: Parsed, node: Node) -> bool:
    before = parsed.source[max(0, node.start_byte - 40) : node.start_byte].rstrip()
    return node.type.startswith("if_") and before.endswith(b"else")
