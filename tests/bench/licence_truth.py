"""Licences from texts against package metadata: python -m tests.bench.licence_truth GIT_DIR [...].

For each repository whose root has a manifest that names a licence, the licence is concluded from
all other files of the root, and compared with what the manifests say. Prints a line a repository
and the sums. Not a test: the figures are for people.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pygit2

from etl.config import conf_folder, read_config
from udfs.licence import conclude, detect, is_licence_path, is_permissive
from udfs.licence.expressions import leaves
from udfs.licence.manifests import is_manifest
from udfs.licence.names import UNKNOWN, UNVERSIONED

Kind = Literal["same", "same_but_vaguer", "stricter", "looser", "other", "missing"]


def _texts(tree: pygit2.Tree, before: str = "") -> Iterator[tuple[str, str]]:
    for entry in tree:
        path = before + (entry.name or "")
        if isinstance(entry, pygit2.Tree) and path == "LICENSES":
            yield from _texts(entry, "LICENSES/")
        elif isinstance(entry, pygit2.Blob) and is_licence_path(path):
            yield path, entry.data.decode("utf-8", "replace")


def compare(concluded: str | None, declared: str) -> Kind:
    """How an expression from texts stands to the one that metadata declares.

    `same_but_vaguer`: the metadata names a family without a version, or "only" for "or later", and
    the texts one of it. `stricter` asks for more than the metadata, `looser` for less.
    """
    if concluded is None:
        return "missing"
    found, said = set(leaves(concluded)), set(leaves(declared))
    if found == said and (" OR " in concluded) == (" OR " in declared):
        return "same"
    if {_family(leaf) for leaf in found} == {_family(leaf) for leaf in said}:
        is_choice = (" OR " in concluded, " OR " in declared)
        if is_choice == (False, True):
            return "stricter"
        return "looser" if is_choice == (True, False) else "same_but_vaguer"
    if found > said:
        return "stricter"
    return "looser" if found < said else "other"


def _family(leaf: str) -> str:
    plain = leaf.removeprefix(UNVERSIONED).partition(" ")[0]
    if leaf.startswith(UNVERSIONED) or plain.startswith(("GPL", "LGPL", "AGPL", "BSD", "Apache")):
        return plain.partition("-")[0]
    return plain


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    chosen = parser.parse_args()
    permissive = read_config(conf_folder()).profile.permissive
    sums: Counter[str] = Counter()
    manifests: Counter[str] = Counter()
    for path in chosen.repositories:
        repository = pygit2.Repository(str(path))
        found = [
            finding
            for place, text in _texts(repository.head.peel(pygit2.Commit).tree)
            if (finding := detect(place, text)) is not None
        ]
        name = path.parent.name if path.name in ("repo", ".git") else path.name
        said = conclude([x for x in found if is_manifest(x.path)]).expression
        if said is None or said == UNKNOWN:
            sums["no metadata"] += 1
            print(f"{name:<36} -                {'no licence in metadata'}")
            continue
        manifests.update(x.path for x in found if is_manifest(x.path))
        read = conclude([x for x in found if not is_manifest(x.path)]).expression
        kind = compare(read, said)
        verdicts = [is_permissive(expression, permissive)[0] for expression in (read, said)]
        sums[kind] += 1
        sums["another verdict"] += verdicts[0] != verdicts[1]
        print(f"{name:<36} {kind:<16} {read} | {said} | permissive {verdicts[0]} {verdicts[1]}")
    print(dict(manifests.most_common()))
    compared = sum(sums.values()) - sums["no metadata"] - sums["another verdict"]
    print(f"{compared} compared: {dict(sums.most_common())}")


if __name__ == "__main__":
    main()
