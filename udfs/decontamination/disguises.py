"""What people do to code that they copy: the ways in which a canary is disguised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import re2

from udfs.ast.parsing import Group, parse, to_bytes
from udfs.ast.tokens import LAYOUT, read_tokens
from udfs.decontamination.code import LIMITS
from udfs.decontamination.needles import docstrings

_DEFINES: Final = frozenset({"def", "func", "function", "fn"})
_INDENT: Final = re2.compile(r"^[ \t]*")
# Lines that go on with what stands before them, so that no statement fits between.
_GOES_ON: Final = re2.compile(r"^\s*(?:[)\]}.,+*/&|?:]|else\b|elif\b|except\b|finally\b|case\b)")
_ENDS: Final = re2.compile(r"[;{}:]\s*$")


def reformatted(code: str) -> str:
    """With twice the indentation, and an empty line after each."""
    return "\n\n".join(str(_INDENT.match(line).group()) + line for line in code.split("\n"))


def undocumented(code: str, language: str) -> str:
    """Without comments and docstrings; as it is, where it has no tree."""
    parsed = parse(to_bytes(code), language, LIMITS)
    if isinstance(parsed, str):
        return code
    comments = parsed.find(Group("comments", parsed.grammar.comments))["comments"]
    said = [*comments, *docstrings(parsed)]
    left = bytearray(parsed.source)
    for node in sorted(said, key=lambda node: -node.start_byte):
        del left[node.start_byte : node.end_byte]
    lines = left.decode("utf-8", "replace").split("\n")
    return "\n".join(line for line in lines if line.strip()) + "\n"


def commented(code: str, language: str) -> str:
    """With other comments than it had."""
    mark = "#" if language == "python" else "//"
    lines = undocumented(code, language).rstrip("\n").split("\n")
    return "".join(
        f"{mark} step {number} of the work\n{line}\n" for number, line in enumerate(lines, start=1)
    )


def renamed(code: str, language: str) -> str:
    """Without comments, and with other names for whatever it names itself."""
    text = undocumented(code, language)
    parsed = parse(to_bytes(text), language, LIMITS)
    if isinstance(parsed, str):
        return text
    stream = read_tokens(parsed)
    kept = [at for at, token in enumerate(stream.texts) if token not in LAYOUT]
    names: dict[str, str] = {}
    for before, at, after in zip([kept[0], *kept], kept, [*kept[1:], kept[-1]], strict=False):
        is_own = stream.texts[before] in _DEFINES or stream.texts[after] != "("
        if stream.identifiers[at] and stream.texts[before] != "." and is_own:
            names.setdefault(stream.texts[at], f"name{len(names)}")
    left = bytearray(parsed.source)
    for before, at in reversed(list(zip([kept[0], *kept], kept, strict=False))):
        token, start = stream.texts[at], stream.starts[at]
        if stream.identifiers[at] and token in names and stream.texts[before] != ".":
            left[start : start + len(token.encode())] = names[token].encode()
    return left.decode("utf-8", "replace")


def rewritten(code: str, language: str) -> str:
    """Renamed, and with a statement that does nothing between any two others.

    No level claims to see through this.
    """
    return "\n".join(_padded(renamed(code, language), language))


def _padded(code: str, language: str) -> Iterator[str]:
    idle = "_ = None" if language == "python" else "idle();"
    before = ""
    for number, line in enumerate(code.split("\n")):
        is_open = before.rstrip().endswith(("(", "[", ",", "\\"))
        is_ended = language in ("python", "go") or _ENDS.search(before) is not None
        if number and line.strip() and is_ended and not is_open and not _GOES_ON.match(line):
            yield f"{_INDENT.match(line).group()}{idle}"
        yield line
        before = line
