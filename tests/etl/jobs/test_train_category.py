"""Learning categories from the prefixes that commits carry, with real repositories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.jobs.labelled_changes import LabelledRepository
from etl.jobs.train_category import (
    LEAST,
    Sample,
    best_start,
    calibrate,
    learn,
    left_out_scores,
    macro_f1,
    make_model,
    read_samples,
    report,
    vocabulary,
)
from etl.jobs.training import FOLDS, fold_of
from tests.repositories import ADA, BOT, RepositoryBuilder
from udfs.change_model import shares

CONFIG = read_config(conf_folder())


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path_factory.mktemp("labelled") / "tally")
    first = "def total(xs):\n    return sum(xs)\n"
    extended = first + "\n\ndef mean(xs):\n    return total(xs) / len(xs)\n"
    guarded = extended.replace(
        "    return total", "    if not xs:\n        return 0\n    return total"
    )
    for message, path, text, author in (
        ("feat: first commit", "tally.py", first, ADA),
        ("feat(api)!: add the mean of numbers", "tally.py", extended, ADA),
        ("fix: mean of no numbers\n\n* fix: division by zero", "tally.py", guarded, ADA),
        ("refactor: rename xs to numbers", "tally.py", guarded.replace("xs", "numbers"), ADA),
        ("fix(docs): spelling of the word mean", "README.md", "The mean.\n", ADA),
        ("Add the median", "median.py", "def median(xs):\n    return sorted(xs)\n", ADA),
        ("fix: pin the parser", "tally.py", guarded, BOT),
    ):
        made.write(path, text)
        made.commit(message, author=author)
    return made


def test_only_labelled_commits_of_people_are_read_and_without_labels(
    repository: RepositoryBuilder,
) -> None:
    labelled = LabelledRepository(str(repository.git_dir), CONFIG)
    assert labelled.name == "tally"
    assert {(commit.intent, commit.message.strip()) for commit in labelled.commits} == {
        ("new_feature", "add the mean of numbers"),
        ("bug_fix", "mean of no numbers\n\n* division by zero"),
        ("refactor", "rename xs to numbers"),
        ("bug_fix", "spelling of the word mean"),
    }
    messages, changes = read_samples(labelled, "tally")
    assert len(messages) >= 3
    assert len(changes) == 3  # the README alone makes no pair
    by_intent = {sample.intent: sample.facts for sample in changes}
    assert "guards_added_1" in by_intent[0]
    assert "symbols_only_added" in by_intent[1]
    assert not any(fact.startswith("type_") for sample in changes for fact in sample.facts)


def test_what_is_no_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no git directory"):
        LabelledRepository(str(tmp_path / "nothing"), CONFIG)


def _samples(repositories: int = 30, each: int = 15) -> list[Sample]:
    """Commits whose word tells the intent, four times of five, whatever the repository."""
    words = ("title:crash", "title:add", "title:rename")
    return [
        Sample(
            f"repository {r}",
            intent := number % 3,
            frozenset({words[intent if number % 5 else (intent + 1) % 3], f"path:of{r}"}),
        )
        for r in range(repositories)
        for number in range(each)
    ]


def test_a_fact_of_few_repositories_gets_no_weight() -> None:
    rare = [Sample("a", 0, frozenset({"title:own"})) for _ in range(10 * LEAST[1])]
    assert vocabulary([*_samples(), *rare]) == ["title:add", "title:crash", "title:rename"]


def test_what_is_learned_holds_in_repositories_left_out_and_is_calibrated() -> None:
    samples = _samples()
    assert {fold_of(sample.repository) for sample in samples} == set(range(FOLDS))
    scores, seen = left_out_scores(samples, samples)
    assert len(seen) == len(samples)
    right = scores.argmax(axis=1) == np.array([sample.intent for sample in seen])
    model = make_model(*learn(samples, samples), calibrate(scores, seen), np.zeros(3))
    # Of the commits with this word that share is a fix, and so sure the model is.
    crash = [sample.intent == 0 for sample in samples if "title:crash" in sample.facts]
    assert right.mean() >= 0.75
    scores_with = np.add(model.scores({"title:crash"}), model.frequency)
    assert shares(tuple(scores_with))[0] == pytest.approx(np.mean(crash), abs=0.05)


def test_learning_again_gives_the_same_bytes() -> None:
    samples = _samples()
    texts = {
        make_model(*learn(given, given), np.array([1.0, 0.0, 0.0]), np.zeros(3)).as_json()
        for given in (samples, samples)
    }
    assert len(texts) == 1


def _rare(refactors: int = 20) -> tuple[np.ndarray, list[Sample]]:
    """Commits of which the refactors are rare and never quite the best."""
    scores = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]] * 100 + [[0.5, 0.0, 0.2]] * refactors)
    intents = [0, 1] * 100 + [2] * refactors
    return scores, [Sample("a", intent, frozenset()) for intent in intents]


def test_scores_begin_where_the_rare_are_found() -> None:
    scores, samples = _rare()
    declared = np.array([sample.intent for sample in samples])
    start = best_start(scores, samples)
    assert macro_f1(declared, scores.argmax(axis=1)) < 0.7
    assert macro_f1(declared, (scores + start).argmax(axis=1)) == 1.0
    assert macro_f1(declared, scores.argmax(axis=1), balanced=True) < 0.6


def test_the_start_moves_what_is_best_and_not_how_sure_it_is() -> None:
    learned = learn(_samples(), _samples())
    calibration, start = np.array([1.0, 0.3, 0.1]), np.array([-0.4, -0.2, 0.0])
    plain, moved = (make_model(*learned, calibration, s) for s in (np.zeros(3), start))
    for facts in ({"title:crash"}, {"title:add"}, {"title:rename"}, set()):
        sure = [shares(tuple(np.add(m.scores(facts), m.frequency))) for m in (plain, moved)]
        assert sure[0] == pytest.approx(sure[1])
        assert moved.scores(facts)[2] > plain.scores(facts)[2]


def test_what_was_left_out_is_told_by_intent() -> None:
    scores, samples = _rare()
    told = report(scores, samples, np.zeros(3), [0.5, 0.6, 0.5])
    assert "220 commits" in told
    assert "together: kept 0.455 of all, right 1.000" in told
    assert "new_feature: kept 0.000" in told
