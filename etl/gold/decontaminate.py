"""Find the problems of benchmarks in pairs, so that no model learns what it will be asked.

Four levels, each for another way in which a problem gets into code:

- `substring`: its description or its solution, word for word (Li et al. 2023, StarCoder, which
  drops files with the docstrings or solutions of HumanEval and MBPP);
- `words`: 13 words of its description in a row (Brown et al. 2020, GPT-3, appendix C);
- `tokens`: much of its solution, as runs of 10 tokens (Touvron et al. 2023, Llama 2, appendix A.6,
  counts tokens in runs of more than ten; Grattafiori et al. 2024, Llama 3, the share of them);
- `structure`: much of it as runs of 20 tokens of the syntax tree with all names renamed.

N-grams that several problems of a benchmark share do not count.
"""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame

from udfs.decontamination.hits_udf import FIELDS, HITS_DDL, KEPT, find_hits
from udfs.decontamination.index import ANCHOR, Index
from udfs.decontamination.model import Spec

INPUTS = (*KEPT, "language", *FIELDS)


class CanaryParams(BaseModel):
    """The self-test of every run.

    Attributes:
        problems: of each benchmark, that are planted in every disguise.
        least_found: share of the planted problems that a level must find, of those it claims.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    problems: int = Field(ge=1)
    least_found: float = Field(gt=0, le=1)


class DecontaminationParams(BaseModel):
    """How much of a problem is too much.

    Attributes:
        word_ngram: words in a row.
        token_ngram: tokens in a row.
        structure_ngram: renamed tokens in a row; without names more are needed.
        least_prompt_words: shorter descriptions are not looked for as a whole.
        least_solution_words: shorter solutions are not looked for as a whole.
        least_grams: n-grams that a solution must have to be looked for by them.
        token_share: of the n-grams of a solution, that a pair must hold.
        structure_share: the same, for renamed ones.
        most_problems: n-grams that more problems of a benchmark share do not count.
        canaries: the self-test.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    word_ngram: int = Field(ge=ANCHOR)
    token_ngram: int = Field(ge=4)
    structure_ngram: int = Field(ge=8)
    least_prompt_words: int = Field(ge=ANCHOR)
    least_solution_words: int = Field(ge=ANCHOR)
    least_grams: int = Field(ge=1)
    token_share: float = Field(gt=0, le=1)
    structure_share: float = Field(gt=0, le=1)
    most_problems: int = Field(ge=1)
    canaries: CanaryParams

    def to_spec(self) -> Spec:
        """The same numbers for `udfs.decontamination`."""
        return Spec(**self.model_dump(exclude={"canaries"}))


def decontaminate(pairs: DataFrame, index: Index) -> DataFrame:
    """Find the problems in the instruction, context and response of each pair.

    Args:
        pairs: columns INPUTS.
        index: the problems; it travels with the function.

    Returns:
        Columns of HITS_DDL: a row for each pair, problem, level and field; spans are characters
        from 0, the end exclusive.
    """
    return pairs.select(*INPUTS).mapInArrow(partial(find_hits, index=index), HITS_DDL)
