"""The terms that a file stands under: its own head, and the nearest licence file above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from udfs.licence.conclusion import conclude
from udfs.licence.detection import LicenceFinding, detect_head, is_licence_file, is_licence_path
from udfs.licence.expressions import join, leaves, simplify
from udfs.licence.names import UNKNOWN
from udfs.paths import is_docs_path

_PROJECT: Final = "LICENSE"


@dataclass(frozen=True)
class Terms:
    """The licences of a tree.

    Attributes:
        project: SPDX expression of the whole; None where nothing speaks of a licence.
        folders: (folder, expression) of those that have a licence file of their own and another
            licence than what is around them; a folder is named without a slash at its end.
    """

    project: str | None
    folders: tuple[tuple[str, str], ...]


def terms_of(
    findings: Iterable[LicenceFinding],
    conclusion: Callable[[Sequence[LicenceFinding]], str | None] | None = None,
) -> Terms:
    """The terms that the licence files and root manifests of one tree make.

    Args:
        findings: what `detect` found in them.
        conclusion: stands for `expression_of`, so that a caller may remember what it gave.
    """
    read = conclusion or expression_of
    project: list[LicenceFinding] = []
    by_folder: dict[str, list[LicenceFinding]] = {}
    for finding in sorted(findings, key=lambda found: found.path):
        folder, _, name = finding.path.rpartition("/")
        if is_licence_path(finding.path):
            project.append(finding)
        elif folder and is_licence_file(finding.path) and not _is_page(folder, finding):
            local = LicenceFinding(
                finding.expression, finding.method, name, finding.score, finding.evidence
            )
            by_folder.setdefault(folder, []).append(local)
    whole = read(tuple(project))
    kept: dict[str, str] = {}
    for folder in sorted(by_folder, key=lambda name: (name.count("/"), name)):
        expression = read(tuple(by_folder[folder]))
        around = _nearest(kept, folder.rpartition("/")[0]) or whole
        if expression is not None and expression != around:
            kept[folder] = expression
    return Terms(whole, tuple(sorted(kept.items())))


def _is_page(folder: str, finding: LicenceFinding) -> bool:
    """Whether it is a page of the documentation about licences, rather than one."""
    return finding.score == 0 and is_docs_path(f"{folder}/index.html")


def expression_of(findings: Sequence[LicenceFinding]) -> str | None:
    """What findings of one folder come to."""
    return conclude(findings).expression


def joint_licence(expressions: Iterable[str]) -> str:
    """The licence of several files together: what each of them asks for."""
    return simplify(join("AND", sorted(set(expressions))))


def _nearest(folders: dict[str, str], folder: str) -> str | None:
    while folder:
        if folder in folders:
            return folders[folder]
        folder = folder.rpartition("/")[0]
    return None


def file_licence(
    path: str, texts: Iterable[str], project: str, folders: Iterable[tuple[str, str]]
) -> str:
    """The licence of one file as an SPDX expression.

    What the head of the file says joins what stands above it by AND, as in `conclude`: a statement
    more never takes a condition away, and a choice that includes the project's licence adds none.

    Args:
        path: of the file.
        texts: of the file, such as before and after a change.
        project: licence of the whole.
        folders: licences of folders, as in `Terms`.
    """
    around = _nearest(dict(folders), path.rpartition("/")[0]) or project
    heads = {found for text in texts if (found := detect_head(path, text)) is not None}
    if not heads:
        return around
    base = LicenceFinding(around, "text", _PROJECT, 1.0, "")
    # A head counts wherever its file lies, also where that looks like a licence's name.
    said = [LicenceFinding(h.expression, h.method, "head", h.score, h.evidence) for h in heads]
    whole = conclude([base, *said]).expression or around
    is_unknown = any(UNKNOWN in leaves(head.expression) for head in heads)
    return simplify(join("AND", [whole, UNKNOWN])) if is_unknown else whole
