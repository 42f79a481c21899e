"""What of a problem is looked for: the words of its prompt, and the tokens of its solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import re2
from numpy.typing import NDArray
from tree_sitter import Node

from udfs.ast.grammars import SUPPORTED
from udfs.ast.parsing import Group, Parsed, in_source_order, parse, to_bytes
from udfs.decontamination.code import LIMITS, Code, read_code
from udfs.decontamination.model import Problem
from udfs.decontamination.segments import read_segments
from udfs.decontamination.words import Words, read_words

# Where the prose of a prompt gives way to examples, which copies leave out or change.
_EXAMPLES: Final = re2.compile(r"(?im)>>>|^\W*(?:for )?examples?\b|^\W*sample (?:in|out)put\b")


@dataclass(frozen=True, slots=True)
class Parts:
    """A problem, taken apart.

    Attributes:
        prose: hashes of the words of the description, up to its examples.
        description: all its words.
        solution: hashes of the words of the solution.
        code: tokens of the solution, with the head that the prompt gives it; None without a tree.
        body: where the solution itself begins among them.
    """

    prose: NDArray[np.uint64]
    description: Words
    solution: NDArray[np.uint64]
    code: Code | None
    body: int


def description_of(prompt: str, language: str | None) -> str:
    """What a prompt says in words: the comment or docstring of one that is code, else its prose."""
    said = said_by_code(prompt, language)
    if said is not None:
        return said
    return max((piece.text for piece in read_segments(prompt, None)), key=len, default=prompt)


def said_by_code(prompt: str, language: str | None) -> str | None:
    """The longest comment or docstring of a prompt that is code; None for one that is prose."""
    if language not in SUPPORTED:
        return None
    parsed = parse(to_bytes(prompt), language, LIMITS)
    if isinstance(parsed, str):
        return None
    said = max(_said_in_code(parsed), key=len, default="")
    # A sentence that a grammar takes for code has no comments, or only what looks like some.
    return said if 2 * len(said) > len(prompt) or _is_code(parsed) else None


def docstrings(parsed: Parsed) -> list[Node]:
    """Statements that are nothing but a string."""
    found = parsed.find(Group("docs", parsed.grammar.docstrings))["docs"]
    return [
        node
        for node in found
        if (held := node.child(0)) is not None and held.type == "string" and node.child_count == 1
    ]


def _said_in_code(parsed: Parsed) -> list[str]:
    """Docstrings and comments; those with nothing between them are one."""
    comments = parsed.find(Group("comments", parsed.grammar.comments))["comments"]
    said: list[tuple[int, int]] = []
    for node in in_source_order([*comments, *docstrings(parsed)]):
        start, end = node.start_byte, node.end_byte
        if said and not parsed.source[said[-1][1] : start].strip():
            start = said.pop()[0]
        said.append((start, end))
    return [parsed.source[start:end].decode("utf-8", "replace") for start, end in said]


def _is_code(parsed: Parsed) -> bool:
    definitions = {*parsed.grammar.functions, *parsed.grammar.closures}
    return bool(parsed.find(Group("functions", frozenset(definitions)))["functions"])


def take_apart(problem: Problem) -> Parts:
    """What is looked for of a problem."""
    description = description_of(problem.prompt, problem.language)
    examples = _EXAMPLES.search(description)
    prose = description[: examples.start()] if examples else description
    solution = problem.solution or ""
    code, body = _code(problem.prompt, solution, problem.language)
    return Parts(
        read_words(prose).hashes,
        read_words(description),
        read_words(solution).hashes,
        code,
        body,
    )


def _code(prompt: str, solution: str, language: str | None) -> tuple[Code | None, int]:
    """The tokens of a solution with the head that its prompt gives it, and where it begins."""
    if language not in SUPPORTED or not solution.strip():
        return None, 0
    whole = parse(to_bytes(prompt + solution), language, LIMITS)
    if isinstance(whole, str) or whole.root.has_error:
        return read_code(solution, language), 0
    code = read_code(prompt + solution, language)
    if code is None:
        return None, 0
    return code, int(np.searchsorted(code.starts, len(to_bytes(prompt))))
