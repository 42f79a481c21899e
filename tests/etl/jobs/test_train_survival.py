"""Learning from what repositories took back."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.config import conf_folder, read_config
from etl.errors import SourceError
from etl.jobs.commit_pairs import Logged
from etl.jobs.train_survival import Sample, Told, learn, read_sample, rows, taken_back, train
from etl.jobs.training import FOLDS, fold_of
from tests.repositories import RepositoryBuilder
from udfs.quality.survival import FEATURES

DAY = 86_400


def told(number: int, stood: bool) -> Told:
    """A change that is large where it does not stand."""
    lines = number % 5 + (2 if stood else 40)
    added = "".join(f"+value_{number}_{line} = {line}\n" for line in range(lines))
    head = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n"
    response = f"{head}@@ -1,0 +1,{lines} @@\n{added}"
    return Told(f"Give the parser {number} values", response, "", number, stood)


SAMPLES = [
    Sample(f"repository {r}", tuple(told(n, stood=n % 4 > 0) for n in range(24))) for r in range(9)
]


def test_what_makes_changes_fall_is_learned_and_measured_on_others() -> None:
    assert {fold_of(sample.repository) for sample in SAMPLES} == set(range(FOLDS))
    model, figures = train(SAMPLES)
    assert model.weights[FEATURES.index("added")] < -0.1
    assert figures["auc"] > 0.95
    assert figures["auc of size alone"] == 1.0
    assert figures["taken back"] == 54
    assert model == learn([rows(sample) for sample in SAMPLES])


def test_repositories_that_take_nothing_back_teach_nothing() -> None:
    with pytest.raises(SourceError, match="0 repositories say what they took back"):
        train([Sample("a", tuple(told(n, True) for n in range(9)))])


def test_reverts_and_fixes_of_thirty_days_are_found() -> None:
    log = [
        Logged(f"{n:040x}", message, ("Ada", "ada@example.org"), day * DAY)
        for n, message, day in (
            (0xA, "Add a cache", 1),
            (0xB, "Add a queue", 2),
            (0xC, "Add a pool", 3),
            (0xD, 'Revert "Add a cache"', 20),
            (0xE, f"Mend the pool\n\nFixes: {0xC:040x}", 32),
            (0xF, 'Revert "Add a queue"', 60),
        )
    ]
    assert taken_back(log) == {f"{0xA:040x}", f"{0xC:040x}"}


def test_commits_are_read_from_a_git_directory(tmp_path: Path) -> None:
    built = RepositoryBuilder(tmp_path / "r")
    text = "def total(values):\n    return sum(values)\n"
    for message, now in (
        ("First commit", "LIMIT = 3\n"),
        ("Add the total of values", text),
        ("Round the total of values down", text.replace("sum(", "int(sum(")),
        ("Handle totals of nothing at all", text + "\n\nEMPTY = total([])\n"),
        ('Revert "Round the total of values down"', text),
    ):
        built.write("total.py", now)
        built.commit(message)
    sample = read_sample(str(built.git_dir), read_config(conf_folder()))
    assert [(one.instruction, one.earlier) for one in sample.told if not one.stood] == [
        ("Round the total of values down", 2)
    ]
    assert sample.lost == 1 and len(sample.told) > 1
