"""Bug-fix pairs from planted bugs: a documented function, one small bug, the observed failure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from etl.synthesis.doctest_examples import Failure, parse_examples
from udfs.diffs import make_patch, split_lines
from udfs.mutate import documented_functions, function_lines, mutants, operator_weights

_WORDINGS = (
    ("`{name}` in `{path}` does not do what its documentation says.", "Find the bug and fix it."),
    ("There is a bug in `{name}` (`{path}`).", "Correct the function."),
    ("Please fix `{name}` in `{path}`: it fails its own documentation.", ""),
)
_SHOWN_CHARS = 2_000


class InjectBugsParams(BaseModel):
    """How many bugs are planted, and in which texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    mutants_per_function: int = Field(default=3, gt=0)
    functions_per_file: int = Field(default=50, gt=0)
    max_source_chars: int = Field(default=400_000, gt=0)


@dataclass(frozen=True)
class Candidate:
    """One bug planted in one function of a Python file; nothing was run yet."""

    path: str
    function: str
    docstring: str
    operator: str
    description: str
    line: int
    fixed_source: str
    buggy_source: str

    @property
    def candidate_id(self) -> str:
        """SHA-256 of the content: path, function, and both texts."""
        content = [self.path, self.function, self.fixed_source, self.buggy_source]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass(frozen=True)
class Skipped:
    """A file (`function` None) or a function without candidates, and the reason code."""

    path: str
    function: str | None
    reason: str


@dataclass(frozen=True)
class Proposal:
    """What one file gives: each documented function is in one of the two."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class SyntheticPair:
    """A verified bug as a pair; `response` is a unified diff from the buggy to the fixed text."""

    candidate_id: str
    instruction: str
    context: str
    response: str
    operator: str


def propose(
    path: str,
    source: str,
    params: InjectBugsParams,
    patterns: Mapping[str, float] | None = None,
) -> Proposal:
    """Plant bugs in the functions of one Python file that carry doctest examples.

    `patterns` is how often real fixes show each pattern (`silver.bug_patterns`: pattern, fixes);
    bugs are then planted that often. Without it all operators take turns.

    Reasons of what is left out: `source_too_large`, `does_not_parse`, `no_documented_function`,
    `no_examples`, `over_function_limit`, `no_mutant`.
    """
    if len(source) > params.max_source_chars:
        return Proposal((), (Skipped(path, None, "source_too_large"),))
    try:
        functions = documented_functions(source)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return Proposal((), (Skipped(path, None, "does_not_parse"),))
    if not functions:
        return Proposal((), (Skipped(path, None, "no_documented_function"),))
    weights = None if patterns is None else operator_weights(patterns)
    candidates: list[Candidate] = []
    skipped: list[Skipped] = []
    used = 0
    for name, docstring in functions:
        if not parse_examples(docstring):
            skipped.append(Skipped(path, name, "no_examples"))
            continue
        if used == params.functions_per_file:
            skipped.append(Skipped(path, name, "over_function_limit"))
            continue
        used += 1
        found = [
            Candidate(path, name, docstring, m.operator, m.description, m.line, source, m.source)
            for m in mutants(source, name, params.seed, params.mutants_per_function, weights)
        ]
        candidates += found
        if not found:
            skipped.append(Skipped(path, name, "no_mutant"))
    return Proposal(tuple(candidates), tuple(skipped))


def build_pair(
    candidate: Candidate, failures: tuple[Failure, ...], examples: tuple[str, ...]
) -> SyntheticPair:
    """The pair of a verified bug.

    Args:
        candidate: The bug.
        failures: What `verify` observed, at least one.
        examples: Sources of all examples of the function; those before the first failure are
            shown with it, since it may need what they define.
    """
    return SyntheticPair(
        candidate.candidate_id,
        _instruction(candidate, failures, examples),
        _context(candidate),
        make_patch(candidate.path, candidate.buggy_source, candidate.path, candidate.fixed_source),
        candidate.operator,
    )


def _instruction(
    candidate: Candidate, failures: tuple[Failure, ...], examples: tuple[str, ...]
) -> str:
    first = failures[0]
    opening, closing = _WORDINGS[int(candidate.candidate_id[:8], 16) % len(_WORDINGS)]
    parts = [opening.format(name=candidate.function, path=candidate.path)]
    if first.index < 0:
        parts.append(f"Importing the module fails:\n```\n{_shown(first.got)}```")
    else:
        session = "".join(map(_prompted, examples[: first.index + 1]))
        parts.append(f"```pycon\n{session}```")
        parts.append(f"Expected:\n```\n{_shown(first.expected)}```")
        parts.append(f"Got:\n```\n{_shown(first.got)}```")
    others = len(failures) - 1
    more = f"{others} more of its {len(examples)} examples fail too." if others else ""
    parts.append(" ".join(filter(None, (more, closing))))
    return "\n\n".join(filter(None, parts))


def _prompted(source: str) -> str:
    lines = split_lines(source)
    return "".join((">>> " if i == 0 else "... ") + line for i, line in enumerate(lines))


def _shown(text: str) -> str:
    text = text[:_SHOWN_CHARS] or "(nothing)\n"
    return text if text.endswith("\n") else text + "\n"


def _context(candidate: Candidate) -> str:
    """The buggy function, with its place in the file."""
    lines = split_lines(candidate.buggy_source)
    start, end = function_lines(candidate.buggy_source, candidate.function)
    heading = f"### {candidate.path} (lines {start}-{end} of {len(lines)})"
    return f"{heading}\n```python\n{''.join(lines[start - 1 : end]).rstrip()}\n```\n"
