"""The pairs of a repository: each kind asks for so many of what it finds, chosen by their names."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from udfs.pairs import Pair, PairLimits, Rejection
from udfs.structure.build import build_pair
from udfs.structure.docs_to_code import docs_to_code
from udfs.structure.docstring_to_body import docstring_to_body
from udfs.structure.fill_in_middle import fill_in_middle
from udfs.structure.function_to_test import function_to_test
from udfs.structure.model import Candidate, CodeFile, Made, Repository, StructureLimits
from udfs.structure.types_to_implementation import types_to_implementation

Kind = Literal[
    "docstring_to_body",
    "fill_in_middle",
    "function_to_test",
    "docs_to_code",
    "types_to_implementation",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_RULES: MappingProxyType[str, Callable[[Repository, StructureLimits], Iterator[Candidate]]] = (
    MappingProxyType(
        {
            "docstring_to_body": docstring_to_body,
            "fill_in_middle": fill_in_middle,
            "function_to_test": function_to_test,
            "docs_to_code": docs_to_code,
            "types_to_implementation": types_to_implementation,
        }
    )
)


def structure_pairs(
    repository: Repository,
    kinds: Sequence[Kind],
    limits: StructureLimits,
    sizes: PairLimits,
    barred: Callable[[CodeFile], str | None],
) -> Iterator[Made]:
    """Decide everything that the kinds may ask for.

    Args:
        repository: the files at HEAD.
        kinds: what is asked for.
        limits: the numbers of the rules.
        sizes: those about pairs of any origin.
        barred: the licence of a file, where it may not be learned from.

    Yields:
        Each candidate of each kind once: a pair, or a reason. Beyond `max_pairs` of a kind that is
        `enough_of_kind`; which ones are made follows from their keys alone.
    """
    for kind in kinds:
        made = 0
        found = sorted(
            _RULES[kind](repository, limits),
            key=lambda item: hashlib.sha256(item.key.encode("utf-8", "surrogatepass")).digest(),
        )
        for candidate in found:
            result = _made(kind, candidate, sizes, barred, is_full=made == limits.max_pairs)
            made += isinstance(result.found, Pair)
            yield result


def _made(
    kind: Kind,
    candidate: Candidate,
    sizes: PairLimits,
    barred: Callable[[CodeFile], str | None],
    *,
    is_full: bool,
) -> Made:
    key, material = f"{candidate.key} {kind}", candidate.found
    if isinstance(material, Rejection):
        return Made(key, kind, material)
    if is_full:
        return Made(key, kind, Rejection("enough_of_kind"))
    files = tuple(dict.fromkeys([material.hole.file, *(item.file for item in material.shown)]))
    for file in files:
        licence = barred(file)
        if licence is not None:
            return Made(key, kind, Rejection("licence_of_file", f"{file.path}: {licence}"))
    return Made(key, kind, build_pair(kind, material, sizes), files)
