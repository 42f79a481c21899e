"""Remove a repository, or an author's commits, from everything that the home holds.

The removal is written down first (`ops.removals`), so that a run which was killed can be finished
by any later one: each step is found anew from what is still there. Rows go from the last table to
the first, since the earlier ones say which later ones are meant; files and logs that only earlier
versions of the tables need go at the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from etl.bronze.clone import clone_name
from etl.bronze.sources import canonical_url, digest, git_directory
from etl.errors import SourceError
from etl.io.spark import on_databricks
from etl.io.tables import Slice, checksums_of, quoted
from etl.io.tracking import drop_artifact
from etl.jobs.context import Context
from etl.jobs.execute import output_version
from etl.jobs.file_checksums import file_checksums
from etl.jobs.removals import AUTHOR, REPOSITORY, Removal, removals
from etl.jobs.track_mix import SAMPLE
from etl.jobs.verify import UNCHECKED
from etl.schemas import TABLES, Table
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES
from etl.schemas.gold import MIX_PAIRS, MIXES
from etl.schemas.ops import BATCHES, CHECKSUMS, REJECTS, REMOVALS, ROW_LEDGER
from etl.schemas.provenance import NOT_OF_AN_AUTHOR, traces_of
from udfs.authors import author_digest

NAME = "forget"
_READER = "ingest_git"
# Column of an identifier that a key of ops.rejects holds after its first word.
_ANY = "id"


@dataclass(frozen=True)
class Subject:
    """What is to be removed.

    Attributes:
        kind: `repository` or `author`.
        digest: repo_id, or digest of the e-mail.
        label: what people call it; never stored.
    """

    kind: str
    digest: str
    label: str


def find_subject(context: Context, text: str) -> Subject:
    """What a path, URL, name of a repository, or e-mail of an author stands for.

    Raises:
        SourceError: this home holds nothing of that name, or several repositories.
    """
    if "@" in text and not set("/:") & set(text):
        subject = Subject(AUTHOR, author_digest(text), text)
        if _is_known(context, subject) or not _commits_of(context, subject.digest).isEmpty():
            return subject
        raise SourceError(
            f"No commit in this home is by {text}. Authors: "
            '`sluice sql "select distinct author_email from bronze.commits"`.'
        )
    found = _matching(context, text)
    if len(found) == 1:
        (repo, name), *_ = found.items()
        return Subject(REPOSITORY, repo, name)
    removed = Subject(REPOSITORY, digest("repository", _canonical(text)), text)
    if not found and _is_known(context, removed):
        return removed
    known = sorted(_names(context).values())
    raise SourceError(
        f"`{text}` names {len(found)} repositories of this home; it must name one, by path, URL or "
        f"name. Repositories: {', '.join(known) or 'none'}."
    )


def _is_known(context: Context, subject: Subject) -> bool:
    return any((x.kind, x.subject) == (subject.kind, subject.digest) for x in removals(context))


def _canonical(text: str) -> str:
    return canonical_url(text) if ":" in text else str(Path(text).expanduser().absolute())


def _names(context: Context) -> dict[str, str]:
    rows = context.warehouse.read(BATCHES).select("repo_id", "source").distinct().collect()
    return {row[0]: row[1] for row in rows}


def _matching(context: Context, text: str) -> dict[str, str]:
    """Repositories that a text names: their ids and sources."""
    path = Path(text).expanduser()
    folder = git_directory(path.resolve()) if path.exists() else None
    wanted = [text, _canonical(text), *([str(folder)] if folder else [])]
    rows = (
        context.warehouse.read(BATCHES)
        .where(
            f.col("source").isin(wanted) | f.col("location").isin(wanted) | (f.col("name") == text)
        )
        .select("repo_id", "source")
        .distinct()
        .collect()
    )
    return {row[0]: row[1] for row in rows}


def _commits_of(context: Context, author: str) -> DataFrame:
    """Rows of bronze.commits by an author or committer."""
    people = [
        f.sha2(f.lower(f.trim(f.col(name))), 256) == author
        for name in ("author_email", "committer_email")
    ]
    return context.warehouse.read(COMMITS).where(people[0] | people[1])


@dataclass(frozen=True)
class Extent:
    """The rows that go with an author.

    Attributes:
        keys: keys of the rows, staged, by table.
        commits: repo_id, commit_oid, batch_id of the author's commits, staged.
    """

    keys: dict[Table, DataFrame]
    commits: DataFrame


def _mine(repos: Iterable[str]) -> Column:
    return f.col("repo_id").isin(sorted(repos))


def _rejects_of_repository(context: Context, repo: str) -> DataFrame:
    """Keys of the rejects of its pairs by tasks over all repositories."""
    pairs = [
        context.warehouse.read(table).where(_mine([repo])).select(f.col("pair_id").alias(_ANY))
        for table in TABLES.values()
        if "pair_id" in traces_of(table)
    ]
    return context.stage(f"{NAME}_ops_rejects", _rejects_of(context, ["*"], pairs))


def _extent_of_author(context: Context, author: str, repos: Sequence[str]) -> Extent:
    """Keys of what only the author's commits yielded, found from commit to text to pair."""
    warehouse = context.warehouse
    commits = context.stage(
        f"{NAME}_commits",
        _commits_of(context, author).select(
            "repo_id", "commit_oid", "batch_id", (f.size("parents") > 1).alias("is_merge")
        ),
    )
    changes = warehouse.read(FILE_CHANGES).where(_mine(repos))
    theirs = changes.join(commits, ["repo_id", "commit_oid"], "left_semi")
    others = changes.join(commits, ["repo_id", "commit_oid"], "left_anti")
    brought = f.col("new_oid").alias("blob_oid")
    # A merge has no changes of its own, so which of them brought a text is not known: where the
    # author merged, all texts that come from merges alone go.
    of_merges = (
        warehouse.read(BLOBS)
        .where(_mine(repos))
        .join(changes.select("repo_id", brought), ["repo_id", "blob_oid"], "left_anti")
        .join(commits.where("is_merge"), ["repo_id", "batch_id"], "left_semi")
        .select("repo_id", "blob_oid")
    )
    blobs = context.stage(
        f"{NAME}_blobs",
        theirs.where("new_oid IS NOT NULL")
        .select("repo_id", brought)
        .distinct()
        .join(others.select("repo_id", brought), ["repo_id", "blob_oid"], "left_anti")
        .unionByName(of_merges),
    )
    own = commits.select("repo_id", "commit_oid")
    # What others made of such a text shows it as its context.
    touching = (
        others.select("repo_id", "commit_oid", f.col("old_oid").alias("blob_oid"))
        .join(blobs, ["repo_id", "blob_oid"], "left_semi")
        .select("repo_id", "commit_oid")
        .distinct()
    )
    touched = context.stage(f"{NAME}_touched", own.unionByName(touching))
    ids: dict[str, DataFrame] = {"blob_oid": blobs}
    keys: dict[Table, DataFrame] = {}
    for table in warehouse.ensure_existing():
        if table.full_name in NOT_OF_AN_AUTHOR:
            continue
        ids["commit_oid"] = own if table.schema == "bronze" else touched
        rows = warehouse.read(table).where(_mine(repos))
        found = [
            rows.join(ids[trace], ["repo_id", trace], "left_semi").select("repo_id", *table.key)
            if "repo_id" not in table.key
            else rows.join(ids[trace], ["repo_id", trace], "left_semi").select(*table.key)
            for trace in traces_of(table)
            if trace in ids
        ]
        if not found:
            continue
        keys[table] = context.stage(
            f"{NAME}_{table.schema}_{table.name}", reduce(DataFrame.unionByName, found).distinct()
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
    by_reader = _rejects_of(context, repos, read, f"task = '{_READER}'")
    by_others = _rejects_of(context, [*repos, "*"], derived, f"task != '{_READER}'")
    keys[REJECTS] = context.stage(f"{NAME}_ops_rejects", by_reader.unionByName(by_others))
    return Extent(keys, commits)


def _rejects_of(
    context: Context, repos: Iterable[str], ids: Sequence[DataFrame], where: str = "true"
) -> DataFrame:
    """Keys of the rejects that are about some identifiers, except that their author was removed."""
    about = f.element_at(f.split("key", " "), 2).alias(_ANY)
    return (
        context.warehouse.read(REJECTS)
        .where(_mine(repos) & f.expr(where) & (f.col("reason") != "author_removed"))
        .where(f.size(f.split("key", " ")) > 1)
        .select(*REJECTS.key, about)
        .join(reduce(DataFrame.unionByName, ids).distinct(), _ANY, "left_semi")
        .select(*REJECTS.key)
    )


@dataclass(frozen=True)
class Plan:
    """What a removal would take.

    Attributes:
        removal: as it will be written down.
        extent: rows of an author; None for a repository, whose rows say whose they are.
    """

    removal: Removal
    extent: Extent | None


def plan_removal(context: Context, subject: Subject) -> Plan:
    """What a removal would take; nothing is changed."""
    warehouse = context.warehouse
    extent: Extent | None = None
    if subject.kind == REPOSITORY:
        repos: tuple[str, ...] = (subject.digest,)
        taken = {
            table: warehouse.read(table).where(_mine(repos))
            for table in warehouse.ensure_existing()
            if "repo_id" in table.struct.names
        }
    else:
        rows = _commits_of(context, subject.digest).select("repo_id").distinct().collect()
        repos = tuple(sorted(row[0] for row in rows))
        extent = _extent_of_author(context, subject.digest, repos) if repos else None
        taken = extent.keys if extent else {}
    counts = {table.full_name: rows.count() for table, rows in taken.items()}
    mixes = taken[MIX_PAIRS].groupBy("mix_version").count().collect() if MIX_PAIRS in taken else []
    removal = Removal(
        subject.kind,
        subject.digest,
        repos,
        {name: count for name, count in counts.items() if count},
        {row[0]: row[1] for row in mixes},
        False,
        datetime.now(UTC),
    )
    return Plan(removal, extent)


def forget(context: Context, plan: Plan) -> Removal:
    """Carry out a removal; may be killed and repeated. Return it as it is now on record."""
    subject = (plan.removal.kind, plan.removal.subject)
    earlier = next((x for x in removals(context) if (x.kind, x.subject) == subject), None)
    removal = _joined(earlier, plan.removal)
    _record(context, removal)
    _finish(context, removal, plan.extent)
    return removal


def finish_interrupted(context: Context) -> list[Removal]:
    """Finish the removals that were killed before their end; return them."""
    found = [x for x in removals(context) if not x.is_finished]
    for removal in found:
        _finish(context, removal, None)
    return found


def _joined(earlier: Removal | None, planned: Removal) -> Removal:
    """An earlier removal of the same subject, and what has come in since."""
    if earlier is None:
        return planned
    removed, mixes = dict(earlier.removed), dict(earlier.mixes)
    for total, more in ((removed, planned.removed), (mixes, planned.mixes)):
        for name, count in more.items():
            total[name] = total.get(name, 0) + count
    repos = tuple(sorted({*earlier.repo_ids, *planned.repo_ids}))
    return earlier._replace(repo_ids=repos, removed=removed, mixes=mixes, is_finished=False)


def _record(context: Context, removal: Removal) -> None:
    place = f"t.kind = {quoted([removal.kind])} AND t.subject = {quoted([removal.subject])}"
    row = context.warehouse.rows(REMOVALS, [removal.as_row()])
    context.warehouse.publish(REMOVALS, row, Slice(where=place))


def _finish(context: Context, removal: Removal, extent: Extent | None) -> None:
    with context.meter(NAME):
        _clear_outside(context, removal)  # first, while ops.batches says where the clones are
        if removal.kind == REPOSITORY:
            _take_repository(context, removal)
        elif removal.repo_ids:
            _take_author(context, removal, extent)
        _refresh_mixes(context, removal)
        existing = context.warehouse.ensure_existing()
        files = file_checksums(context, NAME, [x for x in existing if x not in UNCHECKED])
        context.warehouse.append(CHECKSUMS, context.warehouse.rows(CHECKSUMS, files))
        for table in existing:
            context.warehouse.purge(table)
        context.warehouse.clear_staging("")
        context.ledger.refresh()
        _record(context, removal._replace(is_finished=True))


def _from_last_to_first(tables: Iterable[Table]) -> list[Table]:
    order = list(TABLES.values())
    return sorted(tables, key=order.index, reverse=True)


def _take_repository(context: Context, removal: Removal) -> None:
    warehouse = context.warehouse
    warehouse.delete_keys(REJECTS, _rejects_of_repository(context, removal.subject))
    held = [x for x in warehouse.ensure_existing() if "repo_id" in x.struct.names]
    for table in _from_last_to_first(held):
        warehouse.delete(table, f"repo_id = {quoted([removal.subject])}")


def _take_author(context: Context, removal: Removal, planned: Extent | None) -> None:
    warehouse, repos = context.warehouse, list(removal.repo_ids)
    extent = planned or _extent_of_author(context, removal.subject, repos)
    mine = f"repo_id IN ({quoted(repos)})"
    # From here on everything that was derived from these repositories is due again.
    warehouse.delete(ROW_LEDGER, f"{mine} AND task != '{_READER}'")
    _reject_commits(context, extent.commits)
    for table in _from_last_to_first(extent.keys):
        warehouse.delete_keys(table, extent.keys[table])
    _refresh_batches(context, repos)


def _reject_commits(context: Context, commits: DataFrame) -> None:
    """Say of the commits what a reading after the removal says: their author was removed."""
    read = (
        context.warehouse.read(ROW_LEDGER)
        .where(f.col("task") == _READER)
        .select("task", "repo_id", "batch_id", "rule_version")
    )
    rejects = commits.join(read, ["repo_id", "batch_id"]).select(
        "task",
        "repo_id",
        "batch_id",
        f.concat(f.lit("commit "), "commit_oid").alias("key"),
        f.lit("author_removed").alias("reason"),
        f.lit(None).cast("string").alias("detail"),
        "rule_version",
    )
    context.warehouse.append(REJECTS, context.stage(f"{NAME}_author_removed", rejects))


def _refresh_batches(context: Context, repos: list[str]) -> None:
    """Bring checksums and the reader's ledger up to date with the rows that are left."""
    warehouse = context.warehouse
    mine = _mine(repos)
    recorded = warehouse.read(CHECKSUMS).where(mine & (f.col("kind") == "rows")).collect()
    writers = {row["artifact"]: row["task"] for row in recorded}
    sums = [
        {**row.asDict(), "artifact": artifact, "task": task}
        for artifact, task in sorted(writers.items())
        for row in checksums_of(
            warehouse.read(TABLES[artifact]).where(mine), TABLES[artifact]
        ).collect()
    ]
    _publish_sums(context, sums, Slice(tuple(repos), (), "t.kind = 'rows'"))
    _refresh_ledger(context, repos, [row for row in sums if row["task"] == _READER])


def _publish_sums(context: Context, sums: list[dict[str, Any]], area: Slice) -> None:
    entries = [{**row, "kind": "rows", "recorded_at": datetime.now(UTC)} for row in sums]
    context.warehouse.publish(CHECKSUMS, context.warehouse.rows(CHECKSUMS, entries), area)


def _refresh_ledger(context: Context, repos: list[str], sums: list[dict[str, Any]]) -> None:
    """Count anew what the reader used and rejected in each batch that lost commits."""
    warehouse = context.warehouse
    reader = _mine(repos) & (f.col("task") == _READER)
    rejected = {
        (row["repo_id"], row["batch_id"]): row
        for row in warehouse.read(REJECTS)
        .where(reader)
        .groupBy("repo_id", "batch_id")
        .agg(
            f.countDistinct("key").alias("keys"),
            f.max(f.col("reason") == "author_removed").alias("is_hit"),
        )
        .collect()
    }
    written: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sums:
        written.setdefault((row["repo_id"], row["batch_id"]), []).append(row)
    entries = []
    for entry in warehouse.read(ROW_LEDGER).where(reader).collect():
        unit = (entry["repo_id"], entry["batch_id"])
        left_out, mine = rejected.get(unit), written.get(unit, [])
        if left_out is None or not left_out["is_hit"]:
            entries.append(entry.asDict())
            continue
        used = sum(r["row_count"] for r in mine if r["artifact"] != "bronze.repos")
        entries.append(
            {
                **entry.asDict(),
                "input_keys": used + left_out["keys"] + entry["merged"],
                "used": used,
                "rejected": left_out["keys"],
                "output_rows": sum(r["row_count"] for r in mine),
                "output_version": output_version(mine),
            }
        )
    context.ledger.post(_READER, entries, Slice(tuple(repos), (), f"t.task = '{_READER}'"))


def _refresh_mixes(context: Context, removal: Removal) -> None:
    """Bring the checksums of the mixes that lost pairs up to date with what is left of them."""
    if not removal.mixes:
        return
    versions = sorted(removal.mixes)
    left = context.warehouse.read(MIX_PAIRS).where(f.col("mix_version").isin(versions))
    sums = [
        {**row.asDict(), "artifact": MIX_PAIRS.full_name, "task": "build_mix"}
        for row in checksums_of(left, MIX_PAIRS).collect()
    ]
    where = (
        f"t.kind = 'rows' AND t.artifact = '{MIX_PAIRS.full_name}' "
        f"AND t.batch_id IN ({quoted(versions)})"
    )
    _publish_sums(context, sums, Slice(("*",), (), where))


def _clear_outside(context: Context, removal: Removal) -> None:
    """Remove the copies that stand beside the tables: clones, exports, samples of mixes."""
    home, read = context.home, context.warehouse.read
    sources = read(BATCHES).where(_mine(removal.repo_ids)).select("source").distinct().collect()
    for row in sources:
        for place in home.clones.glob(f"{clone_name(row['source'])}*"):
            shutil.rmtree(place)
    for version in removal.mixes:
        shutil.rmtree(home.exports / version[:12], ignore_errors=True)
    if removal.mixes:
        built = read(MIXES).where(f.col("mix_version").isin(sorted(removal.mixes))).collect()
        drop_artifact(
            SAMPLE,
            {row["mix_version"]: row["mix_name"] for row in built},
            tracking_uri="databricks" if on_databricks() else home.tracking_uri,
        )


def removal_text(subject: Subject, removal: Removal) -> str:
    """A removal for a terminal: what goes, and what it means for mixes."""
    what = "repository" if subject.kind == REPOSITORY else "author"
    lines = [f"{what} {subject.label} ({what} {subject.digest[:12]})"]
    lines += [f"  {name:<24} {rows:>12,} rows" for name, rows in removal.removed.items()]
    if not removal.removed:
        lines.append("  nothing is left in the tables")
    for version, pairs in sorted(removal.mixes.items()):
        lines.append(f"  mix version {version[:12]} loses {pairs:,} pairs")
    return "\n".join(lines)
