"""Every threshold of the pipeline, read from `conf` and checked before anything runs."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from etl.bronze.benchmark_records import BenchmarkParams
from etl.bronze.ingest_collaboration import CollaborationParams
from etl.bronze.ingest_corpus import CorpusParams
from etl.bronze.ingest_git import IngestParams
from etl.bronze.plan_history import PlanParams
from etl.errors import ConfigError
from etl.gold.decontaminate import DecontaminationParams
from etl.gold.hold_out import EvaluationParams
from etl.gold.link_duplicates import DedupParams
from etl.gold.score_pairs import ScoreParams
from etl.io.github import FetchParams
from etl.mix.build_mix import MixParams
from etl.sandbox.bubblewrap import BubblewrapParams
from etl.sandbox.docker import DockerParams
from etl.silver.extract_pairs import ExtractParams
from etl.silver.link_changes import LinkParams
from etl.silver.pair_issues import IssueParams
from etl.silver.pair_reviews import ReviewParams
from etl.silver.pair_structure import StructureParams
from etl.silver.parse_functions import ParseParams
from etl.silver.profile_repos import ProfileParams

Model = TypeVar("Model", bound=BaseModel)


class SessionParams(BaseModel):
    """The embedded Spark session; a cluster has its own.

    Attributes:
        cores: task threads; 0 takes every core of the machine.
        memory: heap of the JVM.
        shuffle_partitions: partitions after a shuffle.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cores: int = Field(ge=0)
    memory: str = Field(pattern=r"^[1-9][0-9]*[mg]$")
    shuffle_partitions: int = Field(gt=0)


class SandboxParams(BaseModel):
    """The isolation backends that may run untrusted code.

    Attributes:
        bubblewrap: namespaces of this machine.
        docker: a container engine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bubblewrap: BubblewrapParams
    docker: DockerParams


def _each_name_once(items: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [item.name for item in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the name {', '.join(twice)} stands there twice; each must be unique")
    return items


class Config(BaseModel):
    """`conf/pipeline.yml`: one section a step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session: SessionParams
    plan: PlanParams
    fetch: FetchParams
    ingest: IngestParams
    benchmarks: Annotated[tuple[BenchmarkParams, ...], AfterValidator(_each_name_once)]
    corpora: Annotated[tuple[CorpusParams, ...], AfterValidator(_each_name_once)]
    collaboration: CollaborationParams
    profile: ProfileParams
    parse: ParseParams
    extract: ExtractParams
    links: LinkParams
    issues: IssueParams
    reviews: ReviewParams
    structure: StructureParams
    score: ScoreParams
    dedup: DedupParams
    decontamination: DecontaminationParams
    evaluation: EvaluationParams | None
    sandbox: SandboxParams


def conf_folder(override: str | None = None) -> Path:
    """The folder that holds the configuration: `override`, or the one in the installed package.

    Raises:
        ConfigError: `override` is not a folder.
    """
    if override:
        folder = Path(override)
        if not folder.is_dir():
            raise ConfigError(f"--conf {override} is not a folder. It must hold pipeline.yml.")
        return folder
    packaged = Path(str(resources.files("etl"))) / "conf"
    return packaged if packaged.is_dir() else packaged.parent.parent / "conf"


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no {path}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from error


def _validated(model: type[Model], data: Any, path: Path) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        for item in error.errors():
            where = ".".join(str(part) for part in item["loc"])
            if item["type"] == "extra_forbidden":
                allowed = ", ".join(_keys_beside(model, item["loc"]))
                problems.append(f"{where}: unknown key; allowed here: {allowed}")
            else:
                problems.append(f"{where}: {item['msg']}")
        raise ConfigError(f"{path}: {'; '.join(problems)}.") from error


def _keys_beside(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current: Any = model
    for part in location[:-1]:
        field = getattr(current, "model_fields", {}).get(part)
        current = _model_in(field.annotation if field is not None else current)
    return sorted(getattr(current, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    """The model that a mapping, a list or an optional value holds; else the annotation itself."""
    held = [part for part in get_args(annotation) if hasattr(part, "model_fields")]
    return held[0] if held else annotation


def read_config(folder: Path) -> Config:
    """Read and check `pipeline.yml`.

    Raises:
        ConfigError: a key is unknown, missing, or has a value that is not allowed.
    """
    path = folder / "pipeline.yml"
    return _validated(Config, _read_yaml(path), path)


def read_mix(folder: Path, name: str) -> MixParams:
    """Read and check `mixes/<name>.yml`.

    Raises:
        ConfigError: there is no such mix, or it is not valid.
    """
    path = folder / "mixes" / f"{name}.yml"
    if Path(name).name != name or not path.is_file():
        known = ", ".join(sorted(p.stem for p in (folder / "mixes").glob("*.yml"))) or "none"
        raise ConfigError(f"There is no mix `{name}` ({path}). Known mixes: {known}.")
    return _validated(MixParams, _read_yaml(path), path)
