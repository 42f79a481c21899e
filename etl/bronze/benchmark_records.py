"""Problems of benchmarks, read from the files in which benchmarks are published.

A file is JSON lines (`.jsonl`), a JSON array (`.json`), either of them gzipped, or Parquet. Which
field of a record holds what is a matter of its format; what no format names is kept as `extra`.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet")
_PARQUET_ROWS = 64
_MOST_QUOTED = 200

Row = dict[str, Any]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
]


class BenchmarkFields(BaseModel):
    """Which fields of a record hold what; texts of several fields are joined by an empty line.

    Attributes:
        id: identity of the problem in its benchmark; a whole number is fine.
        prompt: what a model is asked.
        solution: reference solution.
        tests: tests of a solution.
        entry_point: name that the tests call.
        language: language of the solution.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    prompt: Names = Field(min_length=1)
    solution: Names = ()
    tests: Names = ()
    entry_point: str | None = None
    language: str | None = None


# HumanEval: Chen et al. 2021; MBPP: Austin et al. 2021; HumanEvalPack: Muennighoff et al. 2023;
# LiveCodeBench: Jain et al. 2024, whose private tests are packed and stay in `extra`.
FORMATS: Mapping[str, BenchmarkFields] = MappingProxyType(
    {
        "humaneval": BenchmarkFields(
            id="task_id",
            prompt=("prompt",),
            solution=("canonical_solution",),
            tests=("test",),
            entry_point="entry_point",
        ),
        "mbpp": BenchmarkFields(
            id="task_id",
            prompt=("text",),
            solution=("code",),
            tests=("test_setup_code", "test_list", "challenge_test_list"),
        ),
        "humanevalpack": BenchmarkFields(
            id="task_id",
            prompt=("prompt",),
            solution=("canonical_solution",),
            tests=("test",),
            entry_point="entry_point",
        ),
        "livecodebench": BenchmarkFields(
            id="question_id",
            prompt=("question_title", "question_content"),
            tests=("public_test_cases",),
        ),
    }
)
_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"humaneval": "python", "mbpp": "python", "livecodebench": "python"}
)


class BenchmarkParams(BaseModel):
    """One benchmark file.

    Attributes:
        name: what the benchmark is called; each name once.
        path: the file, absolute or from the folder where the command runs.
        format: how its records are laid out; `fields` says it here.
        language: language of its solutions where no field says it; null: that of the format.
        fields: which field holds what, for the format `fields`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    path: str
    format: Literal["humaneval", "mbpp", "humanevalpack", "livecodebench", "fields"]
    language: str | None = None
    fields: BenchmarkFields | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> BenchmarkParams:
        if not self.path.endswith(SUFFIXES):
            raise ValueError(f"path `{self.path}` does not end in one of {', '.join(SUFFIXES)}")
        if (self.format == "fields") != (self.fields is not None):
            raise ValueError("`fields` goes with `format: fields`, and with no other")
        return self

    def layout(self) -> BenchmarkFields:
        """Which field holds what."""
        return self.fields or FORMATS[self.format]

    def version(self) -> str:
        """Hash of everything that decides how the file is read; its name and place do not."""
        text = self.model_dump_json(include={"format", "language", "fields"})
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


class BenchmarkUnreadable(Exception):  # noqa: N818 - a state of a file
    """A file cannot be read to its end; the message says why."""


@dataclass(frozen=True)
class Record:
    """One record of a file.

    Attributes:
        number: its place in the file, from 1 (for JSON lines: the line).
        digest: SHA-256 of its content, hexadecimal.
        value: what it holds.
        reason: why it holds nothing.
    """

    number: int
    digest: str
    value: Any = None
    reason: str | None = None


@dataclass(frozen=True)
class Refused:
    """A record that is no problem: the reason code, and what exactly."""

    reason: str
    detail: str


class _WrongTypeError(Exception):
    pass


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, dates as ISO 8601.

    Raises:
        TypeError: it holds something that JSON lacks, such as bytes.
        ValueError: it holds a number that JSON lacks.
    """
    return json.dumps(
        value,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        default=_plain,
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _parsed(number: int, data: bytes) -> Record:
    digest = _digest(data)
    try:
        return Record(number, digest, json.loads(data, parse_constant=_no_constant))
    except UnicodeDecodeError:
        return Record(number, digest, reason="not_utf8")
    except (ValueError, RecursionError):
        return Record(number, digest, reason="not_json")


def _held(number: int, value: Any) -> Record:
    try:
        text, reason = canonical_json(value), None
    except (TypeError, ValueError, RecursionError):
        text, reason = repr(value), "not_json"
    return Record(number, _digest(text.encode("utf-8", "surrogatepass")), value, reason)


def _read(path: str) -> Iterator[Record]:
    if path.endswith(".parquet"):
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(_PARQUET_ROWS):
            for value in batch.to_pylist():
                number += 1
                yield _held(number, value)
        return
    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as file:
        if path.removesuffix(".gz").endswith(".jsonl"):
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _parsed(number, line.strip())
            return
        whole = _parsed(1, file.read())
    if not isinstance(whole.value, list):
        raise BenchmarkUnreadable(whole.reason or "it holds no JSON array")
    for number, value in enumerate(whole.value, start=1):
        yield _held(number, value)


def read_records(path: str) -> Iterator[Record]:
    """The records of a file in order; what is no JSON is a record with a reason.

    Raises:
        BenchmarkUnreadable: the file is absent, damaged, or no array where one is expected.
    """
    try:
        yield from _read(path)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise BenchmarkUnreadable(f"{type(error).__name__}: {error}") from error


def _text(record: Row, name: str) -> str | None:
    value = record.get(name)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value) or None
    if value is None or isinstance(value, str):
        return value or None
    raise _WrongTypeError(f"`{name}` is {type(value).__name__}, expected text or a list of texts")


def _joined(record: Row, names: tuple[str, ...]) -> str | None:
    return "\n\n".join(text for name in names if (text := _text(record, name))) or None


def _identity(record: Row, name: str) -> str | None:
    value = record.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value or None
    raise _WrongTypeError(f"`{name}` is {type(value).__name__}, expected text or a whole number")


def _language(benchmark: BenchmarkParams, record: Row, problem_id: str) -> str | None:
    field = benchmark.layout().language
    said = _text(record, field) if field else None
    if said or benchmark.language:
        return (said or benchmark.language or "").lower()
    if benchmark.format == "humanevalpack":  # ids are such as `Go/0`
        return problem_id.partition("/")[0].lower()
    return _LANGUAGES.get(benchmark.format)


def problem_of(record: Record, benchmark: BenchmarkParams) -> Row | Refused:
    """The problem that a record holds, by the columns of bronze.benchmarks, or why it holds none.

    A problem needs an id and a prompt; whatever else its file lacks is null.
    """
    place, value, layout = f"record {record.number}", record.value, benchmark.layout()
    if record.reason is not None:
        return Refused(record.reason, place)
    if not isinstance(value, dict):
        return Refused("not_an_object", f"{place} is {type(value).__name__}")
    try:
        problem_id, prompt = _identity(value, layout.id), _joined(value, layout.prompt)
        if problem_id is None or prompt is None:
            lacks = layout.id if problem_id is None else ", ".join(layout.prompt)
            names = ", ".join(value)[:_MOST_QUOTED]
            has = names.encode("utf-8", "backslashreplace").decode("utf-8")
            return Refused("field_missing", f"{place} has no `{lacks}`; it has: {has}")
        row: Row = {
            "benchmark": benchmark.name,
            "problem_id": problem_id,
            "prompt": prompt,
            "solution": _joined(value, layout.solution),
            "tests": _joined(value, layout.tests),
            "entry_point": _text(value, layout.entry_point) if layout.entry_point else None,
            "language": _language(benchmark, value, problem_id),
        }
        read = {layout.id, *layout.prompt, *layout.solution, *layout.tests}
        read |= {name for name in (layout.entry_point, layout.language) if name}
        row["extra"] = canonical_json({k: v for k, v in value.items() if k not in read})
        row["problem_hash"] = _digest(canonical_json(row).encode("utf-8"))
    except _WrongTypeError as error:
        return Refused("field_wrong_type", f"{place}: {error}")
    except UnicodeEncodeError:  # half of a surrogate pair, which no text can hold
        return Refused("not_unicode", place)
    return row
