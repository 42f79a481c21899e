"""Where a body begins and ends, and which bodies are worth asking for."""

import pytest

from tests.udfs.structure.repository import file
from udfs.pairs import Rejection
from udfs.structure.bodies import body_lines, documented_from, header_of, refuse_body
from udfs.structure.model import StructureLimits

PYTHON = '''class A:
    @property
    def one(self):
        r"""It has "quotes".

        And more.
        """

        return self._one

    def two(self): return 2

    def three(self):
        """Nothing else."""
'''
JAVA = """class A {
  /** Says three. */
  int three() {
    int a = 1;
    return a + 2;
  }
  int one() { return 1; }
  int none() {
  }
}
"""


def test_a_body_is_what_follows_documentation_and_brace() -> None:
    python, java = file("a.py", PYTHON), file("A.java", JAVA)
    assert [body_lines(python, known) for known in python.functions] == [
        (9, 9),
        Rejection("body_on_header_line"),
        Rejection("body_empty"),
    ]
    assert [body_lines(java, known) for known in java.functions] == [
        (4, 5),
        Rejection("body_on_header_line"),
        Rejection("body_empty"),
    ]
    header = header_of(java, java.functions[0])
    assert header is not None and (header.first, header.last) == (2, 3)
    assert header_of(java, java.functions[1]) is None


def test_a_comment_belongs_to_what_it_stands_above() -> None:
    lines = "var a;\n/**\n * Two lines.\n */\n\nvar b;\n\nvar c;\n"
    assert documented_from(file("a.js", lines), 6) == 2
    assert documented_from(file("a.js", lines), 8) == 8


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("return 1\n", "1 lines"),
        ("# one\n# two\n# three\nreturn 1\n", "1 lines"),
        ("raise NotImplementedError\nx = 1\ny = 2\n", "3 lines"),
        ("return self.request(\n    url,\n    data,\n    headers,\n)\n", "delegates"),
        ("self.a = a\nself.b = b\nself.c = c\n", "delegates"),
        ("add(a)\nadd(b)\nadd(c)\n", "repeats"),
    ],
)
def test_a_trivial_body_is_refused(body: str, detail: str) -> None:
    last = body.count("\n")
    found = refuse_body(file("a.py", body), 1, last, StructureLimits())
    assert found == Rejection("body_trivial", detail)


def test_a_body_that_decides_something_is_kept() -> None:
    body = "return [\n    item\n    for item in items\n    if item\n]\n"
    limits = StructureLimits()
    assert refuse_body(file("a.py", body), 1, 5, limits) is None
    assert refuse_body(file("a.js", "return () => {\n  a()\n  b()\n}\n"), 1, 4, limits) is None
    value = "Position {\n    line: self.line(),\n    column: self.column(),\n}\n"
    refused = refuse_body(file("a.rs", value), 1, 4, StructureLimits(min_body_lines=2))
    assert refused == Rejection("body_trivial", "delegates")
    many = refuse_body(file("a.py", "a = 1\nb = 2\n" * 40), 1, 80, limits)
    assert many == Rejection("body_too_long", "80 lines")
