"""What pairs from structure are made of: the files of a repository, and numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from udfs.ast import Function, Source, import_lines
from udfs.diffs import split_lines
from udfs.pairs import Pair, Rejection
from udfs.paths import is_test_path
from udfs.structure.identifiers import identifiers, last_name

_EXAMPLES = frozenset(
    {
        "bench", "benchmark", "benchmarks", "demo", "demos", "example", "examples", "fixtures",
        "sample", "samples", "testdata",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StructureLimits:
    """The numbers of the rules; sizes in words, lines, characters or pairs.

    Attributes:
        min_doc_words: of a documentation that says what to write.
        min_body_lines: of a missing body, blank ones left out.
        max_body_lines: of a missing body or test.
        max_shown_lines: of one definition that is shown beside the file.
        max_shown: definitions that are shown beside it.
        max_pairs: of one kind from one repository.
    """

    min_doc_words: int = 8
    min_body_lines: int = 3
    max_body_lines: int = 60
    max_shown_lines: int = 60
    max_shown: int = 8
    max_pairs: int = 100


@dataclass(frozen=True, slots=True)
class Known:
    """A function at HEAD, and what its row is called."""

    id: str
    function: Function


@dataclass(frozen=True, slots=True)
class Type:
    """A class, interface, struct or the like: the lines that it stands in, from 1, inclusive."""

    name: str
    kind: str
    start_line: int
    end_line: int


@dataclass(frozen=True, eq=False)
class CodeFile:
    """A text at HEAD with its functions; documents have none."""

    path: str
    blob_oid: str
    text: str
    language: str
    functions: tuple[Known, ...] = ()

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, each with its end."""
        return split_lines(self.text)

    @property
    def is_test(self) -> bool:
        """Whether it holds tests."""
        return is_test_path(self.path)

    @property
    def is_example(self) -> bool:
        """Whether it lies among examples, data of tests or measurements."""
        return not _EXAMPLES.isdisjoint(self.path.lower().split("/")[:-1])

    @cached_property
    def facts(self) -> "Facts":
        """What its tree says; the tree itself is not kept."""
        source = Source(self.text, self.language)
        outline = source.outline
        if outline is None:
            return Facts((), (), frozenset())
        types = tuple(
            Type(item.name, item.node.type, item.start_line, item.end_line)
            for item in outline.definitions
            if item.is_type and item.node.type != "impl_item"
        )
        imports = import_lines(source)
        shown = "".join("".join(self.lines[first - 1 : last]) for first, last in imports)
        return Facts(types, imports, frozenset(identifiers(shown)))


@dataclass(frozen=True, slots=True)
class Facts:
    """The types of a file, the lines of its imports, and the names in those."""

    types: tuple[Type, ...]
    imports: tuple[tuple[int, int], ...]
    imported: frozenset[str]


@dataclass(frozen=True)
class Repository:
    """The files of a repository, by path."""

    files: Sequence[CodeFile]
    documents: Sequence[CodeFile] = ()

    @cached_property
    def sources(self) -> list[CodeFile]:
        """The files that are neither tests nor examples of how others use it."""
        return [file for file in self.files if not file.is_test and not file.is_example]

    @cached_property
    def functions(self) -> Mapping[str, list[tuple[CodeFile, Known]]]:
        """The functions outside of tests, by name."""
        found: dict[str, list[tuple[CodeFile, Known]]] = {}
        for file in self.sources:
            for known in file.functions:
                found.setdefault(last_name(known.function.name), []).append((file, known))
        return found

    @cached_property
    def types(self) -> Mapping[str, list[tuple[CodeFile, Type]]]:
        """The types outside of tests, by name."""
        found: dict[str, list[tuple[CodeFile, Type]]] = {}
        for file in self.sources:
            for item in file.facts.types:
                found.setdefault(item.name, []).append((file, item))
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """Another text that a pair shows: whole lines of a file, from 1, inclusive."""

    file: CodeFile
    first: int
    last: int
    what: str


@dataclass(frozen=True, slots=True)
class Hole:
    """Lines of a file that are missing where a pair shows it, from 1, inclusive."""

    file: CodeFile
    first: int
    last: int
    name: str
    around: tuple[int, int]

    @property
    def answer(self) -> str:
        """What stands there."""
        return "".join(self.file.lines[self.first - 1 : self.last])


@dataclass(frozen=True, slots=True)
class Material:
    """What one pair is made of; `asked` says in words what is missing.

    Attributes:
        asked: the instruction.
        hole: what is asked for.
        shown: what stands beside it.
        evidence: what speaks for the pair.
    """

    asked: str
    hole: Hole
    shown: tuple[Shown, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a kind may ask for: its key, and what it is made of or why it is none."""

    key: str
    found: Material | Rejection


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a candidate: a pair with the files that it shows, or the reason."""

    key: str
    kind: str
    found: Pair | Rejection
    files: tuple[CodeFile, ...] = ()
