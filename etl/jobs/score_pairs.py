"""Task: score the pairs of each batch."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from etl.bronze.newest import newest
from etl.gold.gather_discussion import TALK, gather_discussion
from etl.gold.score_pairs import score_pairs
from etl.jobs.context import Context, Unit, of_batches, version_of
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import read_by, reader, tiers_of
from etl.schemas.gold import SCORED_PAIRS
from etl.schemas.silver import LINKS, PAIRS

# The tasks that write pairs, each under batches of its own.
PAIR_TASKS = ("extract_pairs", "pair_issues", "pair_reviews", "pair_structure", "import_pairs")


def units(context: Context) -> list[Unit]:
    """Every batch that pairs were taken from; anew when more is known of a discussed repository."""
    discussed = {repo for repo, _ in context.posted("ingest_collaboration")}
    said = read_by(context, "ingest_collaboration", "link_changes") if discussed else {}
    tiers = _tiers(context)
    found = []
    for task in PAIR_TASKS:
        for (repo, batch), posted in context.posted(task).items():
            known = [*(said.get(repo, []) if repo in discussed else []), *tiers.get(repo, [])]
            read = posted.output_version
            found.append(Unit(repo, batch, version_of([read, *known]) if known else read))
    return found


def _tiers(context: Context) -> dict[str, list[str]]:
    """The tier of each repository, asked for only where a tier has weights of its own."""
    weighed = context.config.score.tier_weights
    if not weighed:
        return {}
    return {repo: [tier] for repo, tier in tiers_of(context).items() if tier in weighed}


def _known(context: Context, todo: list[Unit], pairs: DataFrame) -> DataFrame:
    """Pairs with what is known of them beside their texts."""
    repos = {unit.repo_id for unit in todo}
    if repos & {repo for repo, _ in context.posted("ingest_collaboration")}:
        read = reader(context, todo)
        talk = {table: newest(read(table), table).where("NOT deleted") for table in TALK}
        said = gather_discussion(read(LINKS), talk)
        pairs = pairs.join(said, ["repo_id", "commit_oid"], "left")
    tiers = [(repo, tier) for repo, (tier,) in _tiers(context).items() if repo in repos]
    if tiers:
        named = context.spark.createDataFrame(tiers, "repo_id string, tier string")
        pairs = pairs.join(f.broadcast(named), "repo_id", "left")
    return pairs


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """One score for every pair of the batches in work; the bar is noted, nothing is dropped."""
    pairs = context.warehouse.read(PAIRS).where(of_batches(todo))
    scored = score_pairs(_known(context, todo, pairs), context.config.score)
    staged = context.stage("score_pairs", scored.withColumn("rule_version", f.lit(version)))
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("pair "), "pair_id").alias("key")
    return Outcome(
        tables={SCORED_PAIRS: staged.select(*SCORED_PAIRS.struct.names)},
        keys=pairs.select(*unit, key),
        used=staged.select(*unit, key),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name="score_pairs",
        rule=("etl.gold.score_pairs", "etl.gold.gather_discussion", "etl.bronze.newest"),
        params=context.config.score,
        by_batch=True,
        units=units,
        derive=derive,
    )
