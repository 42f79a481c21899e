"""Silver pairs of experts: each line of the files of a team becomes a pair, or a reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as t

from etl.schemas.arrow import to_arrow_schema
from etl.schemas.silver import PAIRS
from etl.silver.extract_pairs import PairParams, pair_columns
from udfs.authors import author_digest, email_digests
from udfs.expert_pairs import ExpertLine, expert_pair, read_line
from udfs.pairs import Rejection

ORIGIN = "expert"
# In place of a repository: what experts write is of none.
EXPERTS = "expert"

FILES = t.StructType([t.StructField("path", t.StringType(), False)])
DECIDED = t.StructType(
    [
        *(
            t.StructField(c.name, c.dataType)
            for c in PAIRS.columns
            if c.name not in ("rule_version", "batch_id")
        ),
        t.StructField("key", t.StringType()),
        t.StructField("reason", t.StringType()),
        t.StructField("detail", t.StringType()),
    ]
)
_BATCH_ROWS = 100


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that hold anything, with their numbers from 1."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line


def authors_of(line: ExpertLine) -> set[str]:
    """Digests of who an author may be, as `sluice forget` asks for them."""
    is_login = line.author.startswith("@")
    return {author_digest(line.author)} if is_login else email_digests(line.author)


def line_authors(line: bytes) -> set[str]:
    """Digests of who wrote a line; none where it cannot be read."""
    read = read_line(line)
    return set() if isinstance(read, Rejection) else authors_of(read)


def decide_line(
    line: bytes,
    params: PairParams,
    may_learn: Callable[[str], bool],
    removed: Collection[str] = (),
) -> dict[str, Any]:
    """The columns of a pair, or `reason` and `detail`.

    Args:
        line: JSON of ExpertLine.
        params: limits and licences.
        may_learn: from `params`, made once.
        removed: digests of people whose words are not read.
    """
    read = read_line(line)
    if isinstance(read, Rejection):
        return {"reason": read.reason, "detail": read.detail}
    authors = authors_of(read)
    if authors & set(removed):
        return {"reason": "author_removed"}
    pair = expert_pair(read, params.extract.limits(), may_learn)
    if isinstance(pair, Rejection):
        return {"reason": pair.reason, "detail": pair.detail or None}
    return pair_columns(EXPERTS, "", pair, ()) | {
        "repo_id": EXPERTS,
        "repo_name": EXPERTS,
        "commit_oid": "",
        "origin": ORIGIN,
        "language": read.language,
        "licence": read.licence,
        "authorship": read.authorship,
        "authorship_evidence": ["told"],
        "hangs_on": sorted(authors),
    }


def import_pairs(files: DataFrame, params: PairParams, removed: Collection[str]) -> DataFrame:
    """Decide every line.

    Args:
        files: columns of FILES; the name of a file is the SHA-256 of its bytes.
        params: limits and licences.
        removed: digests of people whose words are not read.

    Returns:
        Columns of DECIDED: the pair of each line, or its reason. Of lines that give one pair the
        first, by name of the file and number, has it; the others are merged into it.
    """

    def decide(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(DECIDED)
        may_learn = params.licences.predicate()
        for batch in batches:
            for path in batch.column("path").to_pylist():
                rows: list[dict[str, Any]] = []
                for number, line in lines_of(Path(path)):
                    key = {"key": f"pair_line {Path(path).stem} {number:08d}"}
                    rows.append(key | decide_line(line, params, may_learn, removed))
                    if len(rows) == _BATCH_ROWS:
                        yield pa.RecordBatch.from_pylist(rows, schema=schema)
                        rows = []
                yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return files.mapInArrow(decide, DECIDED)
