"""What the commands that learn weights from repositories have in common."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from pathlib import Path

from scipy.stats import rankdata

from etl.io.home import Home
from etl.io.tracking import log_training
from udfs.quality.coherence_model import Array

FOLDS = 3


def fold_of(repository: str) -> int:
    """The fold of a repository, by its name alone."""
    return hashlib.sha256(repository.encode()).digest()[0] % FOLDS


def auc(truth: Array, scores: Array) -> float:
    """The chance that a true one has the higher score than a false one; ties count half."""
    ranks = rankdata(scores)
    trues = float(truth.sum())
    above = ranks[truth == 1.0].sum() - trues * (trues + 1) / 2
    return float(above / (trues * (len(truth) - trues)))


def read_arguments(description: str | None, target: Path) -> argparse.Namespace:
    """`list`, `output` and `home` of a command that learns, from its command line."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", help="file with a git directory a line")
    parser.add_argument("-o", "--output", type=Path, default=target)
    parser.add_argument("--home", type=Path, default=Path(".sluice"), help="where MLflow logs to")
    return parser.parse_args()


def keep(
    name: str,
    text: str,
    chosen: argparse.Namespace,
    params: Mapping[str, str],
    figures: Mapping[str, float],
) -> None:
    """Write a model's text where `read_arguments` says, log it to MLflow, and print its figures."""
    chosen.output.write_text(text, encoding="ascii")
    home = Home(chosen.home.expanduser().absolute())
    home.prepare()
    log_training(
        name,
        params=params,
        metrics=figures,
        artifact=chosen.output,
        tracking_uri=home.tracking_uri,
        artifact_location=home.artifacts,
    )
    for figure, value in figures.items():
        print(f"{figure}: {value:.4f}")
