"""The configuration: the shipped one is valid, and each mistake is one clear message."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from etl.config import conf_folder, read_config, read_mix
from etl.errors import ConfigError


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    target = tmp_path / "conf"
    shutil.copytree(conf_folder(), target)
    return target


Change = Callable[[str], str]


def replaced(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert text.count(old) == 1
        return text.replace(old, new)

    return change


MISTAKES: dict[str, tuple[Change, list[str]]] = {
    "unknown key in a section": (
        replaced("  max_files: 60\n", "  max_files: 60\n  max_fils: 61\n"),
        ["extract.max_fils: unknown key", "allowed here:", "max_files", "window_lines"],
    ),
    "unknown key in a section of a section": (
        replaced("    seconds: 3600\n", "    seconds: 3600\n    minutes: 3\n"),
        ["plan.clone.minutes: unknown key", "allowed here: seconds"],
    ),
    "unknown section": (
        lambda text: text + "\nscores: {}\n",
        ["scores: unknown key", "allowed here:", "score", "session"],
    ),
    "unknown key in an entry of a list": (
        replaced("benchmarks: []", "benchmarks: [{name: x, path: x.json, format: mbpp, kind: y}]"),
        ["benchmarks.0.kind: unknown key", "allowed here: fields, format, language, name, path"],
    ),
    "unknown key in a part that may be absent": (
        replaced("benchmarks: []", "benchmarks: [{fields: {idd: x}}]"),
        ["benchmarks.0.fields.idd: unknown key", "allowed here: entry_point, id,"],
    ),
    "two entries of one name": (
        replaced("benchmarks: []", "benchmarks: [&x {name: x, path: x.json, format: mbpp}, *x]"),
        ["benchmarks", "the name x stands there twice"],
    ),
    "missing key": (replaced("  max_files: 60\n", ""), ["extract.max_files", "required"]),
    "missing section": (
        lambda text: re.sub(r"(?ms)^parse:\n(?:  .*\n)+", "", text),
        ["parse", "required"],
    ),
    "wrong type": (
        replaced("max_files: 60", "max_files: many"),
        ["extract.max_files", "integer"],
    ),
    "outside its range": (
        replaced("require_tests: true\n    min_share_with_tests: 0.02",
                 "require_tests: true\n    min_share_with_tests: 2"),
        ["profile.activity.min_share_with_tests", "less than or equal to 1"],
    ),
    "not a size of memory": (replaced("memory: 4g", "memory: lots"), ["session.memory"]),
    "not YAML": (lambda text: text + "\n: [", ["not valid YAML"]),
    "a list instead of sections": (lambda text: "- session\n", ["pipeline.yml"]),
    "empty": (lambda text: "", ["pipeline.yml"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_message_that_names_it(
    conf: Path, change: Change, words: list[str]
) -> None:
    place = conf / "pipeline.yml"
    place.write_text(change(place.read_text()))
    with pytest.raises(ConfigError) as caught:
        read_config(conf)
    message = str(caught.value)
    assert str(place) in message
    assert all(word in message for word in words), message
    assert caught.value.exit_code == 2


def test_several_mistakes_are_told_at_once(conf: Path) -> None:
    place = conf / "pipeline.yml"
    text = replaced("max_files: 60", "max_files: 0")(place.read_text())
    place.write_text(replaced("seed: 1", "sead: 1")(text))
    with pytest.raises(ConfigError) as caught:
        read_config(conf)
    for word in ("extract.max_files", "dedup.sead: unknown key", "seed"):
        assert word in str(caught.value)


def test_the_shipped_configuration_is_valid_and_frozen() -> None:
    config = read_config(conf_folder())
    assert "MIT" in config.profile.permissive
    with pytest.raises(ValidationError, match="frozen"):
        config.extract.max_files = 3


def test_every_shipped_mix_is_valid() -> None:
    names = [path.stem for path in (conf_folder() / "mixes").glob("*.yml")]
    assert "default" in names
    for name in names:
        assert read_mix(conf_folder(), name).targets


def test_an_unknown_mix_names_the_known_ones(conf: Path) -> None:
    shutil.copy(conf / "mixes" / "default.yml", conf / "mixes" / "small.yml")
    with pytest.raises(ConfigError, match=r"no mix `nowhere`.*Known mixes: default, small"):
        read_mix(conf, "nowhere")
    shutil.rmtree(conf / "mixes")
    with pytest.raises(ConfigError, match="Known mixes: none"):
        read_mix(conf, "default")


@pytest.mark.parametrize("name", ["../pipeline", "/etc/passwd", "../../conf/mixes/default"])
def test_a_mix_is_a_name_and_no_path(conf: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        read_mix(conf, name)


MIX_MISTAKES: dict[str, tuple[Change, list[str]]] = {
    "unknown category": (
        replaced("  bug_fix: {", "  bugfix: {"),
        ["targets.bugfix", "bug_fix"],
    ),
    "unknown key of a target": (
        replaced("  bug_fix: {rows: 600, weight: 1.0}", "  bug_fix: {row: 600, weight: 1.0}"),
        ["targets.bug_fix.row: unknown key", "rows", "weight"],
    ),
    "a weight of nothing": (
        replaced("  bug_fix: {rows: 600, weight: 1.0}", "  bug_fix: {rows: 600, weight: 0}"),
        ["targets.bug_fix.weight", "greater than 0"],
    ),
    "no targets": (
        lambda text: re.sub(r"(?s)targets:.*", "targets: {}\n", text),
        ["targets", "at least 1"],
    ),
}


@pytest.mark.parametrize(("change", "words"), MIX_MISTAKES.values(), ids=MIX_MISTAKES.keys())
def test_a_mistake_in_a_mix_is_named(conf: Path, change: Change, words: list[str]) -> None:
    place = conf / "mixes" / "default.yml"
    place.write_text(change(place.read_text()))
    with pytest.raises(ConfigError) as caught:
        read_mix(conf, "default")
    message = str(caught.value)
    assert str(place) in message
    assert all(word in message for word in words), message


def test_a_folder_of_configuration_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--conf .*nowhere is not a folder.*pipeline\.yml"):
        conf_folder(str(tmp_path / "nowhere"))
    assert conf_folder(str(tmp_path)) == tmp_path
    with pytest.raises(ConfigError, match=r"There is no .*pipeline\.yml"):
        read_config(tmp_path)
