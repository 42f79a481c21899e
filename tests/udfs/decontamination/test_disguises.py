"""Each disguise changes what it says, and nothing else."""

from __future__ import annotations

import pytest

from tests.udfs.decontamination.problems import GAP, GAP_IN_GO
from udfs.ast import code_tokens, structure_tokens
from udfs.decontamination.disguises import (
    commented,
    reformatted,
    renamed,
    rewritten,
    undocumented,
)
from udfs.decontamination.model import Problem

each = pytest.mark.parametrize("problem", [GAP, GAP_IN_GO], ids=["python", "go"])


def code_of(problem: Problem) -> tuple[str, str]:
    return problem.prompt + (problem.solution or ""), problem.language or ""


@each
def test_layout_and_comments_leave_the_tokens(problem: Problem) -> None:
    code, language = code_of(problem)
    bare = undocumented(code, language)
    assert "Return the widest" in code and "Return the widest" not in bare
    tokens = code_tokens(bare, language)
    assert tokens == code_tokens(reformatted(bare), language)
    assert tokens == code_tokens(commented(code, language), language)
    assert "step 3" in commented(code, language)


@each
def test_renaming_leaves_the_structure_and_what_is_only_called(problem: Problem) -> None:
    code, language = code_of(problem)
    other = renamed(code, language)
    assert structure_tokens(other, language) == structure_tokens(
        undocumented(code, language), language
    )
    assert "heights" not in other and "widest" not in other
    assert ("zip(" in other) == (language == "python")


@each
def test_rewriting_leaves_neither(problem: Problem) -> None:
    code, language = code_of(problem)
    other = rewritten(code, language)
    assert len(other.split("\n")) > len(renamed(code, language).split("\n")) + 3
    assert structure_tokens(other, language) != structure_tokens(renamed(code, language), language)
