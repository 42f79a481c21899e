"""Files of rows that the user names: Parquet, Delta or JSON lines, read and written as they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pyspark.sql import DataFrame, SparkSession

from etl.errors import SourceError
from etl.io.tables import is_delta, read_corpus

LINE: Final = "value"
"""The column of a line of JSON lines, which Spark reads as text."""

_JSONL: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")


@dataclass(frozen=True)
class Dataset:
    """Rows on disk.

    Attributes:
        path: the file or folder that was named.
        kind: how it is stored.
        files: the files with JSON lines, in order; none for the others.
    """

    path: Path
    kind: Literal["delta", "parquet", "jsonl"]
    files: tuple[str, ...] = ()


def find_dataset(named: Path) -> Dataset:
    """Say what is stored at a path, by the names of its files.

    Raises:
        SourceError: there is nothing, or neither Parquet, Delta nor JSON lines.
    """
    path = named.expanduser().absolute()
    if not path.exists():
        raise SourceError(f"There is no {path}. Name a file or folder that exists.")
    if is_delta(path):
        return Dataset(path, "delta")
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    lines = [str(file) for file in files if file.name.endswith(_JSONL) and file.is_file()]
    tables = [file for file in files if file.suffix == ".parquet"]
    if bool(lines) == bool(tables):
        holds = "holds both Parquet and JSON lines" if lines else "is neither"
        raise SourceError(
            f"{path} {holds}. Name a Delta table, a file or folder of .parquet, or one of "
            f"{', '.join(_JSONL)}."
        )
    return Dataset(path, "jsonl", tuple(lines)) if lines else Dataset(path, "parquet")


def read_dataset(spark: SparkSession, dataset: Dataset) -> DataFrame:
    """The rows; those of JSON lines have the one column `LINE`.

    Raises:
        SourceError: it cannot be read.
    """
    if dataset.kind == "jsonl":
        return spark.read.text(list(dataset.files))
    return read_corpus(spark, str(dataset.path), dataset.kind)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes the name of the target only when all is there.

    Raises:
        SourceError: the target is there and not empty.
    """
    folder = target.expanduser().absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SourceError(f"{folder} exists and is not empty. Name another with -o.")
    unfinished = folder.parent / f".{folder.name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        yield unfinished
        if folder.is_dir():
            folder.rmdir()
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_dataset(frame: DataFrame, dataset: Dataset, folder: Path) -> None:
    """Write rows as the dataset has them; JSON lines into `part-00000.jsonl` and so on."""
    if dataset.kind != "jsonl":
        frame.write.format(dataset.kind).save(str(folder))
        return
    frame.write.text(str(folder))
    for file in list(folder.iterdir()):
        if file.suffix != ".txt":
            file.unlink()
    for number, file in enumerate(sorted(folder.iterdir())):
        file.rename(folder / f"part-{number:05}.jsonl")
