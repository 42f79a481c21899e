"""Delta tables: the only module that knows how they are written.

Rows reach a table in three steps: staged once, audited, published by one MERGE on the content-hash
key (an INSERT, where there is nothing to replace). A MERGE replaces the slice of the table that its
batch is responsible for: new rows are inserted, changed rows updated, rows that the batch no longer
yields deleted. Rows of other committed batches are never touched. Run again with the same rows, it
changes nothing.

The cost of a publish follows the batch, not the table: every condition on the target holds literal
values of a column that Delta keeps statistics of, so that files of others are not opened. That is
why no `WHEN NOT MATCHED BY SOURCE` is used: Delta then rewrites every file of the table. The rows
to delete are found first, and are marked rows of the source.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StructField

from etl.errors import QueryError, SourceError
from etl.schemas import TABLES, Table, require_schema
from etl.schemas.evolution import migration, properties_of
from etl.schemas.views import VIEWS, View

# Rows of one data file at most, so that to change some rows never means to rewrite very many: about
# 6 MiB of commits, 60 MiB of pairs, and 200 files for a table of ten million rows.
FILE_ROWS = 50_000
# More values than this are no filter of files any more, and a long statement to parse.
_MOST_LITERALS = 1_000


def quoted(values: Iterable[str]) -> str:
    """SQL list of string literals; an empty one becomes a list that nothing equals."""
    return ", ".join(f"'{_escaped(value)}'" for value in sorted(set(values))) or "''"


@dataclass(frozen=True)
class Slice:
    """The part of a table that a publish replaces.

    Attributes:
        repo_ids: repositories that the publish is about; None means the whole table.
        keep_batches: committed batches of those repositories that stay as they are.
        where: a further SQL condition on the target `t`, for tables that several tasks share.
        regardless: SQL condition on `t` under which the kept batches' rows are replaced too.
    """

    repo_ids: tuple[str, ...] | None = None
    keep_batches: tuple[str, ...] = ()
    where: str = "true"
    regardless: str = "false"

    def repositories(self) -> str:
        """SQL condition that a target row `t` is of the slice's repositories."""
        if self.repo_ids is None:
            return self.where
        return f"{self.where} AND t.repo_id IN ({quoted(self.repo_ids)})"

    def predicate(self, present: Iterable[str]) -> str:
        """SQL condition that a target row `t` belongs to the slice.

        Args:
            present: batches that the target holds of the slice's repositories. A repository may
                have thousands of batches; those that stay or those that go are named, whichever
                are fewer.
        """
        held = set(present)
        stay = held & set(self.keep_batches)
        if not stay:
            return self.repositories()
        gone = held - stay
        batches = (
            f"t.batch_id IN ({quoted(gone)})"
            if len(gone) <= len(stay)
            else f"t.batch_id NOT IN ({quoted(stay)})"
        )
        return f"{self.repositories()} AND ({self.regardless} OR {batches})"


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
        self._unwritten: set[str] = set()  # created here, so that nobody need ask what they hold

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
        """Create the table where it is absent; make its name known to this session.

        Raises:
            SchemaError: another version of the code wrote it, and it cannot be migrated.
        """
        if table.full_name in self._ready:
            return
        self._clear_unborn(table)
        schema = f"{self.catalog}.{table.schema}"
        where = f" LOCATION '{_escaped(str(Path(self.root, table.schema)))}'" if self.root else ""
        if not any(name.startswith(f"{table.schema}.") for name in self._ready):
            self.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}{where}")
        place = f" LOCATION '{_escaped(str(self.location(table)))}'" if self.root else ""
        if self.exists(table):
            if place:
                self.spark.sql(f"CREATE TABLE IF NOT EXISTS {self.name(table)} USING DELTA{place}")
            self._migrate(table)
        else:
            columns = ", ".join(_defined(c) for c in table.columns)
            cluster = " CLUSTER BY (repo_id)" if "repo_id" in table.struct.names else ""
            self.spark.sql(
                f"CREATE TABLE IF NOT EXISTS {self.name(table)} ({columns}) USING DELTA"
                f"{cluster} COMMENT '{_escaped(table.comment)}'{place}"
                f" TBLPROPERTIES ({_properties(properties_of(table))})"
            )
            self._unwritten.add(table.full_name)
        self._ready.add(table.full_name)
        if not self.root:  # the catalog keeps it for whoever queries
            self._define_views([table])

    def _define_views(self, tables: Sequence[Table]) -> None:
        """Make this version's views of some tables known; they hold nothing, so always anew."""
        for view in VIEWS:
            if set(view.of) & set(tables) and {of.full_name for of in view.of} <= self._ready:
                self._define(view)

    def _define(self, view: View) -> None:
        columns = ", ".join(f"`{name}` COMMENT '{_escaped(said)}'" for name, said in view.columns)
        query = view.query.format(**{table.name: self.name(table) for table in view.of})
        self.spark.sql(
            f"CREATE OR REPLACE VIEW {self.catalog}.{view.full_name} ({columns})"
            f" COMMENT '{_escaped(view.comment)}' AS {query}"
        )

    def _migrate(self, table: Table) -> None:
        """Give a stored table the nullable columns and the properties that it lacks."""
        name = self.name(table)
        rows = self.spark.sql(f"SHOW TBLPROPERTIES {name}").collect()
        needed = migration(table, self.spark.table(name).schema, {row[0]: row[1] for row in rows})
        for column, before in needed.columns:
            place = f"AFTER `{before}`" if before else "FIRST"
            self.spark.sql(f"ALTER TABLE {name} ADD COLUMNS ({_defined(column)} {place})")
        if needed.properties:
            properties = _properties(needed.properties)
            self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ({properties})")

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
        existing = self.ensure_existing()
        if self.root:  # only this session's catalog knows them, and only a query asks for them
            self._define_views(existing)
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
        counted = frame.observe(observed, f.count(f.lit(1)).alias("rows"))
        # Dictionaries of values serve those who read often; this is read once, and mostly texts.
        counted.write.mode("overwrite").option("parquet.enable.dictionary", "false").parquet(path)
        staged = self.spark.read.schema(frame.schema).parquet(path)
        written, found = observed.get["rows"], staged.count()
        if written != found:
            raise QueryError(f"Staged {written} rows at {path}, but {found} can be read back.")
        return staged

    def clear_staging(self, task: str) -> None:
        """Remove what a task of this or an interrupted run staged; other tasks may be at work."""
        for folder in Path(self.staging).glob(f"{task}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, table: Table, rows: DataFrame | None, area: Slice) -> str:
        """Replace `area` of `table` with `rows` in one commit.

        Where the table has nothing of the area's repositories, every row is a new one: the MERGE
        would only insert, at several times the cost of an INSERT.

        Args:
            table: the target; `rows` must have its columns.
            rows: unique by the table's key; None for no row.
            area: the part that the rows replace.

        Returns:
            SQL condition on the target `t` that some row of every file that was written fulfils: a
            MERGE also writes files of rows that it only moves.
        """
        self.ensure(table)
        if table.append_only:
            if rows is not None:
                self.append(table, rows)
            return "true"
        name, columns = self.name(table), table.struct.names
        held = self.spark.table(name).alias("t").where(area.repositories())
        present: list[str] = []
        if table.full_name in self._unwritten:
            is_new = True
        elif "batch_id" in table.scope and area.keep_batches:
            present = [row[0] for row in held.select("batch_id").distinct().collect()]
            is_new = not present
        else:
            is_new = held.isEmpty()
        if is_new and rows is None:
            return "false"
        self._unwritten.discard(table.full_name)
        rows = self.rows(table, []) if rows is None else rows
        require_schema(table, rows.schema)
        rows.select(*columns).createOrReplaceTempView("staged_rows")
        if is_new:
            self._insert(table, several=area.repo_ids is None or len(area.repo_ids) > 1)
            return area.repositories()
        key = " AND ".join(f"t.`{k}` = s.`{k}`" for k in table.key)
        compared = [c for c in columns if c not in table.key and c != "recorded_at"]
        same = " AND ".join(f"t.`{c}` <=> s.`{c}`" for c in compared) or "true"
        of_gone = ", ".join(
            f"t.`{c.name}`"
            if c.name in table.key
            else f"CAST(NULL AS {c.dataType.simpleString()}) AS `{c.name}`"
            for c in table.columns
        )
        self.spark.sql(
            f"MERGE INTO {name} t USING ("
            "SELECT *, false AS _is_gone FROM staged_rows UNION ALL "
            f"SELECT {of_gone}, true AS _is_gone FROM {name} t "
            f"LEFT ANTI JOIN staged_rows s ON {key} WHERE {area.predicate(present)}"
            f") s ON {area.repositories()} AND {key} "
            "WHEN MATCHED AND s._is_gone THEN DELETE "
            f"WHEN MATCHED AND NOT ({same}) THEN UPDATE SET * "
            "WHEN NOT MATCHED THEN INSERT *"
        )
        return "true"

    def _insert(self, table: Table, *, several: bool) -> None:
        """Insert the staged rows, those of one repository beside each other."""
        rows = self.spark.table("staged_rows")
        if several and "repo_id" in table.struct.names:
            rows = rows.repartitionByRange("repo_id").sortWithinPartitions("repo_id")
        rows.writeTo(self.name(table)).option("maxRecordsPerFile", str(FILE_ROWS)).append()

    def append(self, table: Table, rows: DataFrame) -> None:
        """Insert the rows whose key the table lacks."""
        self.ensure(table)
        require_schema(table, rows.schema)
        rows = rows.select(*table.struct.names)
        rows.createOrReplaceTempView("staged_rows")
        key = " AND ".join(f"t.`{k}` = s.`{k}`" for k in table.key)
        self.spark.sql(
            f"MERGE INTO {self.name(table)} t USING staged_rows s ON {_range(table, rows)} AND "
            f"{key} WHEN NOT MATCHED THEN INSERT *"
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

    def delete(self, table: Table, condition: str) -> None:
        """Delete the rows under a SQL condition; their text stays in files until `purge`."""
        self.ensure(table)
        self.spark.sql(f"DELETE FROM {self.name(table)} WHERE {condition}")

    def delete_keys(self, table: Table, keys: DataFrame) -> None:
        """Delete the rows with some keys; their text stays in files until `purge`.

        Args:
            table: the table.
            keys: the columns of the table's key.
        """
        self.ensure(table)
        keys = keys.select(*table.key)
        if keys.isEmpty():
            return
        keys.createOrReplaceTempView("staged_keys")
        key = " AND ".join(f"t.`{k}` = s.`{k}`" for k in table.key)
        self.spark.sql(
            f"MERGE INTO {self.name(table)} t USING staged_keys s ON {_range(table, keys)} AND "
            f"{key} WHEN MATCHED THEN DELETE"
        )

    def purge(self, table: Table) -> None:
        """Remove the data files and the log that only earlier versions of the table need.

        On disk these are files to unlink; where a catalog places the table, VACUUM does it, and the
        log expires by the platform's own rule.
        """
        self.ensure(table)
        name = self.name(table)
        if not self.root:
            self.spark.sql(
                f"ALTER TABLE {name} SET TBLPROPERTIES "
                "('delta.deletedFileRetentionDuration' = 'interval 0 hours')"
            )
            self.spark.sql(f"VACUUM {name}").collect()
            return
        live = {local_path(path).name for path in self.data_files(table)}
        folder = self.location(table)
        stale = [
            file
            for file in folder.rglob("*.parquet*")
            if file.parent.name != "_delta_log" and _named(file) not in live
        ]
        if not stale:  # then no earlier version held a row that this one lacks
            return
        # A commit under this property leaves a checkpoint, from which readers start.
        interval = "'delta.checkpointInterval'"
        self.spark.sql(f"ALTER TABLE {name} SET TBLPROPERTIES ({interval} = '1')")
        self.spark.sql(f"ALTER TABLE {name} UNSET TBLPROPERTIES ({interval})")
        log = folder / "_delta_log"
        newest = json.loads((log / "_last_checkpoint").read_text(encoding="utf-8"))["version"]
        for file in log.iterdir():
            version = _named(file).split(".")[0]
            if version.isdigit() and int(version) < newest:
                file.unlink()
        for file in stale:  # last, so that a purge that was killed is repeated whole
            file.unlink()

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
        return not self.root or local_path(path).is_file()


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


def is_delta(path: Path) -> bool:
    """Whether a folder holds a Delta table."""
    return (path / "_delta_log").is_dir()


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


def local_path(path: str) -> Path:
    """Where a data file on disk lies, from its address as Spark gives it."""
    return Path(unquote(urlsplit(path).path))


def _named(file: Path) -> str:
    """Name of a file, or of the one that a hidden checksum (`.<name>.crc`) belongs to."""
    return file.name.removeprefix(".").removesuffix(".crc") if file.name[0] == "." else file.name


def _defined(column: StructField) -> str:
    """A column as a statement defines it."""
    required = "" if column.nullable else " NOT NULL"
    comment = _escaped(column.metadata["comment"])
    return f"`{column.name}` {column.dataType.simpleString()}{required} COMMENT '{comment}'"


def _properties(values: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}' = '{_escaped(value)}'" for name, value in values.items())


def _range(table: Table, rows: DataFrame) -> str:
    """SQL condition on the target `t` that holds the first key column of the rows, for pruning."""
    name = "repo_id" if "repo_id" in table.key else table.key[0]
    found = rows.select(name).distinct().limit(_MOST_LITERALS + 1).collect()
    if len(found) <= _MOST_LITERALS:
        return f"t.`{name}` IN ({quoted(row[0] for row in found)})"
    return "true"


def batch_columns(table: Table) -> tuple[Column, Column]:
    """The repository and batch of a row; `*` where a table has none."""
    names = table.struct.names
    batch = next((n for n in ("batch_id", "mix_version", "eval_version") if n in names), None)
    by_repo = "repo_id" in names and batch == "batch_id"
    return (
        (f.col("repo_id") if by_repo else f.lit("*")).alias("repo_id"),
        (f.col(batch) if batch else f.lit("*")).alias("batch_id"),
    )


def checksums_of(tables: Mapping[Table, DataFrame]) -> DataFrame:
    """Sums over each batch in rows of some tables, in one pass.

    The checksum is the decimal sum of 64-bit row hashes: unlike XOR, rows that were doubled do not
    cancel.

    Args:
        tables: rows by the table whose they are; they may bring HASH and NULLS along.

    Returns:
        artifact (name of the table), repo_id, batch_id, row_count, checksum, nulls (in required
        columns).
    """

    def hashed(table: Table, rows: DataFrame) -> DataFrame:
        computed = hashes(table, {name: f.col(name) for name in table.struct.names})
        of_row, nulls = (f.col(HASH), f.col(NULLS)) if HASH in rows.columns else computed
        return rows.select(
            f.lit(table.full_name).alias("artifact"),
            *batch_columns(table),
            of_row.cast("decimal(38,0)").alias("hash"),
            nulls.alias("nulls"),
        )

    every = reduce(DataFrame.unionAll, [hashed(table, rows) for table, rows in tables.items()])
    return every.groupBy("artifact", "repo_id", "batch_id").agg(
        f.count(f.lit(1)).alias("row_count"),
        f.sum("hash").cast("string").alias("checksum"),
        f.sum("nulls").alias("nulls"),
    )


def repeated_keys(tables: Mapping[Table, DataFrame]) -> DataFrame:
    """The tables in whose rows a key may come twice; keys are compared by 64-bit hashes.

    Args:
        tables: rows by the table whose they are.

    Returns:
        artifact (name of the table), once each.
    """
    every = [
        rows.select(
            f.lit(table.full_name).alias("artifact"),
            f.xxhash64(*table.key).alias("key"),
        )
        for table, rows in tables.items()
    ]
    found = reduce(DataFrame.unionAll, every).groupBy("artifact", "key").count()
    return found.where("count > 1").select("artifact").distinct()


def _escaped(text: str) -> str:
    """Text as it stands between quotes; `${name}` would be replaced before SQL is parsed."""
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("$", "\\u0024")
