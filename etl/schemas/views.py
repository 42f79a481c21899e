"""Views: tables that are only counted from others, whenever somebody looks."""

from __future__ import annotations

from dataclasses import dataclass

from etl.schemas.silver import PAIRS
from etl.schemas.table import Table


@dataclass(frozen=True)
class View:
    """A query under a name.

    Attributes:
        schema: the layer, which is the catalog schema.
        name: the view's name in it.
        comment: what one row is.
        columns: name and comment of each column, in order.
        of: the table that it reads, `{of}` in the query.
        query: SQL.
    """

    schema: str
    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    of: Table
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
    PAIRS,
    r"""
    WITH fixes AS (
      SELECT language, min(pair_id) AS pair_id, max(patterns) AS patterns
      FROM {of} WHERE patterns IS NOT NULL
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

VIEWS = (BUG_PATTERNS,)
