"""A function whose signature names types of the repository: what is asked for is its body."""

from collections.abc import Iterator

from udfs.pairs import Rejection
from udfs.structure.bodies import asked_body, documented_from, is_in_tests
from udfs.structure.docstring_to_body import prose_words
from udfs.structure.identifiers import identifiers
from udfs.structure.model import (
    Candidate,
    CodeFile,
    Known,
    Material,
    Repository,
    Shown,
    StructureLimits,
    Type,
)
from udfs.structure.reach import named_types

LANGUAGES = ("typescript", "tsx", "go", "java", "rust", "python")


def types_to_implementation(repository: Repository, limits: StructureLimits) -> Iterator[Candidate]:
    """Every function of a typed language outside of tests, or a reason.

    What is documented is asked for by its documentation.
    """
    for file in repository.sources:
        for known in file.functions if file.language in LANGUAGES else ():
            if not is_in_tests(known):
                yield Candidate(f"function {known.id}", _material(repository, file, known, limits))


def _material(
    repository: Repository, file: CodeFile, known: Known, limits: StructureLimits
) -> Material | Rejection:
    function = known.function
    if prose_words(function.docstring or "") >= limits.min_doc_words:
        return Rejection("documented")
    named = [
        (other, item)
        for other, item in named_types(repository, file, identifiers(_parameters(file, known)))
        if item.name != function.name and (other.path != file.path or not _holds(item, known))
    ]
    if not named:
        return Rejection("no_types_in_reach")
    shown = [
        Shown(other, documented_from(other, item.start_line), item.end_line, f"type `{item.name}`")
        for other, item in named
        if item.end_line - item.start_line < limits.max_shown_lines
    ]
    if not shown:
        return Rejection("types_too_long")
    hole = asked_body(file, known, limits)
    if isinstance(hole, Rejection):
        return hole
    names = ", ".join(f"`{item.name}`" for _, item in named[:4])
    asked = (
        f"Implement `{function.signature}` in `{file.path}`. The types that it works on are given: "
        f"{names}."
    )
    return Material(asked, hole, tuple(shown[: limits.max_shown]))


def _parameters(file: CodeFile, known: Known) -> str:
    """The signature; of a method in Go without its receiver, which says little of what it does."""
    signature = known.function.signature
    if file.language == "go" and signature.startswith("func ("):
        return signature.partition(")")[2]
    return signature


def _holds(item: Type, known: Known) -> bool:
    function = known.function
    return item.start_line <= function.start_line and function.end_line <= item.end_line
