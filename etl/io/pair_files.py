"""Files of pairs that a team wrote itself, kept in the home under the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path


def pairs_folder(root: Path) -> Path:
    """Folder of these files, under the folder of all landings."""
    return root / "pairs"


def land_file(root: Path, content: bytes) -> tuple[Path, bool]:
    """Keep a file; return where it is, and whether it is new."""
    place = pairs_folder(root) / f"{hashlib.sha256(content).hexdigest()}.jsonl"
    if place.exists():
        return place, False
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, place)
    return place, True


def landed_files(root: Path) -> list[Path]:
    """The files that are here, by name."""
    return sorted(pairs_folder(root).glob("[0-9a-f]*.jsonl"))


def drop_pairs(root: Path, is_dropped: Callable[[bytes], bool]) -> int:
    """Remove lines from these files, each of which then has another name; return how many.

    Args:
        root: folder of all landings.
        is_dropped: whether a line is to go.
    """
    dropped = 0
    for file in landed_files(root):
        lines = file.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not is_dropped(line)]
        if len(kept) < len(lines):
            if kept:
                land_file(root, b"".join(kept))
            file.unlink()
            dropped += len(lines) - len(kept)
    return dropped
