"""The parts of a pair's quality: each one rule, a value from 0 to 1, and the evidence for it.

Where a number below has no source of its own, it is a round number chosen by eye on public
repositories; what ranks pairs are the weights, which are configuration.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from udfs.ast import Health
from udfs.quality.change import Change
from udfs.quality.coherence_model import default_model
from udfs.quality.finding import Finding, some
from udfs.quality.instruction import Instruction
from udfs.quality.standing import Review
from udfs.quality.tokens import (
    content_words,
    is_identifier,
    is_telling,
    letters,
    remembered,
    sub_tokens,
)

# Linear: one class of characters per repetition, each followed by something outside it.
_PATH: Final = re.compile(
    r"[\w.-]+(?:/[\w.-]+)+|[\w-]+\.(?:py|js|ts|tsx|java|rs|go|c|h|cpp|md|toml|json|ya?ml)\b"
)
# The look-behind stands after its quote, since an expression is sought by the signs it starts with.
_QUOTED: Final = re.compile(r"`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"|'(?<!\w')[^'\n]{1,200}'(?!\w)")
_OPTION: Final = re.compile(r"--?[a-z][\w-]{1,40}\b")
_CALL_OR_OPTION: Final = re.compile(rf"\b\w{{2,80}}\(\)|{_OPTION.pattern}")
_URL: Final = re.compile(r"https?://\S+")
_RARE: Final = 3.5  # -log of the share of texts with a stem
_STOP: Final = re.compile(r"[a-z)`][.!?]\s")
# Words after which a sentence goes on.
_OPEN_WORDS: Final = frozenset(
    """
    a an and are as at be because between but by can cannot could does for from has have if into is
    its must no not of or our should so still than that the their this to via was were when where
    whether which while will with without would
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pair beside its texts; None where nobody knows.

    Attributes:
        category: of the change.
        author_time: when it was written, seconds since 1970.
        earlier: commits of its author that it stands on.
        review: how others looked at its pull.
        labels: of its issues and pulls.
        trees: what the syntax trees of its files say.
    """

    category: str | None = None
    author_time: int | None = None
    earlier: int | None = None
    review: Review | None = None
    labels: tuple[str, ...] | None = None
    trees: Health | None = None


NOTHING_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True)
class Pair:
    """The fields of a pair that scoring reads; ``tests`` is the diff of the test files or None.

    Where nobody knows whether there was a context, or tests, those are None. With ``is_comment``
    the response is what a reviewer said about the change in the context, with ``is_code`` it is
    code to be put in its place there.
    """

    instruction: str
    response: str
    context: str | None
    tests: str | None
    tests_touched: bool | None
    paths: tuple[str, ...]
    is_comment: bool = False
    is_code: bool = False
    known: Known = NOTHING_KNOWN


def instruction_specificity(instruction: Instruction) -> Finding:
    """How much an instruction pins down: distinct content words, names from code, paths, quotes.

    ``0.45 * words + 0.35 * names + 0.2 * places``: content words count the less the more there are
    (6 give 0.63, 16 give 0.93, none is in vain), names (snake_case, camelCase, calls, options) up
    to 2, places (paths, quoted literals) up to 1. A title of up to 6 words without any name or
    place stays at or below 0.25.
    """
    text, content = instruction.text, instruction.content
    signs = _CALL_OR_OPTION if "()" in text else _OPTION  # which is several times as fast
    names = {*filter(is_identifier, content), *signs.findall(text)}
    # A path has no blank in it, and the expression is slow to find that a word is none.
    dotted = " ".join([word for word in text.split() if "/" in word or "." in word[1:-1]])
    places = {*_PATH.findall(dotted), *_QUOTED.findall(text)}
    value = (
        0.45 * (1.0 - math.exp(-len(content) / 6))
        + 0.35 * min(1.0, len(names) / 2)
        + 0.2 * min(1.0, len(places))
    )
    if len(instruction.title) + len(instruction.body) <= 6 and not names and not places:
        value = min(value, 0.25)
    return Finding(value, f"{len(content)} content words, {len(names)} names, {len(places)} places")


def instruction_clarity(instruction: Instruction) -> Finding:
    """Whether an instruction can be read as one: a product of deductions.

    Nothing but generic words (0.2) or one other word (0.6); fewer than 3 words (0.4); more than
    400 words (0.85); an unfilled template, by its boxes or comments (0.6); less than 60 %
    letters and blanks (0.5); cut off (0.7): at a word or sign after which a sentence goes on,
    before a bracket or backtick is closed, or without a stop where a sentence before has one;
    mostly addresses (0.5); lines that repeat (0.7).
    """
    text = instruction.text.strip()
    if not text:
        return Finding(0.0, "empty")
    addresses = _URL.findall(text) if "://" in text else []
    plain = Instruction(_URL.sub(" ", text)) if addresses else instruction
    content, count = plain.content, len(plain.title) + len(plain.body)
    blanks = len(text) - sum(map(len, text.split()))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    deductions = (
        (not content, 0.2, "only generic words"),
        (len(content) == 1, 0.6, "one telling word"),
        (count < 3, 0.4, "under 3 words"),
        (count > 400, 0.85, "over 400 words"),
        ("[ ]" in text or "<!--" in text, 0.6, "unfilled template"),
        (letters(text) + blanks < 0.6 * len(text), 0.5, "few letters"),
        (_is_cut_off(text), 0.7, "cut off"),
        (sum(map(len, addresses)) * 2 > len(text), 0.5, "mostly addresses"),
        (len(set(lines)) * 4 < len(lines) * 3, 0.7, "repeated lines"),
    )
    found = [(factor, why) for holds, factor, why in deductions if holds]
    value = math.prod([factor for factor, _ in found])
    return Finding(value, ", ".join([why for _, why in found]) or "clear")


def diff_coherence(change: Change) -> Finding:
    """Whether a change looks like one purpose: few files near each other, of a size one can read.

    ``0.25 * files + 0.15 * directories + 0.25 * size + 0.1 * hunks + 0.25 * vocabulary``. Up to 3
    files, 2 directories, 6 hunks and 100 changed lines cost nothing; beyond, each decays
    hyperbolically (to a half at 9 files, 6 directories, 26 hunks) and size with the
    logarithm (to 0 at 1,600 lines). Vocabulary is the share of files that change a word which
    another file of the change has in its changed lines too: one of 4 or more letters whose stem is
    in less than 3 of 100 texts.
    """
    files = [file for file in change.files if file.hunks] or change.files
    count = max(1, len(files))
    directories = len({file.path.rpartition("/")[0] for file in files}) or 1
    hunks = sum(file.hunks for file in files)
    lines = len(change.added) + len(change.removed)
    size = 1.0 - min(1.0, max(0.0, math.log2(max(1, lines) / 100)) / 4)
    shared = _shared_vocabulary(change.vocabularies)
    value = (
        0.25 / (1 + max(0, count - 3) / 6)
        + 0.15 / (1 + max(0, directories - 2) / 4)
        + 0.25 * size
        + 0.1 / (1 + max(0, hunks - 6) / 20)
        + 0.25 * shared
    )
    why = f"{count} files in {directories} directories, {hunks} hunks, {lines} lines"
    return Finding(value, f"{why}, {shared:.2f} of the files share words")


def context_sufficiency(change: Change) -> Finding:
    """Whether the context holds what the change needs.

    ``0.6 * lines + 0.4 * names``: the share of removed lines that stand in the context, and
    the share of the change's words that do (full from one half: a change also brings new names).
    Without removed lines the names count alone. A change of new files needs no context: 0.5
    without any; any other change without context has 0.
    """
    context = change.context
    if not context.strip():
        if change.removed or change.shown:
            return Finding(0.0, "no context")
        return Finding(0.5, "no context, nothing to change")
    removed = change.removed_bare
    needed = {word for word in change.words if len(word) > 2}
    known = len(needed & change.context_words)
    share = known / len(needed) if needed else 1.0
    names = min(1.0, share * 2)
    why = f"{share:.2f} of {len(needed)} words"
    if not removed:
        return Finding(names, why)
    present = set(removed).intersection(map(str.strip, context.split("\n")))
    covered = sum(line in present for line in removed)
    value = 0.6 * covered / len(removed) + 0.4 * names
    return Finding(value, f"{covered} of {len(removed)} removed lines, {why}")


def tests_present(tests_touched: bool, change: Change) -> Finding:
    """Whether the commit's tests meet the change: 0 without tests, else from 0.4 up.

    The rest grows with the names (3 letters or more) that the changed test lines share with the
    changed lines of the response, full from 3.
    """
    if not tests_touched and not change.tests:
        return Finding(0.0, "no tests")
    shared = sorted(
        word for word in content_words(change.words & change.test_words) if len(word) > 2
    )
    why = f"tests share {len(shared)} names" + (f" ({some(shared)})" if shared else "")
    return Finding(0.4 + 0.6 * min(1.0, len(shared) / 3), why)


def _is_cut_off(text: str) -> bool:
    return (
        text.endswith(("...", "…", ",", "(", ":", "-", "="))
        or text.rpartition(" ")[2].lower() in _OPEN_WORDS
        or text.count("`") % 2 == 1
        or text.count("(") > text.count(")")
        or _has_no_stop(text)
    )


def _has_no_stop(text: str) -> bool:
    """Whether prose with stops in it ends in a letter, and not in an item of a list or in code."""
    last = text.rpartition("\n")[2]
    if not text[-1].isalpha() or last.startswith((" ", "\t", "-", "*", "+", "#", ">")):
        return False
    return _STOP.search(text) is not None and len(last.split()) > 3


@remembered
def _is_rare(word: str) -> bool:
    if len(word) < 4 or not is_telling(word):
        return False
    model = default_model()
    rarest = max((model.rarity.get(piece, model.unknown) for piece in sub_tokens(word)), default=0)
    return rarest >= _RARE


def _shared_vocabulary(vocabularies: Sequence[set[str]]) -> float:
    if len(vocabularies) < 2:
        return 1.0
    seen: set[str] = set()
    met: set[str] = set()
    for found in vocabularies:
        met |= seen & found
        seen |= found
    shared = set(filter(_is_rare, met))
    return sum(not shared.isdisjoint(found) for found in vocabularies) / len(vocabularies)
