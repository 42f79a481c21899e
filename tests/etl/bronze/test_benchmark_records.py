"""Problems as benchmarks are published, and what is refused of them, each with its reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from etl.bronze.benchmark_records import (
    BenchmarkFields,
    BenchmarkParams,
    BenchmarkUnreadable,
    Record,
    Refused,
    canonical_json,
    problem_of,
    read_records,
)
from tests.data import DATA

OWN = BenchmarkFields(id="key", prompt=("title", "body"), solution=("code",), language="lang")


def benchmark(format: str = "fields", path: str = "x.jsonl", **more: Any) -> BenchmarkParams:
    more = {"fields": OWN, **more} if format == "fields" else more
    return BenchmarkParams(name="tiny", path=path, format=format, **more)  # type: ignore[arg-type]


def problem(value: Any, params: BenchmarkParams) -> dict[str, Any]:
    found = problem_of(Record(7, "d", value), params)
    assert isinstance(found, dict), found
    return found


def refused(value: Any, params: BenchmarkParams) -> tuple[str, str]:
    found = problem_of(Record(7, "d", value), params)
    assert isinstance(found, Refused), found
    return found.reason, found.detail


HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": "def f():\n",
    "entry_point": "f",
    "canonical_solution": "    return 1\n",
    "test": "def check(f): ...",
}
MBPP = {
    "task_id": 11,
    "text": "Write a function.",
    "code": "def g(): pass",
    "test_setup_code": "",
    "test_list": ["assert g() is None", "assert not g()"],
    "challenge_test_list": [],
}
PACK = {**HUMANEVAL, "task_id": "JavaScript/3", "buggy_solution": "return 2"}
LIVE = {
    "question_title": "A. Sum",
    "question_content": "Add two numbers.",
    "platform": "codeforces",
    "question_id": "1_A",
    "contest_id": "1",
    "starter_code": "",
    "public_test_cases": '[{"input": "1 2", "output": "3"}]',
    "private_test_cases": "eJw...",
    "difficulty": "easy",
    "metadata": "{}",
}
EXPECTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "humaneval": (
        HUMANEVAL,
        {
            "problem_id": "HumanEval/0",
            "prompt": "def f():\n",
            "solution": "    return 1\n",
            "tests": "def check(f): ...",
            "entry_point": "f",
            "language": "python",
            "extra": "{}",
        },
    ),
    "mbpp": (
        MBPP,
        {
            "problem_id": "11",
            "prompt": "Write a function.",
            "solution": "def g(): pass",
            "tests": "assert g() is None\nassert not g()",
            "entry_point": None,
            "language": "python",
            "extra": "{}",
        },
    ),
    "humanevalpack": (
        PACK,
        {
            "problem_id": "JavaScript/3",
            "language": "javascript",
            "extra": '{"buggy_solution":"return 2"}',
        },
    ),
    "livecodebench": (
        LIVE,
        {
            "problem_id": "1_A",
            "prompt": "A. Sum\n\nAdd two numbers.",
            "solution": None,
            "tests": '[{"input": "1 2", "output": "3"}]',
            "language": "python",
            "extra": canonical_json(
                {
                    name: LIVE[name]
                    for name in (
                        "platform",
                        "contest_id",
                        "starter_code",
                        "private_test_cases",
                        "difficulty",
                        "metadata",
                    )
                }
            ),
        },
    ),
}


@pytest.mark.parametrize("format", EXPECTED)
def test_a_format_says_which_field_is_what(format: str) -> None:
    record, expected = EXPECTED[format]
    found = problem(record, benchmark(format))
    assert {name: found[name] for name in expected} == expected
    assert found["benchmark"] == "tiny"


def test_any_other_layout_is_told_by_its_fields() -> None:
    record = {"key": "k1", "title": "T", "body": ["one", "two"], "lang": "Rust", "more": [1, None]}
    found = problem(record, benchmark())
    assert (found["problem_id"], found["prompt"]) == ("k1", "T\n\none\ntwo")
    assert (found["language"], found["solution"], found["tests"]) == ("rust", None, None)
    assert found["extra"] == '{"more":[1,null]}'
    silent = {"key": "k1", "title": "T"}
    assert problem(silent, benchmark())["language"] is None
    assert problem(silent, benchmark(language="Go"))["language"] == "go"


SHAPES: dict[str, tuple[Any, str, str]] = {
    "a list": ([1], "not_an_object", "record 7 is list"),
    "no id": ({"title": "T"}, "field_missing", "no `key`; it has: title"),
    "an empty prompt": ({"key": "k", "title": "", "body": None}, "field_missing", "`title, body`"),
    "a yes for an id": ({"key": True, "title": "T"}, "field_wrong_type", "`key` is bool"),
    "numbers for a prompt": (
        {"key": "k", "title": "T", "body": [1]},
        "field_wrong_type",
        "`body` is list, expected text",
    ),
    "an object for a solution": (
        {"key": "k", "title": "T", "code": {"a": "b"}},
        "field_wrong_type",
        "`code` is dict",
    ),
    "half a character": ({"key": "k", "title": "T", "x": "\ud800"}, "not_unicode", "record 7"),
    "half a character for a name": ({"\ud800": "k"}, "field_missing", "\\ud800"),
}


@pytest.mark.parametrize(("value", "reason", "words"), SHAPES.values(), ids=SHAPES.keys())
def test_a_wrong_shape_has_a_reason(value: Any, reason: str, words: str) -> None:
    found = refused(value, benchmark())
    assert found[0] == reason
    assert words in found[1]
    found[1].encode("utf-8")


def test_the_identity_is_the_content_and_not_the_order_of_its_fields() -> None:
    record = {"key": "k", "title": "T", "b": 1, "a": 2}
    turned = dict(reversed(record.items()))
    one = problem(record, benchmark())
    assert problem(turned, benchmark())["problem_hash"] == one["problem_hash"]
    for change in ({"key": "l"}, {"title": "U"}, {"a": 3}, {"lang": "go"}):
        assert problem(record | change, benchmark())["problem_hash"] != one["problem_hash"]
    null, empty = problem({"key": "k", "title": "T", "a": None}, benchmark()), one
    assert null["problem_hash"] != empty["problem_hash"]


def lines(path: Path) -> None:
    path.write_bytes(b'{"key":"a"}\r\n\n  {"key":"b"}\nnot json\n[1]\n\xff\n{"x":NaN}')


def array(path: Path) -> None:
    path.write_text('[{"key":"a"}, {"key":"b"}]', encoding="utf-8")


def table(path: Path) -> None:
    rows = [{"key": "a", "day": date(2024, 5, 1), "raw": None}, {"key": "b", "raw": b"\0"}]
    pq.write_table(pa.Table.from_pylist(rows), path)


def gzipped(write: Callable[[Path], None]) -> Callable[[Path], None]:
    def zipped(path: Path) -> None:
        write(path)
        path.write_bytes(gzip.compress(path.read_bytes()))

    return zipped


FILES: dict[str, tuple[Callable[[Path], None], list[tuple[int, Any, str | None]]]] = {
    "x.jsonl": (
        lines,
        [
            (1, {"key": "a"}, None),
            (3, {"key": "b"}, None),
            (4, None, "not_json"),
            (5, [1], None),
            (6, None, "not_utf8"),
            (7, None, "not_json"),
        ],
    ),
    "x.json": (array, [(1, {"key": "a"}, None), (2, {"key": "b"}, None)]),
}
FILES["x.jsonl.gz"] = (gzipped(lines), FILES["x.jsonl"][1])
FILES["x.json.gz"] = (gzipped(array), FILES["x.json"][1])


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_by_its_ending(name: str, tmp_path: Path) -> None:
    write, expected = FILES[name]
    write(tmp_path / name)
    found = list(read_records(str(tmp_path / name)))
    assert [(record.number, record.value, record.reason) for record in found] == expected
    assert len({record.digest for record in found}) == len(found)


def test_parquet_is_read_row_by_row(tmp_path: Path) -> None:
    table(tmp_path / "x.parquet")
    first, second = read_records(str(tmp_path / "x.parquet"))
    params = benchmark(fields=BenchmarkFields(id="key", prompt=("key",)))
    found = problem_of(first, params)
    assert isinstance(found, dict)
    assert found["extra"] == '{"day":"2024-05-01","raw":null}'
    assert second.reason == "not_json", "bytes have no JSON"


BROKEN: dict[str, tuple[str, bytes]] = {
    "absent": ("absent.jsonl", b""),
    "an object where an array is expected": ("object.json", b'{"key": "a"}'),
    "no JSON": ("text.json", b"hello"),
    "cut off": ("cut.jsonl.gz", gzip.compress(b'{"key": "a"}\n' * 9999)[:-20]),
    "not gzipped": ("plain.jsonl.gz", b'{"key": "a"}\n'),
    "no Parquet": ("text.parquet", b"hello"),
}


@pytest.mark.parametrize(("name", "data"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_one_error(name: str, data: bytes, tmp_path: Path) -> None:
    if data:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BenchmarkUnreadable):
        list(read_records(str(tmp_path / name)))


def test_json_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "deep.jsonl"
    place.write_text("[" * 200_000 + "\n" + '{"key": "a"}\n', encoding="utf-8")
    assert [record.reason for record in read_records(str(place))] == ["not_json", None]


TEXT = st.text("aé\0\ud800", max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["key", "title", "body", "code", "lang", "x"]), JSON))
def test_every_record_is_a_problem_or_has_a_reason(record: dict[str, Any]) -> None:
    found = problem_of(Record(1, "d", record), benchmark())
    if isinstance(found, Refused):
        assert found.reason in {"field_missing", "field_wrong_type", "not_unicode"}
        return
    assert found["problem_id"] and found["prompt"]
    kept = json.loads(found["extra"])
    assert kept == {name: value for name, value in record.items() if name == "x"}


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown format": ({"format": "human_eval"}, "humaneval"),
    "an unknown ending": ({"path": "x.csv"}, r"x\.csv.*\.jsonl"),
    "fields beside a preset": ({"format": "mbpp", "fields": OWN}, "format: fields"),
    "no fields": ({"fields": None}, "format: fields"),
    "a path for a name": ({"name": "a/b"}, "pattern"),
    "an unknown field": ({"fields": {"id": "a", "prompt": "b", "promt": "c"}}, "promt"),
}


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_the_configuration_is_named(change: dict[str, Any], words: str) -> None:
    right = {"name": "tiny", "path": "x.jsonl", "format": "fields", "fields": OWN}
    with pytest.raises(ValidationError, match=words):
        BenchmarkParams.model_validate(right | change)


PUBLISHED: dict[str, tuple[str, int, str]] = {
    "humaneval/HumanEval.jsonl.gz": ("humaneval", 164, "python"),
    "mbpp/mbpp.jsonl": ("mbpp", 974, "python"),
    "humanevalpack/python.jsonl.gz": ("humanevalpack", 164, "python"),
    "humanevalpack/js.jsonl.gz": ("humanevalpack", 164, "javascript"),
    "humanevalpack/java.jsonl.gz": ("humanevalpack", 164, "java"),
    "humanevalpack/go.jsonl.gz": ("humanevalpack", 164, "go"),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_benchmarks_are_read_whole(name: str) -> None:
    place = DATA / name
    if not place.is_file():
        pytest.skip(f"{place} is not here")
    format, count, language = PUBLISHED[name]
    params = benchmark(format, path=str(place))
    found = [problem_of(record, params) for record in read_records(str(place))]
    rows = [row for row in found if isinstance(row, dict)]
    assert len(rows) == len(found) == count
    assert {row["language"] for row in rows} == {language}
    assert len({row["problem_id"] for row in rows}) == count
    assert all(row["prompt"] and row["solution"] and row["tests"] for row in rows)
    assert all(row["entry_point"] for row in rows) == (format != "mbpp")
