"""A pair shows a file without its answer, says what is asked, and hides secrets on both sides."""

from tests.udfs.structure.repository import AMOUNTS, TEXTS, file, repository
from udfs.pairs import Pair, PairLimits, Rejection
from udfs.structure.build import build_pair, fill, gives_away, show_without
from udfs.structure.docstring_to_body import docstring_to_body
from udfs.structure.model import Hole, Material, StructureLimits


def material(**changed: str) -> Material:
    (found,) = [
        item.found
        for item in docstring_to_body(repository(**changed), StructureLimits())
        if item.key.endswith(":parse_amount")
    ]
    assert isinstance(found, Material)
    return found


def test_a_body_is_asked_for_by_its_documentation() -> None:
    pair = build_pair("docstring_to_body", material(), PairLimits())
    assert isinstance(pair, Pair)
    assert pair.instruction.startswith("Write the body of `parse_amount` in `tally/amounts.py`")
    assert "Read an amount such as" in pair.instruction
    assert pair.instruction.endswith("Answer with what stands at `<MISSING>`.")
    assert pair.response in AMOUNTS and pair.response.startswith("    word = plain_word")
    assert '    """\n    <MISSING>\n\n\ndef split_amount' in pair.context


def test_a_value_has_one_placeholder_in_the_answer_and_around_it() -> None:
    mail = "eve.quill@corp-mail.net"
    text = AMOUNTS.replace("is no amount", f"is none, ask {mail}")
    text = text.replace("what was written.", f"as {mail} wrote.")
    pair = build_pair("docstring_to_body", material(amounts=text), PairLimits())
    assert isinstance(pair, Pair)
    assert mail not in f"{pair.instruction}{pair.context}{pair.response}"
    assert "ask <EMAIL_1>" in pair.response and "as <EMAIL_1> wrote" in pair.context
    assert "redacted:email:1" in pair.flags


def test_a_body_that_stands_there_twice_is_no_question() -> None:
    twin = AMOUNTS[AMOUNTS.index("def parse_amount") : AMOUNTS.index("def split_amount")]
    text = AMOUNTS + "\n\n" + twin.replace("def parse_amount", "def parse_again")
    found = build_pair("docstring_to_body", material(amounts=text), PairLimits())
    assert found == Rejection("answer_in_context")
    assert gives_away("a\n  return first_of(values)\n", "return first_of(values)\n")
    assert not gives_away("values\n", "return first_of(values)\nreturn last_of(values)\n")


def test_a_context_has_its_limit() -> None:
    found = build_pair("docstring_to_body", material(), PairLimits(max_context_chars=100))
    assert isinstance(found, Rejection) and found.reason == "context_too_large"


def test_a_hole_is_marked_once_and_filled() -> None:
    words = file("tally/words.py")
    hole = Hole(words, 3, 5, "plain_word", (1, 6))
    shown = show_without(hole, 1, 6)
    assert shown.split("\n")[2:4] == ["    <MISSING>", "    return found"]
    assert fill(shown, hole.answer) == TEXTS["tally/words.py"]
    assert fill("no marker\n", "x\n") == "no marker\n"
