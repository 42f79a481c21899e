"""Names in a text."""

from udfs.structure.identifiers import identifiers, last_name


def test_names_are_found_in_order() -> None:
    assert identifiers("from a_b import $c, D1") == ["from", "a_b", "import", "$c", "D1"]
    assert (last_name("os.path.join"), last_name("join")) == ("join", "join")
