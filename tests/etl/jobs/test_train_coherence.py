"""Learning coherence from pairs that are torn apart."""

from __future__ import annotations

import numpy as np
import pytest

from etl.errors import SourceError
from etl.jobs.train_coherence import (
    FALSE_PAIRS,
    Material,
    Sample,
    fit,
    learn,
    rematch,
    train,
)
from etl.jobs.training import FOLDS, auc, fold_of
from udfs.pairs import Pair

THINGS = ("parser", "cache", "socket", "logger", "router", "schema", "cursor", "buffer")


def pair(repository: int, number: int) -> Pair:
    """A pair whose instruction names what its change adds, one time of eight something else."""
    thing = THINGS[number % len(THINGS)]
    said = thing if number % 8 else "window"
    path = f"src/{thing}_{repository}.py"
    response = (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1,2 @@\n start = 1\n"
        f"+{thing}_limit_{number} = {number}\n"
    )
    return Pair(
        instruction=f"Give the {said} a bound of {number} entries",
        context="start = 1\n",
        response=response,
        tests="",
        category=("bug_fix", "new_feature")[number % 2],
        confidence=1.0,
        evidence=(),
        language="python",
        paths=(path,),
        test_paths=(),
        tests_touched=False,
        references=(),
        additions=1,
        deletions=0,
        flags=(),
        left_out=(),
    )


SAMPLES = [Sample(f"repository {r}", tuple(pair(r, n) for n in range(16))) for r in range(9)]


def test_false_pairs_are_of_one_category_and_always_the_same() -> None:
    pairs = SAMPLES[0].pairs
    places = rematch(pairs, "a")
    assert len(places) == FALSE_PAIRS * len(pairs)
    for asked, given in places:
        assert pairs[asked].category == pairs[given].category
        assert pairs[asked].response != pairs[given].response
    assert places == rematch(pairs, "a") != rematch(pairs, "b")


def test_what_is_learned_holds_in_repositories_left_out() -> None:
    assert {fold_of(sample.repository) for sample in SAMPLES} == set(range(FOLDS))
    model, figures = train(SAMPLES)
    assert figures["left_out_auc"] > 0.8
    assert figures.keys() == {
        "left_out_auc",
        *(f"left_out_auc/{sample.repository}" for sample in SAMPLES),
    }
    assert {"pars", "socket"} <= model.rarity.keys()


def test_learning_again_gives_the_same_bytes() -> None:
    names = [sample.repository for sample in SAMPLES[:6]]
    texts = {learn(Material(SAMPLES[:6]), names).as_json() for _ in range(2)}
    assert len(texts) == 1


def test_too_few_repositories_are_refused() -> None:
    with pytest.raises(SourceError, match="name more of them"):
        train(SAMPLES[:1])


def test_a_layer_learns_what_no_line_can_tell() -> None:
    seen = np.array([[x, y] for x in (-1.0, 1.0) for y in (-1.0, 1.0)] * 10)
    truth = (seen[:, 0] * seen[:, 1] > 0).astype(float)
    hidden, offsets, output, start = fit(seen, truth)
    odds = np.tanh(seen @ hidden + offsets) @ output + start
    assert auc(truth, odds) == 1.0


def test_auc_is_a_chance() -> None:
    truth = np.array([1.0, 0.0, 1.0, 0.0])
    assert auc(truth, np.array([0.9, 0.1, 0.8, 0.2])) == 1.0
    assert auc(truth, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert auc(truth, np.array([0.1, 0.9, 0.8, 0.2])) == 0.25
