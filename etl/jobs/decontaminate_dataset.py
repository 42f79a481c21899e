"""Take the rows out of any dataset that give problems of benchmarks away."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.bronze.benchmark_records import (
    FORMATS,
    BenchmarkParams,
    BenchmarkUnreadable,
    problem_of,
    read_records,
)
from etl.checks.canaries import require_found
from etl.errors import ConfigError, SourceError
from etl.gold.decontaminate import DecontaminationParams
from etl.io.datasets import (
    LINE,
    Dataset,
    find_dataset,
    new_folder,
    read_dataset,
    string_columns,
    write_dataset,
)
from etl.schemas.arrow import to_arrow_schema
from udfs.decontamination.canaries import count_found, make_canaries
from udfs.decontamination.index import Index, build_index
from udfs.decontamination.model import Problem
from udfs.decontamination.search import find_problems

_HITS, _PLACE = "contamination_hits", "place_in_dataset"
_NAME = "decontaminate"
_TOLD: Final = ("benchmark", "problem_id", "level", "field", "evidence")
# Fields that tell formats apart which are laid out alike.
_MARKS: Final = {"humanevalpack": "declaration"}


def named_benchmarks(files: Sequence[Path]) -> list[BenchmarkParams]:
    """The benchmarks in some files, by the fields of their first record.

    Raises:
        SourceError: a file is not there or cannot be read.
        ConfigError: its fields are those of no format.
    """
    return [_benchmark(file.expanduser().absolute()) for file in files]


def _benchmark(path: Path) -> BenchmarkParams:
    if not path.is_file():
        raise SourceError(f"There is no file {path}. Name one with --benchmark that exists.")
    try:
        first = next(read_records(str(path)), None)
    except BenchmarkUnreadable as error:
        raise SourceError(f"{path} cannot be read: {error} Bring the file again.") from error
    held = first.value if first is not None and isinstance(first.value, dict) else {}
    for name in sorted(FORMATS, key=lambda name: name not in _MARKS):
        layout = FORMATS[name]
        fields = {layout.id, *layout.prompt, *layout.solution, *filter(None, [_MARKS.get(name)])}
        if fields <= held.keys():
            stem = path.name.split(".")[0].lower()
            return BenchmarkParams(name=stem, path=str(path), format=name)  # type: ignore[arg-type]
    raise ConfigError(
        f"{path} has the fields {', '.join(held) or 'of no JSON object'}, which no format of "
        f"{', '.join(FORMATS)} has. Name it in the section `benchmarks` of a configuration, with "
        "its fields, and pass --conf."
    )


def read_problems(benchmarks: Sequence[BenchmarkParams]) -> list[Problem]:
    """The problems of some files; records that are none are passed over.

    Raises:
        ConfigError: there is no problem at all.
        SourceError: a file cannot be read.
    """
    found = []
    for benchmark in benchmarks:
        try:
            rows = [problem_of(record, benchmark) for record in read_records(benchmark.path)]
        except BenchmarkUnreadable as error:
            raise SourceError(f"{benchmark.path} cannot be read: {error}") from error
        names = ("benchmark", "problem_id", "prompt", "solution", "language")
        found += [Problem(*(row[n] for n in names)) for row in rows if isinstance(row, dict)]
    if not found:
        raise ConfigError(
            "There is no problem to look for. Name files with --benchmark, or in the section "
            "`benchmarks` of a configuration that --conf names."
        )
    return found


def decontaminate_dataset(
    spark: SparkSession,
    source: Path,
    target: Path,
    columns: Sequence[str],
    problems: Sequence[Problem],
    params: DecontaminationParams,
) -> dict[str, Any]:
    """Write the rows without a hit in the same format, and the others as JSON lines beside them.

    Args:
        spark: the session.
        source: Delta table, or file or folder of Parquet or JSON lines.
        target: folder to make; rows with a hit go to a folder of that name and `-hits`, each with
            what was found.
        columns: columns to look into, with all strings inside them; none: every one with strings.
        problems: what is looked for.
        params: how much of a problem is too much.

    Returns:
        The folders, rows, rows taken out, and problems found by benchmark and level.

    Raises:
        CheckError: problems that were planted on purpose are not found; nothing is written.
        ConfigError: a column is not there or holds no string.
        SourceError: the source is none of these, or a target is not empty.
    """
    index = build_index(problems, params.to_spec())
    _test(problems, index, params)
    dataset = find_dataset(source)
    beside = target.expanduser().absolute().with_name(f"{target.name}-hits")
    with new_folder(target) as folder, new_folder(beside) as hits_folder:
        frame = read_dataset(spark, dataset)
        searched = _searched(frame, dataset, string_columns(frame, dataset, columns), index)
        staging = folder.with_name(f"{folder.name}.staged")
        try:
            searched.write.mode("overwrite").parquet(str(staging))
            staged = spark.read.schema(searched.schema).parquet(str(staging))
            is_hit = f.size(_HITS) > 0
            clean = staged.where(~is_hit).orderBy(_PLACE).drop(_HITS, _PLACE)
            write_dataset(clean, dataset, folder)
            taken = staged.where(is_hit).orderBy(_PLACE).drop(_PLACE)
            write_dataset(
                taken.select(f.to_json(f.struct("*")).alias(LINE)),
                Dataset(dataset.path, "jsonl"),
                hits_folder,
            )
            hit = f.explode(_HITS).alias("hit")
            found = taken.select(hit).groupBy("hit.benchmark", "hit.level").count()
            counts = {
                f"{benchmark} {level}": count
                for benchmark, level, count in found.orderBy("benchmark", "level").collect()
            }
            rows, rows_hit = staged.select(f.count(f.lit(1)), f.count_if(is_hit)).collect()[0]
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return {
        "folder": str(target.expanduser().absolute()),
        "hits_folder": str(beside),
        "format": dataset.kind,
        "problems": len(problems),
        "rows": rows,
        "rows_taken_out": rows_hit,
        "hits": counts,
    }


def _test(problems: Sequence[Problem], index: Index, params: DecontaminationParams) -> None:
    canaries = make_canaries(problems, index, params.canaries.problems)
    seen: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
    for number, canary in enumerate(canaries):
        texts = {"a": canary.instruction, "b": canary.context, "c": canary.response}
        for hit in find_problems(texts, canary.language or None, index):
            seen[number].add((hit.benchmark, hit.problem_id, hit.level))
    require_found(_NAME, count_found(canaries, seen).claimed, params.canaries.least_found)


def _searched(
    frame: DataFrame, dataset: Dataset, columns: Sequence[str], index: Index
) -> DataFrame:
    """The rows in their order, with what was found in each."""
    hit = t.StructType([t.StructField(name, t.StringType()) for name in _TOLD])
    placed = frame.withColumn(_PLACE, f.monotonically_increasing_id())
    schema = t.StructType([*placed.schema.fields, t.StructField(_HITS, t.ArrayType(hit))])
    run = partial(
        _search_batches,
        columns=tuple(columns),
        is_jsonl=dataset.kind == "jsonl",
        index=index,
        schema=to_arrow_schema(schema),
    )
    return placed.mapInArrow(run, schema)


def _search_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    columns: tuple[str, ...],
    is_jsonl: bool,
    index: Index,
    schema: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if is_jsonl:
            rows = [line_fields(line, columns) for line in batch.column(LINE).to_pylist()]
        else:
            values = {name: batch.column(name).to_pylist() for name in columns}
            rows = [
                {name: strings_in(values[name][at]) for name in columns}
                for at in range(batch.num_rows)
            ]
        found = [
            [
                {name: getattr(hit, name) for name in _TOLD}
                for hit in find_problems(row, None, index)
            ]
            for row in rows
        ]
        arrays = [*batch.columns, pa.array(found, schema.types[-1])]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def line_fields(line: str, columns: Sequence[str]) -> dict[str, str]:
    """The strings of a JSON object by field; what is no JSON object is one text."""
    try:
        held = json.loads(line)
    except (ValueError, RecursionError):  # no JSON, or nested by the hundred
        held = None
    if not isinstance(held, dict):
        return {LINE: line}
    return {name: strings_in(held[name]) for name in columns or held if name in held}


def strings_in(value: Any) -> str:
    """All strings inside a value, in order, with an empty line between."""
    found: list[str] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            pending.extend(reversed(item.values()))
        elif isinstance(item, (list, tuple)):
            pending.extend(reversed(item))
    return "\n\n".join(found)


def report_text(report: dict[str, Any]) -> str:
    """What was written and found, for people."""
    lines = [
        f"{report['rows']:,} rows, {report['rows_taken_out']:,} of them give one of "
        f"{report['problems']:,} problems away; the others as {report['format']} in",
        f"  {report['folder']}",
    ]
    if report["rows_taken_out"]:
        lines += ["taken out, with what was found:", f"  {report['hits_folder']}"]
    lines += [f"  {name:<28} {count:>7,} hits" for name, count in report["hits"].items()]
    return "\n".join(lines)
