"""What a text on the command line means: a repository of the home, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from etl.bronze.repo_names import HOST
from etl.bronze.sources import canonical_url, digest, git_directory
from etl.errors import SourceError
from etl.jobs.context import Context
from etl.jobs.removals import AUTHOR, REPOSITORY, removals
from etl.schemas import Table
from etl.schemas.bronze import COMMITS, REPOS
from etl.schemas.collaboration import REPO_NAMES
from etl.schemas.ops import BATCHES, INPUTS
from etl.schemas.provenance import login_of
from etl.schemas.silver import PAIRS
from udfs.authors import author_digest
from udfs.authors_udf import is_by_email, makers_of


@dataclass(frozen=True)
class Subject:
    """What is to be removed.

    Attributes:
        kind: `repository` or `author`.
        digest: repo_id, or digest of the e-mail or login.
        label: what people call it; never stored.
    """

    kind: str
    digest: str
    label: str


def find_subject(context: Context, text: str) -> Subject:
    """What a path, URL or name of a repository, an e-mail, or `@login` stands for.

    Raises:
        SourceError: this home holds nothing of that name, or several repositories.
    """
    if "@" in text and not set("/:") & set(text):
        return _find_author(context, text)
    found = _matching(context, text)
    if len(found) == 1:
        (repo, source), *_ = found.items()
        return Subject(REPOSITORY, repo, source)
    called = digest("repository", _canonical(text))
    earlier = [
        x.subject for x in removals(context) if x.kind == REPOSITORY and called in x.repo_ids
    ]
    if not found and earlier:
        return Subject(REPOSITORY, earlier[0], text)
    known = sorted({row["source"] for row in _repositories(context, f.lit(True)).collect()})
    raise SourceError(
        f"`{text}` names {len(found)} repositories of this home; it must name one, by path, URL or "
        f"name. Repositories: {', '.join(known) or 'none'}."
    )


def _find_author(context: Context, text: str) -> Subject:
    subject = Subject(AUTHOR, author_digest(text), text)
    is_known = any((x.kind, x.subject) == (AUTHOR, subject.digest) for x in removals(context))
    if (
        is_known
        or any(
            not rows_by(context, table, subject.digest).isEmpty()
            for table in signed_tables(context)
        )
        or spoken_of(context, subject.digest)
    ):
        return subject
    raise SourceError(
        f"Nothing in this home is by {text}. Name an e-mail address of a commit, or the @login of "
        'who wrote at GitHub: `sluice sql "select distinct author_email from bronze.commits"`.'
    )


def signed_tables(context: Context) -> list[Table]:
    """The tables that were written and say who made a row."""
    context.warehouse.ensure(COMMITS)  # a home may hold nothing but what experts wrote
    existing = context.warehouse.ensure_existing()
    return [table for table in existing if table == COMMITS or login_of(table) is not None]


def spoken_of(context: Context, author: str) -> set[str]:
    """Repositories with a pair that holds a person's words: an expert signs nothing else."""
    if not context.warehouse.exists(PAIRS):
        return set()
    pairs = context.warehouse.read(PAIRS).where(f.array_contains("hangs_on", author))
    return {row["repo_id"] for row in pairs.select("repo_id").distinct().collect()}


def rows_by(context: Context, table: Table, author: str) -> DataFrame:
    """The rows of a signed table that a person made, by digest."""
    rows = context.warehouse.read(table)
    login = login_of(table)
    if login is not None:
        return rows.where(f.array_contains(makers_of(f.col(login), f.col("extra")), author))
    emails = (f.col("author_email"), f.col("committer_email"))
    return rows.where(is_by_email(emails[0], author) | is_by_email(emails[1], author))


def _canonical(text: str) -> str:
    return canonical_url(text) if ":" in text else str(Path(text).expanduser().absolute())


def _matching(context: Context, text: str) -> dict[str, str]:
    """Repositories that a text names: their ids and sources."""
    path = Path(text).expanduser()
    folder = git_directory(path.resolve()) if path.exists() else None
    wanted = [text, _canonical(text), *([str(folder)] if folder else [])]
    is_named = f.col("source").isin(wanted) | f.col("location").isin(wanted)
    rows = _repositories(context, is_named | f.col("name").isin(text, text.lower())).collect()
    return {row["repo_id"]: row["source"] for row in rows}


def _repositories(context: Context, where: Column) -> DataFrame:
    """repo_id and source of the repositories that were planned, read or only talked about."""
    nowhere = f.lit(None).cast("string").alias("location")
    source = f.concat(f.lit(HOST), "name").alias("source")
    read = context.warehouse.read
    parts = [read(BATCHES).select("repo_id", "source", "location", "name")]
    if context.warehouse.exists(REPOS):
        parts.append(read(REPOS).select("repo_id", "source", nowhere, "name"))
    for table in (INPUTS, REPO_NAMES):
        if context.warehouse.exists(table):
            named = read(table).where("name != ''")
            parts.append(named.select("repo_id", source, nowhere, "name"))
    return reduce(DataFrame.unionByName, parts).where(where).select("repo_id", "source").distinct()
