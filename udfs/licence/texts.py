"""Recognises licence texts by the share of word pairs they have in common with the SPDX texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import re2
from identify.vendor.licenses import LICENSES
from numpy.typing import NDArray

from udfs.licence.expressions import COMMONLY_PERMISSIVE, join, normalise, read_prose
from udfs.licence.names import UNKNOWN, UNVERSIONED, named, offers_choice, words

MAX_TEXT_CHARS: Final = 200_000
"""What is read of a text: five times the longest licence (GPL-3.0, 35,000 characters)."""

MIN_SIMILARITY: Final = 0.88
"""Least Sorensen-Dice coefficient over word pairs that identifies a licence. Licensee, which
compares sets of words of whole files, asks 0.98; here holders and names inside the text count as
differences (BSD-3-Clause with two names put in has 0.92), and `_altered` looks at the words."""

RESEMBLES: Final = 0.70
"""From here to `MIN_SIMILARITY` a text is some licence, but not that one."""

MAX_PARTS: Final = 32
"""Licence texts looked for in one file."""

_MASKED: Final = -1
_INT = NDArray[np.int64]

_GNU_ONLY: Final = ("AGPL-3.0", "GPL-2.0", "GPL-3.0", "LGPL-2.1", "LGPL-3.0")
_HEAD_LINE: Final = re2.compile(
    r"(?i)^\s*(?:(?:the )?[\w ,./-]{0,40} licen[cs]e(?: \(.{1,24}\))?:?"
    r"|copyright .*|\(c\) .*|.*\[year\].*|all rights reserved\.?|developed by:.*)?\s*$"
)
_END_OF_TERMS: Final = re2.compile(r"END OF TERMS AND CONDITIONS")
_NOTICES: Final = {
    "Apache-2.0": ("Licensed under the Apache License, Vers", "limitations under the License."),
    "AGPL-3.0": ("This program is free software: you can", "www.gnu.org/licenses/>."),
    "GPL-2.0": ("This program is free software; you can", "02110-1301 USA."),
    "GPL-3.0": ("This program is free software: you can", "www.gnu.org/licenses/>."),
    "LGPL-2.1": ("This library is free software; you can", "02110-1301"),
    "MPL-2.0": ("This Source Code Form is subject to the terms", "mozilla.org/MPL/2.0/."),
}
_MIT_CONDITION: Final = ("subject to the following", "substantial portions of the Software.")
_PSF_HEADING: Final = "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n---"
_PSF_SECTION: Final = (
    "1. This LICENSE AGREEMENT is between the Python",
    "of this License\nAgreement.",
)
_X11_CLAUSE: Final = (
    "Except as contained in this notice, the name of the copyright holder shall not be used in "
    "advertising or otherwise to promote the sale, use or other dealings in this Software without "
    "prior written authorization from the copyright holder."
)

_CC0_PREAMBLE: Final = (
    "Creative Commons Corporation is not a law firm and does not provide legal services. "
    "Distribution of this document does not create an attorney-client relationship. Creative "
    'Commons provides this information on an "as-is" basis. Creative Commons makes no warranties '
    "regarding the use of this document or the information or works provided hereunder, and "
    "disclaims liability for damages resulting from the use of this document or the information "
    "or works provided hereunder. "
)

_RESTRICTING: Final = frozenset(
    [
        "acknowledgement",
        "acknowledgment",
        "advertising",
        "commercial",
        "commercially",
        "compete",
        "competing",
        "consent",
        "ethical",
        "evil",
        "except",
        "excluding",
        "fee",
        "forbidden",
        "hosted",
        "military",
        "must",
        "no",
        "non",
        "noncommercial",
        "not",
        "only",
        "prohibit",
        "prohibited",
        "prohibits",
        "restricted",
        "restricting",
        "shall",
        "unless",
        "violate",
    ]
)
"""Words that limit what a licence grants when they come on top of its text."""

_GRANTING: Final = frozenset(
    [
        "anyone",
        "commercial",
        "copy",
        "distribute",
        "free",
        "modification",
        "modify",
        "publish",
        "redistribute",
        "sell",
        "sublicense",
        "use",
    ]
)
"""Words that a grant may not lack where the licence has them."""

_LEGAL: Final = frozenset(
    [
        "condition",
        "conditions",
        "damages",
        "disclaimer",
        "distribute",
        "distribution",
        "granted",
        "grants",
        "liability",
        "liable",
        "licensee",
        "licensor",
        "permission",
        "permitted",
        "prohibited",
        "redistribute",
        "redistribution",
        "redistributions",
        "restricted",
        "restriction",
        "royalty",
        "sublicense",
        "warranties",
        "warranty",
        "without",
    ]
)
_TERMS_MIN_WORDS: Final = 25
_TERMS_MIN_LEGAL: Final = 4
_MENTION_MAX_WORDS: Final = 150
"""A text this short may call a licence by name instead of giving it."""
_HEADING_WORDS: Final = 30
_MAX_CHOICE: Final = 3
"""More licences than this in one file are a list of third parties', never a choice."""

MENTION_SCORE: Final = 0.8
"""Score of a licence that a licence file calls by name."""

HEADING_SCORE: Final = 0.5
"""Score of a licence that only the heading of a text names: used for licences that grant less."""

_LIMITING_PHRASE: Final = re2.compile(
    r"\b(?:commons clause|non ?commercial|commercial use|commercial purposes|not evil|anti 996"
    r"|additional (?:terms|restrictions?|conditions?)|prohibited|not permitted|not allowed"
    r"|may not (?:be )?(?:use|sell|sold|distribute|copy|copied|modif))"
)


@dataclass(frozen=True)
class TextMatch:
    """What a licence text says: an SPDX expression, how sure (0..1), and the matches behind it."""

    expression: str
    score: float
    evidence: str


@dataclass(frozen=True)
class _Template:
    key: str
    tokens: tuple[str, ...]
    pairs: _INT
    counts: _INT

    @property
    def length(self) -> int:
        return len(self.tokens) - 1


@dataclass(frozen=True)
class _Segment:
    template: _Template
    start: int
    end: int
    similarity: float
    gain: int


@dataclass(frozen=True)
class _Library:
    vocabulary: dict[str, int]
    templates: tuple[_Template, ...]

    def pair_codes(self, ids: _INT) -> _INT:
        """Code of each word pair; `_MASKED` where a word is in no licence."""
        size = len(self.vocabulary)
        codes = ids[:-1] * size + ids[1:]
        return np.where((ids[:-1] < 0) | (ids[1:] < 0), _MASKED, codes)

    def encode(self, tokens: list[str]) -> _INT:
        vocabulary = self.vocabulary
        return np.array([vocabulary.get(token, _MASKED) for token in tokens], dtype=np.int64)


_SYNONYMS: Final = {"licence": "license", "neither": "not", "nor": "or", "http": "https"}


def _tokens(text: str) -> list[str]:
    return [_SYNONYMS.get(word, word) for word in words(text)]


def _core(text: str) -> str:
    """A licence text without title and copyright lines, which stand apart in many files."""
    lines = text.split("\n")
    while lines and _HEAD_LINE.match(lines[0]) is not None:
        lines.pop(0)
    return "\n".join(lines)


def _cut(text: str, first: str, last: str) -> str:
    start = text.index(first)
    return text[start : text.index(last, start) + len(last)]


def _spdx(key: str) -> str:
    return f"{key}-only" if key in _GNU_ONLY else key


def _sources() -> list[tuple[str, str]]:
    texts = dict(LICENSES)
    sources: list[tuple[str, str]] = []
    for key, text in texts.items():
        sources.append((_spdx(key), _core(text)))
        end = _END_OF_TERMS.search(text)
        if end is not None:
            sources.append((_spdx(key), _core(text[: end.end()])))
    for key, (first, last) in _NOTICES.items():
        suffix = "-or-later" if key in _GNU_ONLY else ""
        sources.append((key + suffix, _cut(texts[key], first, last)))
    mit = _core(texts["MIT"])
    sources.append(("MIT-0", mit.replace(_cut(mit, *_MIT_CONDITION), "")))
    sources.append(("X11", mit + _X11_CLAUSE))
    python = files("udfs.licence").joinpath("Python-2.0.txt").read_text("utf-8")
    sources.append(("Python-2.0", python))
    sources.append(("Python-2.0", python[python.index(_PSF_HEADING) :]))
    sources.append(("PSF-2.0", _cut(python, *_PSF_SECTION)))
    sources.append(("CC0-1.0", _CC0_PREAMBLE + texts["CC0-1.0"]))
    return sources


@cache
def _library() -> _Library:
    sources = [(key, _tokens(text)) for key, text in _sources()]
    distinct = sorted({token for _, tokens in sources for token in tokens})
    library = _Library({token: number for number, token in enumerate(distinct)}, ())
    templates = []
    for key, tokens in sources:
        pairs, counts = np.unique(library.pair_codes(library.encode(tokens)), return_counts=True)
        templates.append(_Template(key, tuple(tokens), pairs, counts.astype(np.int64)))
    return _Library(library.vocabulary, tuple(templates))


def _running(shared: NDArray[np.bool_]) -> _INT:
    return np.concatenate(([0], np.cumsum(np.where(shared, 1, -1)))).astype(np.int64)


def _shared(template: _Template, codes: _INT) -> NDArray[np.bool_]:
    """Which pairs are the template's, each as often as the template has it: the first ones."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    rank = np.empty_like(codes)
    rank[order] = np.arange(len(codes)) - np.searchsorted(ranked, ranked)
    place = np.minimum(np.searchsorted(template.pairs, codes), len(template.pairs) - 1)
    return np.where(template.pairs[place] == codes, rank < template.counts[place], False)


def _segment(template: _Template, codes: _INT, hits: NDArray[np.bool_]) -> _Segment | None:
    """The stretch of the text most like the template, or None where nothing is near it."""
    length = template.length
    width = min(length, len(codes))
    sums = np.concatenate(([0], np.cumsum(hits)))
    in_window = sums[width:] - sums[: len(sums) - width]
    best = int(np.argmax(in_window))
    if in_window[best] < RESEMBLES * length * 0.8:
        return None
    slack = max(15, length // 8)
    low, high = max(0, best - slack), min(len(codes), best + width + slack)
    # Kadane's maximal sum over the region: +1 for a shared pair, -1 for a foreign one.
    running = _running(hits[low:high])
    stop = low + int(np.argmax(running - np.minimum.accumulate(running)))
    start = low + int(np.argmin(running[: stop - low + 1]))
    # Counting each pair only as often as the licence has it cuts off a second copy's beginning.
    shared = _shared(template, codes[start:stop])
    stop = start + int(np.argmax(_running(shared)))
    common = int(shared[: stop - start].sum())
    total = (stop - start) + length
    # Ranks a longer text with a changed name before a shorter one that it contains.
    gain = common - 2 * (total - 2 * common)
    return _Segment(template, start, stop + 1, 2 * common / total, gain)


def _cover(tokens: list[str]) -> list[_Segment]:
    """Stretches of the text that are, or resemble, a licence text; in order, without overlap."""
    library = _library()
    codes = library.pair_codes(library.encode(tokens))
    if not len(codes):
        return []
    candidates = []
    for template in library.templates:
        hits = np.isin(codes, template.pairs)
        if _segment(template, codes, hits) is not None:
            candidates.append((template, hits))
    segments: list[_Segment] = []
    while len(segments) < MAX_PARTS:
        found = [_segment(template, codes, hits) for template, hits in candidates]
        near = [part for part in found if part is not None and part.similarity >= RESEMBLES]
        if not near:
            break
        best = max(near, key=lambda part: (part.gain, part.template.key))
        segments.append(best)
        masked = slice(max(0, best.start - 1), best.end)
        codes[masked] = _MASKED
        for _, hits in candidates:
            hits[masked] = False
    return sorted(segments, key=lambda part: part.start)


def _left_over(tokens: list[str], segments: list[_Segment]) -> list[list[str]]:
    """The stretches of the text outside every segment."""
    runs, last = [], 0
    for segment in segments:
        runs.append(tokens[last : segment.start])
        last = max(last, segment.end)
    return [run for run in [*runs, tokens[last:]] if run]


def _altered(segment: _Segment, tokens: list[str]) -> list[str]:
    """Words on top of a licence's own that limit its grant, or words of the grant it lacks."""
    own, here = Counter(segment.template.tokens), Counter(tokens[segment.start : segment.end])
    added = [word for word in sorted(here) if word in _RESTRICTING and here[word] > own[word]]
    lacking = [f"no {word}" for word in sorted(own) if word in _GRANTING and word not in here]
    return added + lacking


def _is_terms(run: list[str]) -> bool:
    return len(run) >= _TERMS_MIN_WORDS and sum(w in _LEGAL for w in run) >= _TERMS_MIN_LEGAL


def match_text(text: str) -> TextMatch | None:
    """Identify the licence, or the licences, that `text` gives or calls by name.

    Each licence text is looked for anywhere in `text`, best first, and taken out of it, so that
    a file with several gives them all: joined by OR where the words before them offer a choice,
    else by AND. Terms that are left over, or words that change the terms of a permissive
    licence, make it `LicenseRef-unknown`. None where `text` holds no word.

    The measure is that of licensee (https://github.com/licensee/licensee), Sorensen-Dice; the
    texts are those of choosealicense.com as vendored by `identify`.
    """
    tokens = _tokens(text[:MAX_TEXT_CHARS])
    if not tokens:
        return None
    segments = _cover(tokens)
    if not segments:
        return _match_mention(tokens)
    keys, evidence, seen = [], [], []
    for segment in segments:
        key = segment.template.key
        altered = _altered(segment, tokens) if key in COMMONLY_PERMISSIVE else []
        is_same = segment.similarity >= MIN_SIMILARITY and not altered
        seen.append(key)
        keys.append(key if is_same else UNKNOWN)
        note = "" if is_same else f" (changed: {' '.join(altered[:8]) or 'much'})"
        evidence.append(f"{key} text {segment.similarity:.2f}{note}")
    score = min(segment.similarity for segment in segments)
    rest = _left_over(tokens, segments)
    around = [word for run in rest for word in run]
    for _, _, key in named(around):
        if key not in [*keys, *seen] and not _covers(seen, key):
            keys.append(key)
            evidence.append(f"names {key}")
            score = min(score, MENTION_SCORE)
    head = tokens[: segments[0].start][:_MENTION_MAX_WORDS]
    is_choice = offers_choice(head, strictly=True) and len(set(keys)) <= _MAX_CHOICE
    expression = join("OR" if is_choice else "AND", _without_narrower(keys))
    limits = _LIMITING_PHRASE.search(" ".join(around))
    foreign = [run for run in rest if _is_terms(run)]
    if limits is not None or foreign:
        expression = (
            expression if not is_choice and UNKNOWN in keys else join("AND", [expression, UNKNOWN])
        )
        quote = limits.group() if limits is not None else " ".join(foreign[0][:12])
        evidence.append(f"further terms: {quote}")
    return TextMatch(normalise(expression), round(score, 4), "; ".join(dict.fromkeys(evidence)))


def _covers(keys: list[str], name: str) -> bool:
    """Whether a name found beside the texts of `keys` says nothing new."""
    if name.startswith(UNVERSIONED):
        return any(key.startswith(name.removeprefix(UNVERSIONED) + "-") for key in keys)
    return name.removesuffix("-only") + "-or-later" in keys


def _without_narrower(keys: list[str]) -> list[str]:
    """Leaves `X-only` out beside `X-or-later`: the notice says more than the text can."""
    return [key for key in keys if key.removesuffix("-only") + "-or-later" not in keys]


def _match_mention(tokens: list[str]) -> TextMatch:
    """What a text says that gives no known licence: a name for one, or unknown terms."""
    quote = " ".join(tokens[:12])
    if len(tokens) <= _MENTION_MAX_WORDS and not _is_terms(tokens):
        mentioned = read_prose(tokens)
        if mentioned is not None and _LIMITING_PHRASE.search(" ".join(tokens)) is None:
            return TextMatch(mentioned, MENTION_SCORE, f"names {mentioned}: {quote}")
        return TextMatch(UNKNOWN, 0.0, f"unknown terms: {quote}")
    headed = [key for _, _, key in named(tokens[:_HEADING_WORDS])]
    texts = {template.key for template in _library().templates} | COMMONLY_PERMISSIVE
    if len(headed) == 1 and headed[0] not in texts and not headed[0].startswith(UNVERSIONED):
        return TextMatch(headed[0], HEADING_SCORE, f"headed {headed[0]}: {quote}")
    return TextMatch(UNKNOWN, 0.0, f"unknown terms: {quote}")
