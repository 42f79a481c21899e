"""A function, and the test of it that the repository has: what is asked for is the test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2

from udfs.pairs import Rejection
from udfs.structure.bodies import documented_from, is_in_tests, refuse_body
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
from udfs.structure.reach import in_reach, means, reached

_BLOCK = re2.compile(r"^(\s*)(?:it|test)(?:\.[a-z]+)?\(\s*([\"'`])(.*)")
_CALLED = re2.compile(r"([A-Za-z_$][\w$.]*)!?\s*\(")
_DECLARED = re2.compile(r"\b(?:def|function|func|fn|const|let|var)\s+([A-Za-z_$][\w$]*)")
# A shorter name is in many titles by chance.
_MIN_NAME = 4


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its title, its lines, and what it calls."""

    file: CodeFile
    title: str
    first: int
    last: int
    calls: tuple[str, ...]


def function_to_test(repository: Repository, limits: StructureLimits) -> Iterator[Candidate]:
    """Every function outside of tests; one that no test is about has a reason."""
    tests = _tests_by_function(repository)
    for file in repository.sources:
        for known in file.functions:
            if not is_in_tests(known):
                found = _material(file, known, tests.get(known.id, []), limits)
                yield Candidate(f"function {known.id}", found)


def _material(
    file: CodeFile, known: Known, tests: list[Test], limits: StructureLimits
) -> Material | Rejection:
    function = known.function
    first = documented_from(file, function.start_line)
    if not tests:
        return Rejection("test_not_found")
    if function.end_line - first >= 2 * limits.max_shown_lines:
        return Rejection("function_too_long", f"{function.end_line - first + 1} lines")
    fitting = [
        test for test in tests if refuse_body(test.file, test.first, test.last, limits) is None
    ]
    if not fitting:
        return refuse_body(tests[0].file, tests[0].first, tests[0].last, limits) or Rejection("")
    test = min(fitting, key=lambda test: (len(test.title), test.file.path, test.first))
    shown = Shown(file, first, function.end_line, "under test")
    asked = (
        f"Write the test “{test.title}” of `{function.qualified_name}`, which is in "
        f"`{file.path}`. It belongs in `{test.file.path}`."
    )
    hole = Hole(test.file, test.first, test.last, test.title, (test.first, test.last))
    return Material(asked, hole, (shown,) if file.path != test.file.path else ())


def _tests_by_function(repository: Repository) -> Mapping[str, list[Test]]:
    found: dict[str, list[Test]] = {}
    for file in repository.files:
        for test in _tests(file):
            for known in _tested(repository, test):
                found.setdefault(known.id, []).append(test)
    return found


def _tests(file: CodeFile) -> Iterator[Test]:
    for known in file.functions:
        function = known.function
        if _is_test(file, known):
            yield Test(file, function.name, function.start_line, function.end_line, function.calls)
    if file.is_test and file.language in ("javascript", "typescript", "tsx"):
        yield from _blocks(file)


def _is_test(file: CodeFile, known: Known) -> bool:
    function = known.function
    if file.language == "rust":
        above = "".join(file.lines[function.start_line - 1 : function.end_line])
        return "#[test]" in above or "::test]" in above
    if not file.is_test:
        return False
    if file.language == "java":
        return "@Test" in "".join(file.lines[function.start_line - 1 : function.end_line])
    return function.name.startswith(("test_", "Test")) and file.language in ("python", "go")


def _blocks(file: CodeFile) -> Iterator[Test]:
    """Calls of `it` and `test`, each up to the line that closes it at the same depth."""
    for number, line in enumerate(file.lines, 1):
        opened = _BLOCK.match(line)
        if opened is None:
            continue
        indent, quote, rest = opened.groups()
        title = rest.partition(quote)[0]
        for end in range(number, len(file.lines) + 1):
            text = file.lines[end - 1].rstrip()
            if end > number and text.startswith(indent) and text[len(indent) :].startswith("}"):
                if text.rstrip(";").endswith(")"):
                    body = "".join(file.lines[number - 1 : end])
                    calls = tuple(dict.fromkeys(str(x) for x in _CALLED.findall(body)))
                    yield Test(file, title, number, end, calls)
                break
            if end > number and text.strip() and not text.startswith(indent):
                break


def _tested(repository: Repository, test: Test) -> list[Known]:
    """The functions that a test is about: which its title names, else the only one it calls."""
    title = "".join(filter(str.isalnum, test.title)).lower()
    text = "".join(test.file.lines[test.first - 1 : test.last])
    own, told = {str(name) for name in _DECLARED.findall(text)}, _told(test, text)
    named: list[Known] = []
    calls = tuple(call for call in test.calls if call not in own)
    for call in calls:
        holder, name = call.rpartition(".")[0], last_name(call)
        plain = "".join(filter(str.isalnum, name)).lower()
        if len(plain) < _MIN_NAME or plain not in title:
            continue
        matching = [
            known
            for file, known in repository.functions.get(name, ())
            if "." in known.function.qualified_name or means(test.file, holder, known)
            if not is_in_tests(known) and _is_near(test.file, file, name) and _is_said(known, told)
        ]
        named += [known for known in matching if len(matching) == 1 and known not in named]
    if named:
        return named
    only = [known for _, known in reached(repository, test.file, calls)]
    return only if len(only) == 1 and not is_in_tests(only[0]) else []


def _told(test: Test, text: str) -> frozenset[str]:
    """The names that a test says, in its file's name, its title or its text."""
    file_name = test.file.path.rpartition("/")[2]
    return frozenset(name.lower() for name in identifiers(f"{file_name} {test.title} {text}"))


def _is_said(known: Known, told: frozenset[str]) -> bool:
    """Whether a test says whose method it means: names of methods are others' too."""
    owner = last_name(known.function.qualified_name.rpartition(".")[0])
    return not owner or owner.lower() in told


def _is_near(test: CodeFile, file: CodeFile, name: str) -> bool:
    if in_reach(test, file, name):
        return True
    # Java's tests are in the package of what they test, under another root.
    folders = [
        path.rpartition("/")[0].replace("/test/", "/main/") for path in (test.path, file.path)
    ]
    is_java = test.language == "java" == file.language
    return is_java and folders[0] == folders[1]
