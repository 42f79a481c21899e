"""Batches of test repositories, and what a direct reading of them gives."""

from __future__ import annotations

from typing import Any

from etl.bronze.git_objects import Caps, open_repository
from etl.bronze.git_source import SCHEMA, GitBatch, ranges_of, read_range
from etl.bronze.history import list_history
from etl.config import conf_folder, read_config
from etl.schemas.arrow import to_arrow_schema
from tests.repositories import RepositoryBuilder

CAPS = Caps(**read_config(conf_folder()).ingest.model_dump())


def batch_of(
    repo: RepositoryBuilder,
    *,
    known: tuple[str, ...] = (),
    pulls: tuple[str, ...] = (),
    known_pulls: tuple[str, ...] = (),
    tip: str | None = None,
    length: int = 1000,
    with_tree: bool = True,
    repo_id: str = "r",
    batch_id: str = "b",
) -> GitBatch:
    """A batch of what is new at HEAD (or `tip`), cut into ranges of `length` commits."""
    tips = (tip or repo.head,)
    opened = open_repository(str(repo.git_dir))
    commits = len(list_history(opened, tips, known, pulls, known_pulls))
    return GitBatch(
        repo_id=repo_id,
        batch_id=batch_id,
        location=str(repo.git_dir),
        tips=tips,
        known_tips=known,
        pulls=pulls,
        known_pulls=known_pulls,
        head_oid=tips[0] if with_tree else None,
        cuts=(*range(length, commits, length), commits) if commits else (),
    )


def read_directly(batches: list[GitBatch], caps: Caps) -> list[dict[str, Any]]:
    """The rows of the git source, without Spark."""
    schema = to_arrow_schema(SCHEMA)
    return [
        row
        for part in ranges_of(batches)
        for found in read_range(batches[part.batch], part, caps, schema)
        for row in found.to_pylist()
    ]
