"""What a change is when its names are taken away: equal for copies with renamed identifiers."""

from __future__ import annotations

import hashlib
import re
from itertools import chain
from typing import Final

from udfs.ast.parsing import parse, to_bytes
from udfs.ast.tokens import LAYOUT, canonical, read_tokens
from udfs.quality.patch import file_changes

_WORD_OR_SIGN: Final = re.compile(r"\w+|[^\w\s]")
_MARK: Final = (("\x00", False),)  # between what is removed and what is added


def structure_hash(response: str, language: str, least: int) -> str | None:
    """Hash of the tokens that a diff removes and adds, without layout and comments (32 hex).

    Identifiers count by the order in which they first appear, in all of the diff; strings and
    numbers stay. Lines are parsed without those around them, which makes trees with errors, but the
    same ones for the same lines.

    Args:
        response: a unified diff.
        language: of its code.
        least: fewer tokens say too little: the change of many things is ``$0 = $1``.

    Returns:
        None for fewer tokens, for what is no diff, or has no tree within the limits.
    """
    files = file_changes(response)
    sides = [
        "\n".join(line for change in files for line in getattr(change, kind))
        for kind in ("removed", "added")
    ]
    # A token is a word or some signs: to count those costs a fraction of a tree.
    if sum(len(_WORD_OR_SIGN.findall(side)) for side in sides) < least:
        return None
    parts = []
    for side in sides:
        parsed = parse(to_bytes(side), language)
        if isinstance(parsed, str):
            return None
        stream = read_tokens(parsed)
        parts.append(
            [t for t in zip(stream.texts, stream.identifiers, strict=True) if t[0] not in LAYOUT]
        )
    if sum(map(len, parts)) < least:
        return None
    tokens = canonical(chain(parts[0], _MARK, parts[1]))
    joined = "\x00".join((language, *tokens))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
