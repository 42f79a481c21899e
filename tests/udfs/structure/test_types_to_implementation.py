"""A body is asked for by the types that its signature names."""

from tests.udfs.structure.repository import file, repository
from udfs.pairs import Rejection
from udfs.structure import Repository, StructureLimits
from udfs.structure.model import Material
from udfs.structure.types_to_implementation import types_to_implementation


def found_in(held: Repository, name: str) -> Material | Rejection:
    candidates = types_to_implementation(held, StructureLimits())
    return next(item.found for item in candidates if item.key.endswith(f":{name}"))


def test_the_types_of_a_signature_are_shown() -> None:
    found = found_in(repository(), "Ledger.Largest")
    assert isinstance(found, Material)
    (shown,) = found.shown
    assert shown.what == "type `Entry`", "the receiver says little of what a method does"
    assert found.asked.endswith("are given: `Entry`.")


def test_a_type_that_is_too_long_is_not_shown() -> None:
    fields = "".join(f"    field_{n}: int\n" for n in range(80))
    types = file("types.py", f"class Wide:\n{fields}")
    user = file(
        "use.py",
        "from types import Wide\n\n\ndef first(of: Wide) -> int:\n"
        "    a = of.field_1\n    b = of.field_2\n    return a + b\n",
    )
    assert found_in(Repository([types, user]), "first") == Rejection("types_too_long")


def test_a_language_without_types_is_not_asked() -> None:
    script = file("a.js", "function a(b) {\n  return b\n}\n")
    assert list(types_to_implementation(Repository([script]), StructureLimits())) == []
