"""Pairs from what a repository holds, without its history and without any model.

Something is missing in a file, and what stands there is the response: a body, some statements, a
test, an example. The context is the file without it, and what else of the repository says what it
must be. Put in its place, the response gives the file again.
"""

from udfs.structure.choose import KINDS, Kind, structure_pairs
from udfs.structure.docs_to_code import is_document
from udfs.structure.model import CodeFile, Known, Made, Repository, StructureLimits

__all__ = [
    "KINDS",
    "CodeFile",
    "Kind",
    "Known",
    "Made",
    "Repository",
    "StructureLimits",
    "is_document",
    "structure_pairs",
]
