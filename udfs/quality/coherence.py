"""Whether an instruction and a change belong together, learned from pairs torn apart.

Commits were re-matched with messages of other commits of the same repository and category; a small
network tells the true pairs from these by how much of the instruction is met where. It knows words
only by how rare they are, and no repository.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import mul
from typing import Final

from udfs.quality.change import Change
from udfs.quality.coherence_model import default_model
from udfs.quality.finding import Finding, some
from udfs.quality.instruction import Instruction
from udfs.quality.tokens import (
    is_identifier,
    is_telling,
    stems,
    sub_tokens,
    words,
)

# Of a long message, what stands first says what was asked for; the rest is explanation.
_MOST_STEMS: Final = 60
# The look-behind stands after its quote, since an expression is sought by the signs it starts with.
_QUOTED: Final = re.compile(r"`[^`\n]{1,80}`|\"[^\"\n]{1,80}\"|'(?<!\w')[^'\n]{2,80}'(?!\w)")
_PREFIX: Final = 4
# Fitting pairs for each other one: of 400 that people read, 75 had a message that is vague or of
# another change (tests/golden/spot_checks.csv).
_TRUE_ODDS: Final = 4.0

_VERBS: Final = {
    "adds": frozenset({"add", "adds", "added", "adding", "allow", "support", "implement", "new"}),
    "removes": frozenset({"remove", "removes", "removed", "drop", "drops", "delete", "deletes"}),
    "moves": frozenset(
        {"rename", "renames", "move", "moves", "extract", "split", "replace", "use"}
    ),
    "fixes": frozenset(
        {"fix", "fixes", "fixed", "avoid", "prevent", "handle", "correct", "ensure"}
    ),
}
CHANNELS: Final = ("added", "removed", "kept", "changed", "path", "folder", "shown", "tests", "any")
FEATURES: Final = (
    *(f"{channel} {figure}" for channel in CHANNELS for figure in ("share", "title", "squares")),
    "changed rarest",
    "path rarest",
    "tests rarest",
    "missed rarest",
    "title missed rarest",
    "surprise",
    "title surprise",
    "prefixes",
    "context share",
    "names",
    "names changed",
    "names shown",
    "names in context",
    "quoted",
    "quoted changed",
    "stems",
    "title stems",
    "weight",
    "changed stems",
    "shown stems",
    "test stems",
    "context words",
    "files",
    "added lines",
    "removed lines",
    "added of lines",
    *_VERBS,
)
"""Names of what the network sees, in order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an instruction names.

    Attributes:
        stems: weight of each stem that says something about this one change, title first.
        title: those of the first line.
        names: words that look like code.
        quoted: words in quotes.
        plain: content words as they are written.
        first: first word, in lower case.
    """

    stems: Mapping[str, float]
    title: frozenset[str]
    names: frozenset[str]
    quoted: frozenset[str]
    plain: frozenset[str]
    first: str


def read_instruction(
    instruction: Instruction, rarity: Mapping[str, float], unknown: float
) -> Wanted:
    """Take an instruction apart.

    Args:
        instruction: a title, and a body or none.
        rarity: weight of the stems that many repositories use.
        unknown: weight of any other.
    """
    found: dict[str, float] = {}
    plain: list[str] = []
    for word in instruction.content:
        if len(found) >= _MOST_STEMS:
            break
        plain.append(word)
        for piece in sub_tokens(word):
            if piece not in found:
                found[piece] = rarity.get(piece, unknown)
    quoted = _QUOTED.findall(instruction.text[:2000])
    return Wanted(
        found,
        frozenset(stems(filter(is_telling, instruction.title))),
        frozenset([word for word in plain if len(word) > 2 and is_identifier(word)]),
        frozenset(words("\n".join(quoted))),
        frozenset(plain),
        instruction.title[0].lower() if instruction.title else "",
    )


def features(wanted: Wanted, change: Change) -> tuple[list[float], set[str]]:
    """The values of `FEATURES`, and the stems that are asked for and nowhere in the change."""
    weights = wanted.stems
    weigh = weights.__getitem__
    asked = weights.keys()
    title = wanted.title & asked
    total = sum(weights.values()) + 1e-6
    of_title = math.fsum(map(weigh, title)) + 1e-6
    both = change.added_words & change.removed_words
    added, removed = stems(change.added_words - both), stems(change.removed_words - both)
    kept = stems(both)
    changed = added | removed | kept
    shown = stems(change.shown_words)
    path, folder = change.name_stems, change.folder_stems
    tests = stems(change.test_words)
    hits = [asked & there for there in (added, removed, kept, changed, path, folder, shown, tests)]
    anywhere = set().union(*hits)
    met: list[float] = []
    for hit in (*hits, anywhere):
        if not hit:
            met += (0.0, 0.0, 0.0)
            continue
        held = [*map(weigh, hit)]
        # Sums that do not depend on an order, which a set does not have.
        met += (
            math.fsum(held) / total,
            math.fsum(map(weigh, hit & title)) / of_title,
            math.fsum(map(mul, held, held)) / 50.0,
        )
    missed = asked - anywhere
    # How many of the changed stems a change of that size would have by chance.
    size = 0.5 * (1.0 + len(changed) / 30.0)
    surprise = of_first = 0.0
    in_change = hits[3] | hits[4] | hits[5]
    for piece, weight in weights.items():
        chance = min(0.9, max(1e-4, 1.0 - math.exp(-math.exp(-weight) * size)))
        likely = min(0.95, chance + 0.35)
        told = likely / chance if piece in in_change else (1.0 - likely) / (1.0 - chance)
        bits = math.log(told)
        surprise += bits
        if piece in title:
            of_first += bits
    listed = f" {' '.join(changed)}"
    near = [p for p in missed if len(p) >= _PREFIX and f" {p[:_PREFIX]}" in listed]
    names, quoted = wanted.names, wanted.quoted
    added_lines, removed_lines = len(change.added), len(change.removed)
    values = [
        *met,
        max(map(weigh, hits[3]), default=0.0),
        max(map(weigh, hits[4]), default=0.0),
        max(map(weigh, hits[7]), default=0.0),
        max(map(weigh, missed), default=0.0),
        max(map(weigh, title - in_change), default=0.0),
        surprise,
        of_first,
        math.fsum(map(weigh, near)) / total,
        len(wanted.plain & change.context_words) / (len(wanted.plain) + 1e-6),
        math.log1p(len(names)),
        *(
            len(names & there) / len(names) if names else -0.5
            for there in (change.words, change.shown_words, change.context_words)
        ),
        math.log1p(len(quoted)),
        len(quoted & change.words) / len(quoted) if quoted else -0.5,
        math.log1p(len(weights)),
        math.log1p(len(title)),
        math.log1p(total),
        math.log1p(len(changed)),
        math.log1p(len(shown)),
        math.log1p(len(tests)),
        math.log1p(len(change.context_words)),
        math.log1p(len(change.paths)),
        math.log1p(added_lines),
        math.log1p(removed_lines),
        added_lines / (added_lines + removed_lines + 1.0),
        *(float(wanted.first in verbs) for verbs in _VERBS.values()),
    ]
    return values, missed


def coherence(instruction: Instruction, change: Change) -> Finding:
    """How likely it is that an instruction was written for a change.

    The network's odds at one false pair for each true one, times those of `_TRUE_ODDS`.
    """
    model = default_model()
    wanted = read_instruction(instruction, model.rarity, model.unknown)
    if not wanted.stems:
        return Finding(0.0, "nothing to look up")
    values, missed = features(wanted, change)
    odds = float(model.log_odds(values)) + math.log(_TRUE_ODDS)
    missing = [piece for piece in wanted.stems if piece in missed]
    found = len(wanted.stems) - len(missing)
    why = f"{found} of {len(wanted.stems)} stems in the change"
    if missing:
        why += f", not {some(missing)}"
    return Finding(1.0 / (1.0 + math.exp(-odds)), why)


def comment_coherence(comment: Instruction, change: Change) -> Finding:
    """How much of what a reviewer's comment names occurs in the change that it is about.

    A rule, since the network has learned from messages of commits. The stems of the comment's
    content words are looked up in the stems of the changed lines, of the paths and (for half) of
    the unchanged lines shown. A stem weighs by its length up to 8 letters, half again where it
    comes from a name in code, and a stem that a path has counts half again. One unit of missing
    weight is added, so that a single matching word is not full coherence; large changes contain
    more words by chance, so a match counts less the more
    stems the change has.
    """
    weights: dict[str, float] = {}
    for word in comment.content:
        factor = 1.5 if is_identifier(word) else 1.0
        for piece in sub_tokens(word):
            weight = factor * min(len(piece), 8) / 8
            weights[piece] = max(weight, weights.get(piece, 0.0))
    if not weights:
        return Finding(0.0, "nothing to look up")
    in_paths = change.name_stems | change.folder_stems
    in_shown, in_change = stems(change.shown_words), stems(change.words)
    scarcity = 1.0 / (1.0 + 0.06 * math.log2(1 + len(in_change)))
    met = missed = 0.0
    missing = []
    for piece, weight in weights.items():
        if piece in in_paths:
            met += 1.5 * weight
        elif piece in in_change:
            met += weight
        elif piece in in_shown:
            met += 0.5 * weight
            missed += 0.5 * weight
        else:
            missed += weight
            missing.append(piece)
    value = scarcity * met / (met + missed + 1.0) * 1.4
    found = len(weights) - len(missing)
    why = f"{found} of {len(weights)} stems in the change"
    if missing:
        why += f", not {some(missing)}"
    return Finding(min(1.0, value), why)
