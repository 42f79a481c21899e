"""Clone a URL into the cache without running anything that the repository or its host asks for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from etl.bronze.sources import SCHEMES, canonical_url, digest

_BRANCHES, _PULLS = "+refs/heads/*:refs/heads/*", "+refs/pull/*/head:refs/pull/*/head"
# What git says on a redirect, and what a server says comes after `remote: `.
_REDIRECT = "warning: redirecting to "


class CloneParams(BaseModel):
    """Limits of a clone.

    Attributes:
        seconds: wall time of one clone or fetch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: int = Field(gt=0)


class CloneError(Exception):
    """A URL could not be cloned; the message says why."""


class Cloned(NamedTuple):
    """A URL in the cache.

    Attributes:
        location: the bare git directory.
        url: where the repository is now; another than was asked for where its host redirects.
    """

    location: str
    url: str


def _settings() -> list[str]:
    allowed = [f"protocol.{scheme}.allow=always" for scheme in SCHEMES]
    values = [
        "protocol.allow=never",
        *allowed,
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.askPass=",
        "submodule.recurse=false",
        "fetch.recurseSubmodules=false",
        "fetch.fsckObjects=false",  # old histories hold harmless defects; reading copes with them
        "gc.auto=0",
        "maintenance.auto=false",
    ]
    return [word for value in values for word in ("-c", value)]


def _run(arguments: list[str], seconds: int) -> list[str]:
    """Run git; return what it said."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TEMPLATE_DIR": "",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    }
    try:
        done = subprocess.run(
            ["git", *_settings(), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CloneError(f"git took longer than {seconds} s") from error
    except FileNotFoundError as error:
        raise CloneError("git is not installed (apt-get install git)") from error
    lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
    if done.returncode != 0:
        raise CloneError(next((x for x in lines if x.startswith("fatal:")), "git failed"))
    return lines


def _redirected(url: str, said: list[str]) -> str:
    """The address that a host gave for the one that was asked for.

    On another host it is a mirror of many, and no new name.
    """
    found = next((x.removeprefix(_REDIRECT) for x in said if x.startswith(_REDIRECT)), url)
    hosts = {canonical_url(address).partition("/")[0] for address in (url, found)}
    return found if len(hosts) == 1 else url


def clone(url: str, cache: str, params: CloneParams, *, pulls: bool) -> Cloned:
    """Bring the URL's repository into the cache, or bring the cached copy up to date.

    A new clone is made beside its place and renamed, so an interrupted one is never used.

    Args:
        url: where the repository is.
        cache: folder of all clones.
        params: limits.
        pulls: whether to bring the heads of pull requests, where the host has references to them.

    Raises:
        CloneError: git could not bring it.
    """
    place = Path(cache) / f"{digest('clone', canonical_url(url))[:32]}.git"
    if place.is_dir():
        refs = (_BRANCHES, _PULLS) if pulls else (_BRANCHES,)
        said = _run(["-C", str(place), "fetch", "--prune", "--", url, *refs], params.seconds)
        return Cloned(str(place), _redirected(url, said))
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}.part")
    also = [f"--config=remote.origin.fetch={_PULLS}"] if pulls else []
    said = _run(["clone", "--bare", *also, "--", url, str(unfinished)], params.seconds)
    unfinished.rename(place)
    return Cloned(str(place), _redirected(url, said))
