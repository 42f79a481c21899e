"""Every data file's SHA-256 is kept once, with the batches that are in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pyspark.sql import SparkSession

from etl.io.digests import digests_in_catalog, digests_on_disk
from etl.jobs.execute import execute
from etl.jobs.file_checksums import file_checksums, file_digests
from etl.schemas.bronze import BLOBS
from etl.schemas.ops import CHECKSUMS, REJECTS
from tests.contexts import open_home
from tests.etl.jobs.toy import Params, Toy


def test_files_are_recorded_once_with_their_batches(spark: SparkSession, tmp_path: Path) -> None:
    context = open_home(spark, tmp_path / "a home")  # a space, as in many a user's path
    toy = Toy(context, {("r", "b1"): ["one", "two"], ("s", "b2"): ["three", "x"]})
    execute(context, toy.task(Params(shortest=2)))
    for table in (BLOBS, REJECTS):
        folder = context.warehouse.location(table)
        on_disk = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*.parquet")
            if "_delta_log" not in path.parts
        }
        digests = file_digests(context, context.warehouse.data_files(table)).collect()
        assert digests
        places = [str(folder / row["file"]) for row in digests]
        assert sorted(digests_in_catalog(spark, places, skip_damaged=False).collect()) == sorted(
            digests
        )
        assert {row["file"]: row["sha256"] for row in digests}.items() <= on_disk.items()
        recorded = (
            context.warehouse.read(CHECKSUMS)
            .where(f"kind = 'file' AND artifact LIKE '{table.full_name}/%'")
            .collect()
        )
        found = {row["artifact"].rpartition("/")[2]: row["checksum"] for row in recorded}
        assert found.items() <= on_disk.items()
        counts: dict[tuple[str, str], int] = {}
        for row in recorded:
            place = (row["repo_id"], row["batch_id"])
            counts[place] = counts.get(place, 0) + row["row_count"]
        assert counts == ({("r", "b1"): 2, ("s", "b2"): 1} if table is BLOBS else {("s", "b2"): 1})
    assert file_checksums(context, "toy", {BLOBS: "true", REJECTS: "true"}) == [], (
        "all of them are known"
    )


def test_what_the_file_system_refuses_gets_no_digest(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "whole.parquet").write_bytes(b"whole")
    (tmp_path / "refused.parquet").mkdir()  # for any user, unlike a file without permissions
    places = [str(tmp_path / name) for name in ("whole.parquet", "refused.parquet")]
    rows = digests_on_disk(spark, places, skip_damaged=True).collect()
    assert {row["file"]: row["sha256"] for row in rows} == {
        "whole.parquet": hashlib.sha256(b"whole").hexdigest()
    }
