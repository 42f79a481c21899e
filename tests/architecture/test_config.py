"""Every key of the configuration is a field, every field has its key, and code reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from etl.config import Config, conf_folder, read_config, read_mix
from etl.mix.build_mix import MixParams
from tests.architecture.tree import ROOT, modules, nodes

CONF = ROOT / "conf"
MIXES = sorted((CONF / "mixes").glob("*.yml"))


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _all_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {model.__name__: model}
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            found |= _all_models(inner)
    return found


MODELS = _all_models(Config) | _all_models(MixParams)


def _differences(model: type[BaseModel], data: dict[str, Any], where: str = "") -> Iterator[str]:
    for name in sorted(data.keys() - model.model_fields.keys()):
        yield f"{where}{name} is no field of {model.__name__}"
    for name, field in model.model_fields.items():
        if name not in data:
            yield f"{where}{name} is left to a default of {model.__name__}"
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _differences(field.annotation, data[name], f"{where}{name}.")


def _used_names() -> set[str]:
    """Names that code reads: after a dot, or as text (a key of a dumped model)."""
    fields_of_models = {
        id(statement.target)
        for path in modules("etl", "udfs")
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
    }
    found: set[str] = set()
    for path in modules("etl", "udfs"):
        for node in nodes(path):
            if id(node) in fields_of_models:
                continue
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_the_file_lists_every_field_and_no_other() -> None:
    data = yaml.safe_load((CONF / "pipeline.yml").read_text(encoding="utf-8"))
    assert list(_differences(Config, data)) == []
    assert read_config(CONF) == read_config(conf_folder())


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_field_is_read_somewhere(name: str) -> None:
    if name == "MixParams":
        return  # `description` is for people, and `canonical` dumps the whole file
    unread = MODELS[name].model_fields.keys() - _used_names()
    assert not unread, f"nothing reads {sorted(unread)} of {name}"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_params_are_frozen_and_refuse_what_they_do_not_know(name: str) -> None:
    settings = MODELS[name].model_config
    assert settings.get("frozen") is True
    assert settings.get("extra") == "forbid"


@pytest.mark.parametrize("path", MIXES, ids=lambda path: path.stem)
def test_mixes_are_whole(path: Any) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(_differences(MixParams, data)) == []
    assert read_mix(CONF, path.stem).targets
