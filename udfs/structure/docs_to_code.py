"""A section of a README or manual, and the example in it: what is asked for is the example."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import re2

from udfs.language import detect_language
from udfs.markdown import FENCE, closes
from udfs.pairs import Rejection
from udfs.structure.bodies import documented_from, header_of, refuse_body
from udfs.structure.identifiers import identifiers, last_name
from udfs.structure.model import (
    Candidate,
    CodeFile,
    Hole,
    Known,
    Material,
    Repository,
    Shown,
    StructureLimits,
)

_LANGUAGES = {
    "py": "python", "python": "python", "python3": "python", "pycon": "python",
    "js": "javascript", "javascript": "javascript", "jsx": "javascript", "mjs": "javascript",
    "ts": "typescript", "typescript": "typescript", "tsx": "tsx",
    "go": "go", "golang": "go", "java": "java", "rust": "rust", "rs": "rust",
}  # fmt: skip
_FAMILIES = {"javascript": "js", "typescript": "js", "tsx": "js"}
_HEADING = re2.compile(r"^#{1,6}\s+(.*)")
_CALLED = re2.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_ASSIGNED = re2.compile(r"(?m)^\W*(?:const |let |var )?([A-Za-z_$][\w$]*)\s*:?=[^=]")
_METHOD = re2.compile(r"([A-Za-z_$][\w$]*)\s*\.\s*([A-Za-z_$][\w$]*)\s*\(")
_MIN_NAME = 3
_HEAD_LINES = 15


@dataclass(frozen=True, slots=True)
class Example:
    """Code in a document, its language, and the prose of its section before it."""

    heading: str
    prose: str
    language: str
    first: int
    last: int
    section: int


def docs_to_code(repository: Repository, limits: StructureLimits) -> Iterator[Candidate]:
    """Every example in a document, or a reason."""
    for document in repository.documents:
        for example in _examples(document):
            key = f"example {document.path}:{example.first}"
            yield Candidate(key, _material(repository, document, example, limits))


def _material(
    repository: Repository, document: CodeFile, example: Example, limits: StructureLimits
) -> Material | Rejection:
    if not example.heading:
        return Rejection("no_heading")
    words = len(example.prose.split())
    if words < limits.min_doc_words:
        return Rejection("documentation_too_short", f"{words} words")
    refused = refuse_body(document, example.first, example.last, limits)
    if refused is not None:
        return refused
    shown = _apis(repository, document, example, limits)
    if not shown:
        return Rejection("nothing_in_reach")
    asked = f"Write the example for “{example.heading}” in `{document.path}`:\n\n{example.prose}"
    around = (max(example.section, example.first - 40), example.last + 1)
    hole = Hole(document, example.first, example.last, example.heading, around)
    return Material(asked, hole, tuple(shown), (f"language:{example.language}",))


def _apis(
    repository: Repository, document: CodeFile, example: Example, limits: StructureLimits
) -> list[Shown]:
    """What of the repository an example calls: each only where one definition has the name."""
    code = "".join(document.lines[example.first - 1 : example.last])
    called = dict.fromkeys(str(name) for name in _CALLED.findall(code))
    own = set(_declared(code))
    told = {*identifiers(code), *identifiers(example.prose), *identifiers(example.heading)}
    variables = {str(name) for name in _ASSIGNED.findall(code)}
    holders = {str(name) for holder, name in _METHOD.findall(code) if holder in variables}
    shown: list[Shown] = []
    for name in called:
        if len(name) < _MIN_NAME or name.startswith("_") or name in own:
            continue
        functions = [
            item
            for item in repository.functions.get(name, ())
            if _is_kin(item[0], example.language) and _is_meant(item[1], told, holders)
        ]
        types = [
            item for item in repository.types.get(name, ()) if _is_kin(item[0], example.language)
        ]
        if len(types) == 1:
            file, item = types[0]
            first = documented_from(file, item.start_line)
            last = min(item.end_line, item.start_line + _HEAD_LINES)
            shown.append(Shown(file, first, last, f"begins `{name}`"))
        elif len(functions) == 1 and not types:
            header = header_of(*functions[0])
            if header is not None and header.last - header.first < limits.max_shown_lines:
                shown.append(header)
    return shown[: limits.max_shown]


def _is_meant(known: Known, told: set[str], of_variables: set[str]) -> bool:
    """Whether a called name can mean a function: a method where its type is told of as well."""
    owner = last_name(known.function.qualified_name.rpartition(".")[0])
    return owner in told if owner else known.function.name not in of_variables


def _declared(code: str) -> Iterator[str]:
    """Names that an example defines itself."""
    words = identifiers(code)
    for before, name in pairwise(words):
        if before in ("def", "function", "class", "func", "fn"):
            yield name


def _is_kin(file: CodeFile, language: str) -> bool:
    return _FAMILIES.get(file.language, file.language) == _FAMILIES.get(language, language)


def _examples(document: CodeFile) -> Iterator[Example]:
    heading, prose, section = "", list[str](), 1
    fence, opened, language = "", 0, ""
    for number, line in enumerate(document.lines, 1):
        if fence:
            if closes(line, fence):
                named = _LANGUAGES.get(language.lower())
                if named is not None and number - opened > 1:
                    text = "\n".join(prose).strip()
                    yield Example(heading, text, named, opened + 1, number - 1, section)
                fence, prose = "", []
            continue
        begun = FENCE.match(line)
        titled = _HEADING.match(line)
        if begun is not None:
            fence, language, opened = begun.group(1), begun.group(2), number
        elif titled is not None:
            heading, prose, section = str(titled.group(1)).strip(" #"), [], number
        elif not line.lstrip().startswith(("<!--", "[![", "|", "<")):
            prose.append(line.rstrip())


def is_document(path: str, text: str) -> bool:
    """Whether a file is a document whose examples can be found."""
    return detect_language(path, text) in ("markdown", "mdx")
