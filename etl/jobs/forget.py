"""Remove a repository, or what a person made, from everything that the home holds.

The removal is written down first (`ops.removals`), so that a run which was killed can be finished
by any later one: each step is found anew from what is still there. Rows go from the last table to
the first, since the earlier ones say which later ones are meant; files and logs that only earlier
versions of the tables need go at the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.bronze.repo_names import HOST
from etl.bronze.sources import digest
from etl.io.github import is_name
from etl.io.landing import drop_landing, drop_lines, landing_folder
from etl.io.spark import on_databricks
from etl.io.tables import quoted
from etl.io.tracking import drop_artifact
from etl.jobs.context import Context
from etl.jobs.extents import READERS, Extent, extent_of, of_repositories, rejects_of_repositories
from etl.jobs.file_checksums import file_checksums
from etl.jobs.ingest_corpus import NAME as INGEST_CORPUS
from etl.jobs.link_duplicates import NAME as LINK_DUPLICATES
from etl.jobs.recount import record_rejected, recount_batches, recount_mixes
from etl.jobs.removals import REPOSITORY, Removal, record_removal, removals
from etl.jobs.subjects import Subject
from etl.jobs.track_mix import SAMPLE
from etl.jobs.verify import UNCHECKED
from etl.schemas import TABLES, Table
from etl.schemas.bronze import REPOS
from etl.schemas.collaboration import REPO_NAMES
from etl.schemas.gold import MIX_PAIRS, MIXES
from etl.schemas.ops import BATCHES, CHECKSUMS, INPUTS, REJECTS, ROW_LEDGER
from udfs.collaboration import Record, read_records
from udfs.collaboration.makers import record_makers

NAME = "forget"


@dataclass(frozen=True)
class Plan:
    """What a removal would take.

    Attributes:
        removal: as it will be written down.
        extent: rows of a person; None for a repository, whose rows say whose they are.
    """

    removal: Removal
    extent: Extent | None


def plan_removal(context: Context, subject: Subject) -> Plan:
    """What a removal would take; nothing is changed."""
    warehouse = context.warehouse
    extent: Extent | None = None
    if subject.kind == REPOSITORY:
        repos = _with_other_names(context, subject.digest)
        taken = {
            table: warehouse.read(table).where(of_repositories(repos))
            for table in warehouse.ensure_existing()
            if "repo_id" in table.struct.names
        }
    else:
        extent = extent_of(context, subject.digest)
        repos, taken = extent.repo_ids, extent.keys
    mixes = taken[MIX_PAIRS].groupBy("mix_version").count().collect() if MIX_PAIRS in taken else []
    removal = Removal(
        subject.kind,
        subject.digest,
        repos,
        _counts(taken),
        {row[0]: row[1] for row in mixes},
        False,
        datetime.now(UTC),
    )
    return Plan(removal, extent)


def _counts(taken: Mapping[Table, DataFrame]) -> dict[str, int]:
    """Rows per table, in one query; tables without any are left out."""
    if not taken:
        return {}
    parts = [rows.select(f.lit(table.full_name).alias("table")) for table, rows in taken.items()]
    found = reduce(DataFrame.unionAll, parts).groupBy("table").count().orderBy("table")
    return {row["table"]: row["count"] for row in found.collect()}


def _sources(context: Context, repos: Iterable[str]) -> set[str]:
    """Canonical sources under which some repositories were read, or GitHub showed them."""
    found: set[str] = set()
    names = f.concat(f.lit(HOST), "name")
    for table, source in (
        *((BATCHES, f.col("source")), (REPOS, f.col("source"))),
        *((INPUTS, names), (REPO_NAMES, names)),
    ):
        if context.warehouse.exists(table):
            rows = context.warehouse.read(table).where(
                of_repositories(repos) & (f.col("name") != "")
            )
            found |= {row[0] for row in rows.select(source).distinct().collect()}
    return found


def _with_other_names(context: Context, repo: str) -> tuple[str, ...]:
    """A repository, and what it would be under each other name that it had."""
    others = (digest("repository", source) for source in _sources(context, [repo]))
    return tuple(sorted({repo, *others}))


def forget(context: Context, plan: Plan) -> Removal:
    """Carry out a removal; may be killed and repeated. Return it as it is now on record."""
    subject = (plan.removal.kind, plan.removal.subject)
    earlier = next((x for x in removals(context) if (x.kind, x.subject) == subject), None)
    removal = _joined(earlier, plan.removal)
    record_removal(context, removal)
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


def _finish(context: Context, removal: Removal, extent: Extent | None) -> None:
    with context.meter(NAME):
        _clear_outside(context, removal)  # first, while the tables say where the copies are
        if removal.kind == REPOSITORY:
            _take_repository(context, removal)
        else:
            _take_author(context, removal, extent)
        # Clusters reach over repositories: which ones lost a pair, nothing says any more.
        context.warehouse.delete(ROW_LEDGER, f"task = '{LINK_DUPLICATES}'")
        recount_mixes(context, removal.mixes)
        existing = context.warehouse.ensure_existing()
        checked = {table: "true" for table in existing if table not in UNCHECKED}
        files = file_checksums(context, NAME, checked)
        context.warehouse.append(CHECKSUMS, context.warehouse.rows(CHECKSUMS, files))
        for table in existing:
            context.warehouse.purge(table)
        context.warehouse.clear_staging("")
        context.ledger.refresh()
        record_removal(context, removal._replace(is_finished=True))


def _from_last_to_first(tables: Iterable[Table]) -> list[Table]:
    order = list(TABLES.values())
    return sorted(tables, key=order.index, reverse=True)


def _take_repository(context: Context, removal: Removal) -> None:
    warehouse, repos = context.warehouse, removal.repo_ids
    warehouse.delete_keys(REJECTS, rejects_of_repositories(context, repos))
    mine = f"repo_id IN ({quoted(repos)})"
    for table in _from_last_to_first(TABLES[name] for name in removal.removed):
        # What a corpus gave stays in its ledger, so that the next run sees that it is refused now.
        kept = f" AND task != '{INGEST_CORPUS}'" if table == ROW_LEDGER else ""
        warehouse.delete(table, mine + kept)


def _take_author(context: Context, removal: Removal, planned: Extent | None) -> None:
    warehouse = context.warehouse
    extent = planned or extent_of(context, removal.subject, removal.repo_ids)
    repos = extent.repo_ids
    # From here on everything that was derived from these repositories is due again.
    kept = quoted([*READERS, INGEST_CORPUS])
    warehouse.delete(ROW_LEDGER, f"repo_id IN ({quoted(repos)}) AND task NOT IN ({kept})")
    record_rejected(context, extent.rejected)
    for table in _from_last_to_first(extent.keys):
        warehouse.delete_keys(table, extent.keys[table])
    recount_batches(context, repos)


def _clear_outside(context: Context, removal: Removal) -> None:
    """Remove the copies that stand beside the tables: clones, answers, exports, samples."""
    home, read = context.home, context.warehouse.read
    mine = of_repositories(removal.repo_ids)
    for row in read(BATCHES).where(mine).select("location").distinct().collect():
        if Path(row["location"]).parent == home.clones:
            for place in home.clones.glob(f"{Path(row['location']).stem}.*"):
                shutil.rmtree(place)
    if removal.kind == REPOSITORY:
        _clear_landing(context, removal)
    else:
        depth = context.config.collaboration.limits.max_depth
        drop_lines(
            home.landing,
            lambda line: any(
                removal.subject in record_makers(item)
                for item in read_records(line, depth)
                if isinstance(item, Record)
            ),
        )
    for version in removal.mixes:
        shutil.rmtree(home.exports / version[:12], ignore_errors=True)
    if removal.mixes:
        built = read(MIXES).where(f.col("mix_version").isin(sorted(removal.mixes))).collect()
        drop_artifact(
            SAMPLE,
            {row["mix_version"]: row["mix_name"] for row in built},
            tracking_uri="databricks" if on_databricks() else home.tracking_uri,
        )


def _clear_landing(context: Context, removal: Removal) -> None:
    """Remove what was fetched of a repository, and what the tables say of the files' names."""
    names = {source.partition("/")[2].lower() for source in _sources(context, removal.repo_ids)}
    for name in sorted(name for name in names if is_name(name)):
        drop_landing(context.home.landing, name)
        folder = quoted([f"{landing_folder(context.home.landing, name)}/"])
        if context.warehouse.exists(INPUTS):
            context.warehouse.delete(INPUTS, f"startswith(path, {folder})")
        context.warehouse.delete(REJECTS, f"startswith(key, {folder})")


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
