"""Whose rows a table holds: what says that a row goes when a repository or an author is removed."""

from __future__ import annotations

from etl.schemas.table import Table

# Identifiers of what a row was derived from, together with repo_id.
TRACES = ("commit_oid", "blob_oid", "function_id", "pair_id")

# Tables whose rows belong to no single repository, and why a removal may leave them.
NOT_OF_A_REPOSITORY = {
    "gold.mixes": "counts and settings; its pairs are in gold.mix_pairs",
    "ops.removals": "what was removed, as digests",
}
# Tables whose rows no single commit yields, and why the removal of an author leaves them.
NOT_OF_AN_AUTHOR = {
    **NOT_OF_A_REPOSITORY,
    "bronze.repos": "references of the repository",
    "bronze.files": "paths at HEAD; the texts are in bronze.blobs",
    "silver.repo_profiles": "conclusions on the whole repository, which are derived again",
    "ops.batches": "what was planned to be read",
    "ops.row_ledger": "sums, which are brought up to date",
    "ops.rejects": "removed by the identifier in `key`",
    "ops.checksums": "sums, which are brought up to date",
}


def traces_of(table: Table) -> tuple[str, ...]:
    """Columns that say which commit, text, function or pair a row was derived from."""
    names = table.struct.names
    return tuple(name for name in TRACES if name in names and "repo_id" in names)


def is_handled(table: Table) -> bool:
    """Whether the removal of a repository and of an author are both decided for the table."""
    by_repository = "repo_id" in table.struct.names or table.full_name in NOT_OF_A_REPOSITORY
    by_author = bool(traces_of(table)) or table.full_name in NOT_OF_AN_AUTHOR
    return by_repository and by_author
