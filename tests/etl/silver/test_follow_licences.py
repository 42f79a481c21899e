"""The licence at each commit is found from bronze, and nothing that speaks of one is overlooked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from etl.silver.follow_licences import LicenceParams, follow_licences, may_speak
from tests.etl.silver.frames import read_bronze
from tests.repositories import MIT, RepositoryBuilder
from udfs.licence import is_licence_path
from udfs.licence.detection import is_licence_file

PARAMS = LicenceParams(permissive=("MIT", "Apache-2.0"), max_licence_bytes=100_000)
PATHS = [
    "LICENSE", "license.md", "LICENCE.txt", "LICENSE-MIT", "MIT-LICENSE", "UNLICENSE", "COPYING",
    "COPYING.LESSER", "LICENSES/Apache-2.0.txt", "a/b/License", "a/copying.txt", "package.json",
    "pyproject.toml", "setup.cfg", "setup.py", "Cargo.toml", "pom.xml", "composer.json",
    "tally.gemspec", "README.md", "src/a.py", "a/package.json", "node_modules/x/LICENSE",
    "licences/list.py",
]  # fmt: skip


def test_the_query_reads_every_path_that_can_speak_of_a_licence(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(path,) for path in PATHS], "path string")
    read = {row["path"] for row in frame.where(may_speak(f.col("path"))).collect()}
    speaking = {path for path in PATHS if is_licence_path(path) or is_licence_file(path)}
    assert speaking - read == {"node_modules/x/LICENSE"}
    assert len(speaking) >= 19
    assert not read & {"README.md", "src/a.py", "a/package.json"}


def test_each_commit_has_the_licence_that_stood_in_its_tree(
    spark: SparkSession, tmp_path: Path
) -> None:
    repo = RepositoryBuilder(tmp_path / "r")
    repo.write("src/a.py", "A = 1\n")
    none = repo.commit("Begin without a word on rights")
    repo.write("package.json", '{"name": "r", "version": "1", "license": "GPL-2.0-only"}')
    declared = repo.commit("Declare a licence")
    repo.branch("side")
    repo.write("src/b.py", "B = 1\n")
    side = repo.commit("Work on the side")
    repo.checkout("main")
    repo.write("package.json", '{"name": "r", "version": "2", "license": "MIT"}')
    repo.write("LICENSE", MIT)
    repo.write("lib/LICENSE", "Licensed under the Apache License, Version 2.0.\n")
    repo.write("vendor/x/LICENSE", "Licensed under the GNU General Public License v3.0.\n")
    changed = repo.commit("Change the licence")
    merged = repo.merge("side", "Merge the side")
    bronze = read_bronze(spark, {"r": repo})
    followed = follow_licences(bronze.commits, bronze.changes, bronze.files, bronze.blobs, PARAMS)
    found = {
        row["commit_oid"]: (row["licence_then"], row["licence_reason"], len(row["folders"]))
        for row in followed.collect()
    }
    refused = ("GPL-2.0-only", "licence_not_permissive", 0)
    assert found == {
        none: (None, None, 0),
        declared: refused,
        side: refused,
        changed: ("MIT", None, 1),
        merged: ("MIT", None, 1),
    }
    wanted = bronze.commits.where(f.col("commit_oid") == side).select("repo_id", "commit_oid")
    asked = follow_licences(
        bronze.commits, bronze.changes, bronze.files, bronze.blobs, PARAMS, wanted
    ).collect()
    assert [(row["commit_oid"], row["licence_then"]) for row in asked] == [(side, refused[0])]


@pytest.mark.parametrize("value", [{"permissive": ()}, {"max_licence_bytes": 0}])
def test_params_are_checked(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"at least 1 item|greater than 0"):
        LicenceParams.model_validate(PARAMS.model_dump() | value)
