"""Which repository a name means: GitHub renames repositories, and keeps their numeric id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from etl.bronze.sources import digest

HOST = "github.com/"
"""How the canonical source of a repository at GitHub begins."""

UNKNOWN = "unknown"
"""The repository of what cannot be attributed to one; no digest reads so."""


def repo_id_of(name: str) -> str:
    """Identity of a repository at GitHub by `owner/name`, as `sluice run` gives it to its URL."""
    return digest("repository", f"{HOST}{name}")


def input_batch(sha256: str, repo_id: str) -> str:
    """The batch of what one file says about one repository, wherever the file lies."""
    return digest("input", sha256, repo_id)


def ids_of_home(said: Iterable[tuple[str, int]], home: Mapping[str, str]) -> set[int]:
    """GitHub's ids that were said beside the names of this home's repositories."""
    return {github_id for name, github_id in said if github_id and name in home}


def resolve_names(said: Iterable[tuple[str, int]], home: Mapping[str, str]) -> dict[str, str]:
    """The repository of each name: one of this home where the name or an id of it leads there.

    A name that leads to two repositories of the home, since it passed from one to the other,
    stands for itself.

    Args:
        said: names and GitHub's ids that were seen together; 0 is no id.
        home: repo_id by name of the repositories that this home has.
    """
    pairs = set(said)
    owners: dict[int, set[str]] = {}
    for name, github_id in pairs:
        if github_id and name in home:
            owners.setdefault(github_id, set()).add(home[name])
    reached: dict[str, set[str]] = {}
    for name, github_id in pairs:
        reached.setdefault(name, set()).update(owners.get(github_id, set()))
    return {
        name: home.get(name) or (min(found) if len(found) == 1 else repo_id_of(name))
        for name, found in reached.items()
    }


def find_renamed(said: Iterable[tuple[str, int]], home: Mapping[str, str]) -> dict[str, str]:
    """The repositories of this home by the other names that GitHub's ids lead to.

    Two histories must never be taken for one, so a name that was seen with two ids, since it passed
    from one repository to another, leads nowhere, and no other name is reached through it.

    Args:
        said: names and GitHub's ids that were seen together; 0 is no id.
        home: repo_id by name of the repositories that this home has.
    """
    ids: dict[str, set[int]] = {}
    for name, github_id in said:
        if github_id:
            ids.setdefault(name, set()).add(github_id)
    sure = {name: min(found) for name, found in ids.items() if len(found) == 1}
    owners: dict[int, set[str]] = {}
    for name, repo_id in home.items():
        if name in sure:
            owners.setdefault(sure[name], set()).add(repo_id)
    return {
        name: min(owners[github_id])
        for name, github_id in sure.items()
        if name not in home and len(owners.get(github_id, ())) == 1
    }
