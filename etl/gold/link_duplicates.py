"""Finds pairs that teach the same change twice, and names the one of each cluster that stays.

Exact copies meet by hash, near ones by MinHash-LSH; every near link is verified by the true
Jaccard similarity of the shingle sets before clusters are formed, so no cluster rests on a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.errors import SluiceError
from udfs.dedup.banding import bounded_banding, datasketch_banding
from udfs.dedup.sketch_udf import SKETCH_DDL, Scheme, SketchSpec, sketch_batches

Materialise = Callable[[DataFrame, str], DataFrame]
"""Writes a frame to a staging table of that name and returns a frame that reads it back.

Clusters are found in rounds, and a plan that holds all rounds doubles with each. Spark's own
cuts (cache, checkpoint) don't exist on serverless compute, so the caller supplies one. The names
asked for are unique within one call of `link_duplicates`.
"""


class DedupParams(BaseModel):
    """What counts as a duplicate and how it is looked for.

    Attributes:
        threshold: Smallest Jaccard similarity of a near duplicate.
        ngram: Words per shingle.
        num_perm: Values per MinHash signature.
        seed: Of the permutations.
        scheme: ``affine32`` hashes shingles in bulk; ``datasketch`` gives signatures that equal
            `datasketch.MinHash`, to meet an existing index.
        max_miss: Largest chance of missing a pair right at the threshold, from which the
            bands follow; None takes the bands of `datasketch.MinHashLSH`.
        max_bucket: A bucket of more rows is hot: it is split by a second band.
        neighbours: In a part of a hot bucket each row is compared with so many before it.
        max_iterations: Rounds of the cluster search; the search needs about the
            logarithm of the longest chain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(default=0.7, gt=0.0, le=1.0)
    ngram: int = Field(default=5, ge=1)
    num_perm: int = Field(default=256, ge=1)
    seed: int = Field(default=1, ge=0, lt=1 << 32)
    scheme: Scheme = "affine32"
    max_miss: float | None = Field(default=0.01, gt=0.0, lt=1.0)
    max_bucket: int = Field(default=128, ge=2)
    neighbours: int = Field(default=32, ge=1)
    max_iterations: int = Field(default=30, ge=1)

    def sketch_spec(self) -> SketchSpec:
        """The sketching that these parameters ask for, bands included."""
        if self.max_miss is None:
            bands, rows = datasketch_banding(self.threshold, self.num_perm)
        else:
            bands, rows = bounded_banding(self.threshold, self.num_perm, self.max_miss)
        return SketchSpec(self.ngram, self.num_perm, self.seed, bands, rows, self.scheme)


def link_duplicates(pairs: DataFrame, params: DedupParams, materialise: Materialise) -> DataFrame:
    """Give every pair its cluster and say which pair of the cluster is kept, and why.

    What is compared is `udfs.dedup.text.comparable`: the instruction's words with the
    removed and the added lines, as one set of shingles. So a long change that comes twice is
    a duplicate even under another title, while a short one needs the same request too.

    Args:
        pairs: Columns pair_id (unique), instruction, response, tests_touched, author_time,
            score, below_bar; others are ignored.
        params: See `DedupParams`.
        materialise: See `Materialise`.

    Returns:
        One row per input pair: pair_id, cluster_id (smallest pair_id of the cluster),
        kept_pair_id, is_kept, level (``unique``, ``exact``: equal to the kept pair after
        normalisation, ``near``: linked through similarity; for the kept pair the loosest of its
        cluster), similarity (true Jaccard to the kept pair, 1.0 for itself; in a chain it may
        be below the threshold) and rule (what decided between the pair and the kept one).

    Raises:
        SluiceError: When the clusters aren't settled after ``max_iterations`` rounds.
    """
    sketches = materialise(_sketch(pairs, params.sketch_spec()), "sketches")
    groups = materialise(_exact_groups(sketches), "exact_groups")
    representatives = sketches.join(
        groups, sketches.pair_id == groups.representative, "left_semi"
    ).select("pair_id", "bands", F.size("shingles").alias("size"))
    candidates = materialise(_candidates(representatives, params), "candidates")
    edges = materialise(_verified(candidates, sketches, params.threshold), "edges_0")
    components = connected_components(edges, params.max_iterations, materialise)
    clusters = (
        sketches.select("pair_id", "exact_hash")
        .join(groups, "exact_hash")
        .join(components, F.col("representative") == F.col("node"), "left")
        .select(
            "pair_id",
            "exact_hash",
            F.coalesce("component", "representative").alias("cluster_id"),
        )
    )
    kept = materialise(_choose(pairs.join(clusters, "pair_id")), "kept")
    return _with_similarity(kept, sketches)


def connected_components(
    edges: DataFrame, max_iterations: int, materialise: Materialise
) -> DataFrame:
    """Components of a graph by alternating large-star and small-star rounds.

    Each round keeps the components and hangs nodes under smaller ones, until every component
    is a star round its smallest node. Source: Kiveris et al., Connected Components in
    MapReduce and Beyond, SoCC 2014 (O(log² n) rounds).

    Args:
        edges: Columns a, b: edges between two different nodes, in any direction.
        max_iterations: Most rounds.
        materialise: See `Materialise`.

    Returns:
        Columns node, component (the smallest node): every node that has an edge.

    Raises:
        SluiceError: When the stars still change after ``max_iterations`` rounds.
    """
    stars = edges.select(F.greatest("a", "b").alias("a"), F.least("a", "b").alias("b")).distinct()
    state = _fingerprint(stars)
    for iteration in range(1, max_iterations + 1):
        stars = materialise(_small_star(_large_star(stars)), f"stars_{iteration}")
        previous, state = state, _fingerprint(stars)
        if state == previous:
            leaves = stars.select(F.col("a").alias("node"), F.col("b").alias("component"))
            roots = stars.select(F.col("b").alias("node"), F.col("b").alias("component"))
            return leaves.union(roots.distinct())
    raise SluiceError(
        f"duplicate clusters still change after {max_iterations} rounds; raise max_iterations"
    )


def _sketch(pairs: DataFrame, spec: SketchSpec) -> DataFrame:
    return pairs.select("pair_id", "instruction", "response").mapInArrow(
        partial(sketch_batches, spec=spec), SKETCH_DDL
    )


def _exact_groups(sketches: DataFrame) -> DataFrame:
    """One representative per exact hash: copies never crowd a bucket."""
    return sketches.groupBy("exact_hash").agg(F.min("pair_id").alias("representative"))


def _candidates(representatives: DataFrame, params: DedupParams) -> DataFrame:
    """Pairs of rows that share a bucket and whose sizes allow the threshold.

    A bucket of up to ``max_bucket`` rows gives all its pairs. In a hot one (boilerplate,
    generated changes) rows must share a second band too: two rows at the threshold or above
    do with nearly the chance with which they share one at all. A part that is still large is
    ordered by the next band, which puts like next to like (LSH forest: Bawa et al., WWW 2005), and
    each row meets ``neighbours`` rows before it. So cost grows linearly with a hot bucket, every
    row of it is compared, and clusters hold together through chains of verified links.
    """
    keyed = representatives.select(
        "pair_id", "size", "bands", F.posexplode("bands").alias("band", "bucket")
    )
    counts = keyed.groupBy("bucket").agg(F.count("*").alias("rows")).filter(F.col("rows") > 1)
    shared = keyed.join(counts, "bucket")
    cold = shared.filter(F.col("rows") <= params.max_bucket).select(
        "bucket",
        F.lit(0).cast("bigint").alias("part"),
        F.lit(0).cast("bigint").alias("place"),
        "pair_id",
        "size",
    )
    hot = (
        shared.filter(F.col("rows") > params.max_bucket)
        .select(
            "bucket",
            "band",
            "bands",
            "pair_id",
            "size",
            F.posexplode("bands").alias("second", "part"),
        )
        .filter(F.col("second") != F.col("band"))
        .select("bucket", "part", _next_band().alias("place"), "pair_id", "size")
    )
    return (
        _links(cold, params.max_bucket, params.threshold)
        .union(_links(hot, params.neighbours, params.threshold))
        .distinct()
    )


def _next_band() -> Column:
    return F.expr("bands[(second + 1) % size(bands)]")


def _links(rows: DataFrame, reach: int, threshold: float) -> DataFrame:
    order = Window.partitionBy("bucket", "part").orderBy("place", "pair_id")
    before = F.collect_list(F.struct("pair_id", "size")).over(order.rowsBetween(-reach, -1))
    linked = rows.withColumn("before", before).select(
        "pair_id", "size", F.explode("before").alias("other")
    )
    # The Jaccard similarity of two sets is at most the ratio of their sizes.
    possible = F.least("size", "other.size") / F.greatest("size", "other.size") >= threshold
    return linked.filter(possible).select(
        F.least("pair_id", "other.pair_id").alias("a"),
        F.greatest("pair_id", "other.pair_id").alias("b"),
    )


def _verified(candidates: DataFrame, sketches: DataFrame, threshold: float) -> DataFrame:
    return (
        _with_jaccard(candidates, sketches)
        .filter(F.col("similarity") >= threshold)
        .select("a", "b", "similarity")
    )


def _with_jaccard(links: DataFrame, sketches: DataFrame) -> DataFrame:
    """Add the true similarity of the shingle sets of a and b; 0.0 for two empty sets."""
    first = sketches.select(F.col("pair_id").alias("a"), F.col("shingles").alias("of_a"))
    second = sketches.select(F.col("pair_id").alias("b"), F.col("shingles").alias("of_b"))
    shared = F.size(F.array_intersect("of_a", "of_b"))
    union = F.size("of_a") + F.size("of_b") - F.col("shared")
    return (
        links.join(first, "a")
        .join(second, "b")
        .withColumn("shared", shared)
        .withColumn("similarity", F.coalesce(F.try_divide(F.col("shared"), union), F.lit(0.0)))
        .drop("of_a", "of_b", "shared")
    )


def _large_star(stars: DataFrame) -> DataFrame:
    both = stars.select("a", "b").union(stars.select(F.col("b").alias("a"), F.col("a").alias("b")))
    least = both.groupBy("a").agg(F.least(F.col("a"), F.min("b")).alias("least"))
    return (
        both.filter(F.col("b") > F.col("a"))
        .join(least, "a")
        .select(F.col("b").alias("a"), F.col("least").alias("b"))
        .distinct()
    )


def _small_star(stars: DataFrame) -> DataFrame:
    least = stars.groupBy("a").agg(F.min("b").alias("least"))
    hung = (
        stars.join(least, "a")
        .filter(F.col("b") != F.col("least"))
        .select(F.col("b").alias("a"), F.col("least").alias("b"))
    )
    return hung.union(least.select("a", F.col("least").alias("b"))).distinct()


def _fingerprint(stars: DataFrame) -> tuple[int, str]:
    """Count and order-free sum of the rows: equal for equal sets."""
    row = stars.agg(
        F.count("*"), F.sum(F.xxhash64("a", "b").cast("decimal(20,0)")).cast("string")
    ).first()
    return (0, "0") if row is None else (row[0], row[1] or "0")


_CRITERIA = (
    ("below", "above the bar"),
    ("rank", "higher score"),
    ("untested", "tests touched"),
    ("time", "earlier author time"),
    ("pair_id", "smaller pair_id"),
)


def _choose(pairs: DataFrame) -> DataFrame:
    """The keep rule: above the bar, higher score, tests touched, earlier author, smaller id."""
    keys = F.struct(
        F.col("below_bar").isNotNull().alias("below"),
        (-F.coalesce("score", F.lit(0.0))).alias("rank"),
        (~F.coalesce("tests_touched", F.lit(False))).alias("untested"),
        F.coalesce("author_time", F.lit((1 << 63) - 1)).alias("time"),
        F.col("pair_id"),
    )
    cluster = Window.partitionBy("cluster_id")
    ranked = pairs.select("pair_id", "exact_hash", "cluster_id", keys.alias("keys")).select(
        "*",
        F.first("keys").over(cluster.orderBy("keys")).alias("best"),
        F.first("exact_hash").over(cluster.orderBy("keys")).alias("kept_hash"),
        F.lead("keys").over(cluster.orderBy("keys")).alias("next"),
        F.max("exact_hash").over(cluster).alias("last_hash"),
        F.min("exact_hash").over(cluster).alias("first_hash"),
    )
    is_kept = F.col("pair_id") == F.col("best.pair_id")
    is_alone = is_kept & F.col("next").isNull()
    equal = F.when(is_kept, F.col("first_hash") == F.col("last_hash")).otherwise(
        F.col("exact_hash") == F.col("kept_hash")
    )
    reason = F.when(is_alone, F.lit("no duplicate")).otherwise(
        F.concat(
            F.when(is_kept, F.lit("kept before the next best: ")).otherwise(
                F.lit("the kept pair goes before it: ")
            ),
            _decisive("best", "next", "keys", is_kept),
        )
    )
    return ranked.select(
        "pair_id",
        "cluster_id",
        F.col("best.pair_id").alias("kept_pair_id"),
        is_kept.alias("is_kept"),
        F.when(is_alone, F.lit("unique"))
        .when(equal, F.lit("exact"))
        .otherwise(F.lit("near"))
        .alias("level"),
        reason.alias("rule"),
    )


def _decisive(best: str, following: str, own: str, is_kept: Column) -> Column:
    other = F.when(is_kept, F.col(following)).otherwise(F.col(own))
    reason = F.lit(_CRITERIA[-1][1])
    for name, words in reversed(_CRITERIA[:-1]):
        differs = F.col(best)[name] != other[name]
        reason = F.when(differs, F.lit(words)).otherwise(reason)
    return reason


def _with_similarity(kept: DataFrame, sketches: DataFrame) -> DataFrame:
    near = kept.filter((F.col("level") == "near") & ~F.col("is_kept")).select(
        F.col("pair_id").alias("a"), F.col("kept_pair_id").alias("b")
    )
    similarity = _with_jaccard(near, sketches).select(F.col("a").alias("pair_id"), "similarity")
    return kept.join(similarity, "pair_id", "left").select(
        "pair_id",
        "cluster_id",
        "kept_pair_id",
        "is_kept",
        "level",
        F.coalesce("similarity", F.lit(1.0)).alias("similarity"),
        "rule",
    )
