"""What is looked for and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

SUBSTRING: Final = "substring"
WORDS: Final = "words"
TOKENS: Final = "tokens"
STRUCTURE: Final = "structure"
LEVELS: Final = (SUBSTRING, WORDS, TOKENS, STRUCTURE)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a benchmark, by the columns of bronze.benchmarks."""

    benchmark: str
    problem_id: str
    prompt: str
    solution: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Spec:
    """How much of a problem must be found; see `DecontaminationParams` for each field."""

    word_ngram: int
    token_ngram: int
    structure_ngram: int
    least_prompt_words: int
    least_solution_words: int
    least_grams: int
    token_share: float
    structure_share: float
    most_problems: int


class Hit(NamedTuple):
    """A problem in a field of a pair.

    Attributes:
        benchmark: whose problem.
        problem_id: which one.
        level: one of `LEVELS`.
        field: name of the field.
        start: first character, from 0.
        end: one past the last.
        share: of what the level looks for, how much all fields hold together, 0 to 1.
        evidence: the beginning of what was found.
    """

    benchmark: str
    problem_id: str
    level: str
    field: str
    start: int
    end: int
    share: float
    evidence: str
