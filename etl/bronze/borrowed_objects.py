"""Whether a git directory borrows objects from elsewhere: libgit2 would read them as its own.

A repository that somebody else made could so lend its name and licence to what another one on this
machine holds. Only names and links are looked at; the repository is not opened.
"""

from __future__ import annotations

import os
from pathlib import Path


class BorrowedError(Exception):
    """A git directory leads to objects outside of it; the message says how, and what to do."""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def require_own_objects(location: str) -> None:
    """Refuse a git directory that leads to objects outside of it.

    A work tree that `git worktree add` made shares the objects of its repository, which is not
    borrowing.

    Raises:
        BorrowedError: it has alternates, a `commondir` of another repository, or links.
    """
    folder = common = Path(location)
    if shared := _text(folder / "commondir").strip():
        common = Path(os.path.normpath(folder / shared))
        if folder.resolve().parent != (common / "worktrees").resolve():
            raise BorrowedError(f"its `commondir` leads to {common}: name that repository instead")
    objects = common / "objects"
    lines = _text(objects / "info" / "alternates").splitlines()
    if lent := [line for line in lines if line.strip() and not line.startswith("#")]:
        raise BorrowedError(
            f"its objects/info/alternates borrows from {lent[0]}: run `git repack -a -d` there and "
            "delete that file, or name the repository that it borrows from"
        )
    inside = (Path(root, name) for root, dirs, files in os.walk(objects) for name in dirs + files)
    if link := next((path for path in (objects, *inside) if path.is_symlink()), None):
        raise BorrowedError(f"{link} is a link: put the objects there (`git clone --no-local`)")
