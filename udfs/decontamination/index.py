"""All problems as one index of numbers, small enough to travel with a function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from udfs.decontamination.code import structure_grams, token_grams
from udfs.decontamination.model import (
    LEVELS,
    SUBSTRING,
    TOKENS,
    WORDS,
    Problem,
    Spec,
)
from udfs.decontamination.needles import Parts, take_apart
from udfs.decontamination.words import Words, grams

# Words by which a text is found that is then compared as a whole.
ANCHOR: Final = 8


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of one level: sorted hashes, and for each the needles that hold it, and where."""

    keys: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    needles: NDArray[np.int32]
    places: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Needle:
    """One thing that is looked for.

    Attributes:
        benchmark: whose problem.
        problem_id: which one.
        total: how many n-grams it has that count.
        is_body: the solution alone holds it all, without what the prompt says.
    """

    benchmark: str
    problem_id: str
    total: int
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that is looked for.

    Attributes:
        spec: how much must be found.
        levels: n-grams by level.
        needles: what they belong to, by level.
        texts: for each needle of `substring` its words.
        languages: whose code is looked for.
    """

    spec: Spec
    levels: dict[str, Grams]
    needles: dict[str, tuple[Needle, ...]]
    texts: tuple[NDArray[np.uint64], ...]
    languages: frozenset[str]

    def by_problem(self) -> Mapping[tuple[str, str, str], tuple[Needle, ...]]:
        """What is looked for by level, benchmark and problem_id."""
        found: dict[tuple[str, str, str], tuple[Needle, ...]] = defaultdict(tuple)
        for level, needles in self.needles.items():
            for needle in needles:
                found[level, needle.benchmark, needle.problem_id] += (needle,)
        return found


def build_index(problems: Iterable[Problem], spec: Spec) -> Index:
    """Take the problems apart and keep what is rare among those of the same benchmark.

    What more than `most_problems` problems of a benchmark share is how such problems are written
    (the head of an input format, a loop over two indexes), and gives none of them away.
    """
    listed = sorted(set(problems), key=lambda p: (p.benchmark, p.problem_id, p.prompt))
    parts = [take_apart(problem) for problem in listed]
    levels: dict[str, Grams] = {}
    needles: dict[str, tuple[Needle, ...]] = {}
    texts = [
        (at, text, is_body)
        for at, part in enumerate(parts)
        for text, is_body in _whole_texts(part, spec)
    ]
    needles[SUBSTRING] = tuple(
        Needle(listed[at].benchmark, listed[at].problem_id, 1, is_body) for at, _, is_body in texts
    )
    levels[SUBSTRING] = _join([grams(text, ANCHOR)[:1] for _, text, _ in texts])
    for level in LEVELS[1:]:
        whole = [_grams(level, part, spec) for part in parts]
        runs = _rare([run for run, _ in whole], listed, spec.most_problems)
        least = 1 if level == WORDS else spec.least_grams
        kept = [at for at, (hashes, _) in enumerate(runs) if len(hashes) >= least]
        needles[level] = tuple(
            Needle(listed[at].benchmark, listed[at].problem_id, len(runs[at][0]), whole[at][1])
            for at in kept
        )
        levels[level] = _join([runs[at][0] for at in kept], [runs[at][1] for at in kept])
    languages = frozenset(p.language for p in listed if p.language and p.solution)
    return Index(spec, levels, needles, tuple(text for _, text, _ in texts), languages)


def _whole_texts(part: Parts, spec: Spec) -> list[tuple[NDArray[np.uint64], bool]]:
    """The texts that are looked for as a whole, and whether it is the solution."""
    found = {
        text.tobytes(): (text, is_body)
        for text, is_body in (
            (part.solution, True),
            (part.description.hashes, False),
            (part.prose, False),
        )
        if len(text) >= (spec.least_solution_words if is_body else spec.least_prompt_words)
    }
    return list(found.values())


def _grams(level: str, part: Parts, spec: Spec) -> tuple[NDArray[np.uint64], bool]:
    """The n-grams of a problem at a level, and whether its solution alone holds them."""
    if level == WORDS:
        return _telling_grams(part.description, spec.word_ngram), False
    if part.code is None:
        return np.zeros(0, np.uint64), False
    if level == TOKENS:
        found, size = token_grams(part.code, spec.token_ngram), spec.token_ngram
    else:
        found, size = structure_grams(part.code, spec.structure_ngram), spec.structure_ngram
    body = found[part.body :]
    # A copy may lack the head; where the body is too short to be told, head and body must come.
    return (body, True) if len(body) >= spec.least_grams + size else (found, part.body == 0)


def _telling_grams(words: Words, size: int) -> NDArray[np.uint64]:
    """Runs of words of which most are words: the digits in their order are in many texts."""
    found = grams(words.hashes, size)
    before = np.append(0, np.cumsum(words.tell))
    return found[2 * (before[size:] - before[:-size]) > size] if len(found) else found


def _rare(
    runs: Sequence[NDArray[np.uint64]], problems: Sequence[Problem], most: int
) -> list[tuple[NDArray[np.uint64], NDArray[np.int32]]]:
    """Hashes and places of the n-grams that few problems of the same benchmark have."""
    shared: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for run, problem in zip(runs, problems, strict=True):
        for key in np.unique(run).tolist():
            shared[problem.benchmark][key] += 1
    kept = []
    for run, problem in zip(runs, problems, strict=True):
        counts = shared[problem.benchmark]
        is_rare = np.fromiter((counts[key] <= most for key in run.tolist()), np.bool_, len(run))
        kept.append((run[is_rare], np.flatnonzero(is_rare).astype(np.int32)))
    return kept


def _join(
    runs: Sequence[NDArray[np.uint64]], places: Sequence[NDArray[np.int32]] | None = None
) -> Grams:
    keys = np.concatenate([np.zeros(0, np.uint64), *runs])
    sizes = [len(run) for run in runs]
    owners = np.repeat(np.arange(len(runs), dtype=np.int32), sizes)
    where = (
        np.concatenate([np.zeros(0, np.int32), *places])
        if places is not None
        else np.zeros(len(keys), np.int32)
    )
    order = np.lexsort((where, owners, keys))
    unique, first = np.unique(keys[order], return_index=True)
    bounds = np.append(first, len(keys)).astype(np.int64)
    return Grams(unique, bounds, owners[order], where[order])
