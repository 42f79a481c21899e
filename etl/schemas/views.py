"""Views: tables that are only counted from others, whenever somebody looks."""

from __future__ import annotations

from dataclasses import dataclass

from etl.schemas.bronze import COMMITS, FILE_CHANGES, FILES
from etl.schemas.gold import DUPLICATES, EVAL_PAIRS
from etl.schemas.silver import LINKS, PAIRS, REPO_PROFILES
from etl.schemas.table import Table


@dataclass(frozen=True)
class View:
    """A query under a name.

    Attributes:
        schema: the layer, which is the catalog schema.
        name: the view's name in it.
        comment: what one row is.
        columns: name and comment of each column, in order.
        of: the tables that it reads, in the query by their names in braces, such as `{pairs}`.
        query: SQL.
    """

    schema: str
    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    of: tuple[Table, ...]
    query: str

    @property
    def full_name(self) -> str:
        """`schema.name`, as a query writes it."""
        return f"{self.schema}.{self.name}"


# One fix may stand in several pairs (a commit and the issue that it closed) and repositories
# (forks, ports): the lines that it changes, without places and ids, say that it is one.
BUG_PATTERNS = View(
    "silver",
    "bug_patterns",
    "How many fixes in a language show one pattern of change, each fix counted once",
    (
        ("language", "Language of most lines that the fix changes"),
        ("pattern", "What was wrong, see udfs.bug_patterns"),
        ("fixes", "Distinct fixes that show it"),
        ("share", "Of all fixes in the language, 0 to 1; a fix may show several patterns"),
        ("examples", "Up to five pair_id of such fixes"),
    ),
    (PAIRS,),
    r"""
    WITH fixes AS (
      SELECT language, min(pair_id) AS pair_id, max(patterns) AS patterns
      FROM {pairs} WHERE patterns IS NOT NULL
      GROUP BY language, md5(regexp_replace(
        substr(response, greatest(locate('diff --git ', response), 1)),
        r'(?m)^(?:diff |index |similarity |rename |@@ |--- |\+\+\+ | ).*$', ''))
    ), counted AS (
      SELECT *, count(*) OVER (PARTITION BY language) AS total FROM fixes
    )
    SELECT language, pattern, count(*) AS fixes, count(*) / max(total) AS share,
      slice(array_sort(collect_list(pair_id)), 1, 5) AS examples
    FROM counted LATERAL VIEW explode(patterns) AS pattern
    GROUP BY language, pattern
    """,
)

# Files under 100 bytes are the same everywhere, and so are texts that over twenty repositories hold
# (licences, settings of tools): neither says that one was taken from another. Of two repositories
# the original is the one that had most of the shared texts first; of forks, whose history is one,
# the one of the better tier, then of the smaller key. A copy lies where its path leads before the
# end that it shares with the path of the original.
REPOSITORY_COPIES = View(
    "silver",
    "repository_copies",
    "A repository that holds files of another one, its original, or has its history",
    (
        ("repo_id", "Repository that holds the copies"),
        ("repo_name", "Its short name"),
        (
            "original_id",
            "Repository that had most of the files first; where none had, that of the better tier, "
            "then with more commits",
        ),
        ("original_name", "Its short name"),
        (
            "relation",
            "fork: one first commit; vendored: most of it in one folder; copied: here and there",
        ),
        ("folder", "Where most of the copies lie; empty for the root, null for here and there"),
        ("shared_files", "Files at HEAD with the same content in both"),
        ("share", "Of the files of the copy, 0 to 1"),
        ("original_share", "Of the files of the original, 0 to 1"),
        ("first_in_original", "Shared files that the original had before the copy"),
    ),
    (FILES, FILE_CHANGES, COMMITS, REPO_PROFILES),
    """
    WITH held AS (
      SELECT repo_id, blob_oid, min(path) AS path FROM {files} WHERE size >= 100
      GROUP BY repo_id, blob_oid
    ), totals AS (
      SELECT repo_id, count(*) AS files FROM held GROUP BY repo_id
    ), met AS (
      SELECT blob_oid FROM held GROUP BY blob_oid HAVING count(*) BETWEEN 2 AND 20
    ), seen AS (
      SELECT c.repo_id, c.new_oid AS blob_oid, min(m.committer_time) AS time
      FROM {file_changes} c LEFT SEMI JOIN met ON c.new_oid = met.blob_oid
      JOIN {commits} m ON c.repo_id = m.repo_id AND c.commit_oid = m.commit_oid
      GROUP BY c.repo_id, c.new_oid
    ), known AS (
      SELECT held.*, seen.time, reverse(split(path, '/')) AS steps
      FROM held LEFT SEMI JOIN met ON held.blob_oid = met.blob_oid
      LEFT JOIN seen ON held.repo_id = seen.repo_id AND held.blob_oid = seen.blob_oid
    ), places AS (
      SELECT a.repo_id, b.repo_id AS original_id, a.path, b.path AS its_path, a.time,
        b.time AS its_time, a.steps, size(filter(
          sequence(1, least(size(a.steps), size(b.steps))),
          i -> slice(a.steps, 1, i) = slice(b.steps, 1, i))) AS common
      FROM known a JOIN known b ON a.blob_oid = b.blob_oid AND a.repo_id <> b.repo_id
    ), foldered AS (
      SELECT *,
        array_join(reverse(slice(steps, greatest(common, 1) + 1, size(steps))), '/') AS folder
      FROM places
    ), counted AS (
      SELECT repo_id, original_id, folder, count(*) AS files, count_if(its_time < time) AS later,
        count_if(its_time > time) AS sooner
      FROM foldered GROUP BY repo_id, original_id, folder
    ), paired AS (
      SELECT repo_id, original_id, sum(files) AS files, sum(later) AS later, sum(sooner) AS sooner,
        max(struct(files, folder)) AS most
      FROM counted GROUP BY repo_id, original_id HAVING sum(files) >= 3
    ), begun AS (
      SELECT DISTINCT repo_id, commit_oid FROM {commits} WHERE size(parents) = 0
    ), relatives AS (
      SELECT DISTINCT a.repo_id, b.repo_id AS original_id FROM begun a JOIN begun b
      ON a.commit_oid = b.commit_oid AND a.repo_id <> b.repo_id
    ), both AS (
      SELECT repo_id, original_id, r.repo_id IS NOT NULL AS is_fork, p.most,
        coalesce(p.files, 0) AS files, coalesce(p.later, 0) AS later,
        coalesce(p.sooner, 0) AS sooner
      FROM paired p FULL JOIN relatives r USING (repo_id, original_id)
    ), ranked AS (
      SELECT r.repo_id, r.name, t.files, struct(-coalesce(nullif(array_position(
        array('expert_reviewed', 'professional', 'educational'), tier), 0), 9), commits) AS rank
      FROM {repo_profiles} r LEFT JOIN totals t ON r.repo_id = t.repo_id
    )
    SELECT p.repo_id, mine.name AS repo_name, p.original_id, its.name AS original_name,
      CASE WHEN p.is_fork THEN 'fork'
        WHEN 2 * p.most.files >= p.files AND p.most.folder <> '' THEN 'vendored'
        ELSE 'copied' END AS relation,
      if(2 * p.most.files >= p.files, p.most.folder, NULL) AS folder,
      p.files AS shared_files, coalesce(p.files / mine.files, 0) AS share,
      coalesce(p.files / its.files, 0) AS original_share, p.later AS first_in_original
    FROM both p JOIN ranked mine ON p.repo_id = mine.repo_id
    JOIN ranked its ON p.original_id = its.repo_id
    WHERE struct(p.later, its.rank, p.repo_id) > struct(p.sooner, mine.rank, p.original_id)
    """,
)

# A view, since what comes later changes no pair that is there.
PAIR_FATES = View(
    "silver",
    "pair_fates",
    "A pair whose change its repository took back or corrected later, once a later commit",
    (
        ("pair_id", "Pair"),
        ("repo_id", "Its repository"),
        ("fate", "reverted, or fixed_up by a commit that says so"),
        ("by_commit", "Object id of the later commit"),
        ("days_later", "From the author time of the one to that of the other; may be negative"),
    ),
    (PAIRS, LINKS, COMMITS),
    """
    SELECT p.pair_id, p.repo_id,
      if(l.relation = 'reverts', 'reverted', 'fixed_up') AS fate, l.from_key AS by_commit,
      floor((c.author_time - p.author_time) / 86400) AS days_later
    FROM {pairs} p JOIN {links} l ON p.repo_id = l.repo_id AND p.commit_oid = l.to_key
    JOIN {commits} c ON l.repo_id = c.repo_id AND l.from_key = c.commit_oid
    WHERE l.from_kind = 'commit' AND l.to_kind = 'commit'
      AND l.relation IN ('reverts', 'follows_up')
    """,
)

HELD_OUT_COPIES = View(
    "gold",
    "held_out_copies",
    "A pair that is a duplicate of a held-out one, so that no mix holds it",
    (
        ("pair_id", "Pair"),
        ("repo_id", "Its repository"),
        ("eval_version", "Evaluation set"),
        ("held_out_pair_id", "Pair of the set"),
        ("cluster_id", "Cluster of both"),
        ("relation", "train_of_evaluation"),
    ),
    (DUPLICATES, EVAL_PAIRS),
    """
    SELECT mine.pair_id, mine.repo_id, e.eval_version, e.pair_id AS held_out_pair_id,
      mine.cluster_id, 'train_of_evaluation' AS relation
    FROM {eval_pairs} e JOIN {duplicates} its ON e.pair_id = its.pair_id
    JOIN {duplicates} mine ON mine.cluster_id = its.cluster_id
    LEFT ANTI JOIN {eval_pairs} o ON mine.pair_id = o.pair_id AND o.eval_version = e.eval_version
    """,
)

VIEWS = (BUG_PATTERNS, PAIR_FATES, REPOSITORY_COPIES, HELD_OUT_COPIES)
