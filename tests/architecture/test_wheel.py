"""The wheel alone is enough: the configuration travels in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

READ = """
import etl
from etl.config import conf_folder, read_config, read_mix
from etl.jobs.graph import job_file, read_steps
folder = conf_folder()
read_config(folder), read_mix(folder, "default")
print(etl.__file__, folder, len(read_steps(job_file(folder))), sep="\\n")
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("the wheel is built by uv, which is not there")
    folder = tmp_path_factory.mktemp("wheel")
    command = [uv, "build", "--wheel", "--quiet", "--out-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("codesluice-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_whole_conf(unpacked: Path) -> None:
    conf = ROOT / "conf"
    for path in conf.rglob("*.yml"):
        packed = unpacked / "etl" / "conf" / path.relative_to(conf)
        assert packed.read_bytes() == path.read_bytes()


def test_the_wheel_holds_code_and_texts_but_no_tests(unpacked: Path) -> None:
    assert {p.name for p in unpacked.iterdir() if p.suffix != ".dist-info"} == {"etl", "udfs"}
    texts = [path for path in (ROOT / "udfs").rglob("*.txt")]
    assert all((unpacked / path.relative_to(ROOT)).is_file() for path in texts)


def test_the_configuration_is_found_in_the_unpacked_wheel(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    assert done.returncode == 0, done.stderr
    code, conf, steps = done.stdout.split()
    assert Path(code).is_relative_to(unpacked)
    assert Path(conf) == unpacked / "etl" / "conf"
    assert int(steps) > 0
