"""Delta tables: the only module that knows how they are written.

Rows reach a table in three steps: staged once, audited, published by one MERGE on the content-hash
key (an INSERT, where there is nothing to replace). A MERGE replaces the slice of the table that its
batch is responsible for: new rows are inserted, changed rows updated, rows that the batch no longer
yields deleted. Rows of other committed batches are never touched. Run again with the same rows, it
changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as f

from etl.errors import QueryError, SourceError
from etl.schemas import TABLES, Table, require_schema


def quoted(values: Iterable[str]) -> str:
    """SQL list of string literals; an empty one becomes a list that nothing equals."""
    items = sorted(set(values))
    return ", ".join("'" + v.replace("\\", "\\\\").replace("'", "\\'") + "'" for v in items) or "''"


@dataclass(frozen=True)
class Slice:
    """The part of a table that a publish replaces.

    Attributes:
        repo_ids: repositories that the publish is about; None means the whole table.
        keep_batches: committed batches of those repositories that stay as they are.
        where: a further SQL condition on the target `t`, for tables that several tasks share.
    """

    repo_ids: tuple[str, ...] | None = None
    keep_batches: tuple[str, ...] = ()
    where: str = "true"

    def repositories(self) -> str:
        """SQL condition that a target row `t` is of the slice's repositories."""
        if self.repo_ids is None:
            return self.where
        return f"{self.where} AND t.repo_id IN ({quoted(self.repo_ids)})"

    def predicate(self, *, by_batch: bool) -> str:
        """SQL condition that a target row `t` belongs to the slice."""
        if not (by_batch and self.keep_batches):
            return self.repositories()
        return f"{self.repositories()} AND t.batch_id NOT IN ({quoted(self.keep_batches)})"


# Columns that rows may bring along, where their long texts are better not read again to hash them.
HASH, NULLS = "_hash", "_nulls"


def row_hash(columns: Mapping[str, Column]) -> Column:
    """64-bit hash of a row's content by column name; a null cannot change places with a value."""
    ordered = [columns[name] for name in sorted(columns)]
    return f.xxhash64(*ordered, f.array(*[value.isNull() for value in ordered]))


def hashes(table: Table, columns: Mapping[str, Column]) -> tuple[Column, Column]:
    """The content hash of a row of `table`, and how many of its required columns are null."""
    content = {name: columns[name] for name in table.content_columns}
    nulls = [columns[name].isNull().cast("int") for name in table.required if name in columns]
    return row_hash(content).alias(HASH), sum(nulls, f.lit(0)).alias(NULLS)


class Warehouse:
    """The Delta tables under one root folder (or in one catalog)."""

    def __init__(
        self, spark: SparkSession, root: str, staging: str, *, catalog: str = "spark_catalog"
    ) -> None:
        """Open a warehouse.

        Args:
            spark: the session.
            root: folder that holds `<schema>/<table>`; empty for tables that the catalog places.
            staging: folder for staged rows.
            catalog: catalog of the table names.
        """
        self.spark = spark
        self.root = root
        self.staging = staging
        self.catalog = catalog
        self._ready: set[str] = set()

    def name(self, table: Table) -> str:
        """`catalog.schema.table`."""
        return f"{self.catalog}.{table.schema}.{table.name}"

    def location(self, table: Table) -> Path:
        """Folder of the table in a warehouse on disk."""
        return Path(self.root) / table.schema / table.name

    def exists(self, table: Table) -> bool:
        """Whether the table has ever been written."""
        if self.root:
            return any((self.location(table) / "_delta_log").glob("*.json"))
        return self.spark.catalog.tableExists(self.name(table))

    def ensure(self, table: Table) -> None:
        """Create the table where it is absent; make its name known to this session."""
        if table.full_name in self._ready:
            return
        self._clear_unborn(table)
        schema = f"{self.catalog}.{table.schema}"
        where = f" LOCATION '{_escaped(str(Path(self.root, table.schema)))}'" if self.root else ""
        if not any(name.startswith(f"{table.schema}.") for name in self._ready):
            self.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}{where}")
        columns = ", ".join(
            f"`{c.name}` {c.dataType.simpleString()}{'' if c.nullable else ' NOT NULL'}"
            f" COMMENT '{_escaped(c.metadata['comment'])}'"
            for c in table.columns
        )
        cluster = " CLUSTER BY (repo_id)" if "repo_id" in table.struct.names else ""
        place = f" LOCATION '{_escaped(str(self.location(table)))}'" if self.root else ""
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {self.name(table)} ({columns}) USING DELTA"
            f"{cluster} COMMENT '{_escaped(table.comment)}'{place}"
        )
        require_schema(table, self.spark.table(self.name(table)).schema)
        self._ready.add(table.full_name)

    def _clear_unborn(self, table: Table) -> None:
        """Remove the folder of a table whose creation was killed before its first commit.

        Delta refuses to create a table there. A folder that holds data is left for Delta to judge.
        """
        if not self.root or self.exists(table):
            return
        folder = self.location(table)
        if not any(folder.rglob("*.parquet")):
            shutil.rmtree(folder, ignore_errors=True)

    def ensure_existing(self) -> list[Table]:
        """Make every table that has been written known to this session; return them."""
        found = [table for table in TABLES.values() if self.exists(table)]
        for table in found:
            self.ensure(table)
        return found

    def read(self, table: Table) -> DataFrame:
        """The table as it is now."""
        self.ensure(table)
        return self.spark.table(self.name(table))

    def rows(self, table: Table, entries: Iterable[Mapping[str, Any]]) -> DataFrame:
        """A few rows of a table that the driver made, by column name."""
        names = table.struct.names
        return self.spark.createDataFrame(
            [tuple(entry[name] for name in names) for entry in entries], table.struct
        )

    def query(self, text: str) -> DataFrame:
        """Run a query over the tables by their two-part names.

        Raises:
            QueryError: the text is not a query that can run.
        """
        self.ensure_existing()
        try:
            return self.spark.sql(text)
        except Exception as error:  # pyspark has two unrelated roots of its errors
            reason = str(error).split("JVM stacktrace")[0].strip().split("\n")[0]
            tables = ", ".join(sorted(self._ready)) or "none yet: run `sluice run` first"
            raise QueryError(f"The query cannot run: {reason} Tables: {tables}.") from error

    def stage(self, name: str, frame: DataFrame) -> DataFrame:
        """Write `frame` once to the staging area and return what was written.

        Raises:
            QueryError: what can be read back is not what was written.
        """
        path = f"{self.staging}/{name}"
        observed = Observation()
        frame.observe(observed, f.count(f.lit(1)).alias("rows")).write.mode("overwrite").parquet(
            path
        )
        staged = self.spark.read.schema(frame.schema).parquet(path)
        written, found = observed.get["rows"], staged.count()
        if written != found:
            raise QueryError(f"Staged {written} rows at {path}, but {found} can be read back.")
        return staged

    def clear_staging(self, task: str) -> None:
        """Remove what a task of this or an interrupted run staged; other tasks may be at work."""
        for folder in Path(self.staging).glob(f"{task}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, table: Table, rows: DataFrame, area: Slice) -> None:
        """Replace `area` of `table` with `rows` in one commit.

        Where the table has nothing of the area's repositories, every row is a new one: the MERGE
        would only insert, at several times the cost of an INSERT.

        Args:
            table: the target; `rows` must have its columns.
            rows: unique by the table's key.
            area: the part that the rows replace.
        """
        if table.append_only:
            self.append(table, rows)
            return
        self.ensure(table)
        require_schema(table, rows.schema)
        name = self.name(table)
        rows.select(*table.struct.names).createOrReplaceTempView("staged_rows")
        if self.spark.table(name).alias("t").where(area.repositories()).isEmpty():
            self.spark.sql(f"INSERT INTO {name} BY NAME SELECT * FROM staged_rows")
            return
        by_batch = "batch_id" in table.scope
        inside = area.predicate(by_batch=by_batch)
        key = " AND ".join(f"t.`{k}` = s.`{k}`" for k in table.key)
        compared = [c for c in table.struct.names if c not in table.key and c != "recorded_at"]
        same = " AND ".join(f"t.`{c}` <=> s.`{c}`" for c in compared) or "true"
        self.spark.sql(
            f"MERGE INTO {name} t USING staged_rows s "
            f"ON {area.repositories()} AND {key} "
            f"WHEN MATCHED AND NOT ({same}) THEN UPDATE SET * "
            f"WHEN NOT MATCHED THEN INSERT * "
            f"WHEN NOT MATCHED BY SOURCE AND {inside} THEN DELETE"
        )

    def append(self, table: Table, rows: DataFrame) -> None:
        """Insert the rows whose key the table lacks."""
        self.ensure(table)
        require_schema(table, rows.schema)
        rows.select(*table.struct.names).createOrReplaceTempView("staged_rows")
        key = " AND ".join(f"t.`{k}` = s.`{k}`" for k in table.key)
        self.spark.sql(
            f"MERGE INTO {self.name(table)} t USING staged_rows s ON {key} "
            f"WHEN NOT MATCHED THEN INSERT *"
        )

    def retract(self, table: Table, recorded: Iterable[str]) -> None:
        """Delete from an append-only table what was never recorded: a killed run left it there.

        Args:
            table: the table.
            recorded: its versions that are complete.
        """
        self.ensure(table)
        name = table.key[0]
        self.spark.sql(f"DELETE FROM {self.name(table)} WHERE `{name}` NOT IN ({quoted(recorded)})")

    def version(self, table: Table) -> int:
        """Number of the newest Delta version."""
        self.ensure(table)
        newest = self.spark.sql(f"DESCRIBE HISTORY {self.name(table)} LIMIT 1").first()
        return int(newest["version"]) if newest else -1

    def data_files(self, table: Table) -> list[str]:
        """Addresses of the data files of the newest version, sorted."""
        return sorted(self.read(table).inputFiles())

    def file_exists(self, path: str) -> bool:
        """Whether a data file is there; in a catalog that places tables, its log is trusted."""
        return not self.root or _local(path).is_file()


@contextmanager
def _found(path: str, kind: str) -> Iterator[None]:
    """Say plainly that there is no table at a path."""
    try:
        yield
    except AnalysisException as error:
        reason = str(error).split("JVM stacktrace")[0].strip().split("\n")[0]
        raise SourceError(
            f"There is no {kind} table at {path}: {reason} Name one that exists, or remove it."
        ) from error


def read_corpus(spark: SparkSession, path: str, kind: str) -> DataFrame:
    """A table that others wrote, where it lies.

    Args:
        spark: the session.
        path: folder or address.
        kind: `parquet` or `delta`.

    Raises:
        SourceError: there is no such table.
    """
    with _found(path, kind):
        frame = spark.read.format(kind).load(path)
        frame.schema  # noqa: B018 - over Spark Connect only this asks whether it is there
    return frame


def corpus_version(spark: SparkSession, path: str, kind: str) -> list[str]:
    """What tells one state of such a table from another, without reading its rows.

    For Delta the newest commit; for Parquet the names, sizes and times of the files.

    Raises:
        SourceError: there is no such table.
    """
    with _found(path, kind):
        return [" ".join(map(str, row)) for row in _states(spark, path, kind).collect()]


def _states(spark: SparkSession, path: str, kind: str) -> DataFrame:
    if kind == "delta":
        return spark.sql(f"DESCRIBE HISTORY delta.`{path.replace('`', '``')}` LIMIT 1").select(
            "version", "timestamp"
        )
    return (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", "*.parquet")
        .load(path)
        .select("path", "length", "modificationTime")
    )


def _local(path: str) -> Path:
    return Path(unquote(urlsplit(path).path))


def batch_columns(table: Table) -> tuple[Column, Column]:
    """The repository and batch of a row; `*` where a table has none."""
    names = table.struct.names
    batch = next((n for n in ("batch_id", "mix_version") if n in names), None)
    by_repo = "repo_id" in names and batch == "batch_id"
    return (
        (f.col("repo_id") if by_repo else f.lit("*")).alias("repo_id"),
        (f.col(batch) if batch else f.lit("*")).alias("batch_id"),
    )


def checksums_of(frame: DataFrame, table: Table) -> DataFrame:
    """Sums over each batch in rows of a table, in one pass.

    The checksum is the decimal sum of 64-bit row hashes: unlike XOR, rows that were doubled do not
    cancel.

    Args:
        frame: rows of the table; they may bring HASH and NULLS along.
        table: whose they are.

    Returns:
        repo_id, batch_id, row_count, checksum, keys (distinct ones, each counted in one of its
        batches), nulls (in required columns).
    """
    repo, batch = batch_columns(table)
    computed = hashes(table, {name: f.col(name) for name in table.struct.names})
    hashed, nulls = (f.col(HASH), f.col(NULLS)) if HASH in frame.columns else computed
    by_key = (
        frame.select(
            *[f.col(k).alias(f"_key_{number}") for number, k in enumerate(table.key)],
            repo,
            batch,
            hashed.cast("decimal(38,0)").alias("_hash"),
            nulls.alias("_nulls"),
        )
        .groupBy(*[f"_key_{number}" for number in range(len(table.key))])
        .agg(
            f.min("repo_id").alias("repo_id"),
            f.min("batch_id").alias("batch_id"),
            f.count(f.lit(1)).alias("_rows"),
            f.sum("_hash").alias("_hash"),
            f.sum("_nulls").alias("_nulls"),
        )
    )
    return by_key.groupBy("repo_id", "batch_id").agg(
        f.sum("_rows").alias("row_count"),
        f.sum("_hash").cast("string").alias("checksum"),
        f.count(f.lit(1)).alias("keys"),
        f.sum("_nulls").alias("nulls"),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
