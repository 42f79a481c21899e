"""Files that the user names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from etl.errors import SourceError


def named_file(what: str, text: str) -> Path:
    """The absolute path of a file that the configuration names.

    Raises:
        SourceError: it is not there, or is no file; `what` says who asked for it.
    """
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise SourceError(f"{what}: there is no file {path}. Name one that exists, or remove it.")
    return path


def content_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
