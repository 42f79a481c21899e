"""SPDX expressions: reading what people write as one, and the rule for what is permissive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final

import license_expression
import re2

from udfs.licence.names import PROPRIETARY, UNKNOWN, UNVERSIONED, named, offers_choice, words

COMMONLY_PERMISSIVE: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BlueOak-1.0.0",
        "BSD-1-Clause",
        "BSD-2-Clause",
        "BSD-2-Clause-Patent",
        "BSD-3-Clause",
        "BSD-3-Clause-Clear",
        "BSL-1.0",
        "CC0-1.0",
        "curl",
        "ECL-2.0",
        "ISC",
        "MIT",
        "MIT-0",
        "NCSA",
        "PostgreSQL",
        "PSF-2.0",
        "Python-2.0",
        "Unlicense",
        "UPL-1.0",
        "WTFPL",
        "X11",
        "Zlib",
    }
)
"""Permissive licences in wide use: those of the Blue Oak Council's list
(https://blueoakcouncil.org/list) that are common, and the public domain dedication CC0-1.0."""

MAX_EXPRESSION_CHARS: Final = 512
"""Longer expressions are refused: the SPDX ones in use have a few dozen characters."""

_ID: Final = re2.compile(r"[A-Za-z0-9.:+-]+")
_SPELT_OUT: Final = {"the", "license", "licence", "licensed", "licenced", "under", "software"}
_PLAIN: Final = {
    "apache": UNVERSIONED + "Apache",
    "bsd": UNVERSIONED + "BSD",
    "gpl": UNVERSIONED + "GPL",
    "isc": "ISC",
    "lgpl": UNVERSIONED + "LGPL",
    "mit": "MIT",
    "psf": "PSF-2.0",
    "zlib": "Zlib",
}
_NOT_GRANTED: Final = {PROPRIETARY, *(UNVERSIONED + gnu for gnu in ("AGPL", "GPL", "LGPL"))}
_SAYS_NOTHING: Final = {"none", "noassertion", "unknown", "other", "tbd"}


@cache
def _licensing() -> Any:
    return license_expression.get_spdx_licensing()


def _is_reference(key: str) -> bool:
    return key.startswith(("LicenseRef-", "DocumentRef-"))


def parse(expression: str) -> Any | None:
    """Parse an SPDX expression; None where it is no valid one.

    Every licence must be on the SPDX list (a trailing `+` is allowed) or be a `LicenseRef-` or
    `DocumentRef-`; deprecated ids come back as their successors (`GPL-2.0+` as
    `GPL-2.0-or-later`). Beware that the result refuses to be tested for truth: compare with None.
    """
    if not expression.strip() or len(expression) > MAX_EXPRESSION_CHARS:
        return None
    try:
        tree = _licensing().parse(expression, validate=False, strict=True)
    except (license_expression.ExpressionError, RecursionError):
        return None
    if tree is None:
        return None
    known = _licensing().known_symbols
    for key in _licensing().license_keys(tree):
        if not _is_reference(key) and key.removesuffix("+") not in known:
            return None
    return tree


def leaves(expression: str) -> tuple[str, ...]:
    """The licences of a valid expression in order of appearance, each once, `WITH` parts whole."""
    tree = parse(expression)
    if tree is None:
        return ()
    return tuple(dict.fromkeys(str(leaf) for leaf in tree.get_literals()))


def substitute(expression: str, replacements: Mapping[str, str]) -> str:
    """`expression` with ids put in place of others."""
    return str(_ID.sub(lambda found: replacements.get(found.group(), found.group()), expression))


def join(operator: str, expressions: Iterable[str]) -> str:
    """Join valid expressions by `AND` or `OR`, each once; the result is a valid expression."""
    parts = list(dict.fromkeys(expressions))
    if len(parts) == 1:
        return parts[0]
    is_compound = [" AND " in part or " OR " in part for part in parts]
    return f" {operator} ".join(
        f"({part})" if compound else part for part, compound in zip(parts, is_compound, strict=True)
    )


def normalise(expression: str) -> str:
    """A valid expression with canonical ids and least brackets, its order kept."""
    return _render(_parsed(expression))


def simplify(expression: str) -> str:
    """The shortest expression of the same meaning by absorption (`A AND (A OR B)` is `A`).

    The order of the operands is kept where nothing can be left out.
    """
    tree = _parsed(expression)
    simple = tree.simplify()
    is_same = len(simple.get_literals()) == len(tree.get_literals())
    return _render(tree if is_same else simple)


def _parsed(expression: str) -> Any:
    tree = parse(expression)
    if tree is None:
        raise ValueError(f"not an SPDX expression: {expression!r}")
    return tree


def _render(tree: Any) -> str:
    return str((tree if tree.isliteral else tree.flatten()).render())


def read_declared(declared: str) -> str | None:
    """What a declaration in package metadata means, as an SPDX expression.

    Takes SPDX expressions, the old slash of Cargo (`MIT/Apache-2.0`, a choice) and names in
    prose (`The Apache Software License, Version 2.0`, `GPLv3 or MIT`). A family without a
    version gives `LicenseRef-unversioned-BSD` and the like, anything else `LicenseRef-unknown`,
    and words that declare nothing (`NOASSERTION`, `NONE`, nothing at all) give None.
    """
    text = " ".join(declared[: 4 * MAX_EXPRESSION_CHARS].split())
    bare = words(text)
    if not bare or (len(bare) == 1 and bare[0] in _SAYS_NOTHING):
        return None
    if text == "UNLICENSED":
        return PROPRIETARY
    core = [word for word in bare if word not in _SPELT_OUT]
    if len(core) == 1 and core[0] in _PLAIN:
        return _PLAIN[core[0]]
    for candidate in (text, text.replace("/", " OR ")):
        if parse(candidate) is not None:
            return normalise(candidate)
    spelt = (f"{word} license" if word in {"isc", "mit", "zlib"} else word for word in bare)
    return read_prose(" ".join(spelt).split()) or UNKNOWN


def read_prose(prose: list[str]) -> str | None:
    """The licences that `prose` names, joined by OR where it offers a choice, else by AND."""
    keys = list(dict.fromkeys(key for _, _, key in named(prose)))
    keys = [key for key in keys if key.removesuffix("-only") + "-or-later" not in keys]
    if not keys:
        return None
    return join("OR" if offers_choice(prose) else "AND", keys)


def is_permissive(
    expression: str | None, allowed: Collection[str] = COMMONLY_PERMISSIVE
) -> tuple[bool, str | None]:
    """Whether an SPDX expression lets code be used under licences of `allowed` alone.

    Of an `OR` one branch suffices, an `AND` needs all. `X WITH E` is permitted where `allowed`
    holds it whole, or holds X and E is an exception on the SPDX list: those only add
    permissions. Returns (True, None), or False with `licence_missing`, `licence_unparsable`,
    `licence_not_permissive`, or `licence_unknown` (a `LicenseRef-` decides).
    """
    if expression is None or not expression.strip():
        return False, "licence_missing"
    tree = parse(expression)
    if tree is None:
        return False, "licence_unparsable"
    return _judge(tree, {normalise(key) if parse(key) is not None else key for key in allowed})


def is_choice(tree: Any) -> bool:
    """Whether what `parse` gave is an `OR`."""
    return isinstance(tree, _licensing().OR)


def _judge(tree: Any, allowed: Collection[str]) -> tuple[bool, str | None]:
    if isinstance(tree, license_expression.LicenseWithExceptionSymbol):
        exception = tree.exception_symbol.key
        known = _licensing().known_symbols.get(exception)
        if str(tree) in allowed:
            return True, None
        if _is_reference(exception) or known is None or not known.is_exception:
            return False, "licence_unknown"
        return _judge(tree.license_symbol, allowed)
    if isinstance(tree, license_expression.LicenseSymbol):
        if tree.key in allowed or tree.key.removesuffix("+") in allowed:
            return True, None
        is_named = not _is_reference(tree.key) or tree.key in _NOT_GRANTED
        return False, "licence_not_permissive" if is_named else "licence_unknown"
    verdicts = [_judge(branch, allowed) for branch in tree.args]
    fits = [verdict for verdict, _ in verdicts]
    if any(fits) if is_choice(tree) else all(fits):
        return True, None
    reasons = {reason for _, reason in verdicts if reason is not None}
    return False, max(reasons & {"licence_not_permissive"} or reasons)
