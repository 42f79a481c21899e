"""Task: read prepared corpora into bronze, repository by repository.

A repository that git reads wins over its copy in a corpus: the pairs come from its history, and one
tree cannot be two states at once. Of two corpora the first that is named wins, for the same reason.
What loses is rejected as a whole.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql import types as t

from etl.bronze.ingest_corpus import (
    MAPPED,
    CorpusCaps,
    CorpusParams,
    corpus_versions,
    ingest_corpus,
    map_corpus,
)
from etl.bronze.sources import digest
from etl.errors import ConfigError
from etl.io.tables import corpus_version, read_corpus
from etl.jobs.context import Context, Unit, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.removals import removed_repositories
from etl.jobs.rule_version import rule_version
from etl.schemas.bronze import BLOBS, FILES, REPOS
from etl.schemas.ops import BATCHES

NAME = "ingest_corpus"
_RULE = ("etl.bronze.ingest_corpus",)
_PREFIX = "corpus "
_FROM_GIT, _FROM_ANOTHER = "repository_read_from_git", "repository_in_another_corpus"
_REMOVED = "repository_removed"
_KEYS = t.StructType(
    [
        t.StructField(name, t.StringType())
        for name in ("repo_id", "batch_id", "key", "reason", "detail")
    ]
)


def _caps(context: Context) -> CorpusCaps:
    return CorpusCaps(blob_bytes=context.config.ingest.blob_bytes)


def _itself(corpus: CorpusParams) -> str:
    """In place of a repository, for the corpus as a whole and the rows that name none."""
    return digest("corpus", corpus.name)


def _batch(corpus: CorpusParams, repo_id: str = "") -> str:
    """Batch of a repository in a corpus; without one, what those batches start with."""
    return f"{_PREFIX}{corpus.name} {repo_id}"


def _read(context: Context, corpus: CorpusParams) -> DataFrame:
    frame = read_corpus(context.spark, corpus.path, corpus.format)
    wanted = {k: v for k, v in corpus.mapping().model_dump().items() if v}
    found = dict(frame.dtypes)
    problems = []
    for meaning, name in wanted.items():
        allowed = ("string", "binary") if meaning == "content" else ("string",)
        if found.get(name) not in allowed:
            has = f"is {found[name]}" if name in found else "is missing"
            problems.append(f"{meaning}: the column {name} {has}, expected {' or '.join(allowed)}")
    if problems:
        raise ConfigError(
            f"corpora.{corpus.name}: {'; '.join(problems)}. {corpus.path} has: "
            f"{', '.join(found)}. Choose another layout, or `layout: columns` with `columns`."
        )
    return frame


def _held(context: Context, corpus: CorpusParams, state: str) -> dict[str, str]:
    """What a corpus holds of each repository: from the ledger, unless it is in another state."""
    itself, posted = _itself(corpus), context.posted(NAME)
    known = posted.get((itself, _batch(corpus, itself)))
    version = rule_version(_RULE, _caps(context))
    if known is not None and (known.rule_version, known.input_version) == (version, state):
        return {
            repo: entry.input_version.partition(" ")[0]
            for (repo, batch), entry in posted.items()
            if batch == _batch(corpus, repo) and repo != itself
        }
    rows = corpus_versions(_read(context, corpus), corpus.mapping()).collect()
    named = str(corpus.named)
    return {r["repo_id"]: version_of([named, str(r["files"]), r["checksum"]]) for r in rows}


def units(context: Context) -> list[Unit]:
    """Every repository of every corpus, and the corpus itself; one that loses says to what.

    An untouched corpus is not read: its files or its Delta version are what they were.
    """
    if not context.config.corpora:
        return []
    planned = context.warehouse.read(BATCHES).select("repo_id", "source").distinct().collect()
    # A corpus may know a repository by its first name, whose id it has, or by a later one.
    from_git = {row["repo_id"] for row in planned}
    from_git |= {digest("repository", row["source"]) for row in planned}
    removed = removed_repositories(context)
    found: list[Unit] = []
    taken: set[str] = set()
    for corpus in context.config.corpora:
        itself = _itself(corpus)
        rule = f"{corpus.named} {corpus.mapping().model_dump_json()}"
        state = version_of([rule, *corpus_version(context.spark, corpus.path, corpus.format)])
        found.append(Unit(itself, _batch(corpus, itself), state))
        held = _held(context, corpus, state)
        for repo, content in sorted(held.items()):
            loses = _FROM_GIT if repo in from_git else _FROM_ANOTHER if repo in taken else ""
            loses = _REMOVED if repo in removed else loses
            found.append(Unit(repo, _batch(corpus, repo), f"{content} {loses}".rstrip()))
        taken |= held.keys()
    return found


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """Files and texts of the repositories in work; whatever is left out has a reason."""
    lost = [
        (unit.repo_id, unit.batch_id, f"repository {unit.repo_id}", reason, None)
        for unit in todo
        if (reason := unit.input_version.partition(" ")[2])
    ]
    losing = {row[:2] for row in lost}
    parts = [context.spark.createDataFrame([], MAPPED)]
    for corpus in context.config.corpora:
        mine = [
            unit.repo_id
            for unit in todo
            if unit.batch_id == _batch(corpus, unit.repo_id) and unit[:2] not in losing
        ]
        if mine:
            wanted = context.spark.createDataFrame([(repo,) for repo in mine], "repo_id string")
            mapped = map_corpus(
                _read(context, corpus),
                corpus,
                batch=_batch(corpus),
                nowhere=_itself(corpus),
                caps=_caps(context),
            )
            parts.append(mapped.join(f.broadcast(wanted), "repo_id", "semi"))
    staged = context.stage(NAME, reduce(DataFrame.unionByName, parts))
    bronze = ingest_corpus(staged, _caps(context))
    whole = context.spark.createDataFrame(lost, _KEYS)
    unit = ("repo_id", "batch_id", "key")
    return Outcome(
        tables={REPOS: bronze.repos, FILES: bronze.files, BLOBS: bronze.blobs},
        keys=bronze.keys.unionAll(whole.select(*unit)),
        used=bronze.used,
        rejects=bronze.rejects.unionAll(whole),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=_RULE,
        params=_caps(context),
        by_batch=True,
        units=units,
        derive=derive,
        own=f"t.batch_id LIKE '{_PREFIX}%'",
    )
