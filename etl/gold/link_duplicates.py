"""Finds pairs that teach the same change twice, and names the one of each cluster that stays.

Exact copies meet by hash, near ones by MinHash-LSH; every near link is verified by the true
Jaccard similarity of the shingle sets before clusters are formed, so no cluster rests on a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812

from etl.errors import SluiceError
from udfs.dedup.banding import bounded_banding, datasketch_banding
from udfs.dedup.bucket_udf import MET_DDL, meet_batches
from udfs.dedup.candidates import Search
from udfs.dedup.choice import ALONE
from udfs.dedup.cluster_udf import (
    CLUSTER_DDL,
    INPUTS,
    SIDES,
    Judgement,
    Judging,
    cluster_batches,
)
from udfs.dedup.group_udf import GROUP_DDL, KEPT, NEW, group_batches
from udfs.dedup.sketch_udf import (
    SHINGLES_DDL,
    SKETCH_DDL,
    Scheme,
    SketchSpec,
    shingle_batches,
    sketch_batches,
)

Materialise = Callable[[DataFrame, str], DataFrame]
"""Writes a frame to a staging table of that name and returns a frame that reads it back.

Clusters are found in rounds, and a plan that holds all rounds doubles with each. Spark's own
cuts (cache, checkpoint) don't exist on serverless compute, so the caller supplies one. The names
asked for are unique within one call of `link_duplicates`.
"""


_FEW: Final = 100_000  # rows whose keys, some 4 million, every task can hold: 300 MB


class SideParams(BaseModel):
    """How one side of a pair is judged by itself.

    Attributes:
        threshold: Smallest Jaccard similarity at which two are alike.
        ngram: Words per shingle.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(gt=0.0, le=1.0)
    ngram: int = Field(ge=1)


class DedupParams(BaseModel):
    """What counts as a duplicate and how it is looked for.

    Attributes:
        threshold: Smallest Jaccard similarity of a near duplicate.
        ngram: Words per shingle.
        instruction: The instructions of duplicates by themselves.
        response: Their responses by themselves.
        context: Their contexts, which make nothing a duplicate: they differ from branch to branch.
        num_perm: Values per MinHash signature.
        seed: Of the permutations.
        scheme: ``binned`` is the fast one; ``datasketch`` gives signatures that equal
            `datasketch.MinHash`, to meet an existing index.
        max_miss: Largest chance of missing a pair right at the threshold, from which the
            bands follow; None takes the bands of `datasketch.MinHashLSH`.
        max_bucket: A bucket of more rows is hot: it is split by a second band.
        neighbours: In a part of a hot bucket each row is compared with so many before it.
        max_iterations: Rounds of the cluster search; the search needs about the
            logarithm of the longest chain.
        most_in_one_task: Up to so many pairs one task looks for candidates, in about 1 KiB each;
            more are shuffled by band.
        min_structure: Tokens of a change without its names, from which two that are equal are
            duplicates whatever the names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(default=0.7, gt=0.0, le=1.0)
    ngram: int = Field(default=5, ge=1)
    instruction: SideParams = SideParams(threshold=0.5, ngram=2)
    response: SideParams = SideParams(threshold=0.7, ngram=5)
    context: SideParams = SideParams(threshold=0.7, ngram=5)
    num_perm: int = Field(default=256, ge=1)
    seed: int = Field(default=1, ge=0, lt=1 << 32)
    scheme: Scheme = "binned"
    max_miss: float | None = Field(default=0.01, gt=0.0, lt=1.0)
    max_bucket: int = Field(default=128, ge=2)
    neighbours: int = Field(default=32, ge=1)
    max_iterations: int = Field(default=30, ge=1)
    most_in_one_task: int = Field(default=500_000, ge=0)
    min_structure: int = Field(default=100, ge=1)

    plain: ClassVar[bool] = False

    def sketch_spec(self) -> SketchSpec:
        """The sketching that these parameters ask for, bands included."""
        if self.max_miss is None:
            bands, rows = datasketch_banding(self.threshold, self.num_perm)
        else:
            bands, rows = bounded_banding(self.threshold, self.num_perm, self.max_miss)
        return SketchSpec(
            self.ngram,
            self.num_perm,
            self.seed,
            bands,
            rows,
            self.scheme,
            self.min_structure,
            self.plain,
        )

    def judging(self) -> Judging:
        """How candidates are verified, and what is said of duplicates."""
        one, other, third = (
            Judgement(side.ngram, side.threshold)
            for side in (self.instruction, self.response, self.context)
        )
        together = Judgement(self.ngram, self.threshold)
        return Judging(together, None if self.plain else (one, other, third))

    def search(self) -> Search:
        """How candidates are looked for."""
        return Search(self.threshold, self.max_bucket, self.neighbours)


class PlainTextParams(DedupParams):
    """The same for texts of any kind: the column response is compared as it stands, alone."""

    plain: ClassVar[bool] = True


def link_duplicates(pairs: DataFrame, params: DedupParams, materialise: Materialise) -> DataFrame:
    """Give every pair its cluster and say which pair of the cluster is kept, and why.

    What is compared is `udfs.dedup.text.comparable`: the instruction's words with the
    removed and the added lines, as one set of shingles. So a long change that comes twice is
    a duplicate even under another title, while a short one needs the same request too.

    Args:
        pairs: Columns pair_id (unique), instruction, response, context, language, repo_id,
            origin, licence, tier, author_time, score, below_bar; others are ignored.
        params: See `DedupParams`.
        materialise: See `Materialise`.

    Returns:
        One row per input pair: pair_id, cluster_id (smallest pair_id of the cluster),
        kept_pair_id, is_kept, level (``unique``, ``exact``: equal to the kept pair after
        normalisation, ``structural``: the same change with other names, ``near``: linked through
        similarity; for the kept pair the loosest of its cluster), similarity (true Jaccard to the
        kept pair, 1.0 for itself; in a chain it may be below the threshold),
        instruction_similarity, response_similarity and context_similarity (the same for each side;
        null where neither has a text), alike (the sides at or above their own thresholds), relation
        (``same_repository``, ``other_repository`` or ``synthetic_of_natural``, seen from the kept
        pair; null for itself) and rule (what decided between the pair and the kept one).

    Raises:
        SluiceError: When the clusters aren't settled after ``max_iterations`` rounds.
    """
    sketches = sketch_pairs(pairs, params)
    groups = group_sketches(sketches, pairs, pairs.count(), params, materialise)
    return cluster_groups(pairs, groups, params)


def sketch_pairs(pairs: DataFrame, params: DedupParams, carried: Sequence[str] = ()) -> DataFrame:
    """What is known of each pair by itself: `udfs.dedup.sketch_udf.SKETCH_DDL`.

    Args:
        pairs: Columns pair_id, instruction, response, language.
        params: See `DedupParams`.
        carried: Columns of strings that stay.
    """
    columns = ("pair_id", "instruction", "response", "language")
    return pairs.select(*columns, *carried).mapInArrow(
        partial(sketch_batches, spec=params.sketch_spec(), carried=carried),
        ", ".join([SKETCH_DDL, *(f"{name} string" for name in carried)]),
    )


def group_sketches(
    sketches: DataFrame,
    pairs: DataFrame,
    rows: int,
    params: DedupParams,
    materialise: Materialise,
    clusters: DataFrame | None = None,
) -> DataFrame:
    """Pairs that may be duplicates of each other, as `udfs.dedup.group_udf.GROUP_DDL`.

    Up to ``most_in_one_task`` sketches are compared by one task: they are few bytes, and to shuffle
    every band of every pair costs more than all the comparing. Of more, only those are taken that
    a pair which came or went can reach.

    Args:
        sketches: As `sketch_pairs` gives them; with ``clusters`` also the column state, see
            `udfs.dedup.group_udf.group_batches`.
        pairs: Columns pair_id, instruction, response.
        rows: How many sketches there are.
        params: See `DedupParams`.
        materialise: See `Materialise`.
        clusters: Columns pair_id, cluster_id: what was found before. Then only that comes out which
            may have changed.
    """
    if rows > params.most_in_one_task:
        if clusters is None:
            sketches = sketches.withColumn("is_due", F.lit(True))
        else:
            sketches = _reached(sketches, clusters, materialise)
        sketches = materialise(sketches, "reached")
        rows = sketches.count()
    elif clusters is not None:
        sketches = sketches.join(clusters, "pair_id", "left")
    if rows <= params.most_in_one_task:
        grouped = sketches.repartition(1).mapInArrow(
            partial(group_batches, search=params.search()), GROUP_DDL
        )
        return materialise(grouped, "groups")
    return materialise(_group_widely(sketches, pairs, params, materialise), "groups")


def cluster_groups(pairs: DataFrame, groups: DataFrame, params: DedupParams) -> DataFrame:
    """The clusters within each group, as `udfs.dedup.cluster_udf.CLUSTER_DDL`; a row per row.

    The texts are read again, and only those of pairs that met another: few do, so that is cheaper
    than to keep the shingles of all.

    Args:
        pairs: As `link_duplicates` takes them.
        groups: As `group_sketches` gives them.
        params: See `DedupParams`.
    """
    alone = groups.where("group IS NULL").select(
        "pair_id",
        F.col("pair_id").alias("cluster_id"),
        F.col("pair_id").alias("kept_pair_id"),
        F.lit(True).alias("is_kept"),
        F.lit("unique").alias("level"),
        F.lit(1.0).alias("similarity"),
        *(F.lit(1.0).alias(f"{side}_similarity") for side in SIDES),
        F.array(*map(F.lit, () if params.plain else SIDES)).cast("array<string>").alias("alike"),
        F.lit(None).cast("string").alias("relation"),
        F.lit(ALONE).alias("rule"),
    )
    is_lead = F.col("links").isNotNull()
    met = (
        pairs.join(groups.where("group IS NOT NULL"), "pair_id")
        .withColumns({name: F.when(is_lead, F.col(name)) for name in ("instruction", "response")})
        .select(*INPUTS)
        .repartition("group")
        .sortWithinPartitions("group")
    )
    cluster = partial(cluster_batches, judging=params.judging())
    return alone.union(met.mapInArrow(cluster, CLUSTER_DDL))


def as_pairs(rows: DataFrame, key: Column, text: Column) -> DataFrame:
    """Rows of any kind as `PlainTextParams` compares them; nothing but ids decides what is kept.

    Args:
        rows: Any rows.
        key: Identifies a row; a string.
        text: What is compared; a string.
    """
    empty = ("instruction", "context", "language", "repo_id", "origin")
    return rows.select(
        key.alias("pair_id"),
        text.alias("response"),
        *(F.lit("").alias(name) for name in empty),
        *(F.lit(None).cast("string").alias(name) for name in ("below_bar", "licence", "tier")),
        F.lit(None).cast("double").alias("score"),
        F.lit(None).cast("bigint").alias("author_time"),
    )


def _group_widely(
    sketches: DataFrame, pairs: DataFrame, params: DedupParams, materialise: Materialise
) -> DataFrame:
    """Groups by shuffles, for any number of pairs; their links are verified."""
    copies = materialise(_first_of(sketches, "exact_hash"), "copies")
    leads = sketches.join(copies, sketches.pair_id == copies.b, "left_anti")
    due = sketches.where("is_due").select("pair_id")
    candidates = materialise(
        _candidates(leads, params, materialise)
        .join(due.toDF("a"), "a", "left_semi")
        .join(due.toDF("b"), "b", "left_semi"),
        "candidates",
    )
    met = candidates.select(F.explode(F.array("a", "b")).alias("pair_id")).distinct()
    texts = pairs.select("pair_id", "instruction", "response").join(met, "pair_id", "left_semi")
    shingled = materialise(
        texts.mapInArrow(
            partial(shingle_batches, ngram=params.ngram, plain=params.plain), SHINGLES_DDL
        ),
        "shingles",
    )
    similar = materialise(_verified(candidates, shingled, params.threshold), "similar")
    edges = similar.union(copies).union(_first_of(sketches, "structure"))
    components = connected_components(edges, params.max_iterations, materialise)
    links = similar.groupBy("a").agg(F.sort_array(F.collect_list("b")).alias("found"))
    return (
        sketches.where("is_due")
        .join(components, F.col("pair_id") == F.col("node"), "left")
        .join(links, F.col("pair_id") == links.a, "left")
        .join(copies, F.col("pair_id") == copies.b, "left")
        .select(
            "pair_id",
            "exact_hash",
            "structure",
            F.col("component").alias("group"),
            F.when(copies.b.isNull(), F.coalesce("found", F.array().cast("array<string>"))).alias(
                "links"
            ),
        )
    )


def _reached(sketches: DataFrame, clusters: DataFrame, materialise: Materialise) -> DataFrame:
    """What `udfs.dedup.group_udf.group_batches` looks at: is_due marks what comes out.

    The sketches of others are only read, against the keys of what came or went: where those are
    few, none of the others is moved.
    """
    names = F.array(F.xxhash64("exact_hash"), F.xxhash64("structure", F.lit("structure")))
    known = F.when(F.col("structure").isNull(), F.slice(names, 1, 1)).otherwise(names)
    keyed = sketches.withColumn("keys", F.concat("bands", known))
    of_kept, is_new = F.col("state") == KEPT, F.col("state") == NEW
    met = _meeting(keyed.where(of_kept), "keys", keyed.where(~of_kept), materialise, "near_met")
    near = materialise(met.select("pair_id"), "near")
    touched = materialise(clusters.join(_few(near), "pair_id").select("cluster_id"), "touched")
    members = materialise(
        clusters.join(_few(touched), "cluster_id", "left_semi").select("pair_id"), "members"
    )
    kept = sketches.where(of_kept)
    due = materialise(
        sketches.where(is_new).union(kept.join(_few(members), "pair_id", "left_semi")), "due"
    )
    others = kept.join(_few(members), "pair_id", "left_anti")
    beside = _meeting(others, "bands", due, materialise, "beside_met")
    mark = F.lit(True).alias("is_due")
    return due.select("*", mark).union(beside.select("*", ~mark))


def _meeting(
    rows: DataFrame, name: str, others: DataFrame, materialise: Materialise, step: str
) -> DataFrame:
    """The rows that have a key, in a column of arrays, with others in common.

    With each of a row's forty keys goes a number and not the row: where the others are many, all of
    them are shuffled. Two rows of one number would both be taken, and looked at in vain.
    """
    keys = others.select(F.explode(name).alias("key")).distinct()
    is_few = others.count() <= _FEW
    numbered = rows.withColumn("ref", F.xxhash64("pair_id"))
    met = materialise(
        numbered.select("ref", F.explode(name).alias("key"))
        .join(F.broadcast(keys) if is_few else keys, "key", "left_semi")
        .select("ref")
        .distinct(),
        step,
    )
    return numbered.join(_few(met), "ref", "left_semi").drop("ref")


def _few(rows: DataFrame) -> DataFrame:
    """The distinct rows, sent to every task where they are few."""
    return F.broadcast(rows.distinct()) if rows.count() <= _FEW else rows.distinct()


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


def _first_of(sketches: DataFrame, name: str) -> DataFrame:
    """The first pair with each value of a column and each other one with it: a, b."""
    first = sketches.groupBy(name).agg(F.min("pair_id").alias("a"))
    return (
        sketches.where(F.col(name).isNotNull())
        .join(first, name)
        .select("a", F.col("pair_id").alias("b"))
        .where("a < b")
    )


def _candidates(leads: DataFrame, params: DedupParams, materialise: Materialise) -> DataFrame:
    """Pairs of rows that share a bucket and whose sizes allow the threshold: a, b.

    The same as `udfs.dedup.candidates.candidate_pairs`, for any number of rows: a row is a 64-bit
    hash of its id, and goes once through a shuffle for each of its bands. Two rows with one hash
    would both be taken for either, which costs a comparison and nothing else.
    """
    refs = leads.withColumn("ref", F.xxhash64("pair_id"))
    keyed = refs.select(F.explode("bands").alias("bucket"), "ref", "size")
    met = materialise(
        keyed.repartition("bucket")
        .sortWithinPartitions("bucket", "ref")
        .mapInArrow(partial(meet_batches, search=params.search()), MET_DDL),
        "met",
    )
    hot = (
        met.where("b IS NULL")
        .select("bucket", F.col("a").alias("ref"))
        .join(refs.select("ref", "size", "bands", "pair_id"), "ref")
        .select(
            "bucket",
            F.array_position("bands", F.col("bucket")).alias("band"),
            "bands",
            "ref",
            "size",
            "pair_id",
            F.posexplode("bands").alias("second", "part"),
        )
        .where(F.col("second") + 1 != F.col("band"))
        .withColumn("place", _next_band())
    )
    pairs = met.where("b IS NOT NULL").select("a", "b").union(_links(hot, params)).distinct()
    named = refs.select("ref", "pair_id")
    return (
        pairs.join(named.toDF("a", "one"), "a")
        .join(named.toDF("b", "other"), "b")
        .select(F.least("one", "other").alias("a"), F.greatest("one", "other").alias("b"))
    )


def _next_band() -> Column:
    return F.expr("bands[(second + 1) % size(bands)]")


def _links(rows: DataFrame, params: DedupParams) -> DataFrame:
    order = Window.partitionBy("bucket", "part").orderBy("place", "pair_id")
    before = F.collect_list(F.struct("ref", "size")).over(order.rowsBetween(-params.neighbours, -1))
    linked = rows.withColumn("before", before).select(
        "ref", "size", F.explode("before").alias("other")
    )
    # The Jaccard similarity of two sets is at most the ratio of their sizes.
    ratio = F.least("size", "other.size") / F.greatest("size", "other.size")
    return linked.where(ratio >= params.threshold).select(
        F.least("ref", "other.ref").alias("a"), F.greatest("ref", "other.ref").alias("b")
    )


def _verified(candidates: DataFrame, shingled: DataFrame, threshold: float) -> DataFrame:
    """The candidates whose shingle sets are similar: a, b."""
    first = shingled.select(F.col("pair_id").alias("a"), F.col("shingles").alias("of_a"))
    second = shingled.select(F.col("pair_id").alias("b"), F.col("shingles").alias("of_b"))
    shared = F.size(F.array_intersect("of_a", "of_b"))
    union = F.size("of_a") + F.size("of_b") - F.col("shared")
    return (
        candidates.join(first, "a")
        .join(second, "b")
        .withColumn("shared", shared)
        .where(F.col("shared") >= threshold * union)
        .select("a", "b")
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
