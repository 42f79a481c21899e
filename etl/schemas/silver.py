"""Silver: what can be derived from bronze, row by row."""

from __future__ import annotations

from pyspark.sql import types as t

from etl.schemas.bronze import BATCH_ID, REPO_ID
from etl.schemas.ops import RULE_VERSION
from etl.schemas.table import Table, column

_STRING, _LONG, _INT, _BOOL = t.StringType(), t.LongType(), t.IntegerType(), t.BooleanType()
_DOUBLE, _STRINGS = t.DoubleType(), t.ArrayType(t.StringType(), False)

_HEALTH = t.StructType(
    [
        column("files", _INT, "Source files of which each version was read as a tree"),
        column("broken", _INT, "Of them those that parsed and do not any more, C and C++ left out"),
        column("mended", _INT, "Of them those that did not parse and do now, C and C++ left out"),
        column(
            "complexity_before",
            _INT,
            "McCabe's measure of the most complex function that the change removes or makes more "
            "or less complex, before it; 0 if none",
        ),
        column("complexity_after", _INT, "After it, of those that it adds or alters so; 0 if none"),
    ]
)

REPO_PROFILES = Table(
    "silver",
    "repo_profiles",
    "One repository: its licence, its history, and whether to learn from it",
    ("repo_id",),
    (
        REPO_ID,
        column("name", _STRING, "Short name for people", nullable=False),
        column("licence", _STRING, "SPDX expression concluded from the evidence; null if none"),
        column("licence_evidence", _STRINGS, "Where the licence was read", nullable=False),
        column("licence_reason", _STRING, "Why the licence does not allow use; null if it does"),
        column("commits", _LONG, "Commits read", nullable=False),
        column("authors", _LONG, "Distinct human authors", nullable=False),
        column("active_months", _LONG, "Calendar months with a commit", nullable=False),
        column("first_commit", t.DateType(), "Date of the first commit with a sane clock"),
        column("last_commit", t.DateType(), "Date of the last commit with a sane clock"),
        column("share_with_tests", _DOUBLE, "Share of commits that touch a test", nullable=False),
        column("top_author_share", _DOUBLE, "Share of the busiest author", nullable=False),
        column("has_ci", _BOOL, "CI configuration at HEAD", nullable=False),
        column("has_tests", _BOOL, "Test files at HEAD", nullable=False),
        column("named", _BOOL, "Asked for by name: activity does not reject it", nullable=False),
        column("activity_reasons", _STRINGS, "Why a list would reject it", nullable=False),
        column("tier", _STRING, "expert_reviewed, professional, educational or unfiltered"),
        column("tier_evidence", _STRINGS, "Figures that the tier rests on, and what it lacks"),
        column("keep", _BOOL, "Verdict", nullable=False),
        column("reasons", _STRINGS, "Reasons of a rejection", nullable=False),
        column("as_of", t.DateType(), "Day on which activity is judged", nullable=False),
        RULE_VERSION,
        BATCH_ID,
    ),
    scope=("repo_id",),
)

FUNCTIONS = Table(
    "silver",
    "functions",
    "One function defined in a file at HEAD of a kept repository",
    ("function_id",),
    (
        column("function_id", _STRING, "SHA-256 of repository, path, span", nullable=False),
        REPO_ID,
        column("path", _STRING, "Path of the file", nullable=False),
        column("blob_oid", _STRING, "Object id of the file", nullable=False),
        column("language", _STRING, "Language", nullable=False),
        column("name", _STRING, "Name", nullable=False),
        column("qualified_name", _STRING, "Name with the names that enclose it", nullable=False),
        column("kind", _STRING, "function, method, constructor", nullable=False),
        column("signature", _STRING, "Header of the definition", nullable=False),
        column("docstring", _STRING, "Documentation; null if none"),
        column("parameters", _STRINGS, "Parameter names", nullable=False),
        column("calls", _STRINGS, "Names called, in order, once each", nullable=False),
        column("complexity", _INT, "Cyclomatic complexity (McCabe)", nullable=False),
        column("start_line", _INT, "First line, from 1", nullable=False),
        column("end_line", _INT, "Last line, inclusive", nullable=False),
        column("body_start_byte", _INT, "Start of the body in the UTF-8 text", nullable=False),
        column("body_end_byte", _INT, "End of the body, exclusive", nullable=False),
        RULE_VERSION,
        BATCH_ID,
    ),
    scope=("repo_id",),
)

PAIRS = Table(
    "silver",
    "pairs",
    "One instruction-response pair: of a commit, issue, review or file, or written by an expert",
    ("pair_id",),
    (
        column(
            "pair_id",
            _STRING,
            "SHA-256 of repository, commit, instruction, context, response",
            nullable=False,
        ),
        REPO_ID,
        column("repo_name", _STRING, "Short name of the repository", nullable=False),
        column(
            "commit_oid",
            _STRING,
            "Commit that the pair was taken from; empty where there is none, as for experts",
            nullable=False,
        ),
        column(
            "origin",
            _STRING,
            "`commit`: a change; `issue`: what it closed; `review`: a comment on one; "
            "`structure`: files at HEAD; `expert`: somebody of the team",
            nullable=False,
        ),
        column(
            "category",
            _STRING,
            "bug_fix, new_feature, refactor, ui_component, code_review, debugging_session, "
            "structure",
            nullable=False,
        ),
        column("category_confidence", _DOUBLE, "0 to 1", nullable=False),
        column("category_evidence", _STRINGS, "What spoke for the category", nullable=False),
        column("language", _STRING, "Language of most changed lines", nullable=False),
        column("instruction", _STRING, "What was asked for", nullable=False),
        column("context", _STRING, "Text before the change that it needs", nullable=False),
        column(
            "response",
            _STRING,
            "Unified diff that applies to the text before, or what a reviewer said; the place of "
            "a cause stands before its diff; for structure what stands at `<MISSING>`",
            nullable=False,
        ),
        column("tests", _STRING, "Unified diff of the tests; null if none was touched"),
        column("tests_touched", _BOOL, "The commit touches a test", nullable=False),
        column("paths", _STRINGS, "Paths that the response changes", nullable=False),
        column("test_paths", _STRINGS, "Paths that the tests change", nullable=False),
        column("references", _STRINGS, "Issues and pulls that the message names", nullable=False),
        column("additions", _INT, "Lines that the response adds", nullable=False),
        column("deletions", _INT, "Lines that the response deletes", nullable=False),
        column("licence", _STRING, "SPDX expression of its files at the commit", nullable=False),
        column("author_time", _LONG, "Author time, seconds since 1970"),
        column("authored_at", t.TimestampType(), "Author time; null outside years 1 to 9999"),
        column("authorship", _STRING, "Who wrote it: human, bot, ai_assisted, unknown"),
        column("authorship_evidence", _STRINGS, "What says so, such as co-authored-by:claude"),
        column("patterns", _STRINGS, "What a fix changed, see udfs.bug_patterns; null if no fix"),
        column(
            "pattern_evidence", _STRINGS, "The code before and after of each, where it is short"
        ),
        column("facets", _STRINGS, "What it is about besides its category, see udfs.facets"),
        column("facet_evidence", _STRINGS, "The words and code that say so"),
        column(
            "health",
            _HEALTH,
            "What the trees of its source files say, see udfs.ast.health; null if none has one",
        ),
        column("author_commits", _INT, "Earlier commits of its author that it stands on"),
        column("flags", _STRINGS, "What was left out or is odd", nullable=False),
        RULE_VERSION,
        BATCH_ID,
        column(
            "hangs_on",
            _STRINGS,
            "Other commits and texts that it shows, and digests of who else wrote it; null if none",
        ),
    ),
)

LINKS = Table(
    "silver",
    "links",
    "One link between a commit, pull, issue or review and another, with what says so",
    ("repo_id", "from_kind", "from_key", "to_kind", "to_key", "relation"),
    (
        REPO_ID,
        column(
            "from_kind",
            _STRING,
            "commit, pull, issue, review; issue_or_pull where that is not known",
            nullable=False,
        ),
        column("from_key", _STRING, "Object id, number or id of the review", nullable=False),
        column("to_kind", _STRING, "As from_kind", nullable=False),
        column(
            "to_key",
            _STRING,
            "As from_key; owner/name#key where it is in another repository",
            nullable=False,
        ),
        column(
            "relation",
            _STRING,
            "closes, merges, part_of, reverts, cherry_picks, follows_up, reviews, mentions",
            nullable=False,
        ),
        column("evidence", _STRINGS, "Rules that found it, sorted", nullable=False),
        column("confidence", _DOUBLE, "Of the best evidence, 0 to 1", nullable=False),
        RULE_VERSION,
        BATCH_ID,
    ),
    scope=("repo_id",),
)

TABLES = (REPO_PROFILES, FUNCTIONS, LINKS, PAIRS)
