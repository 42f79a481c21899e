"""One licence for a repository out of what its files say, with the conflicts between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from udfs.licence.detection import REUSE_FOLDER, LicenceFinding, is_licence_file
from udfs.licence.expressions import join, leaves, simplify, substitute
from udfs.licence.names import UNKNOWN, UNVERSIONED

_RUST_PAIR: Final = frozenset({"MIT", "Apache-2.0"})


@dataclass(frozen=True)
class LicenceVerdict:
    """The licence of a repository.

    Attributes:
        expression: SPDX expression, or None where nothing speaks of a licence.
        reason: `licence_missing` where there is no expression, else None.
        evidence: the findings that the expression rests on, strongest first.
        conflicts: one sentence for each finding that says something else than those before it.
    """

    expression: str | None
    reason: str | None
    evidence: tuple[LicenceFinding, ...]
    conflicts: tuple[str, ...]


def conclude(findings: Sequence[LicenceFinding]) -> LicenceVerdict:
    """The licence of a repository, from the findings in it, in any order.

    Precedence: licence files in the root, then `LICENSES/`, identifiers and notices in files,
    metadata in the root. The first kind that exists is the base. What the others say beyond it
    is a conflict and joins by AND, so that the stricter of two statements holds and nothing is
    waived. Findings of licence files and manifests in sub-folders speak for their folder only
    and are left out.

    Several licence texts are alternatives where one of the files, or the metadata, says so, and
    where they are the pair LICENSE-MIT and LICENSE-APACHE (Rust API guidelines, C-PERMISSIVE);
    else all of them hold. LGPL-3.0 stands for the GPL-3.0 text that it comes with. A version that
    only the metadata or a notice gives ("or later") is taken over. Metadata that points elsewhere
    (`LicenseRef-unknown`) adds nothing.
    """
    groups = _grouped(findings)
    used = [finding for group in groups for finding in group]
    if not used:
        return LicenceVerdict(None, "licence_missing", (), ())
    replacements = _resolved(used)
    said = [[(f.path, substitute(f.expression, replacements)) for f in group] for group in groups]
    others = [pair for group in said[1:] for pair in group]
    base = _base(said[0], others)
    conflicts = []
    for path, expression in others:
        if expression == UNKNOWN:
            continue
        narrowed = simplify(join("AND", [base, expression]))
        if set(leaves(narrowed)) != set(leaves(base)):
            conflicts.append(f"{path} says {expression}, {said[0][0][0]} says {base}")
            base = narrowed
    return LicenceVerdict(base, None, tuple(used), tuple(conflicts))


def _grouped(findings: Iterable[LicenceFinding]) -> list[list[LicenceFinding]]:
    """The findings that count, by precedence; empty kinds and repeated statements left out."""
    groups: list[list[LicenceFinding]] = [[], [], [], []]
    for finding in sorted(set(findings), key=lambda f: (f.path, f.method, f.expression)):
        rank = _rank(finding)
        if rank is None:
            continue
        is_repeat = any(finding.expression == other.expression for other in groups[rank])
        if rank < 2 or not is_repeat:
            groups[rank].append(finding)
    return [group for group in groups if group]


def _rank(finding: LicenceFinding) -> int | None:
    path = finding.path
    if path.startswith(REUSE_FOLDER):
        return 1
    if finding.method == "metadata" or is_licence_file(path):
        if "/" in path:
            return None
        return 3 if finding.method == "metadata" else 0
    return 2


def _resolved(findings: Sequence[LicenceFinding]) -> dict[str, str]:
    """Ids that another finding makes precise: a family's version, "only" that is "or later"."""
    found = list(dict.fromkeys(leaf for f in findings for leaf in leaves(f.expression)))
    replacements = {
        leaf: leaf.removesuffix("-only") + "-or-later"
        for leaf in found
        if leaf.removesuffix("-only") + "-or-later" in found
    }
    for leaf in found:
        if leaf.startswith(UNVERSIONED):
            family = leaf.removeprefix(UNVERSIONED) + "-"
            members = {replacements.get(m, m) for m in found if m.startswith(family)}
            if len(members) == 1:
                replacements[leaf] = members.pop()
    return replacements


def _base(stated: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]]) -> str:
    """What the strongest kind of finding says as a whole."""
    expressions = list(dict.fromkeys(expression for _, expression in stated))
    if any(expression.startswith("LGPL-3.0") for expression in expressions):
        expressions = [e for e in expressions if not e.startswith("GPL-3.0")]
    wanted = {leaf for expression in expressions for leaf in leaves(expression)}
    is_single = len(expressions) == 1
    for _, expression in others if is_single else [*stated, *others]:
        if wanted == set(leaves(expression)):
            return simplify(expression)
    if is_single:
        return simplify(expressions[0])
    names = [path.upper() for path, _ in stated]
    if (
        wanted == _RUST_PAIR
        and all("MIT" in name or "APACHE" in name for name in names)
        and not any("MIT" in name and "APACHE" in name for name in names)
    ):
        return "MIT OR Apache-2.0"
    return simplify(join("AND", expressions))
