"""Which files hold collaboration data: those that were fetched, and those that the user names."""

from __future__ import annotations

from collections.abc import Iterator
from glob import glob
from pathlib import Path
from typing import NamedTuple

from etl.errors import SourceError


class InputFile(NamedTuple):
    """One file.

    Attributes:
        path: absolute path.
        format: `landing`, `dump` or `archive`.
        bytes: its size.
        modified_ns: when it was changed, nanoseconds since 1970.
    """

    path: str
    format: str
    bytes: int
    modified_ns: int


def _matches(key: str, pattern: str) -> list[Path]:
    found = [Path(name) for name in glob(str(Path(pattern).expanduser()), recursive=True)]
    files = sorted(path.absolute() for path in found if path.is_file())
    if not files:
        raise SourceError(
            f"`{pattern}` in {key} matches no file. Give the path of a file, or a pattern such as "
            "/data/2024-*.json.gz; take it out of the list once it has been read and removed."
        )
    return files


def _paths(landing: Path, dumps: tuple[str, ...], archives: tuple[str, ...]) -> Iterator[
    tuple[Path, str]
]:  # fmt: skip
    # glob leaves out hidden files, as which a fetch writes what is not whole yet.
    pattern = str(landing / "github/*/*/*.jsonl")
    yield from ((Path(name), "landing") for name in sorted(glob(pattern)))
    for key, patterns, kind in (
        ("collaboration.dumps", dumps, "dump"),
        ("collaboration.archives", archives, "archive"),
    ):
        for pattern in patterns:
            yield from ((path, kind) for path in _matches(key, pattern))


def find_inputs(
    landing: Path, dumps: tuple[str, ...], archives: tuple[str, ...]
) -> list[InputFile]:
    """Every file that is to be read, once, in the order of their paths.

    Args:
        landing: folder of what was fetched; it need not exist.
        dumps: patterns of dumps.
        archives: patterns of GH Archive hours.

    Raises:
        SourceError: a pattern matches no file.
    """
    found: dict[str, InputFile] = {}
    for path, kind in _paths(landing, dumps, archives):
        state = path.stat()
        found.setdefault(str(path), InputFile(str(path), kind, state.st_size, state.st_mtime_ns))
    return [found[path] for path in sorted(found)]
