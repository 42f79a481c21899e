"""Read a file with collaboration data: its lines, whatever is in them, and the names it holds."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field

from udfs.collaboration import Fault, Record, read_records
from udfs.collaboration.strict_json import UnreadableError, parse_json

_CHUNK = 1 << 20
UNREADABLE = (OSError, EOFError, zlib.error)


class InputLimits(BaseModel):
    """Caps of one line, or of a file that holds one document.

    Attributes:
        max_line_bytes: a longer line is rejected.
        max_depth: so is one that is nested deeper.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_line_bytes: int = Field(gt=0)
    max_depth: int = Field(gt=0, le=200)


class Line(NamedTuple):
    """What one line holds, and its number from 1."""

    number: int
    items: list[Record | Fault]


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    with gzip.open(path, "rb") if path.endswith(".gz") else Path(path).open("rb") as stream:
        yield cast(BinaryIO, stream)


def _lines(stream: BinaryIO, cap: int) -> Iterator[bytes | None]:
    """The lines of a stream without holding more than `cap` bytes; None for a longer one."""
    while line := stream.readline(cap + 1):
        if len(line) <= cap or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
            pass
        yield None


def _is_document(path: str, limits: InputLimits) -> bool:
    """Whether a `.json` file is one document over several lines, as tools print it."""
    if not path.removesuffix(".gz").endswith(".json"):
        return False
    with _opened(path) as stream:
        first = next((line for line in _lines(stream, limits.max_line_bytes) if line != b"\n"), b"")
    if not first:
        return False
    try:
        parse_json(first, limits.max_depth)
    except UnreadableError as error:
        return error.reason == "not_json"
    return False


def _taken(data: bytes | None, limits: InputLimits) -> list[Record | Fault]:
    if data is None or len(data) > limits.max_line_bytes:
        return [Fault("", None, "line_too_large", f"over {limits.max_line_bytes} bytes")]
    return read_records(data, limits.max_depth)


def read_input(path: str, limits: InputLimits) -> Iterator[Line]:
    """Every line of a file that is not blank, and what it holds.

    A `.json` file may hold one document instead, which counts as line 1; `.gz` is unpacked.

    Raises:
        OSError, EOFError, zlib.error: the file cannot be read or is damaged (`UNREADABLE`).
    """
    if _is_document(path, limits):
        with _opened(path) as stream:
            yield Line(1, _taken(stream.read(limits.max_line_bytes + 1), limits))
        return
    with _opened(path) as stream:
        for number, line in enumerate(_lines(stream, limits.max_line_bytes), start=1):
            if line is None or line.strip():
                yield Line(number, _taken(line, limits))


def line_key(number: int, where: str) -> str:
    """How an object of a file is named in the ledger."""
    return f"line {number} {where}".rstrip()


def archive_key(line: bytes, where: str) -> str:
    """The same in a GH Archive hour, whose lines are read in any order and so have no number."""
    return f"line {hashlib.sha256(line).hexdigest()[:16]} {where}".rstrip()


def _sha256(path: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _count_lines(path: str) -> int:
    count, last = 0, b"\n"
    with _opened(path) as stream:
        while chunk := stream.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _names(path: str, limits: InputLimits) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for line in read_input(path, limits):
        for item in line.items:
            if isinstance(item, Record) and item.kind == "repository":
                found.add((item.repository, int(item.fields["github_id"])))
            elif item.repository is not None:
                found.add((item.repository, 0))
    named = {name for name, github_id in found if github_id}
    return {(name, github_id) for name, github_id in found if github_id or name not in named}


def survey(path: str, format: str, limits: InputLimits) -> dict[str, Any]:
    """What a file is: sha256, lines, names (with GitHub's ids, 0 for none), or the error.

    The names in an archive are left to Spark, which reads only a few fields of each event.
    """
    try:
        return {
            "sha256": _sha256(path),
            "lines": _count_lines(path),
            "names": set() if format == "archive" else _names(path, limits),
            "error": None,
        }
    except UNREADABLE as error:
        told = f"{type(error).__name__}: {error}"
        return {"sha256": "", "lines": 0, "names": set(), "error": told}
