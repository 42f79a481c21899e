"""Which documents share a bucket: candidates for near duplicates, band by band with NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udfs.dedup.shingles import mix64

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Search:
    """How candidates are looked for.

    Attributes:
        threshold: smallest Jaccard similarity of a near duplicate.
        max_bucket: a bucket of more documents is hot.
        neighbours: in a part of a hot bucket each document meets so many before it.
    """

    threshold: float
    max_bucket: int
    neighbours: int


def candidate_pairs(bands: Ints, sizes: Ints, search: Search) -> tuple[Ints, Ints]:
    """Pairs of documents that share a bucket and whose sizes allow the threshold.

    A bucket of up to ``max_bucket`` documents gives all its pairs. In a hot one (boilerplate,
    generated changes) documents must share a second band too: two at the threshold or above do
    with nearly the chance with which they share one at all. A part that is still large is ordered
    by the next band, which puts like next to like (LSH forest: Bawa et al., WWW 2005), and each
    document meets ``neighbours`` before it. So cost grows linearly with a hot bucket, every
    document of it is compared, and clusters hold together through chains of verified links.

    Args:
        bands: one row of bucket keys per document.
        sizes: shingles per document, at least 1.
        search: see `Search`.

    Returns:
        Two arrays of row numbers, the smaller first; sorted, without repeats.
    """
    rows, width = bands.shape
    found = np.zeros(0, np.int64)
    seen: set[tuple[int, int]] = set()
    for band in range(width):
        new = [found]
        order = np.argsort(bands[:, band], kind="stable")
        for members, run in _unseen_runs(bands[order, band], order, search, seen):
            if run is not None:
                new.append(_pairs(members, run, search.max_bucket, sizes, search.threshold, rows))
                continue
            for second in range(width):
                if second == band:
                    continue
                keys, places = bands[members, second], bands[members, (second + 1) % width]
                inner = members[np.lexsort((members, places, keys))]
                part = bands[inner, second]
                new.append(_pairs(inner, part, search.neighbours, sizes, search.threshold, rows))
        found = np.unique(np.concatenate(new))
    return found // max(rows, 1), found % max(rows, 1)


def _unseen_runs(
    keys: Ints, order: Ints, search: Search, seen: set[tuple[int, int]]
) -> Iterator[tuple[Ints, Ints | None]]:
    """The documents of all cold buckets at once, with their bucket; then those of each hot one.

    Near copies share many bands, and a bucket with the same documents has nothing new to say.
    """
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))[: len(keys)]
    lengths = np.diff(np.append(starts, len(keys)))
    marks = np.add.reduceat(mix64(order.astype(np.uint64) + np.uint64(1)), starts)
    is_cold = (lengths > 1) & (lengths <= search.max_bucket)
    taken = np.repeat(is_cold, lengths)
    run = np.repeat(np.arange(len(starts)), lengths)
    yield order[taken], run[taken]
    for index in np.flatnonzero(lengths > search.max_bucket).tolist():
        mark = (int(lengths[index]), int(marks[index]))
        if mark not in seen:
            seen.add(mark)
            yield order[starts[index] : starts[index] + lengths[index]], None


def nearby_pairs(run: Ints, sizes: Ints, reach: int, threshold: float) -> tuple[Ints, Ints]:
    """Each place with up to ``reach`` before it in its run, where the sizes allow the threshold.

    Args:
        run: the run of each place; places of one run stand together.
        sizes: shingles of what stands there. The Jaccard similarity of two sets is at most the
            ratio of their sizes.
        reach: how far to look.
        threshold: smallest similarity.

    Returns:
        Two arrays of places, the earlier first.
    """
    size = sizes.astype(np.float64)
    places, steps = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for step in range(1, min(reach, len(run) - 1) + 1):
        same = np.flatnonzero(run[step:] == run[:-step])
        if not len(same):
            break
        small = np.minimum(size[same], size[same + step])
        large = np.maximum(size[same], size[same + step])
        same = same[small / large >= threshold]
        places.append(same)
        steps.append(np.full(len(same), step))
    one = np.concatenate(places)
    return one, one + np.concatenate(steps)


def _pairs(members: Ints, run: Ints, reach: int, sizes: Ints, threshold: float, rows: int) -> Ints:
    """The same for documents by their row numbers, as one number per pair."""
    one, other = nearby_pairs(run, sizes[members], reach, threshold)
    ends = members[one], members[other]
    return np.unique(np.minimum(*ends) * rows + np.maximum(*ends))
