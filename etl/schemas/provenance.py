"""Whose rows a table holds: what says that a row goes when a repository or a person is removed."""

from __future__ import annotations

from etl.schemas.table import Table

# Identifiers of what a row was derived from, together with repo_id.
TRACES = ("commit_oid", "blob_oid", "function_id", "pair_id")
_LOGINS = ("user_login", "actor_login")

# Tables whose rows belong to no single repository, and why a removal may leave them.
NOT_OF_A_REPOSITORY = {
    "bronze.benchmarks": "problems from files that the user names",
    "gold.mixes": "counts and settings; its pairs are in gold.mix_pairs",
    "ops.removals": "what was removed, as digests",
}
# Tables whose rows no single person made, and why the removal of one leaves them.
NOT_OF_AN_AUTHOR = {
    **NOT_OF_A_REPOSITORY,
    "bronze.repos": "references of the repository",
    "bronze.pull_heads": "numbers and ids",
    "bronze.files": "paths at HEAD; the texts are in bronze.blobs",
    "bronze.repo_names": "names of repositories",
    "silver.repo_profiles": "conclusions on the whole repository, which are derived again",
    "silver.links": "numbers and ids, which are derived again",
    "ops.batches": "what was planned to be read",
    "ops.row_ledger": "sums, which are brought up to date",
    "ops.rejects": "removed by the identifier in `key`",
    "ops.checksums": "sums, which are brought up to date",
    "ops.inputs": "files, and names of repositories in them",
    "ops.fetch_queue": "objects that came without who wrote them",
}


def traces_of(table: Table) -> tuple[str, ...]:
    """Columns that say which commit, text, function or pair a row was derived from."""
    names = table.struct.names
    return tuple(name for name in TRACES if name in names and "repo_id" in names)


def login_of(table: Table) -> str | None:
    """Column with the login of who made a row; None for a table without one."""
    return next((name for name in _LOGINS if name in table.struct.names), None)


def is_handled(table: Table) -> bool:
    """Whether the removal of a repository and of a person are both decided for the table."""
    by_repository = "repo_id" in table.struct.names or table.full_name in NOT_OF_A_REPOSITORY
    by_author = bool(traces_of(table)) or login_of(table) is not None
    return by_repository and (by_author or table.full_name in NOT_OF_AN_AUTHOR)
