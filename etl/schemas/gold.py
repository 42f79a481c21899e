"""Gold: what is worth training on. The text of a pair stays in silver and is never changed here."""

from __future__ import annotations

from pyspark.sql import types as t

from etl.schemas.bronze import BATCH_ID, REPO_ID
from etl.schemas.ops import RULE_VERSION
from etl.schemas.table import Table, column

_STRING, _LONG, _INT, _BOOL = t.StringType(), t.LongType(), t.IntegerType(), t.BooleanType()
_DOUBLE, _STRINGS = t.DoubleType(), t.ArrayType(t.StringType(), False)

PAIR_ID = column("pair_id", _STRING, "Pair, as in silver.pairs", nullable=False)

PARTS = (
    "instruction_specificity",
    "instruction_clarity",
    "coherence",
    "diff_coherence",
    "context_sufficiency",
    "tests_present",
    "code_health",
    "educational_value",
    "freshness",
    "review_depth",
    "issue_labels",
    "author_history",
    "survival",
)

SCORED_PAIRS = Table(
    "gold",
    "scored_pairs",
    "The quality of one pair: its parts, their total, and why",
    ("pair_id",),
    (
        PAIR_ID,
        REPO_ID,
        column("category", _STRING, "Category of the pair", nullable=False),
        column("score", _DOUBLE, "Weighted mean of the parts, 0 to 1", nullable=False),
        column(
            "quality",
            t.StructType([t.StructField(part, _DOUBLE) for part in PARTS]),
            "The parts, 0 to 1 each; null where nothing is known or none applies",
            nullable=False,
        ),
        column("score_evidence", _STRING, "Why the parts are what they are", nullable=False),
        column("below_bar", _STRING, "Part or total that is under the bar; null if none"),
        RULE_VERSION,
        BATCH_ID,
    ),
)

DUPLICATES = Table(
    "gold",
    "duplicates",
    "The duplicate cluster of one pair, and whether the pair is the one that is kept",
    ("pair_id",),
    (
        PAIR_ID,
        REPO_ID,
        column("cluster_id", _STRING, "Smallest pair_id of the cluster", nullable=False),
        column("kept_pair_id", _STRING, "Pair that stands for the cluster", nullable=False),
        column("is_kept", _BOOL, "This pair is the one", nullable=False),
        column("level", _STRING, "unique, exact, structural or near", nullable=False),
        column("similarity", _DOUBLE, "True Jaccard similarity to the kept pair", nullable=False),
        column(
            "instruction_similarity", _DOUBLE, "Of the instructions alone; null if both are empty"
        ),
        column("response_similarity", _DOUBLE, "Of the responses alone; null if both are empty"),
        column("context_similarity", _DOUBLE, "Of the contexts alone; null if both are empty"),
        column(
            "alike", _STRINGS, "Sides that are alike by themselves: instruction, response, context"
        ),
        column(
            "relation",
            _STRING,
            "Of it to the kept one: same_repository, other_repository, synthetic_of_natural",
        ),
        column("rule", _STRING, "Why the kept one was kept", nullable=False),
        RULE_VERSION,
        BATCH_ID,
    ),
)

BAND_INDEX = Table(
    "gold",
    "band_index",
    "What the duplicates of one pair are found by, when others come",
    ("pair_id",),
    (
        PAIR_ID,
        REPO_ID,
        column("exact_hash", _STRING, "Hash of all that is compared", nullable=False),
        column("structure", _STRING, "Hash of the changed code without its names; null if short"),
        column("size", _INT, "Distinct shingles", nullable=False),
        column(
            "bands",
            t.ArrayType(_LONG, False),
            "Keys of the buckets; none without a shingle",
            nullable=False,
        ),
        RULE_VERSION,
        BATCH_ID,
    ),
)

CONTAMINATION = Table(
    "gold",
    "contamination",
    "A problem of a benchmark that a field of a pair gives away, at one level",
    ("pair_id", "benchmark", "problem_id", "level", "field"),
    (
        PAIR_ID,
        REPO_ID,
        column("benchmark", _STRING, "Name of the benchmark", nullable=False),
        column("problem_id", _STRING, "Problem, as in bronze.benchmarks", nullable=False),
        column("level", _STRING, "substring, words, tokens, structure", nullable=False),
        column("field", _STRING, "instruction, context, response", nullable=False),
        column("span_start", _INT, "First character of the field, from 0", nullable=False),
        column("span_end", _INT, "Last character, exclusive", nullable=False),
        column(
            "share",
            _DOUBLE,
            "Of what the level looks for, how much all fields hold, 0 to 1",
            nullable=False,
        ),
        column("evidence", _STRING, "Beginning of what was found", nullable=False),
        RULE_VERSION,
        BATCH_ID,
    ),
)

EVAL_PAIRS = Table(
    "gold",
    "eval_pairs",
    "One pair of a held-out evaluation set, with its text as it was when the set was written",
    ("eval_version", "pair_id"),
    (
        column("eval_version", _STRING, "Version of the set", nullable=False),
        PAIR_ID,
        REPO_ID,
        column("repo_name", _STRING, "Short name of the repository", nullable=False),
        column("commit_oid", _STRING, "Commit that the pair was taken from", nullable=False),
        column("origin", _STRING, "As in silver.pairs", nullable=False),
        column("category", _STRING, "Category", nullable=False),
        column("language", _STRING, "Language of most changed lines", nullable=False),
        column("tier", _STRING, "Tier of the repository", nullable=False),
        column("instruction", _STRING, "What was asked for", nullable=False),
        column("context", _STRING, "Text before the change that it needs", nullable=False),
        column("response", _STRING, "What a person answered", nullable=False),
        column("tests", _STRING, "Unified diff of the tests; null if none was touched"),
        column("licence", _STRING, "SPDX expression of its files at the commit", nullable=False),
        column("author_time", _LONG, "Author time, seconds since 1970", nullable=False),
        column("score", _DOUBLE, "Quality score, 0 to 1", nullable=False),
        column("hangs_on", _STRINGS, "As in silver.pairs"),
    ),
    scope=(),
    append_only=True,
)

MIXES = Table(
    "gold",
    "mixes",
    "One version of a mix",
    ("mix_version",),
    (
        column("mix_version", _STRING, "SHA-256 of rows, weights and config", nullable=False),
        column("mix_name", _STRING, "Name of the file in conf/mixes", nullable=False),
        column("config", _STRING, "The mix's config, canonical JSON", nullable=False),
        column("rows", _LONG, "Pairs in the mix", nullable=False),
        column(
            "categories",
            t.ArrayType(
                t.StructType(
                    [
                        t.StructField("category", _STRING, False),
                        t.StructField("target", _LONG, False),
                        t.StructField("taken", _LONG, False),
                        t.StructField("weight", _DOUBLE, False),
                    ]
                ),
                False,
            ),
            "Per category: rows wanted, rows taken, sampling weight",
            nullable=False,
        ),
        column(
            "recorded_at", t.TimestampType(), "When the version was first built", nullable=False
        ),
    ),
    scope=(),
    append_only=True,
)

MIX_PAIRS = Table(
    "gold",
    "mix_pairs",
    "One pair in one version of a mix",
    ("mix_version", "pair_id"),
    (
        column("mix_version", _STRING, "Version of the mix", nullable=False),
        PAIR_ID,
        REPO_ID,
        column("category", _STRING, "Category", nullable=False),
        column("position", _LONG, "Place in the mix, from 0", nullable=False),
        column("weight", _DOUBLE, "Sampling weight in training", nullable=False),
    ),
    scope=(),
    append_only=True,
)

TABLES = (
    SCORED_PAIRS,
    DUPLICATES,
    BAND_INDEX,
    CONTAMINATION,
    EVAL_PAIRS,
    MIXES,
    MIX_PAIRS,
)
