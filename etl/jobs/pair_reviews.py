"""Task: turn the review threads of kept repositories into pairs."""

from __future__ import annotations

from pyspark.sql import functions as f

from etl.bronze.newest import newest
from etl.jobs.context import Context, Unit
from etl.jobs.execute import Outcome, Task
from etl.jobs.whole_repositories import batches_of, discussed_units, reader
from etl.schemas.bronze import BLOBS, COMMITS, FILE_CHANGES, FILES, PULL_HEADS
from etl.schemas.collaboration import PULLS, REVIEW_COMMENTS, REVIEWS
from etl.schemas.silver import PAIRS, REPO_PROFILES
from etl.silver.pair_reviews import Bronze, PairReviewsParams, pair_reviews

NAME = "pair_reviews"
_READ = ("ingest_git", "ingest_collaboration")


def _params(context: Context) -> PairReviewsParams:
    config = context.config
    return PairReviewsParams(
        reviews=config.reviews, extract=config.extract, licences=config.profile.licences()
    )


def units(context: Context) -> list[Unit]:
    """Every profiled repository with review comments; anew when anything that it has changes."""
    return discussed_units(context, NAME, REVIEW_COMMENTS, "true", *_READ)


def derive(context: Context, todo: list[Unit], version: str) -> Outcome:
    """The pairs of each thread, or a reason; a reply is merged into what it answers."""
    read, placed = reader(context, todo), batches_of(context, todo)
    comments = newest(read(REVIEW_COMMENTS), REVIEW_COMMENTS)
    decided = pair_reviews(
        Bronze(
            comments=comments,
            pulls=newest(read(PULLS), PULLS),
            reviews=newest(read(REVIEWS), REVIEWS),
            heads=read(PULL_HEADS),
            commits=read(COMMITS),
            changes=read(FILE_CHANGES),
            files=read(FILES),
            blobs=read(BLOBS),
            profiles=read(REPO_PROFILES),
        ),
        _params(context),
        lambda frame, name: context.stage(f"{NAME}_{name}", frame),
    )
    staged = context.stage(
        NAME, decided.join(placed, "repo_id").withColumn("rule_version", f.lit(version))
    )
    unit = ("repo_id", "batch_id")
    key = f.concat(f.lit("review_comment "), "comment_id").alias("key")
    found = staged.where("pair_id IS NOT NULL")
    # Two comments on one line that differ in what they propose alone ask for the same change.
    once = found.groupBy("pair_id").agg(
        f.min_by(f.struct(*PAIRS.struct.names), "comment_id").alias("row")
    )
    return Outcome(
        tables={PAIRS: once.select("row.*")},
        keys=comments.select("repo_id", "comment_id").join(placed, "repo_id").select(*unit, key),
        used=found.select(*unit, key),
        rejects=staged.where("reason IS NOT NULL").select(*unit, key, "reason", "detail"),
        merged=staged.where("merged_into IS NOT NULL").select(*unit, key),
    )


def task(context: Context) -> Task:
    """The step as the runner executes it."""
    return Task(
        name=NAME,
        rule=("etl.silver.pair_reviews", "etl.bronze.newest"),
        params=_params(context),
        by_batch=False,
        units=units,
        derive=derive,
        own="t.origin = 'review'",
    )
