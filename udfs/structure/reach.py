"""Which definitions of a repository a file can name, by its imports and its place."""

import sys

from udfs.structure.identifiers import last_name
from udfs.structure.model import CodeFile, Known, Repository, Type

# A folder is a package there: what lies beside a file is in reach without an import.
_BY_FOLDER = ("go", "java")
# Such a file speaks for its folder.
_INDEX = ("__init__", "index", "mod", "lib", "main")
_JAVASCRIPT = ("javascript", "typescript", "tsx")
_FAMILIES = {"javascript": "js", "typescript": "js", "tsx": "js", "c": "c", "cpp": "c"}


def in_reach(file: CodeFile, other: CodeFile, name: str) -> bool:
    """Whether a file can name what another one defines."""
    if _FAMILIES.get(file.language, file.language) != _FAMILIES.get(other.language, other.language):
        return False
    if file.path == other.path:
        return True
    folder, _, base = other.path.rpartition("/")
    if file.language in _BY_FOLDER and file.path.rpartition("/")[0] == folder:
        return True
    imported = file.facts.imported
    stem = base.partition(".")[0]
    above = folder.rpartition("/")[2]
    if name in imported or (stem in imported and stem not in _INDEX):
        return True
    # A module of JavaScript is a file; elsewhere a package speaks for what lies in it.
    is_package = other.language not in _JAVASCRIPT or stem in _INDEX
    return is_package and above in imported


def reached(
    repository: Repository, file: CodeFile, calls: tuple[str, ...]
) -> list[tuple[CodeFile, Known]]:
    """The functions in other files that calls mean, in the order of the calls, each once.

    A call by a bare name or by that of a module means a function, one by the name of a type its
    method; a name that several definitions in reach have means none.
    """
    found: list[tuple[CodeFile, Known]] = []
    for call in calls:
        holder, name = call.rpartition(".")[0], last_name(call).rstrip("!")
        if file.language == "python" and holder in sys.stdlib_module_names:
            continue
        matching = [
            (other, known)
            for other, known in repository.functions.get(name, ())
            if other.path != file.path
            if means(file, holder, known) and in_reach(file, other, name)
        ]
        if len(matching) == 1 and matching[0] not in found:
            found.append(matching[0])
    return found


def means(file: CodeFile, holder: str, known: Known) -> bool:
    """Whether a call on a holder (empty for none) may mean a function of another file."""
    owner = last_name(known.function.qualified_name.rpartition(".")[0])
    if owner:
        return owner == last_name(holder)
    return not holder or last_name(holder) in file.facts.imported


def named_types(
    repository: Repository, file: CodeFile, names: list[str]
) -> list[tuple[CodeFile, Type]]:
    """The types that names mean in a file: its own, else the one in reach; each once, in order."""
    found: list[tuple[CodeFile, Type]] = []
    for name in dict.fromkeys(names):
        defined = repository.types.get(name, ())
        own = [item for item in defined if item[0].path == file.path]
        matching = own or [item for item in defined if in_reach(file, item[0], name)]
        if len(matching) == 1:
            found.append(matching[0])
    return found
