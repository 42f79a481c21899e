"""How much a documentation says before it lists parameters."""

import pytest

from udfs.structure.docstring_to_body import prose_words


@pytest.mark.parametrize(
    ("documentation", "words"),
    [
        ("Add two numbers.\n\nArgs:\n    a: the first one of them.", 3),
        ("Add.\n@param a the first one", 1),
        ("Add.\n:param a: the first one", 1),
        ("Add two\nnumbers.\n\n# Examples\n```\nadd(1, 2)\n```", 3),
        ("Add two.\n\nParameters\n----------\na : int", 2),
        ("", 0),
    ],
)
def test_words_count_up_to_the_first_tag(documentation: str, words: int) -> None:
    assert prose_words(documentation) == words
