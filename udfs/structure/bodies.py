"""Which whole lines the body of a function takes, without its documentation."""

import re2

from udfs.pairs import Rejection
from udfs.structure.model import CodeFile, Hole, Known, Shown, StructureLimits

_PYTHON_STRING = re2.compile(r"(?s)^\s*[rRuU]?(\"\"\"|'''|\"|')")
_COMMENT = ("//", "/*", "*", "#", "--")
# A body that begins so says that there is none yet.
_STUBS = ("pass", "...", "raise NotImplementedError", "todo!", "unimplemented!", "panic!(")

_FIELD = re2.compile(r"^(?:self|this)\.\w+(?:\s*:[^=]+)?\s*=\s*\w+;?$")
_CLOSURE = re2.compile(
    r"^return\s+(?:async\b|await\s+new\b|function\b|func\b|lambda\b|new Promise|\()"
)
_DECIDES = re2.compile(r"\b(?:if|for|while|match|switch|when|case)\b|=>|\?")


def body_lines(file: CodeFile, known: Known) -> tuple[int, int] | Rejection:
    """First and last line of a body, from 1; those of a brace or a docstring are not part of it.

    The reasons are `body_on_header_line` and `body_empty`.
    """
    function, data = known.function, file.text.encode("utf-8", "surrogatepass")
    start, end = function.body_start_byte, function.body_end_byte
    first, last = data.count(b"\n", 0, start) + 1, data.count(b"\n", 0, end) + 1
    body = data[start:end].decode("utf-8", "replace")
    if file.language == "python":
        if file.lines[first - 1][: -len(file.lines[first - 1].lstrip()) or None].strip():
            return Rejection("body_on_header_line")
        if data[data.rfind(b"\n", 0, start) + 1 : start].strip():
            return Rejection("body_on_header_line")
        if function.docstring is not None:
            first += _docstring_lines(body)
    else:
        if not body.startswith("{"):
            return Rejection("body_on_header_line")
        opened, _, _ = body[1:].partition("\n")
        closed = body.rpartition("\n")[2]
        if opened.strip() or closed.strip() not in ("}", "};") or first == last:
            return Rejection("body_on_header_line")
        first, last = first + 1, last - 1
    while first <= last and not file.lines[first - 1].strip():
        first += 1
    while last >= first and not file.lines[last - 1].strip():
        last -= 1
    return (first, last) if first <= last else Rejection("body_empty")


def _docstring_lines(body: str) -> int:
    opened = _PYTHON_STRING.match(body)
    if opened is None:
        return 0
    quote = opened.group(1)
    end = body.find(quote, opened.end())
    return body.count("\n", 0, end + len(quote)) + 1 if end >= 0 else 0


def refuse_body(file: CodeFile, first: int, last: int, limits: StructureLimits) -> Rejection | None:
    """Why a body is nothing to ask for: `body_trivial` or `body_too_long`."""
    lines = [line.strip() for line in file.lines[first - 1 : last]]
    told = [line for line in lines if line and not line.startswith(_COMMENT)]
    telling = [line for line in told if any(letter.isalnum() for letter in line)]
    if len(telling) < limits.min_body_lines or telling[0].startswith(_STUBS):
        return Rejection("body_trivial", f"{len(telling)} lines")
    if _only_delegates(telling, file.language) or all(
        _FIELD.match(line) is not None for line in telling
    ):
        return Rejection("body_trivial", "delegates")
    if len({line.partition("(")[0] for line in telling}) == 1:
        return Rejection("body_trivial", "repeats")
    if last - first + 1 > limits.max_body_lines:
        return Rejection("body_too_long", f"{last - first + 1} lines")
    return None


def _only_delegates(lines: list[str], language: str) -> bool:
    """Whether a body is one expression that decides nothing: a call or a value, line by line."""
    is_value = language == "rust" and not any(";" in line for line in lines)
    return (
        (lines[0].startswith("return ") or is_value)
        and _CLOSURE.match(lines[0]) is None
        and not any(_DECIDES.search(line) for line in lines)
    )


def documented_from(file: CodeFile, start: int) -> int:
    """The first line of the comment right above a line, or the line itself."""
    line = start
    # JavaScript's manuals are made of comments that a blank line may follow.
    if line > 2 and not file.lines[line - 2].strip() and file.lines[line - 3].strip() == "*/":
        line -= 1
    while line > 1 and file.lines[line - 2].strip().startswith(("//", "/*", "*", "*/")):
        line -= 1
    return line


def asked_body(file: CodeFile, known: Known, limits: StructureLimits) -> Hole | Rejection:
    """The hole that a body leaves, or why it is nothing to ask for."""
    lines = body_lines(file, known)
    if isinstance(lines, Rejection):
        return lines
    refused = refuse_body(file, *lines, limits)
    return refused or hole_in(file, known, *lines)


def hole_in(file: CodeFile, known: Known, first: int, last: int) -> Hole:
    """Missing lines of a function, which stands around them with its documentation."""
    function = known.function
    around = (documented_from(file, function.start_line), function.end_line)
    return Hole(file, first, last, function.qualified_name, around)


def header_of(file: CodeFile, known: Known) -> Shown | None:
    """A function as another file sees it: its documentation and header, without its body."""
    lines = body_lines(file, known)
    if isinstance(lines, Rejection):
        return None
    first = documented_from(file, known.function.start_line)
    last = lines[0] - 1
    return Shown(file, first, last, f"declares `{known.function.qualified_name}`")


def is_in_tests(known: Known) -> bool:
    """Whether a function is a test beside the code that it tests."""
    return known.function.qualified_name.startswith(("tests.", "test."))
