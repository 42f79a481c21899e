"""Task: fetch issues, pull requests and what was said about them, for the sources on GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import functions as f

from etl.bronze.newest import still_to_fetch
from etl.bronze.sources import canonical_url, digest
from etl.io.fetch import Fault, fetch_numbers, fetch_repository
from etl.io.github import GithubClient, environment_token, is_name
from etl.io.landing import Landing
from etl.io.tables import Slice
from etl.jobs.context import Context, Done
from etl.jobs.rejects import replace_rejects
from etl.jobs.removals import removed_repositories
from etl.jobs.repo_ids import repo_ids
from etl.jobs.rule_version import rule_version
from etl.schemas.collaboration import ISSUES, PULLS
from etl.schemas.ops import BATCHES, FETCH_QUEUE

NAME = "fetch_github"
_MOST_FAILURES = 2  # in a row: the server is at fault, not the repositories


def run(context: Context) -> Done:
    """Land what GitHub has that is new for each repository of this run.

    What cannot be fetched is rejected with a reason, and the others go on. Once the API's limit is
    used up, or the server failed for one repository after the other, those that are left are
    rejected without being asked for; the next run goes on there.

    Raises:
        ConfigError: the API refuses the token.
    """
    params = context.config.fetch
    if not params.enabled:
        return Done(0, {})
    with context.meter(NAME):
        repositories = _on_host(context, params.host)
        with GithubClient(params, token=environment_token()) as client:
            wanted = _wanted(context, repositories)
            objects, faults = fetch_each(client, context.home.landing, repositories, wanted)
        _publish_rejects(context, faults)
    rejected = sum(map(len, faults.values()))
    counts = {"repositories": len(repositories), "objects": objects, "rejected": rejected}
    return Done(len(repositories) if objects or rejected else 0, counts)


def fetch_each(
    client: GithubClient,
    landing: Path,
    repositories: Mapping[str, str],
    wanted: Mapping[str, list[int]],
) -> tuple[int, dict[str, list[Fault]]]:
    """Fetch one repository after the other.

    Args:
        client: asks the API.
        landing: folder of all landings.
        repositories: `owner/name` by canonical source.
        wanted: issues and pull requests by canonical source that came without their text. They are
            asked for by number only where the lists have been read before, which bring the others.

    Returns:
        How many objects landed, and what could not be fetched, by canonical source.

    Raises:
        ConfigError: the API refuses the token.
    """
    faults: dict[str, list[Fault]] = {}
    objects, failures, limited = 0, 0, False
    for source, name in repositories.items():
        if limited or failures == _MOST_FAILURES:
            reason = "rate_limited" if limited else "server_error"
            faults[source] = [Fault(name, reason, "not asked for, after those before it")]
            continue
        folder = Landing(landing, name, objects_per_file=client.params.page_size)
        is_known = folder.state.full_name is not None
        done = fetch_repository(client, folder)
        if is_known and not done.faults and source in wanted:
            done = fetch_numbers(client, folder, wanted[source])
        faults[source], limited = done.faults, done.limited
        failures = failures + 1 if done.failed else 0
        objects += done.objects
    return objects, faults


def repository_on(host: str, source: str) -> str | None:
    """`owner/name` of a canonical source that is on a host; None for any other source."""
    there, _, name = source.partition("/")
    return name.lower() if there == host and is_name(name) else None


def _wanted(context: Context, repositories: Mapping[str, str]) -> dict[str, list[int]]:
    """Numbers of what only trimmed events told of so far, by canonical source."""
    warehouse = context.warehouse
    if not warehouse.exists(FETCH_QUEUE):
        return {}
    known = repo_ids(context)
    sources = {known.get(s) or digest("repository", s): s for s in repositories}
    queue, issues, pulls = (warehouse.read(table) for table in (FETCH_QUEUE, ISSUES, PULLS))
    found: dict[str, list[int]] = {}
    for row in still_to_fetch(queue, issues, pulls).orderBy("repo_id", "number").collect():
        if row["repo_id"] in sources:
            found.setdefault(sources[row["repo_id"]], []).append(row["number"])
    return found


def _on_host(context: Context, host: str) -> dict[str, str]:
    """`owner/name` of this run's sources that are on a host, by canonical source, sorted.

    Those that were removed are left out: the plan has rejected them.
    """
    sources = {canonical_url(source.address) for source in context.sources if source.is_url}
    local = [source.address for source in context.sources if not source.is_url]
    if local:  # a clone on this machine is called by its origin, which the plan has found
        newest = (
            context.warehouse.read(BATCHES)
            .where(f.col("location").isin(local))
            .groupBy("location")
            .agg(f.max_by("source", f.struct("recorded_at", "batch_id")).alias("source"))
        )
        sources |= {row["source"] for row in newest.collect()}
    removed = removed_repositories(context)
    sources = {x for x in sources if digest("repository", x) not in removed}
    found = {source: repository_on(host, source) for source in sorted(sources)}
    return {source: name for source, name in found.items() if name is not None}


def _publish_rejects(context: Context, faults: dict[str, list[Fault]]) -> None:
    """Write down what could not be fetched, and forget what could be this time."""
    version = rule_version(("etl.io.fetch",), context.config.fetch)
    entries = [
        {
            "repo_id": digest("repository", source),
            "batch_id": "*",
            "key": fault.key,
            "reason": fault.reason,
            "detail": fault.detail,
            "rule_version": version,
        }
        for source, found in faults.items()
        for fault in found
    ]
    tried = tuple(sorted(digest("repository", source) for source in faults))
    replace_rejects(context, NAME, Slice(tried, where=f"t.task = '{NAME}'"), entries)
