"""A hole is some whole statements that use what other files define, with others around them."""

from tests.udfs.structure.repository import WORDS, file
from udfs.pairs import Rejection
from udfs.structure import Repository, StructureLimits
from udfs.structure.fill_in_middle import fill_in_middle
from udfs.structure.model import Material

BODY = """from words import plain_word


def read(lines, plain):
    found = []
    # A word of each line.
    for line in lines:
        word = plain_word(line)
        if word:
            found.append(word)
    # In order.
    found.sort()
    return found
"""


def holes(text: str) -> list[Material | Rejection]:
    held = Repository([file("words.py", WORDS), file("read.py", text)])
    return [x.found for x in fill_in_middle(held, StructureLimits()) if "read.py" in x.key]


def test_the_middle_has_whole_statements_and_their_comments() -> None:
    (found,) = holes(BODY)
    assert isinstance(found, Material)
    assert found.hole.answer.startswith("    # A word of each line.\n    for line in lines:\n")
    assert found.hole.answer.endswith(("append(word)\n", "found.sort()\n"))
    (shown,) = found.shown
    assert (shown.file.path, shown.what) == ("words.py", "declares `plain_word`")
    assert "such as `plain_word`" in found.asked


def test_a_parameter_is_no_import() -> None:
    text = BODY.replace("(lines, plain)", "(lines, plain_word)")
    assert holes(text) == [Rejection("no_middle")]


def test_a_file_that_uses_nothing_of_others_is_left_out() -> None:
    assert holes(BODY.replace("plain_word(line)", "line.strip()")) == [
        Rejection("nothing_in_reach")
    ]
