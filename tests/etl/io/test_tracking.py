"""Each mix version is one MLflow run, read back through MLflow's own client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from etl.io.tracking import VERSION_TAG, MixRun, TableVersion, log_mix, log_training


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracking")


def mix_run(store: Path, version: str) -> MixRun:
    artifacts = store / f"files-{version[:4]}"
    artifacts.mkdir(exist_ok=True)
    (artifacts / "manifest.json").write_text(json.dumps({"version": version}))
    (artifacts / "sample.md").write_text("# A pair\n")
    return MixRun(
        mix_name="default",
        version=version,
        params={"mix": "default", "min_score": "0.45"},
        metrics={"rows": 12, "score.mean": 0.71},
        inputs=(
            TableVersion("silver.pairs", str(store / "silver" / "pairs"), 3),
            TableVersion("gold.scored_pairs", str(store / "gold" / "scored_pairs"), 5),
        ),
        artifacts=artifacts,
    )


def log(store: Path, version: str) -> str:
    return log_mix(
        mix_run(store, version),
        tracking_uri=f"sqlite:///{store / 'mlflow.db'}",
        artifact_location=store / "mlartifacts",
    )


@pytest.fixture(scope="module")
def client(store: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{store / 'mlflow.db'}")


def test_a_version_is_one_run_with_all_it_was_made_of(store: Path, client: MlflowClient) -> None:
    version = "a" * 64
    run_id = log(store, version)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"mix": "default", "min_score": "0.45"}
    assert run.data.metrics == {"rows": 12.0, "score.mean": 0.71}
    assert run.data.tags[VERSION_TAG] == version
    assert client.get_experiment(run.info.experiment_id).name == "codesluice/default"
    assert run.inputs is not None
    inputs = {
        entry.dataset.name: json.loads(entry.dataset.source) for entry in run.inputs.dataset_inputs
    }
    assert inputs.keys() == {"silver.pairs", "gold.scored_pairs"}
    assert inputs["silver.pairs"]["path"] == str(store / "silver" / "pairs")
    assert inputs["silver.pairs"]["delta_table_version"] == 3
    assert inputs["gold.scored_pairs"]["delta_table_version"] == 5
    assert sorted(item.path for item in client.list_artifacts(run_id)) == [
        "manifest.json",
        "sample.md",
    ]
    found = client.download_artifacts(run_id, "manifest.json")
    assert json.loads(Path(found).read_text()) == {"version": version}
    assert (store / "mlartifacts" / run_id / "artifacts" / "sample.md").is_file()


def test_the_same_version_is_not_logged_again(store: Path, client: MlflowClient) -> None:
    version = "b" * 64
    first = log(store, version)
    assert log(store, version) == first
    experiment = client.get_experiment_by_name("codesluice/default")
    assert experiment is not None
    runs = client.search_runs(
        [experiment.experiment_id], filter_string=f"tags.`{VERSION_TAG}` = '{version}'"
    )
    assert len(runs) == 1


def test_another_version_is_another_run(store: Path) -> None:
    assert log(store, "c" * 64) != log(store, "d" * 64)


def test_an_interrupted_run_does_not_count(store: Path, client: MlflowClient) -> None:
    """A run that was killed half-way stays unfinished: the version is logged again, whole."""
    version = "e" * 64
    experiment = client.get_experiment_by_name("codesluice/default")
    assert experiment is not None
    killed = client.create_run(experiment.experiment_id, tags={VERSION_TAG: version})
    run_id = log(store, version)
    assert run_id != killed.info.run_id
    assert client.get_run(run_id).info.status == "FINISHED"


def test_a_training_is_a_run_with_its_figures_and_weights(
    store: Path, client: MlflowClient
) -> None:
    weights = store / "model.json"
    weights.write_text("{}\n")
    run_id = log_training(
        "coherence",
        params={"seed": "1"},
        metrics={"left_out_auc": 0.95, "left_out_auc/owner/name": 0.9},
        artifact=weights,
        tracking_uri=f"sqlite:///{store / 'mlflow.db'}",
        artifact_location=store / "mlartifacts",
    )
    run = client.get_run(run_id)
    assert client.get_experiment(run.info.experiment_id).name == "codesluice/models"
    assert run.info.run_name == "coherence"
    assert run.data.metrics == {"left_out_auc": 0.95, "left_out_auc/owner/name": 0.9}
    assert [file.path for file in client.list_artifacts(run_id)] == ["model.json"]
