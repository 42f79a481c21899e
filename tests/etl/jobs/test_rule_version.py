"""The version of a rule changes with its code and its config, and with nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from etl.jobs import rule_version as module
from etl.jobs.rule_version import code_digest, rule_version


class Params(BaseModel):
    most: int = 3
    name: str = "x"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `udfs_under_test` that counts as ours: rule imports helper imports base."""
    folder = tmp_path / "udfs_under_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "rule.py").write_text("from udfs_under_test.helper import f\nimport json\n")
    (folder / "helper.py").write_text("from udfs_under_test import base\n\nf = base.g\n")
    (folder / "base.py").write_text("def g() -> int:\n    return 1\n")
    (folder / "other.py").write_text("OTHER = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(module, "_OURS", ("udfs_under_test",))
    forget()
    yield folder
    for name in [n for n in sys.modules if n.startswith("udfs_under_test")]:
        del sys.modules[name]
    forget()


def forget() -> None:
    """A run never sees its own code change, so digests are kept; a test does."""
    module.code_digest.cache_clear()
    module._imports.cache_clear()
    module._file_of.cache_clear()


RULE = ("udfs_under_test.rule",)


@pytest.mark.parametrize("changed", ["rule.py", "helper.py", "base.py"])
def test_a_change_of_code_that_it_runs_changes_it(package: Path, changed: str) -> None:
    before = rule_version(RULE, Params())
    with (package / changed).open("a") as file:
        file.write("# changed\n")
    forget()
    assert rule_version(RULE, Params()) != before


def test_learned_weights_beside_a_module_are_part_of_it(package: Path) -> None:
    versions = [rule_version(RULE, Params())]
    for weights in ("{}", '{"a": 1}'):
        (package / "base.json").write_text(weights)
        forget()
        versions.append(rule_version(RULE, Params()))
    assert len(set(versions)) == 3


def test_a_change_of_other_code_does_not(package: Path) -> None:
    before = rule_version(RULE, Params())
    (package / "other.py").write_text("OTHER = 2\n")
    (package / "new.py").write_text("")
    forget()
    assert rule_version(RULE, Params()) == before


def test_it_does_not_depend_on_where_the_code_lies(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rule_version(RULE, Params())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    package.rename(elsewhere / "udfs_under_test")
    monkeypatch.syspath_prepend(str(elsewhere))
    for name in [n for n in sys.modules if n.startswith("udfs_under_test")]:
        del sys.modules[name]
    forget()
    assert rule_version(RULE, Params()) == before


def test_a_change_of_config_changes_it(package: Path) -> None:
    versions = {
        rule_version(RULE, Params()),
        rule_version(RULE, Params(most=4)),
        rule_version(RULE, Params(name="y")),
        rule_version((*RULE, "udfs_under_test.other"), Params()),
    }
    assert len(versions) == 4
    assert rule_version(RULE, Params(most=3)) in versions
    assert all(len(v) == 32 and int(v, 16) >= 0 for v in versions)


def test_scores_do_not_hang_on_the_reading_of_git() -> None:
    """What the layers share is small: each rule's digest is its own."""
    names = ("etl.bronze.git_source", "etl.silver.extract_pairs", "etl.gold.score_pairs")
    assert len({code_digest(name) for name in names}) == len(names)
