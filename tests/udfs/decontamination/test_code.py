"""Code is its tokens; its structure is what renaming leaves."""

from __future__ import annotations

from udfs.decontamination.code import Code, read_code, structure_grams, token_grams

CODE = "def area(w, h):\n    # of a box\n    return w * h + w\n"


def read(text: str, language: str = "python") -> Code:
    code = read_code(text, language)
    assert code is not None
    return code


def test_comments_layout_and_line_ends_are_no_tokens() -> None:
    other = 'def area(w, h):\r\n\r\n\t"""Says it."""\r\n\treturn w*h + w  # now\r\n'
    assert read(other).hashes.tolist() == read(CODE).hashes.tolist()
    assert token_grams(read(CODE), 99).tolist() == []


def test_renaming_changes_tokens_and_leaves_the_structure() -> None:
    other = CODE.replace("area", "size").replace("w", "x1").replace("h", "x2")
    other = other.replace("x2", "height")
    assert not set(token_grams(read(CODE), 8)) & set(token_grams(read(other), 8))
    assert structure_grams(read(CODE), 8).tolist() == structure_grams(read(other), 8).tolist()


def test_which_name_stands_where_is_part_of_the_structure() -> None:
    other = CODE.replace("+ w", "+ h")
    assert structure_grams(read(CODE), 14).tolist() != structure_grams(read(other), 14).tolist()


def test_a_piece_has_the_structure_that_it_has_in_the_whole() -> None:
    whole = read("w = 3\nprint(w)\n" + CODE)
    assert set(structure_grams(read(CODE), 9)) <= set(structure_grams(whole, 9))


def test_positions_are_bytes_and_a_language_without_a_grammar_has_no_code() -> None:
    code = read("größe = 1\n")
    assert (code.starts.tolist(), code.ends.tolist()) == ([0, 8, 10], [7, 9, 11])
    assert read_code("a = 1", "cobol") is None
