"""A documented function without its body: what is asked for is the body."""

from collections.abc import Iterator

import re2

from udfs.pairs import Rejection
from udfs.structure.bodies import asked_body, is_in_tests
from udfs.structure.model import Candidate, CodeFile, Known, Material, Repository, StructureLimits

# Where prose ends and lists of parameters begin, in the styles of several languages.
_TAGS = re2.compile(
    r"(?i)^\s*(?:[@\\:][a-z]|args:|arguments:|parameters:?$|params:|returns?:|yields:|raises:"
    r"|examples?:|notes?:|# (?:arguments|examples?|panics|errors|safety)|>>>|```|-{3,}$)"
)


def docstring_to_body(repository: Repository, limits: StructureLimits) -> Iterator[Candidate]:
    """Every function outside of tests; one that says too little of itself has a reason."""
    for file in repository.sources:
        for known in file.functions:
            if not is_in_tests(known):
                found = _material(file, known, limits)
                yield Candidate(f"function {known.id}", found)


def _material(file: CodeFile, known: Known, limits: StructureLimits) -> Material | Rejection:
    function = known.function
    words = prose_words(function.docstring or "")
    if words < limits.min_doc_words:
        return Rejection("documentation_too_short", f"{words} words")
    hole = asked_body(file, known, limits)
    if isinstance(hole, Rejection):
        return hole
    text = (function.docstring or "").strip()
    asked = f"Write the body of `{function.qualified_name}` in `{file.path}`, which does this:"
    return Material(f"{asked}\n\n{text}", hole)


def prose_words(documentation: str) -> int:
    """Words of a documentation before it lists parameters or shows examples."""
    count = 0
    for line in documentation.split("\n"):
        if _TAGS.search(line) is not None:
            break
        count += len(line.split())
    return count
