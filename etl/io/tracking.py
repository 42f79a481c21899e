"""MLflow: the only module that knows it. Each mix version is one run."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION_TAG = "codesluice.mix_version"
_ON_DISK = "sqlite:///"


@dataclass(frozen=True)
class TableVersion:
    """A Delta table as a run read it."""

    name: str
    location: str
    version: int


@dataclass(frozen=True)
class MixRun:
    """What is logged of one mix version.

    Attributes:
        mix_name: name of the mix.
        version: its version.
        params: settings, flat.
        metrics: figures.
        inputs: Delta tables it was built from.
        artifacts: folder whose files are kept with the run.
    """

    mix_name: str
    version: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    inputs: tuple[TableVersion, ...]
    artifacts: Path


def _mlflow(tracking_uri: str) -> Any:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    import mlflow  # takes 4 s, so only who logs a run pays for it

    logging.getLogger("alembic").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(tracking_uri)
    return mlflow


def _make_store(tracking_uri: str, artifact_location: Path | None) -> None:
    """Make a store on disk where there is none.

    MLflow builds it in dozens of migrations and cannot go on where it was killed between two of
    them, so it is built beside its place and takes its name when it is whole.
    """
    place = Path(tracking_uri.removeprefix(_ON_DISK))
    if not tracking_uri.startswith(_ON_DISK) or place.exists():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    unfinished = place.with_name(f".{place.name}.part")
    for rest in place.parent.glob(f"{unfinished.name}*"):
        rest.unlink()
    SqlAlchemyStore(f"{_ON_DISK}{unfinished}", str(artifact_location))  # type: ignore[no-untyped-call]
    unfinished.rename(place)


def _end_interrupted(mlflow: Any, experiment_id: str, version: str) -> None:
    """Say of the runs of a version that were killed that they were."""
    left = mlflow.search_runs(
        [experiment_id],
        filter_string=f"tags.`{VERSION_TAG}` = '{version}' AND attributes.status = 'RUNNING'",
        output_format="list",
    )
    for run in left:
        mlflow.MlflowClient().set_terminated(run.info.run_id, "KILLED")


def drop_artifact(name: str, mixes: Mapping[str, str], *, tracking_uri: str) -> int:
    """Delete one artifact of the runs of some mix versions; return how many runs had it.

    Args:
        name: path of the artifact in its run.
        mixes: name of the mix by version.
        tracking_uri: MLflow's store.
    """
    is_absent = tracking_uri.startswith(_ON_DISK) and not (
        Path(tracking_uri.removeprefix(_ON_DISK)).exists()
    )
    if is_absent or not mixes:
        return 0
    mlflow = _mlflow(tracking_uri)
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    dropped = 0
    for version, mix in mixes.items():
        experiment = mlflow.get_experiment_by_name(f"codesluice/{mix}")
        if experiment is None:
            continue
        runs = mlflow.search_runs(
            [experiment.experiment_id],
            filter_string=f"tags.`{VERSION_TAG}` = '{version}'",
            output_format="list",
        )
        for run in runs:
            kept = get_artifact_repository(run.info.artifact_uri)
            if any(file.path == name for file in kept.list_artifacts()):
                kept.delete_artifacts(name)  # type: ignore[no-untyped-call]
                dropped += 1
    return dropped


def log_training(
    model: str,
    *,
    params: Mapping[str, str],
    metrics: Mapping[str, float],
    artifact: Path,
    tracking_uri: str,
    artifact_location: Path | None,
) -> str:
    """Log that a model was learned, as one MLflow run of the experiment "codesluice/models".

    Args:
        model: its name.
        params: what it was learned from and how.
        metrics: how well it does.
        artifact: the file of its weights.
        tracking_uri: MLflow's store.
        artifact_location: folder of a new experiment's artifacts; None leaves it to the server.

    Returns:
        The id of the run.
    """
    mlflow = _mlflow(tracking_uri)
    _make_store(tracking_uri, artifact_location)
    experiment_id = _experiment(mlflow, "codesluice/models", artifact_location)
    with mlflow.start_run(experiment_id=experiment_id, run_name=model) as active:
        mlflow.log_params(dict(params))
        mlflow.log_metrics(dict(metrics))
        mlflow.log_artifact(str(artifact))
        return str(active.info.run_id)


def _experiment(mlflow: Any, name: str, artifact_location: Path | None) -> str:
    experiment = mlflow.get_experiment_by_name(name)
    if experiment is not None:
        return str(experiment.experiment_id)
    where = str(artifact_location) if artifact_location else None
    return str(mlflow.create_experiment(name, artifact_location=where))


def log_mix(run: MixRun, *, tracking_uri: str, artifact_location: Path | None) -> str:
    """Log a mix version as one finished MLflow run; return its id.

    A version that has a finished run already is not logged again.

    Args:
        run: what to log.
        tracking_uri: MLflow's store.
        artifact_location: folder of a new experiment's artifacts; None leaves it to the server.
    """
    mlflow = _mlflow(tracking_uri)
    _make_store(tracking_uri, artifact_location)
    experiment_id = _experiment(mlflow, f"codesluice/{run.mix_name}", artifact_location)
    known = mlflow.search_runs(
        [experiment_id],
        filter_string=f"tags.`{VERSION_TAG}` = '{run.version}' AND attributes.status = 'FINISHED'",
        output_format="list",
    )
    if known:
        return str(known[0].info.run_id)
    _end_interrupted(mlflow, experiment_id, run.version)
    from mlflow.data.delta_dataset_source import DeltaDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    with mlflow.start_run(
        experiment_id=experiment_id,
        run_name=f"{run.mix_name}-{run.version[:12]}",
        tags={VERSION_TAG: run.version, "codesluice.mix_name": run.mix_name},
    ) as active:
        mlflow.log_params(dict(run.params))
        mlflow.log_metrics(dict(run.metrics))
        for table in run.inputs:
            source = DeltaDatasetSource(path=table.location, delta_table_version=table.version)
            dataset = MetaDataset(source, name=table.name)  # type: ignore[abstract]
            mlflow.log_input(dataset, context="mix")
        mlflow.log_artifacts(str(run.artifacts))
        return str(active.info.run_id)
