"""An example is asked for by its section, with what of the repository it calls."""

from tests.udfs.structure.repository import file, repository
from udfs.pairs import Rejection
from udfs.structure import Repository, StructureLimits, is_document
from udfs.structure.docs_to_code import docs_to_code
from udfs.structure.model import Material

FORM = """# Forms

Values of a form are appended one by one, as the browser does with its own forms.

```js
const form = new FormData()
form.append('a', 1)
form.append('b', 2)
```
"""


def test_an_example_shows_what_it_calls() -> None:
    first = next(docs_to_code(repository(), StructureLimits()))
    assert isinstance(first.found, Material)
    assert first.found.asked.startswith("Write the example for “Reading amounts” in `README.md`:")
    assert [(item.file.path, item.what) for item in first.found.shown] == [
        ("tally/amounts.py", "begins `Currency`"),
        ("tally/amounts.py", "declares `parse_amount`"),
    ]
    assert first.found.evidence == ("language:python",)


def test_a_method_of_others_is_no_function_of_the_repository() -> None:
    own = file("lib/list.js", "export function append(item) {\n  return item\n}\n")
    held = Repository([own], [file("README.md", FORM)])
    (found,) = docs_to_code(held, StructureLimits())
    assert found.found == Rejection("nothing_in_reach")


def test_an_example_without_a_heading_belongs_to_nothing() -> None:
    bare = file("README.md", FORM.partition("\n")[2])
    (found,) = docs_to_code(Repository([], [bare]), StructureLimits())
    assert found.found == Rejection("no_heading")


def test_documents_are_told_by_their_names() -> None:
    assert is_document("docs/a.md", "# A") and is_document("b.mdx", "# B")
    assert not is_document("a.py", "a = 1")
