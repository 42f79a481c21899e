"""Files of rows that the user names: Parquet, Delta or JSON lines, read and written as they are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.errors import ConfigError, SourceError
from etl.io.tables import is_delta, read_corpus

LINE: Final = "value"
"""The column of a line of JSON lines, which Spark reads as text."""

_HEAD: Final = 100  # lines whose fields are the columns that may be named
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


def column_names(frame: DataFrame, dataset: Dataset) -> list[str]:
    """The columns that can be named; of JSON lines the fields of the first ones."""
    if dataset.kind != "jsonl":
        return frame.columns
    names = frame.limit(_HEAD).select(f.explode(f.json_object_keys(LINE)).alias("name"))
    return sorted(row[0] for row in names.distinct().collect())


def string_columns(frame: DataFrame, dataset: Dataset, named: Sequence[str]) -> list[str]:
    """The columns with strings that were named, checked; for JSON lines none stands for all."""
    if dataset.kind == "jsonl":
        if not named:
            return []
        known = column_names(frame, dataset)
    else:
        known = [c.name for c in frame.schema.fields if _holds_strings(c.dataType)]
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise ConfigError(
            f"--column {', '.join(unknown)}: {dataset.path} has no such column with strings. "
            f"It has: {', '.join(known) or 'none'}."
        )
    return list(named) or known


def _holds_strings(kind: t.DataType) -> bool:
    if isinstance(kind, t.ArrayType):
        return _holds_strings(kind.elementType)
    if isinstance(kind, t.MapType):
        return _holds_strings(kind.keyType) or _holds_strings(kind.valueType)
    if isinstance(kind, t.StructType):
        return any(_holds_strings(field.dataType) for field in kind.fields)
    return isinstance(kind, t.StringType)


def rewritten(line: str, fields: Mapping[str, Any]) -> str:
    """The line of JSON lines that has other fields now, escaped as it was."""
    # Half of a pair of surrogates can only be written as an escape.
    escaped = line.isascii() or "\\ud" in line.lower()
    return json.dumps(fields, ensure_ascii=escaped)


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
