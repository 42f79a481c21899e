"""Find problems in the fields of a pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from udfs.decontamination.code import read_code, structure_grams, token_grams
from udfs.decontamination.index import ANCHOR, Grams, Index
from udfs.decontamination.model import STRUCTURE, SUBSTRING, TOKENS, WORDS, Hit
from udfs.decontamination.segments import Segment, read_segments
from udfs.decontamination.words import grams, read_words

EVIDENCE_CHARS: Final = 160
# Languages whose code may stand in each other's files.
_FAMILIES: Final = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
)


class _Match(NamedTuple):
    """An n-gram of a needle in a segment: where it begins, and ends (exclusive)."""

    needle: int
    place: int
    start: int
    end: int


# A level, what was found, and the UTF-8 bytes that positions count, where not characters.
_Matches = tuple[str, list[_Match], bytes | None]


@dataclass(slots=True)
class _Found:
    """What all fields hold of one needle."""

    places: set[int] = field(default_factory=set)
    spans: dict[str, tuple[int, int, int]] = field(default_factory=dict)


def find_problems(fields: Mapping[str, str], language: str | None, index: Index) -> list[Hit]:
    """Find the problems that the fields of a pair give away, alone or together.

    Args:
        fields: texts by name.
        language: of code that nothing else names; None tries every language of the problems.
        index: the problems.

    Returns:
        One hit for each problem, level and field that has a part in it, sorted.
    """
    found: dict[tuple[str, int], _Found] = defaultdict(_Found)
    for name, text in fields.items():
        for segment in read_segments(text, language):
            for level, matches, data in _search(segment, index):
                for number, mine in _by_needle(matches).items():
                    one = found[level, number]
                    one.places.update(match.place for match in mine)
                    start = _character(data, min(match.start for match in mine))
                    last = _character(data, max(match.end for match in mine)) - 1
                    span = (len(mine), segment.place(start), segment.place(max(start, last)) + 1)
                    one.spans[name] = max(one.spans.get(name, (0, 0, 0)), span)
    hits: dict[tuple[str, str, str, str], Hit] = {}
    for (level, number), one in found.items():
        needle = index.needles[level][number]
        share = len(one.places) / needle.total
        if share < _least_share(level, index):
            continue
        for name, (_, start, end) in one.spans.items():
            evidence = " ".join(fields[name][start:end][: 2 * EVIDENCE_CHARS].split())
            hit = Hit(
                needle.benchmark,
                needle.problem_id,
                level,
                name,
                start,
                end,
                round(share, 4),
                evidence[:EVIDENCE_CHARS],
            )
            place = (needle.benchmark, needle.problem_id, level, name)
            hits[place] = max(hits.get(place, hit), hit, key=lambda h: (h.share, -h.start, h.end))
    return sorted(hits.values())


def _least_share(level: str, index: Index) -> float:
    shares = {TOKENS: index.spec.token_share, STRUCTURE: index.spec.structure_share}
    return shares.get(level, 0.0)


def _by_needle(matches: list[_Match]) -> dict[int, list[_Match]]:
    grouped: dict[int, list[_Match]] = defaultdict(list)
    for match in matches:
        grouped[match.needle].append(match)
    return grouped


def _search(segment: Segment, index: Index) -> Iterator[_Matches]:
    words = read_words(segment.text)
    anchors = grams(words.hashes, ANCHOR)
    whole = []
    for at, needle, _ in _lookup(anchors, index.levels[SUBSTRING]):
        text = index.texts[needle]
        if np.array_equal(words.hashes[at : at + len(text)], text):
            whole.append(_Match(needle, 0, words.spans[at][0], words.spans[at + len(text) - 1][1]))
    yield SUBSTRING, whole, None
    size = index.spec.word_ngram
    yield (
        WORDS,
        [
            _Match(needle, place, words.spans[at][0], words.spans[at + size - 1][1])
            for at, needle, place in _lookup(grams(words.hashes, size), index.levels[WORDS])
        ],
        None,
    )
    for language in _languages(segment.language, index):
        yield from _search_code(segment.text, language, index)


def _languages(language: str | None, index: Index) -> list[str]:
    if language is None:
        return sorted(index.languages)
    related = next((family for family in _FAMILIES if language in family), {language})
    return [language] if related & index.languages else []


def _search_code(text: str, language: str, index: Index) -> Iterator[_Matches]:
    code = read_code(text, language)
    if code is None:
        return
    data = None if text.isascii() else text.encode("utf-8", "replace")
    for level, found, size in (
        (TOKENS, token_grams(code, index.spec.token_ngram), index.spec.token_ngram),
        (STRUCTURE, structure_grams(code, index.spec.structure_ngram), index.spec.structure_ngram),
    ):
        yield (
            level,
            [
                _Match(needle, place, int(code.starts[at]), int(code.ends[at + size - 1]))
                for at, needle, place in _lookup(found, index.levels[level])
            ],
            data,
        )


def _character(data: bytes | None, position: int) -> int:
    """The character at a byte; the position itself, where there are no bytes."""
    return position if data is None else len(data[:position].decode("utf-8", "ignore"))


def _lookup(found: NDArray[np.uint64], known: Grams) -> Iterator[tuple[int, int, int]]:
    """Which n-grams of a text an index knows: place in the text, needle, place in the needle."""
    if not len(found) or not len(known.keys):
        return
    at = np.minimum(np.searchsorted(known.keys, found), len(known.keys) - 1)
    for place in np.flatnonzero(known.keys[at] == found).tolist():
        first, last = known.bounds[at[place]], known.bounds[at[place] + 1]
        for entry in range(int(first), int(last)):
            yield place, int(known.needles[entry]), int(known.places[entry])
