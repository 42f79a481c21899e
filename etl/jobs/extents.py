"""Which rows go with a person: what they made, and what was derived from it alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from etl.jobs.context import Context
from etl.jobs.subjects import rows_by, signed_tables, spoken_of
from etl.schemas import TABLES, Table
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES
from etl.schemas.gold import EVAL_PAIRS
from etl.schemas.ops import REJECTS
from etl.schemas.provenance import NOT_OF_AN_AUTHOR, login_of, traces_of
from etl.schemas.silver import PAIRS

STAGED = "forget"
# The tasks that read what others said: what they rejected is named by what it was read from.
READERS = ("ingest_git", "ingest_collaboration")
AUTHOR_REMOVED = "author_removed"
# Column of an identifier that a key of ops.rejects holds after its first word.
_ANY = "id"


@dataclass(frozen=True)
class Extent:
    """The rows that go with a person.

    Attributes:
        repo_ids: repositories that they are in, sorted.
        keys: keys of the rows, staged, by table.
        rejected: task, repo_id, batch_id and key of what is rejected from now on, staged.
    """

    repo_ids: tuple[str, ...]
    keys: dict[Table, DataFrame]
    rejected: DataFrame


def of_repositories(repos: Iterable[str]) -> Column:
    """Condition that a row is of some repositories."""
    return f.col("repo_id").isin(sorted(repos))


def extent_of(context: Context, author: str, repos: Iterable[str] = ()) -> Extent:
    """What goes with a person, found from commit to text to pair.

    Args:
        context: the surroundings.
        author: digest of the person.
        repos: repositories in which a removal that was killed may have begun.
    """
    made = {
        table: context.stage(f"{STAGED}_{table.name}", _made(context, table, author))
        for table in signed_tables(context)
    }
    found = {
        row["repo_id"]
        for rows in made.values()
        for row in rows.select("repo_id").distinct().collect()
    }
    found |= spoken_of(context, author)
    touched = tuple(sorted({*found, *repos}))
    said = {table: rows for table, rows in made.items() if table != COMMITS}
    keys: dict[Table, DataFrame] = {t: rows.select(*t.key) for t, rows in said.items()}
    rejected = [
        rows.select(
            f.lit(READERS[1]).alias("task"),
            "repo_id",
            "batch_id",
            f.concat_ws(" ", f.lit(table.name), "version").alias("key"),
        )
        for table, rows in said.items()
    ]
    if COMMITS in made:
        commits = made[COMMITS]
        keys |= _keys_of_commits(context, commits, touched, author)
        key = f.concat(f.lit("commit "), "commit_oid").alias("key")
        rejected.append(commits.select(f.lit(READERS[0]).alias("task"), "repo_id", "batch_id", key))
    nothing = context.warehouse.rows(REJECTS, []).select("task", "repo_id", "batch_id", "key")
    return Extent(touched, keys, reduce(DataFrame.unionByName, rejected, nothing))


def _made(context: Context, table: Table, author: str) -> DataFrame:
    rows = rows_by(context, table, author)
    if table == COMMITS:
        return rows.select(*table.key, "batch_id", (f.size("parents") > 1).alias("is_merge"))
    return rows.select(*table.key, "batch_id")


def _keys_of_commits(
    context: Context, commits: DataFrame, repos: Sequence[str], author: str
) -> dict[Table, DataFrame]:
    """Keys of what only some commits yielded, or what the author said, by table."""
    warehouse, mine = context.warehouse, of_repositories(repos)
    blobs, touching = _texts(context, commits, mine)
    own = commits.select("repo_id", "commit_oid")
    touched = context.stage(f"{STAGED}_touched", own.unionByName(touching))
    ids: dict[str, DataFrame] = {"blob_oid": blobs}
    shown = touched.toDF("repo_id", "trace").unionByName(blobs.toDF("repo_id", "trace"))
    hanging = [
        _hanging(warehouse.read(table).where(mine), shown, author)
        for table in (PAIRS, EVAL_PAIRS)
        if warehouse.exists(table)
    ]
    if hanging:
        ids["pair_id"] = reduce(DataFrame.unionByName, hanging)
    keys: dict[Table, DataFrame] = {}
    for table in warehouse.ensure_existing():
        if table.full_name in NOT_OF_AN_AUTHOR or login_of(table) is not None:
            continue
        ids["commit_oid"] = own if table.schema == "bronze" else touched
        rows, names = warehouse.read(table).where(mine), dict.fromkeys(("repo_id", *table.key))
        found = [
            rows.join(ids[trace], ["repo_id", trace], "left_semi").select(*names)
            for trace in traces_of(table)
            if trace in ids
        ]
        if not found:
            continue
        keys[table] = context.stage(
            f"{STAGED}_{table.schema}_{table.name}", reduce(DataFrame.unionByName, found).distinct()
        )
        if len(table.key) == 1 and table.key[0] in traces_of(table):
            seen = keys[table].select("repo_id", table.key[0])
            before = ids.get(table.key[0])
            ids[table.key[0]] = seen if before is None else before.unionByName(seen)
    derived = [
        frame.select(f.col(name).alias(_ANY))
        for name, frame in {**ids, "commit_oid": touched}.items()
    ]
    read = [
        own.select(f.col("commit_oid").alias(_ANY)),
        blobs.select(f.col("blob_oid").alias(_ANY)),
    ]
    by_reader = rejects_of(context, repos, read, f"task = '{READERS[0]}'")
    by_others = rejects_of(context, [*repos, "*"], derived, f"task != '{READERS[0]}'")
    keys[REJECTS] = context.stage(f"{STAGED}_rejects", by_reader.unionByName(by_others))
    return keys


def _hanging(pairs: DataFrame, shown: DataFrame, author: str) -> DataFrame:
    """Pairs that show some commits or texts, or the words of the author, besides their commit."""
    traced = pairs.select("repo_id", "pair_id", f.explode("hangs_on").alias("trace"))
    found = traced.join(shown, ["repo_id", "trace"], "left_semi").unionByName(
        traced.where(f.col("trace") == author)
    )
    return found.select("repo_id", "pair_id").distinct()


def _texts(context: Context, commits: DataFrame, mine: Column) -> tuple[DataFrame, DataFrame]:
    """Texts that no other commit brought, staged, and the commits of others that show them."""
    warehouse = context.warehouse
    changes = warehouse.read(FILE_CHANGES).where(mine)
    theirs = changes.join(commits, ["repo_id", "commit_oid"], "left_semi")
    others = changes.join(commits, ["repo_id", "commit_oid"], "left_anti")
    brought = f.col("new_oid").alias("blob_oid")
    # A merge has no changes of its own, so which of them brought a text is not known: where the
    # person merged, all texts that come from merges alone go.
    of_merges = (
        warehouse.read(BLOBS)
        .where(mine)
        .join(changes.select("repo_id", brought), ["repo_id", "blob_oid"], "left_anti")
        .join(commits.where("is_merge"), ["repo_id", "batch_id"], "left_semi")
        .select("repo_id", "blob_oid")
    )
    blobs = context.stage(
        f"{STAGED}_texts",
        theirs.where("new_oid IS NOT NULL")
        .select("repo_id", brought)
        .distinct()
        .join(others.select("repo_id", brought), ["repo_id", "blob_oid"], "left_anti")
        .unionByName(of_merges),
    )
    touching = (
        others.select("repo_id", "commit_oid", f.col("old_oid").alias("blob_oid"))
        .join(blobs, ["repo_id", "blob_oid"], "left_semi")
        .select("repo_id", "commit_oid")
        .distinct()
    )
    return blobs, touching


def rejects_of(
    context: Context, repos: Iterable[str], ids: Sequence[DataFrame], where: str = "true"
) -> DataFrame:
    """Keys of the rejects about some identifiers, except those that say whose they were.

    Args:
        context: the surroundings.
        repos: repositories of the rejects; `*` for tasks over all of them.
        ids: frames of one column `id`.
        where: a further SQL condition.
    """
    about = f.element_at(f.split("key", " "), 2).alias(_ANY)
    return (
        context.warehouse.read(REJECTS)
        .where(of_repositories(repos) & f.expr(where) & (f.col("reason") != AUTHOR_REMOVED))
        .where(f.size(f.split("key", " ")) > 1)
        .select(*REJECTS.key, about)
        .join(reduce(DataFrame.unionByName, ids).distinct(), _ANY, "left_semi")
        .select(*REJECTS.key)
    )


def rejects_of_repositories(context: Context, repos: Iterable[str]) -> DataFrame:
    """Keys of the rejects of their pairs by tasks over all repositories, staged."""
    pairs = [
        context.warehouse.read(table).where(of_repositories(repos)).select(
            f.col("pair_id").alias(_ANY)
        )
        for table in TABLES.values()
        if "pair_id" in traces_of(table)
    ]  # fmt: skip
    return context.stage(f"{STAGED}_rejects", rejects_of(context, ["*"], pairs))
