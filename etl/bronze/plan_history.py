"""Plan what to read: open each source where it lies and find what is new since the last batch.

Runs as tasks on the workers. A source that cannot be read becomes a row with `error`.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pygit2
import re2
from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.bronze.borrowed_objects import BorrowedError, require_own_objects
from etl.bronze.clone import CloneError, CloneParams, clone
from etl.bronze.git_objects import open_repository
from etl.bronze.history import cut_history, list_history
from etl.bronze.identify_sources import identify_sources
from etl.bronze.sources import canonical_url, digest, short_name
from etl.schemas.ops import BATCHES

_PULL = re2.compile(r"refs/pull/([0-9]{1,9})/head")
SOURCES = t.StructType(
    [
        t.StructField("address", t.StringType(), False),
        t.StructField("is_url", t.BooleanType(), False),
        t.StructField("named", t.BooleanType(), False),
    ]
)
_PLANNED_LATER = (
    "batch_id",
    "known_tips",
    "known_pulls",
    "commits",
    "pull_commits",
    "cuts",
    "rule_version",
    "recorded_at",
)
_FOUND = t.StructType(
    [
        t.StructField("address", t.StringType()),
        t.StructField("asked", t.StringType()),
        t.StructField("error", t.StringType()),
        t.StructField("reason", t.StringType()),
        *(
            t.StructField(c.name, c.dataType)
            for c in BATCHES.columns
            if c.name not in _PLANNED_LATER
        ),
    ]
)
PLANNED = t.StructType(
    [
        t.StructField("error", t.StringType()),
        t.StructField("reason", t.StringType()),
        *BATCHES.columns,
    ]
)


class PlanParams(BaseModel):
    """How history is planned.

    Attributes:
        refs: reference patterns whose history is read; `HEAD` is the default branch.
        pulls: whether the heads of pull requests (`refs/pull/*/head`) are read too.
        rows_per_range: about how many commits and changed paths one task reads.
        most_entries: files and folders of a tree that is compared to tell the work of a commit.
        clone: how URLs are cloned.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refs: tuple[str, ...] = Field(min_length=1)
    pulls: bool
    rows_per_range: int = Field(gt=0)
    most_entries: int = Field(gt=0)
    clone: CloneParams


def read_tips(repository: pygit2.Repository, patterns: tuple[str, ...]) -> list[str]:
    """Ids of the commits that the matching references point at, sorted, once each."""
    tips: set[str] = set()
    if "HEAD" in patterns and not repository.head_is_unborn:
        tips.add(str(repository.head.target))
    for name in repository.references:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            try:
                tips.add(str(repository.references[name].peel(pygit2.Commit).id))
            except (pygit2.GitError, KeyError):
                continue  # a tag of a blob, a symbolic reference to nothing
    return sorted(tips)


def read_pulls(repository: pygit2.Repository) -> list[dict[str, int | str]]:
    """Number and head of every pull request that has a reference, by number."""
    found = []
    for name in repository.references:
        match = _PULL.fullmatch(name)
        if match is None:
            continue
        target = repository.references[name].target
        if isinstance(target, pygit2.Oid) and target in repository:
            found.append((int(match[1]), str(target)))
    return [{"number": number, "head_oid": oid} for number, oid in sorted(found)]


def _canonical(repository: pygit2.Repository, address: str) -> str:
    """What a repository on this machine is called: by its origin, or by where it lies."""
    try:
        origin = str(repository.config["remote.origin.url"])
    except KeyError:
        origin = ""
    is_remote = "://" in origin or ("@" in origin and ":" in origin)
    if is_remote and not origin.startswith("file:"):
        return canonical_url(origin)
    folder = Path(address)
    return str(folder.parent if folder.name == ".git" else folder)


class _RemovedError(Exception):
    """A source is one that was removed; the message says when."""


def _refuse_removed(source: str, removed: Mapping[str, str]) -> None:
    day = removed.get(digest("repository", source))
    if day is not None:
        raise _RemovedError(f"it was removed on {day} (sluice forget) and is not read again")


def inspect(
    address: str,
    is_url: bool,
    named: bool,
    cache: str,
    params: PlanParams,
    removed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """One source as it is now: where it lies, what it is called, what its references point at.

    A repository that was removed is not cloned again, nor kept where a new name led to it.
    """
    location: str | None = None
    row: dict[str, Any] = {name: None for name in _FOUND.names}
    row |= {"address": address, "named": named, "tips": [], "pulls": [], "is_shallow": False}
    try:
        if is_url:
            _refuse_removed(canonical_url(address), removed)
            location, url = clone(address, cache, params.clone, pulls=params.pulls)
        else:
            location = address
        require_own_objects(location)
        repository = open_repository(location)
        source = canonical_url(url) if is_url else _canonical(repository, address)
        _refuse_removed(source, removed)
        unborn = repository.head_is_unborn
        detached = repository.head_is_detached
        row |= {
            "repo_id": digest("repository", source),
            "asked": canonical_url(address) if is_url else source,
            "source": source,
            "name": short_name(source),
            "location": location,
            "head_ref": None if unborn or detached else repository.head.name,
            "head_oid": None if unborn else str(repository.head.target),
            "tips": read_tips(repository, params.refs),
            "pulls": read_pulls(repository) if params.pulls else [],
            "is_shallow": repository.is_shallow,
        }
    except _RemovedError as error:
        row |= {"error": str(error), "reason": "removed"}
        if is_url and location is not None:
            shutil.rmtree(location)
    except (CloneError, BorrowedError) as error:
        row["error"] = str(error)
    except (pygit2.GitError, KeyError, OSError, ValueError) as error:
        row["error"] = f"{type(error).__name__}: {error}"
    return row


def _measure(row: Mapping[str, Any], params: PlanParams) -> dict[str, Any]:
    """How much is new, and in which pieces to read it."""
    heads = sorted({str(pull["head_oid"]) for pull in row["pulls"]})
    try:
        repository = open_repository(str(row["location"]))
        history = list_history(
            repository, row["tips"], row["known_tips"], heads, row["known_pulls"]
        )
        cuts = cut_history(repository, history, params.rows_per_range, params.most_entries)
    except (pygit2.GitError, KeyError, ValueError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "commits": history.mainline,
        "pull_commits": len(history) - history.mainline,
        "cuts": cuts,
    }


def plan_history(
    sources: DataFrame,
    repos: DataFrame,
    names: DataFrame,
    *,
    cache: str,
    params: PlanParams,
    rule_version: str,
    removed: Mapping[str, str],
) -> DataFrame:
    """Batches of what is new, one row a repository that changed, and a row for each error.

    Args:
        sources: columns of SOURCES.
        repos: newest batches that were read under the same rule: repo_id, batch_id, source, tips,
            pulls, named.
        names: see identify_sources.
        cache: folder for clones of URLs.
        params: see PlanParams.
        rule_version: version of this rule; another rule plans the whole history again.
        removed: repositories that must not be read, by repo_id, and the day of their removal.

    Returns:
        Columns of ops.batches, `error` and its `reason`; repositories with nothing new are absent.
    """
    refused = dict(removed)

    def look(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            rows = [
                inspect(str(r.address), bool(r.is_url), bool(r.named), cache, params, refused)
                for r in frame.itertuples()
            ]
            yield pd.DataFrame(rows, columns=_FOUND.names)

    def count(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            rows = [
                row
                for record in frame.to_dict("records")
                if (row := _planned(record, params, rule_version))
            ]
            yield pd.DataFrame(rows, columns=PLANNED.names)

    found = identify_sources(sources.mapInPandas(look, _FOUND), names)
    known = repos.select(
        f.col("repo_id"),
        f.col("batch_id").alias("known_batch"),
        f.col("source").alias("known_source"),
        f.col("tips").alias("known_tips"),
        f.array_sort(f.array_distinct("pulls.head_oid")).alias("known_pulls"),
        f.col("named").alias("was_named"),
    )
    nothing = f.array().cast("array<string>")
    # The same repository under two addresses is read once; a named one goes before a listed one.
    once = (
        found.groupBy(f.when(f.col("error").isNull(), f.col("repo_id")).otherwise(f.col("address")))
        .agg(f.min_by(f.struct(*found.columns), f.struct(~f.col("named"), "address")).alias("r"))
        .select("r.*")
    )
    joined = (
        once.join(known, "repo_id", "left")
        .withColumn("known_tips", f.coalesce("known_tips", nothing))
        .withColumn("known_pulls", f.coalesce("known_pulls", nothing))
    )
    reason = f.when(f.col("error").isNotNull(), f.coalesce("reason", f.lit("source_unreadable")))
    return joined.mapInPandas(count, PLANNED).withColumn("reason", reason)


def _planned(
    record: Mapping[Hashable, Any], params: PlanParams, rule_version: str
) -> dict[str, Any] | None:
    row = {name: record.get(name) for name in PLANNED.names}
    if row["error"] is not None:
        address = str(record["address"])
        row |= {
            "repo_id": digest("repository", address),
            "batch_id": "*",
            "source": address,
            "name": short_name(address),
            "location": address,
            "known_tips": [],
            "known_pulls": [],
        }
    else:
        tips, known = sorted(record["tips"]), sorted(record["known_tips"])
        heads = sorted({str(pull["head_oid"]) for pull in record["pulls"]})
        known_heads = sorted(record["known_pulls"])
        is_known = isinstance(record["known_batch"], str)
        was_named = is_known and bool(record["was_named"])
        row["named"] = bool(record["named"]) or was_named
        before = (record["known_source"], was_named, known, known_heads)
        if is_known and (row["source"], row["named"], tips, heads) == before:
            return None
        row |= {"tips": tips, "known_tips": known, "known_pulls": known_heads}
        # References may come back to where they were, and so may a name: what was read last is
        # part of the id, so that this is a new batch too.
        last = record["known_batch"] if is_known else ""
        row["batch_id"] = digest(
            *("batch", rule_version, str(record["repo_id"]), last),
            *(str(row["source"]), str(row["named"]), *tips, "", *heads),
        )
        row |= _measure(row, params)
    row |= {"rule_version": rule_version, "recorded_at": datetime.now(UTC)}
    return row
