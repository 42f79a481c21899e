"""What can be learned from a pair: whether its change explains itself, and whether it is dated."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from udfs.quality.change import Change
from udfs.quality.finding import NOT_KNOWN, Finding, ramp, some
from udfs.quality.instruction import Instruction
from udfs.quality.signs import DATED, balance
from udfs.quality.tokens import STOP_WORDS, remembered, sub_tokens

_REASONS: Final = frozenset(
    """
    because since so therefore thus otherwise instead avoid avoids ensures prevents causes
    caused leads allows means when whenever if unless
    """.split()  # noqa: SIM905
)
_COMMENTS: Final = ("#", "//", "/*", "*", '"""', "'''", "///", "--", "<!--", "%", ";;")
_NOT_COMMENTS: Final = ("#include", "#define", "#if", "#else", "#endif", "#[", "#!", "--flag")
_NEWER: Final = frozenset({"let", "const"})
_JAVASCRIPT: Final = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".vue", ".svelte")


def educational_value(instruction: Instruction, change: Change) -> Finding:
    """Whether one learns from a change.

    ``0.4 * size + 0.25 * reason + 0.25 * names + 0.1 * notes``. Size: full from 4 to 60 changed
    lines that are not blank, less by the logarithm on both sides (0.85 at 1, a third at 500).
    Reason: the share of up to two words that give one (`because`, `so`, `instead`, `when`, …) and
    of a second sentence or line. Names: the share of the names in the added lines that hold a word
    of three letters or more, from a quarter on (`total`, not `t1`). Notes: comments or
    documentation among the added lines, full from one line in ten.
    """
    added = change.added_bare
    count = len(added) + len(change.removed_bare)
    if not count:
        return Finding(0.0, "nothing changes")
    bits = math.log2(count)
    size = ramp(bits, math.log2(60), math.log2(500), 1 / 3) * ramp(-bits, -2.0, 0.0, 0.85)
    reasons = len(_REASONS.intersection(map(str.lower, [*instruction.title, *instruction.body])))
    more = "\n" in instruction.text.strip() or ". " in instruction.text
    reason = min(1.0, (min(reasons, 2) + more) / 2)
    kinds = [*map(_tells, change.added_words)]
    names = len(kinds) - kinds.count(None)
    share = kinds.count(True) / names if names else 0.0
    comments = [line for line in added if line.startswith(_COMMENTS)]
    notes = sum(not line.startswith(_NOT_COMMENTS) for line in comments)
    noted = min(1.0, 10 * notes / len(added)) if added else 0.0
    value = 0.4 * size + 0.25 * reason + 0.25 * ramp(-share, -0.95, -0.25, 0.0) + 0.1 * noted
    why = f"{count} lines, {reasons} words of reason, {share:.2f} telling names, {notes} comments"
    return Finding(value, why)


@remembered
def _tells(name: str) -> bool | None:
    """Whether a name holds a word; None of an English function word, such as `for`."""
    if name.lower() in STOP_WORDS:
        return None
    return any(len(piece) > 2 for piece in sub_tokens(name))


def freshness(change: Change, author_time: int | None) -> Finding:
    """Whether a change is of its time: its age, times what it brings in that is dated.

    Age: full from 2018 on, less for each year before, down to 0.6 in 2008. Each of `signs.DATED`
    that the added lines have more often than the removed ones takes 0.15 off, and so does declaring
    by `var` in JavaScript where nothing is declared otherwise; down to 0.4.

    Args:
        change: what a response changes.
        author_time: seconds since 1970; None where nobody knows, which counts nothing.
    """
    found = balance(DATED, change)
    dated = [sign.strip() for sign, more in found.items() if more > 0]
    is_script = any(path.endswith(_JAVASCRIPT) for path in change.paths)
    if is_script and "var" in change.added_words and not _NEWER & change.added_words:
        dated.append("var")
    times = sum(max(0, more) for more in found.values()) + ("var" in dated)
    if author_time is None and not times:
        return NOT_KNOWN
    age = 1.0
    why = [f"dated: {some(dated)}"] if dated else []
    if author_time is not None:
        age = ramp(-author_time, -_SINCE, -_OLD, 0.6)
        why.append(f"of {_year(author_time)}")
    return Finding(age * ramp(times, 0, 4, 0.4), ", ".join(why))


_SINCE: Final = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())
_OLD: Final = int(datetime(2008, 1, 1, tzinfo=UTC).timestamp())


def _year(seconds: int) -> str:
    try:
        return str(datetime.fromtimestamp(seconds, UTC).year)
    except (OverflowError, OSError, ValueError):
        return "an impossible year"
