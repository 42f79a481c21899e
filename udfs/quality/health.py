"""Whether a change leaves the code in good health: how its lines look, and what they bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from udfs.ast import JUDGED, Health
from udfs.language import detect_language
from udfs.quality.change import Change
from udfs.quality.finding import Finding, ramp
from udfs.quality.patch import FileChange
from udfs.quality.signs import WEAK, balance

# Bytes of UTF-8; of a character beyond ASCII the first one counts.
_INNER: Final = bytes(range(128, 192))
_BLANKS: Final = b" \t\n\v\f\r" + _INNER
_SIGNS: Final = bytes(code for code in range(128) if not chr(code).isalnum()) + _INNER
_BRACKETS: Final = ("()", "[]", "{}")
_TAB: Final = "    "
_MOST_STEPS: Final = 4
# McCabe 1976: above this a function should be written anew or in parts.
_MOST_COMPLEX: Final = 10


def code_health(change: Change, trees: Health | None = None) -> Finding:
    """Whether the added lines look written by hand and leave the code no worse: a product.

    Mean line length (full to 100, none from 200) and longest line (full to 200, 0.2 from 1,000),
    share of letters and digits (full from 0.4, none at 0.15): StarCoder's filters, Li et al. 2023,
    softened. Share of repeated lines of 10 or more characters (full to 0.3, 0.2 from 0.8):
    Gopher's, Rae et al. 2021. A word of 200 characters or more (encoded data) or a conflict
    marker: 0.3. Each of `signs.WEAK` that the added lines have more than the removed ones: 0.1
    less, down to a half. Of a diff also: the lines of 25 or more characters that it adds and shows,
    so that they stand twice (full to 0.2, 0.6 from 0.8); brackets that it opens and does not close,
    or the other way round, where those that it removes did (0.9); added lines that stand deeper by
    more than four steps than all that are removed or shown (0.85).

    Where trees were read before and after, they decide instead of brackets about files in the
    languages of `udfs.ast.JUDGED`: one that the change breaks (0.5). They also say by how much the
    most complex function that it adds or alters comes to lie above McCabe's 10, or above where it
    was, if that is higher (full from 0, 0.7 from 20).

    Args:
        change: the response, and what is beside it.
        trees: what those of its files say; None where nobody knows.
    """
    factor, told = (1.0, "") if trees is None else _judged(trees)
    lines = [line for line in change.added if line.strip()]
    if not lines:
        return Finding(factor, f"only removals{told}")
    lengths = [*map(len, lines)]
    mean, longest = sum(lengths) / len(lines), max(lengths)
    text = "\n".join(["", *lines])
    raw = text.encode("utf-8", "surrogatepass")
    solid = len(raw.translate(None, _BLANKS))
    alphanumeric = len(raw.translate(None, _SIGNS)) / max(1, solid)
    telling = [line for line in change.added_bare if len(line) >= 10]
    repeated = 1.0 - len(set(telling)) / len(telling) if telling else 0.0
    odd = (
        "\n<<<<<<< " in text
        or "\n>>>>>>> " in text
        or (longest >= 200 and max(map(len, text.split())) >= 200)
    )
    findings = sum(balance(WEAK, change).values())
    doubled = _doubled(lines, change)
    is_open = _is_open(
        file for file in change.files if trees is None or detect_language(file.path) not in JUDGED
    )
    deeper = _deeper(lines, change)
    value = (
        ramp(mean, 100, 200, 0.0)
        * ramp(longest, 200, 1000, 0.2)
        * ramp(-alphanumeric, -0.4, -0.15, 0.0)
        * ramp(repeated, 0.3, 0.8, 0.2)
        * ramp(findings, 0, 5, 0.5)
        * ramp(doubled, 0.2, 0.8, 0.6)
        * (0.3 if odd else 1.0)
        * (0.9 if is_open else 1.0)
        * factor
        * (0.85 if deeper > _MOST_STEPS else 1.0)
    )
    why = f"mean line {mean:.0f}, longest {longest}, {alphanumeric:.2f} alphanumeric"
    why += f", {repeated:.2f} repeated" + (", encoded data or conflict markers" if odd else "")
    why += f", {doubled:.2f} there already" if doubled > 0.2 else ""
    why += ", brackets left open" if is_open else ""
    why += f", {deeper} steps deeper" if deeper > _MOST_STEPS else ""
    why += f", {findings:+} findings" if findings else ""
    return Finding(value, why + told)


def _judged(trees: Health) -> tuple[float, str]:
    """What parses and complexity leave of a value, and what there is to tell of them."""
    before, after = trees.complexity_before, trees.complexity_after
    told = f", {trees.broken} of {trees.files} files do not parse" if trees.broken else ""
    told += f", {trees.mended} of {trees.files} files parse again" if trees.mended else ""
    if before != after and max(before, after) > _MOST_COMPLEX:
        told += f", complexity {before} to {after}"
    risen = after - max(before, _MOST_COMPLEX)
    return ramp(risen, 0, 20, 0.7) * (0.5 if trees.broken else 1.0), told


def _doubled(added: list[str], change: Change) -> float:
    """Share of the long added lines that the diff shows beside them, unchanged."""
    long_lines = [line for line in added if len(line) >= 25]
    if not long_lines or not change.shown:
        return 0.0
    shown = set(change.shown)
    return sum(line in shown for line in long_lines) / len(long_lines)


def _is_open(files: Iterable[FileChange]) -> bool:
    """Whether brackets are balanced otherwise after the change than before it, in one file.

    What stands around the changed lines is the same on both sides, so their balance must be too.
    Brackets in texts and comments are counted with the others.
    """
    for file in files:
        added, removed = "".join(file.added), "".join(file.removed)
        for opening, closing in _BRACKETS:
            after = added.count(opening) - added.count(closing)
            if after != removed.count(opening) - removed.count(closing):
                return True
    return False


def _deeper(added: list[str], change: Change) -> int:
    """By how many steps the deepest added line stands deeper than all others of the diff."""
    # A blank is at most one step, so that others than these are not as deep as is looked for.
    deep = [line for line in added if line[: _MOST_STEPS + 1].isspace()]
    deepest = max(map(_indent, deep), default=0)
    if deepest <= _MOST_STEPS * len(_TAB):
        return 0
    others = [_indent(line) for line in (*change.removed, *change.shown) if line.strip()]
    return (deepest - max(others)) // len(_TAB) if others else 0


def _indent(line: str) -> int:
    blanks = len(line) - len(line.lstrip())
    return blanks + (len(_TAB) - 1) * line.count("\t", 0, blanks)
