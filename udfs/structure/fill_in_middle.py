"""Some statements of a function are missing that use what other files of the repository define."""

import hashlib
from collections.abc import Iterator

from tree_sitter import Node

from udfs.ast import Source
from udfs.pairs import Rejection
from udfs.structure.bodies import header_of, hole_in, is_in_tests, refuse_body
from udfs.structure.identifiers import identifiers, last_name
from udfs.structure.model import (
    Candidate,
    CodeFile,
    Known,
    Material,
    Repository,
    Shown,
    StructureLimits,
)
from udfs.structure.reach import reached

_MOST_STATEMENTS = 40
# Longer than this, the middle is most of what there is.
_MOST_LINES = 20

Reached = list[tuple[CodeFile, Known]]


def fill_in_middle(repository: Repository, limits: StructureLimits) -> Iterator[Candidate]:
    """Every file outside of tests that defines functions: one hole of it, or a reason."""
    for file in repository.sources:
        if file.functions:
            yield Candidate(f"tree {file.path}", _material(repository, file, limits))


def _material(
    repository: Repository, file: CodeFile, limits: StructureLimits
) -> Material | Rejection:
    using = [
        (known, found)
        for known in file.functions
        if not is_in_tests(known) and (found := reached(repository, file, known.function.calls))
    ]
    if not using:
        return Rejection("nothing_in_reach")
    bodies = _bodies(file)
    holes = [
        (used, digest, known, first, last)
        for known, found in using
        for first, last in _runs(bodies.get(known.function.body_start_byte))
        if refuse_body(file, first, last, limits) is None
        if (used := _used(file, known, first, last, found))
        for digest in [hashlib.sha256(f"{file.path}\0{first}\0{last}".encode()).hexdigest()]
    ]
    if not holes:
        return Rejection("no_middle")
    used, _, known, first, last = min(holes, key=lambda hole: (-len(hole[0]), hole[1]))
    shown = [header_of(*item) for item in used[: limits.max_shown]]
    asked = (
        f"Write the lines that are missing in `{known.function.qualified_name}` in `{file.path}`. "
        f"What the file imports is at hand, such as {_named(used)}."
    )
    return Material(asked, hole_in(file, known, first, last), tuple(_short(shown, limits)))


def _named(used: Reached) -> str:
    return ", ".join(f"`{known.function.qualified_name}`" for _, known in used[:4])


def _short(shown: list[Shown | None], limits: StructureLimits) -> list[Shown]:
    return [
        item
        for item in shown
        if item is not None and item.last - item.first < limits.max_shown_lines
    ]


def _bodies(file: CodeFile) -> dict[int, Node]:
    outline = Source(file.text, file.language).outline
    items = outline.functions if outline is not None else ()
    return {item.body.start_byte: item.body for item in items if item.body is not None}


def _runs(body: Node | None) -> list[tuple[int, int]]:
    """Lines of runs of whole statements of a body, with others before and after them."""
    if body is None:
        return []
    children = body.named_children
    while len(children) == 1 and children[0].type.endswith("_list"):
        children = children[0].named_children
    if len(children) > _MOST_STATEMENTS:
        return []
    spans = [(node.start_point.row + 1, node.end_point.row + 1) for node in children]
    is_comment = ["comment" in node.type for node in children]
    runs = []
    for place in range(1, len(spans)):
        first = spans[place][0]
        # A comment belongs to what follows it.
        if first <= spans[place - 1][1] or is_comment[place - 1]:
            continue
        for end in range(place, len(spans) - 1):
            last = spans[end][1]
            if last - first >= _MOST_LINES:
                break
            if spans[end + 1][0] > last and not is_comment[end]:
                runs.append((first, last))
    return runs


def _used(file: CodeFile, known: Known, first: int, last: int, found: Reached) -> Reached:
    """Those of the functions that the lines name, and no parameter."""
    own = known.function.parameters
    names = set(identifiers("".join(file.lines[first - 1 : last])))
    return [
        item
        for item in found
        if last_name(item[1].function.name) in names and item[1].function.name not in own
    ]
