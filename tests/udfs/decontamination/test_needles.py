"""A problem is taken apart into its words and the tokens of its solution."""

from __future__ import annotations

from dataclasses import replace

from tests.udfs.decontamination.problems import FENCE, GAP, GAP_IN_GO
from udfs.decontamination.needles import description_of, take_apart
from udfs.decontamination.words import read_words


def test_a_description_is_the_docstring_the_comments_or_the_sentence() -> None:
    assert description_of(GAP.prompt, "python").split()[1:4] == ["Return", "the", "widest"]
    assert description_of(GAP_IN_GO.prompt, "go").startswith("// Return the widest")
    assert "WidestGap(heights" not in description_of(GAP_IN_GO.prompt, "go")
    assert description_of(FENCE.prompt, "python") == FENCE.prompt
    assert description_of(GAP.prompt, "cobol") == GAP.prompt


def test_of_several_comments_the_longest_describes() -> None:
    prompt = f"# helper\ndef half(x):\n    return x / 2\n\n\n{GAP.prompt}"
    assert description_of(prompt, "python") == description_of(GAP.prompt, "python")


def test_prose_ends_where_examples_begin() -> None:
    parts = take_apart(GAP)
    said = read_words(
        "Return the widest distance between two neighbours in a list of heights, or zero when the "
        "list has fewer than two of them."
    )
    assert parts.prose.tolist() == said.hashes.tolist()
    assert len(parts.description.hashes) == len(said.hashes) + 5


def test_the_solution_stands_behind_the_head_that_its_prompt_gives() -> None:
    parts = take_apart(GAP)
    assert parts.code is not None and parts.body == 6  # def widest_gap ( heights ) :
    alone = take_apart(FENCE)
    assert alone.code is not None and alone.body == 0
    assert take_apart(replace(GAP, solution=None)).code is None
    assert take_apart(replace(GAP, language="cobol")).code is None
