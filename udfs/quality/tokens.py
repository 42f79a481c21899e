"""Words of instructions and code, taken apart and stemmed so that they can meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, TypeVar

_Answer = TypeVar("_Answer")

_BLANK_NON_WORDS: Final = bytes(
    code if code >= 128 or chr(code).isalnum() or code == ord("_") else ord(" ")
    for code in range(256)
)
_BEYOND_ASCII: Final = bytes(range(128, 256))
_NO_LETTERS: Final = _BEYOND_ASCII + bytes(code for code in range(128) if not chr(code).isalpha())
# Classes of characters and a look-ahead of one character: linear on any text, and an order of
# magnitude faster than re2's findall, which crosses into C++ once per match.
_PIECE: Final = re.compile(r"[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")
_LONGEST_WORD: Final = 80
_MOST_REMEMBERED: Final = 1 << 16

STOP_WORDS: Final = frozenset(
    """
    a an and are as at be been but by can cannot could do does doing don down for from had
    has have he her here his how i if in into is it its just let like may me more most my no
    nor not now of off on once only onto or other our out over own same she should so some
    such than that the their them then there these they this those to too under until up
    upon us very was we were what when where which while who why will with within without
    would you your also via per still yet however therefore thus instead currently
    previously already
    """.split()  # noqa: SIM905
)
"""English function words, which any instruction has."""

GENERIC_WORDS: Final = frozenset(
    """
    add adds added allow allows avoid bug bugs change changed changes clean cleanup code
    commit correct create delete do drop enable ensure error file files fix fixed fixes
    fixing handle implement improve improved improvement improvements issue issues keep make
    makes merge minor misc missing move moved new old pr problem pull refactor refactoring
    release remove removed removes rename replace request revert rework set some stuff
    support thing things tidy todo tweak tweaks typo typos update updated updates updating
    use used uses using various version wip work works wrong
    """.split()  # noqa: SIM905
)
"""Words that commit messages use about any change (the most frequent first words of titles)."""


class _Answers(dict[str, _Answer]):
    """What a rule says of words; when they are too many, all are forgotten."""

    def __init__(self, rule: Callable[[str], _Answer]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, word: str) -> _Answer:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        answer = self[word] = self._rule(word)
        return answer


def remembered(rule: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
    """Ask a rule about a word once: `functools.lru_cache` costs more, since it keeps an order."""
    return _Answers(rule).__getitem__


def words(text: str) -> list[str]:
    """The words that don't start with a digit, in order, with their case.

    A word is a run of ASCII letters, digits, underscores and any characters beyond ASCII.
    """
    return [word for word in _all_words(text) if not word[0].isdigit()]


def vocabulary(text: str) -> set[str]:
    """The distinct `words`."""
    found = all_words(text)
    return found.difference([word for word in found if word[0].isdigit()])


def all_words(text: str) -> set[str]:
    """The distinct words, also those that start with a digit: cheaper where they do not matter."""
    return set(_all_words(text))


def _all_words(text: str) -> list[str]:
    # A byte table is some ten times as fast as a regular expression or str.translate.
    blanked = text.encode("utf-8", "surrogatepass").translate(_BLANK_NON_WORDS)
    return blanked.decode("utf-8", "surrogatepass").split()


def letters(text: str) -> int:
    """How many letters of any alphabet a text has."""
    raw = text.encode("utf-8", "surrogatepass")
    ascii_letters = len(raw.translate(None, _NO_LETTERS))
    if text.isascii():
        return ascii_letters
    others = raw.translate(None, bytes(range(128))).decode("utf-8", "surrogatepass")
    return ascii_letters + sum(map(str.isalpha, others))


@remembered
def sub_tokens(word: str) -> tuple[str, ...]:
    """The stems inside one identifier: ``getUserNames`` gives get, user, name.

    Pieces of a single letter are left out, and words beyond 80 characters (encoded data) too.
    """
    if len(word) > _LONGEST_WORD:
        return ()
    return tuple(stem(piece.lower()) for piece in _PIECE.findall(word) if len(piece) > 1)


def stems(text_words: Iterable[str]) -> set[str]:
    """The stems of all the words."""
    return set(chain.from_iterable(map(sub_tokens, text_words)))


def stem(word: str) -> str:
    """Cut the commonest English endings, so that ``parsing``, ``parsed`` and ``parses`` meet.

    A lighter cousin of Porter's first step (Program 14(3), 1980): enough to join the verb of
    an instruction with the name in the code.
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ers", "ed", "er", "es"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            root = word[: -len(ending)]
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and root[-1] != "s" else root
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def content_words(text_words: Iterable[str]) -> list[str]:
    """The distinct words that say something about this one change, in order."""
    return list(filter(is_telling, dict.fromkeys(text_words)))


@remembered
def is_telling(word: str) -> bool:
    """Whether a word says something about this one change."""
    lower = word.lower()
    return len(word) > 1 and lower not in STOP_WORDS and lower not in GENERIC_WORDS


@remembered
def is_identifier(word: str) -> bool:
    """Whether a word looks like a name in code: snake_case, camelCase, or with a digit inside."""
    body = word.strip("_")
    return (
        "_" in body
        or word.startswith("__")
        or (not body.isupper() and any(map(str.isupper, body[1:])))
        or any(letter.isdigit() for letter in body)
    )
