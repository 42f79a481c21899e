"""What a user may name as a source: a path to a repository, or the URL of one."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from etl.errors import SourceError

SCHEMES = ("https", "http", "ssh")
# Forges whose owner and repository names do not distinguish case.
_CASELESS_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")


@dataclass(frozen=True)
class Source:
    """One repository to read.

    Attributes:
        address: absolute path of a git directory, or a URL.
        is_url: it has to be cloned first.
        named: named by the user one by one, rather than taken from a list.
    """

    address: str
    is_url: bool
    named: bool


def digest(*parts: str) -> str:
    """SHA-256 over parts, each closed by a NUL so that no two lists of parts read the same."""
    return hashlib.sha256("".join(f"{part}\0" for part in parts).encode("utf-8")).hexdigest()


def canonical_url(url: str) -> str:
    """`host/owner/name` of a repository URL; the scheme, the user and `.git` do not matter."""
    scp_like = "://" not in url and ":" in url
    if scp_like:  # git@host:owner/name
        host, _, path = url.partition(":")
        host = host.rpartition("@")[2]
    else:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
        if parts.port:
            host = f"{host}:{parts.port}"
    host = host.lower()
    path = path.strip("/").removesuffix(".git")
    if host in _CASELESS_HOSTS:
        path = path.lower()
    return f"{host}/{path}"


def short_name(canonical: str) -> str:
    """The last two parts of a canonical source, which is how people name repositories."""
    parts = [part for part in canonical.split("/") if part and part != ".git"]
    return "/".join(parts[-2:]).removesuffix(".git") or canonical


def git_directory(path: Path) -> Path | None:
    """The git directory of a work tree or bare repository at `path`; None if it is neither.

    Only looks at names, never opens the repository. A `.git` file (worktree, submodule) is
    followed once.
    """
    dotgit = path / ".git"
    if dotgit.is_file():
        words = dotgit.read_text(encoding="utf-8", errors="replace").split("gitdir:", 1)
        target = Path(os.path.normpath(path / words[1].strip())) if len(words) == 2 else dotgit
        return target if (target / "HEAD").is_file() else None
    for candidate in (dotgit, path):
        if (candidate / "HEAD").is_file() and (candidate / "objects").is_dir():
            return candidate
    return None


def _enclosing(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (found := git_directory(folder)) is not None:
            return found
    return None


def parse_source(text: str, *, named: bool) -> Source:
    """Understand one path or URL.

    Raises:
        SourceError: neither a readable repository nor a URL of an allowed scheme.
    """
    if text.startswith("-"):
        raise SourceError(f"`{text}` is neither a path nor a URL: a source cannot start with `-`.")
    scheme = text.partition("://")[0] if "://" in text else ""
    if scheme:
        if scheme not in SCHEMES:
            raise SourceError(
                f"`{text}`: the scheme `{scheme}` is not allowed, only {', '.join(SCHEMES)}. "
                "Give a repository on this machine by its path."
            )
        if not urlsplit(text).hostname:
            raise SourceError(f"`{text}`: the URL names no host.")
        return Source(text, is_url=True, named=named)
    path = Path(text).expanduser()
    if not path.exists():
        if "::" in text:
            raise SourceError(f"`{text}`: remote helpers (`::`) are not allowed.")
        if ":" in text and "/" not in text.partition(":")[0]:
            return Source(text, is_url=True, named=named)  # git@host:owner/name
        raise SourceError(
            f"There is no `{text}`. Name a folder that holds a git repository, or a URL "
            f"({', '.join(SCHEMES)})."
        )
    found = git_directory(path.resolve())
    if found is None:
        raise SourceError(
            f"`{text}` is not a git repository (no .git in it, and it is no bare one). "
            "Name the folder that `git rev-parse --show-toplevel` prints there."
        )
    return Source(str(found), is_url=False, named=named)


def find_sources(named: list[str], listed: list[str], here: Path) -> list[Source]:
    """All sources of a run: those named, those listed, or the repository that encloses `here`.

    Raises:
        SourceError: one of them cannot be read, or there is none.
    """
    sources = [parse_source(text, named=True) for text in named]
    sources += [parse_source(text, named=False) for text in listed]
    if sources:
        unique: dict[str, Source] = {}
        for source in sources:
            known = unique.get(source.address)
            if known is None or (source.named and not known.named):
                unique[source.address] = source
        return list(unique.values())
    enclosing = _enclosing(here.resolve())
    if enclosing is None:
        raise SourceError(
            f"{here} is in no git repository. Stand in one, or name repositories: "
            "sluice run PATH_OR_URL ..."
        )
    return [Source(str(enclosing), is_url=False, named=True)]
