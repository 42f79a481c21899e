"""How much a licence asks of whoever passes the code on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from udfs.licence.expressions import COMMONLY_PERMISSIVE, is_choice, parse

NOTHING, NOTICE, CHANGES, OTHER = range(4)
"""No condition; its notice is kept; changes are told as well; anything else, or nobody knows."""

_NOTHING: Final = {"0BSD", "CC0-1.0", "MIT-0", "Unlicense", "WTFPL"}
_CHANGES: Final = {"Apache-2.0", "ECL-2.0", "PSF-2.0", "Python-2.0", "Zlib"}


@lru_cache(maxsize=4096)
def conditions(expression: str | None) -> int:
    """What an SPDX expression asks: `NOTHING`, `NOTICE`, `CHANGES` or `OTHER`, least first.

    Of an `OR` the branch that asks least counts, of an `AND` the one that asks most. Source: the
    conditions of https://choosealicense.com/appendix and, of PSF-2.0, its third clause.
    """
    tree = parse(expression) if expression else None
    return OTHER if tree is None else _of(tree)


def _of(tree: Any) -> int:
    if not tree.isliteral:
        asked = map(_of, tree.args)
        return min(asked) if is_choice(tree) else max(asked)
    key = str(tree).partition(" WITH ")[0].removesuffix("+")
    if key in _NOTHING:
        return NOTHING
    if key in _CHANGES:
        return CHANGES
    return NOTICE if key in COMMONLY_PERMISSIVE else OTHER
